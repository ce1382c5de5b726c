"""Ways looked up and worked out are the same to the bit, and so is a city without a table of them."""

import numpy as np
import pytest

from abm import city, ways
from abm.compiled import kernel
from abm.geometry import distances
from abm.model import SchoolChoiceModel
from abm.orders import Opening, Ticket
from abm.rules import Rules
from abm.supply import supply
from abm.tickets import felt_ways
from abm.ways import straight_ways, way
from tests.builders import CLOSING, by_id, differences, scenario


@kernel
def _all(ways, rows, schools):
    out = np.empty((rows, schools), np.float32)
    table, home, site, torus_km, felt, knee = ways
    for p in range(rows):
        for s in range(schools):
            out[p, s] = way(table, home, site, torus_km, felt, knee, p, s)
    return out


def points(seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(60, 2)) * 7, rng.random((23, 2)) * 9 - 4


@pytest.mark.parametrize("torus", [0.0, 40.0])
def test_looked_up_and_worked_out_are_the_same_bits(torus):
    home, site = points()
    near, far = straight_ways(home, site, torus), straight_ways(home, site, torus, pairs=0)
    assert near.table.shape == (60, 23) and far.table.shape == (0, 0)
    wanted = distances(*home.T, *site.T, torus)
    rows, schools = np.arange(60)[:, None], np.arange(23)
    for which in (near, far):
        found = (which.km(rows, schools), which.straight(rows, schools), which.whole(), _all(which, 60, 23))
        assert all((km == wanted).all() and km.dtype == np.float32 for km in found)
        assert which.longest() == wanted.max()
    assert far.km(3, 4) == wanted[3, 4] and far.km([1, 2], [5, 0]).tolist() == wanted[[1, 2], [5, 0]].tolist()


def test_the_longest_way_is_found_by_looking_at_few(monkeypatch):
    """2,000 homes on a disc: those in the middle are never asked for."""
    rng = np.random.default_rng(5)
    turn, out = rng.random(2000) * 2 * np.pi, 5 * np.sqrt(rng.random(2000))
    home, asked = np.stack([out * np.cos(turn), out * np.sin(turn)], axis=1), []
    far = straight_ways(home, home[:40] * 0.9, 0.0, pairs=0)
    straight = ways.Ways.straight
    monkeypatch.setattr(ways.Ways, "straight", lambda w, p, s: asked.append(np.size(p)) or straight(w, p, s))
    assert far.longest() == distances(*far.home.T, *far.site.T).max()
    assert sum(asked) < 1500


def test_ways_as_felt_with_tickets(classroom):
    """Blocks of rows, one a ticket: km beyond the knee count less."""
    state, rules = classroom.worlds[1], classroom.rules[1]
    tickets = (Ticket((), False, (), 0.2), Ticket((1,), False, (), 0.7))
    rules = rules.edit("orders.tickets", tickets)
    city = state.city
    near = felt_ways(state, rules)
    far = felt_ways(
        state._replace(city=city._replace(ways=city.ways._replace(table=np.empty((0, 0), np.float32)))), rules
    )
    rows, schools = near.table.shape
    assert rows == 3 * city.place_area.size and (near.table[: rows // 3] > near.table[rows // 3 : 2 * rows // 3]).any()
    assert (_all(far, rows, schools) == near.table).all()


CASES = {
    "closing": ("classroom", *CLOSING),
    "transport": ("classroom", "run.years=2", 'policies=[{kind="transport", discount=0.5}]'),
    "published": ("classroom", "run.years=2", 'choice.form="additive"', "admission.points.relative=10"),
    "sectors": ("classroom", "run.years=2", 'city.zones="sectors"', "city.sectors=3"),
    "districts": ("classroom", "run.years=2", 'city.zones="district"', "moving.rate=0.1"),
    "torus": ("torus", "run.years=2"),
}


def run(case):
    if case == "torus":
        from abm.scenario import configure

        grid = {"kind": "grid", "cells": 30, "block": 5, "torus": True, "side_km": 6.0, "zones": "nearest"}
        config = configure({"city": grid, "run": {"years": 2}})
    else:
        config = scenario(*CASES[case])
    return SchoolChoiceModel(config, 3).run()


@pytest.mark.parametrize("case", CASES)
def test_a_city_without_a_table_has_the_same_years(case, monkeypatch):
    """The same world to the bit after some years, but for the table; then a school opens and another moves."""
    worlds = []
    for most in (ways.MOST_PAIRS, 0):
        monkeypatch.setattr(ways, "MOST_PAIRS", most)
        monkeypatch.setattr(city, "_latest", (None,) * 4)  # so that the second city is not the first
        model = run(case)
        rules = Rules.of(model.config).add("orders.opened", (Opening("new", 0.3, -0.2, 10),))
        rules = rules.add("orders.relocated", {0: (1.1, 0.7)})
        assert bool(len(model.world.city.ways.table)) == bool(most)
        worlds += [by_id(model.world), by_id(supply(model.world, rules))]
    for dense, computed in (worlds[::2], worlds[1::2]):
        assert (dense.city.distance == computed.city.distance).all()
        assert set(differences(dense, computed)) == {"world.city.ways.table"}
