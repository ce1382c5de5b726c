"""The grid of the published models: exact shares, schools at the centres or on random cells, torus distances."""

import numpy as np
import pytest

from abm import cities
from abm.config.declare import ScenarioError
from abm.homes import cells
from abm.scenario import configure, to_tree
from abm.start import start
from tests.builders import differences, town


def made(seed=1, **settings):
    config = configure({"city": {"kind": "grid", "shares": [0.5, 0.5]} | settings})
    return config, cities.make(config, seed)


def test_the_city_of_dignum_et_al():
    """50 x 50 cells, density .9, 25 neighbourhoods of 10 x 10, 25 schools at their centres (Dignum et al. 2022)."""
    _, plan = made(cells=50, block=10, density=0.9, side_km=50.0)
    assert plan.place_x.size == 2500
    assert plan.pupils.shape == (25, 2)
    assert plan.pupils.sum() == 2250
    assert plan.pupils.sum(axis=0).tolist() == [1125, 1125]
    assert len(plan.school_names) == 25
    centres = {(x, y) for x in (-20, -10, 0, 10, 20) for y in (-20, -10, 0, 10, 20)}
    assert set(zip(plan.school_x.round(9), plan.school_y.round(9), strict=True)) == centres


def test_the_city_of_sage_and_flache():
    """80 x 80 cells, 5,760 households, 30 schools on random cells of their own (Sage & Flache 2021)."""
    _, plan = made(cells=80, block=5, density=0.9, side_km=80.0, school_sites="random", schools=30, torus=True)
    assert plan.pupils.sum() == 5760
    assert len(set(zip(plan.school_x, plan.school_y, strict=True))) == 30
    assert plan.torus_km == 80


def test_each_school_lies_in_the_district_it_is_said_to():
    for sites in ("centres", "random"):
        _, plan = made(cells=40, block=10, schools=12, school_sites=sites)
        for s in range(len(plan.school_names)):
            gap = np.maximum(np.abs(plan.area_x - plan.school_x[s]), np.abs(plan.area_y - plan.school_y[s]))
            assert gap.argmin() == plan.school_district[s]


@pytest.mark.parametrize("torus", [False, True])
def test_distances_on_a_plane_and_on_a_torus(torus):
    """On a torus the shorter way round, in each direction: never beyond half the diagonal, 56.57 for a side of 80."""
    config, plan = made(cells=80, block=5, side_km=80.0, school_sites="random", schools=30, torus=torus)
    place = town(config, plan)
    rng = np.random.default_rng(1)
    for _ in range(200):
        p, s = rng.integers(plan.place_x.size), rng.integers(30)
        ways = [
            np.hypot(plan.place_x[p] - plan.school_x[s] + i * 80, plan.place_y[p] - plan.school_y[s] + j * 80)
            for i in ((-1, 0, 1) if torus else (0,)) for j in ((-1, 0, 1) if torus else (0,))
        ]  # fmt: skip
        assert place.distance[p, s] == pytest.approx(min(ways), abs=1e-4)
    if torus:
        assert place.distance.max() <= 40 * np.sqrt(2) + 1e-4


def test_shares_are_exact_and_positions_random():
    for shares in ([0.5, 0.5], [0.9, 0.1], [0.2, 0.3, 0.5]):
        names = [f"g{k}" for k in range(len(shares))]
        _, plan = made(cells=20, block=10, shares=shares, groups=names, density=1.0)
        assert plan.pupils.sum(axis=0).tolist() == [round(400 * s) for s in shares]
    _, other = made(2, cells=20, block=10, shares=shares, groups=names, density=1.0, layout=0)
    assert (other.pupils != plan.pupils).any()


def test_blocks_must_tile_the_grid():
    with pytest.raises(ScenarioError, match=r"city.block = 7 does not divide city.cells = 50"):
        made(block=7)


def test_places_of_a_school_as_given():
    """`school_places` in each grade, whatever the families and the slack."""
    _, plan = made(cells=20, block=10, school_places=7, places_by="catchment")
    assert plan.school_places.tolist() == [7] * 4


def test_places_alike_by_the_slack():
    """20 x 20 cells, density .9: 360 families and a quarter more at four schools, 112.5 each, so 113; in two grades 57."""
    for grades, wanted in ((1, 113), (2, 57)):
        _, plan = made(cells=20, block=10, density=0.9, slack=0.25, grades=grades)
        assert plan.school_places.tolist() == [wanted] * 4


@pytest.mark.parametrize("torus", [False, True])
def test_places_by_catchment_are_the_cells_nearest_to_each_school(torus):
    """Counted cell by cell; all cells are shared out, those as near to two schools to the first (Stoica & Flache 2014)."""
    options = dict(cells=12, block=4, side_km=12.0, schools=5, school_sites="random", torus=torus, layout=0)
    for seed in (1, 2, 3):
        _, plan = made(seed, places_by="catchment", grades=1, **options)
        count = [0] * 5
        for x, y in zip(plan.place_x, plan.place_y, strict=True):
            ways = []
            for sx, sy in zip(plan.school_x, plan.school_y, strict=True):
                dx, dy = abs(x - sx), abs(y - sy)
                if torus:
                    dx, dy = min(dx, 12 - dx), min(dy, 12 - dy)
                ways.append(round(np.hypot(dx, dy), 4))
            count[ways.index(min(ways))] += 1
        assert plan.school_places.tolist() == count and sum(count) == 144
        _, halves = made(seed, places_by="catchment", grades=2, **options)
        assert halves.school_places.tolist() == [-(-c // 2) for c in count]


def test_with_places_by_catchment_everybody_starts_in_its_own():
    """There are as many places as cells, so nobody is turned away from the nearest school."""
    config = configure(
        {"city": {"kind": "grid", "shares": [0.5, 0.5], "cells": 12, "block": 4, "schools": 5, "school_sites": "random",
                  "torus": True, "places_by": "catchment", "grades": 1, "density": 1.0, "zones": "none"}}
    )  # fmt: skip
    state = start(config, 1)
    who = state.households
    way = state.city.distance[who.place, who.school]
    assert way == pytest.approx(state.city.distance[who.place].min(axis=1))


def test_a_place_is_a_cell_of_the_grid():
    """The lines and columns that moves count neighbours by are those of the blueprint's coordinates."""
    config, plan = made(cells=6, block=3, side_km=12.0)
    number = cells(town(config, plan))
    assert sorted(number) == list(range(36))
    assert (number // 6).tolist() == [round((y + 5) / 2) for y in plan.place_y]
    assert (number % 6).tolist() == [round((x + 5) / 2) for x in plan.place_x]


def test_seeds_of_one_layout_share_the_city_and_other_settings_do_not():
    """One blueprint for all seeds; layout 0 has one a seed, and another density another one."""
    config = configure({"city": {"kind": "grid", "cells": 20, "block": 5}})
    one = cities.make(config, 1)
    assert cities.make(config, 2) is one and cities.make(configure(to_tree(config)), 3) is one
    first, second = start(config, 1).city, start(config, 2).city
    assert first.ways is second.ways and first.notes == second.notes and first.notes is not second.notes
    denser = configure({"city": {"kind": "grid", "cells": 20, "block": 5, "density": 0.8}})
    assert cities.make(denser, 1).pupils.sum() < one.pupils.sum()
    assert differences(cities.make(config, 1), one) == []
    each = configure({"city": {"kind": "grid", "cells": 20, "block": 5, "layout": 0}})
    assert differences(cities.make(each, 1), cities.make(each, 2)) and differences(cities.make(each, 1), one) == []
