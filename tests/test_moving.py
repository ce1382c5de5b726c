"""Residential moves by hand: who looks, what a home is worth, free homes, siblings, entry cohorts."""

import numpy as np
import pytest

from abm import cities
from abm.homes import terms, wish
from abm.households import pack
from abm.moving import move, search, settle
from abm.randomness import Key
from abm.rules import Rules
from abm.start import start
from abm.turns import Turns, take_turns
from tests.builders import STATE, blueprint, differences, hand_config, scenario, table, world
from tests.reference.moving import Board

CALM = {"rate": 1.0, "beta": 1000.0, "composition": 0.0, "access": 0.0, "price": 0.0, "cost": 0.0, "candidates": 200}


def town(families, moving, *, homes=(10, 10), status=(0.0, 0.0), pupils=((5, 5), (5, 5)), **sections):
    """Two areas of one place each, at 0 and 5 km, a school in each; beta 1000 makes the best home win."""
    config = hand_config(moving=CALM | moving, **sections)
    plan = blueprint(
        config, [(0.0, STATE, 20), (5.0, STATE, 20)], [0.0, 5.0], pupils=pupils, homes=np.array(homes),
        area_status=np.array(status),
    )  # fmt: skip
    return world(config, plan, families, reputation=[0, 2]), Rules.of(config)


def test_off_by_default():
    config = hand_config()
    assert config.moving.rate == 0
    state = world(config, blueprint(config, [(0.0, STATE, 9)], [0.0, 1.0]), table([0, 1]))
    assert differences(move(state, Rules.of(config)), state) == []


def test_a_family_goes_where_the_local_school_is_better():
    """.1 a standard deviation times 2 beats a cost of .1 and not one of .3; its child keeps its school."""
    for cost, wanted in ((0.1, 1), (0.3, 0)):
        state, rules = town(table([0], school=0), {"access": 0.1, "cost": cost})
        after = move(state, rules)
        assert after.households.place.tolist() == [wanted]
        assert after.households.school.tolist() == [0]
        assert after.events.rehomed == wanted


def test_no_home_no_move():
    state, rules = town(table([0], school=0), {"access": 1.0}, homes=(10, 0))
    assert move(state, rules).households.place.tolist() == [0]


def test_free_homes_are_not_given_twice():
    """Five families want the one free home."""
    state, rules = town(table([0] * 5, school=0), {"access": 1.0}, homes=(10, 1))
    assert np.bincount(move(state, rules).households.place).tolist() == [4, 1]


def test_price_beyond_means_keeps_the_poor_out():
    """Area 1 costs 1 sd of status: the poor (status -1) lose .4 x 4, the rich (2) nothing; access is worth 1."""
    state, rules = town(table([0, 0], school=0, status=[-1.0, 2.0]), {"access": 0.5, "price": 0.4}, status=(-3.0, 1.0))
    assert move(state, rules).households.place.tolist() == [0, 1]


def test_composition_of_the_neighbours_without_oneself():
    """f = 1, the family's own side is 1 of 3 neighbours at home and 2 of 2 there: it moves for V = 1 against 1/3."""
    families = table([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 0, 0], school=0, tolerance=1.0)
    state, rules = town(families, {"composition": 1.0, "cost": 0.5})
    after = move(state, rules)
    assert after.households.place[families.group == 0].tolist() == [1, 1, 1, 1]


def test_siblings_move_together():
    first = pack(0, 0, 0, 0, 0)
    families = table([0, 0], id=[first, pack(1, 0, 1, 0, 0)], family=[first, first], school=0)
    state, rules = town(families, {"access": 1.0})
    after = move(state, rules)
    assert after.households.place.tolist() == [1, 1]
    assert after.events.rehomed == 1
    state, rules = town(families, {"access": 1.0}, homes=(10, 1))  # one home is not enough for two pupils
    assert move(state, rules).households.place.tolist() == [0, 0]


def test_entry_cohorts_follow():
    """Two majority pupils leave area 0 for area 1: with two grades its entry rate falls by one, the other's rises by one."""
    state, rules = town(table([0, 0], school=0), {"access": 1.0}, pupils=((6, 2), (4, 2)), city={"grades": 2})
    after = move(state, rules)
    assert after.households.place.tolist() == [1, 1]
    assert after.city.entry_rate.tolist() == [[2, 1], [3, 1]]


def test_the_share_who_look_is_the_rate():
    """rate .2: of 5,000 families who would all move .2 do, within four standard errors."""
    n = 5000
    state, rules = town(table([0] * n, school=0), {"access": 1.0, "rate": 0.2}, homes=(n, n))
    moved = move(state, rules).events.rehomed / n
    assert moved == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / n))


def test_the_choice_is_a_logit():
    """One candidate a family, beta 1, gain 1: P = e/(1 + e) where the candidate is the other place, half of the time."""
    n = 20_000
    state, rules = town(table([0] * n, school=0), {"access": 0.5, "beta": 1.0, "candidates": 1}, homes=(n, 2 * n))
    p = 0.5 * np.e / (1 + np.e)
    assert move(state, rules).events.rehomed / n == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n))


def test_moves_do_not_change_how_many_enter_the_city(history):
    """Entry rates follow the movers from area to area; their sum by group stays what it was."""
    run = history("classroom", "moving.rate=0.3", "moving.cost=0.0")
    start = run.worlds[0].city.entry_rate.sum(axis=0)
    for state in run.worlds[1:]:
        assert state.city.entry_rate.sum(axis=0) == pytest.approx(start, abs=1e-6)
        assert (state.city.entry_rate >= 0).all()


def plain(households, cells=5, torus=False, homes=None, **moving):
    """A grid of one block, a cell a km; place = 5 line + column. Nobody minds prices, schools or the effort."""
    config = hand_config(
        city={"kind": "grid", "cells": cells, "block": cells, "side_km": float(cells), "torus": torus, "schools": 1},
        moving=CALM | {"composition": 1.0, "neighbours": "radius", "turns": "share"} | moving,
    )
    plan = cities.make(config, 1)
    plan = plan if homes is None else plan._replace(homes=np.isin(np.arange(cells**2), homes).astype(int))
    return world(config, plan, households), Rules.of(config)


def after_turn(state, rules, row=0):
    """Place of the family in ``row`` after its turn, nobody else having one."""
    turns = Turns(np.array([row]), *np.zeros((2, 1), np.int64))
    return int(search(state, rules, turns, 1)[0][row])


@pytest.mark.parametrize(("torus", "stays"), [(True, True), (False, False)])
def test_neighbours_reach_round_a_torus_and_end_at_an_edge(torus, stays):
    """In the corner cell 0: own side at 4 (end of its line) and 20 (of its column), the other at 6, diagonally.

    On a torus 2 of 3 are of the own side, enough for a wish of .6; on a plane 0 of 1.
    """
    state, rules = plain(table([0, 4, 20, 6], [0, 0, 0, 1], tolerance=0.6), torus=torus, rule="threshold")
    assert (after_turn(state, rules) == 0) == stays


@pytest.mark.parametrize(("radius", "stays"), [(1, False), (2, True)])
def test_the_radius_is_in_cells_and_the_corner_of_the_square_counts(radius, stays):
    """Own side at 0 and 24, two cells off diagonally from 12; the other at 13. Reach 1: 0 of 1; reach 2: 2 of 3."""
    state, rules = plain(table([12, 0, 24, 13], [0, 0, 0, 1], tolerance=0.6), radius=radius, rule="threshold")
    assert (after_turn(state, rules) == 12) == stays


@pytest.mark.parametrize(("neighbour", "moves"), [(1, False), (0, True)])
def test_the_own_family_is_not_counted_at_a_home_within_reach(neighbour, moves):
    """At 12 the neighbour at 13 is of the other side: V = 0. The one free home, 11, lies beside 12 and 10; it costs .5.

    With the other side at 10 the share there is 0 of 1; were the family itself counted at 12, it would be 1 of 2, V = 1,
    and worth the move. With the own side at 10 the share is 1 and V = M = .6: it moves.
    """
    state, rules = plain(table([12, 13, 10], [0, 1, neighbour], tolerance=0.5), homes=[10, 11, 12, 13], cost=0.5)
    assert (after_turn(state, rules.edit("choice.peers_full", 0.6)) == 11) == moves


def test_without_neighbours_the_share_counts_as_one():
    """At 12 V = 0 beside the other side; nobody lives around 24, so V = M = .6: worth a cost of .5, not one of .7."""
    for cost, wanted in ((0.5, 24), (0.7, 12)):
        state, rules = plain(table([12, 13], [0, 1], tolerance=0.5), homes=[12, 13, 24], cost=cost)
        assert after_turn(state, rules.edit("choice.peers_full", 0.6)) == wanted


@pytest.mark.parametrize(("wish", "stays"), [(0.33, True), (1 / 3, True), (0.34, False), (1.0, False)])
def test_under_the_threshold_rule_the_wanted_share_itself_is_enough(wish, stays):
    """One of three neighbours is of the own side."""
    state, rules = plain(table([12, 11, 13, 7], [0, 0, 1, 1], tolerance=wish), rule="threshold", candidates=1)
    assert (after_turn(state, rules) == 12) == stays


def test_without_neighbours_a_family_moves_under_the_threshold_rule():
    state, rules = plain(table([12], tolerance=0.05), rule="threshold", candidates=1)
    assert after_turn(state, rules) != 12
    state, rules = plain(table([12], tolerance=0.05), rule="threshold", homes=[12])  # and stays where no home is free
    assert after_turn(state, rules) == 12


def test_under_the_threshold_rule_a_home_too_small_is_passed_over():
    """Two siblings with nobody around: of the free homes 3 (one pupil) and 21 (two) only 21 will do."""
    first = pack(1, 0, 0, 0, 0)
    families = table([12, 12], id=[first, pack(1, 0, 1, 0, 1)], family=[first, first])
    state, rules = plain(families, rule="threshold")
    homes = np.zeros(25, int)
    homes[[3, 12, 21]] = 1, 2, 2
    state = state._replace(city=state.city._replace(homes=homes))
    assert move(state, rules).households.place.tolist() == [21, 21]


@pytest.mark.parametrize(("too", "stays"), [(True, True), (False, False)])
def test_the_tolerant_may_mind_their_neighbours_like_the_others(too, stays):
    """One of two neighbours is of the own side: enough for the tolerant (.5), not for the others (.8)."""
    families = table([12, 11, 13], [0, 0, 1], tolerance=[0.5, 0.8, 0.8], tolerant=[True, False, False])
    state, rules = plain(families, rule="threshold", tolerant_too=too)
    rules = rules.edit("households.tolerance", 0.8)
    assert (after_turn(state, rules) == 12) == stays
    rows = zip(families.tolerance, families.tolerant, families.group, strict=True)
    rise, top, _ = np.transpose([wish(*row, terms(state, rules)) for row in rows])
    full = [rules.households.tolerant_full if too else rules.choice.peers_full, *[rules.choice.peers_full] * 2]
    assert rise == pytest.approx([1 / 0.5 if too else 1 / 0.8, 1 / 0.8, 1 / 0.8])
    assert top == pytest.approx(full)


def lattice(*overrides):
    """36 of 144 cells free, 30 % of the families tolerant; a third of them have a turn in a round."""
    config = scenario(
        "classroom", "city.kind=grid", "city.cells=12", "city.block=4", "city.side_km=12.0", "city.density=0.75",
        "city.grades=1", "city.layout=0", "households.tolerant=0.3", "households.tolerance=0.7", "moving.rate=0.3",
        "households.tolerance_spread=0.1", "moving.neighbours=radius", "moving.candidates=4", "moving.rounds=3", *overrides,
    )  # fmt: skip
    return start(config, 2), Rules.of(config)


TWINS = [
    ["moving.rule=threshold", "moving.turns=share"],
    ["moving.rule=threshold", "moving.turns=cycle", "city.torus=true", "moving.radius=3"],
    ["moving.rule=threshold", "moving.turns=chance", "moving.own_cell=area", "moving.tolerant_too=false"],
    ["moving.turns=share", "city.torus=true", "moving.radius=2"],
    ["moving.turns=cycle", "moving.own_cell=area", "moving.beta=20.0"],
    ["moving.turns=chance", "moving.tolerant_too=false", "moving.neighbours=area"],
]


@pytest.mark.parametrize("options", TWINS, ids=lambda o: " ".join(o))
def test_moves_are_those_of_the_slow_twin(options):
    """Home by home as in tests/reference/moving.py, over two steps of three rounds."""
    state, rules = lattice(*options)
    for year in (1, 2):
        wanted = Board(state._replace(year=year), rules).go(3, 3 * (year - 1))
        state = move(state._replace(year=year), rules)
        who = state.households
        assert {int(f): int(p) for f, p in zip(who.family, who.place, strict=True)} == wanted
        assert state.events.rehomed > 0


def of_round(turns, r):
    """The turns of one round alone."""
    return turns._replace(order=turns.order[turns.round == r], round=turns.round[turns.round == r])


def test_rounds_of_a_step_follow_each_other():
    """Two rounds at once are the second round, with its own keys, on what the first one left."""
    state, rules = lattice("moving.turns=share", "moving.rounds=2")
    who = state.households
    turns = take_turns(who.family, 0.3, "share", 2, 0, Key(2, "move"), Key(2, "move", 0, 1), 3)
    both, *_ = search(state, rules, turns, 2)
    first, *_ = search(state, rules, of_round(turns, 0), 2)
    between = state._replace(households=who._replace(place=first.astype(np.int32)))
    # the list of free homes is in another order, so that other homes are drawn: only who stays where can be compared
    second, *_ = search(between, rules, of_round(turns, 1), 2)
    looked = np.isin(np.arange(who.id.size), turns.who[turns.round == 1])
    assert (both[~looked] == first[~looked]).all() and (second[~looked] == first[~looked]).all()
    assert (first != who.place).sum() > 0 and (both != first).sum() > 0
    assert np.bincount(both).max() == np.bincount(second).max() == 1


def test_homes_settle_before_anybody_has_a_school():
    """Moves come first, then everybody takes the nearest school; nothing has happened yet; entry cohorts followed."""
    before, _ = lattice("city.start=nearest", "city.slack=5.0")
    after, _ = lattice("city.start=nearest", "city.slack=5.0", "moving.settle=20", "moving.turns=share")
    assert (after.households.place != before.households.place).mean() > 0.3
    assert np.bincount(after.households.place).max() == 1
    assert (after.households.school == after.city.distance[after.households.place].argmin(axis=1)).all()
    assert after.events.rehomed == 0 and after.year == 0
    assert after.city.entry_rate.sum(axis=0) == pytest.approx(before.city.entry_rate.sum(axis=0), abs=1e-6)
    assert (after.city.entry_rate != before.city.entry_rate).any()


def test_a_cycle_begun_before_the_start_goes_on(monkeypatch):
    """Turns of the first step follow those of three rounds of settling; not the same order once more."""
    seen = []
    monkeypatch.setattr("abm.moving._rounds", lambda world, rules, rounds, past: seen.append((past, rounds)) or world)
    state, rules = lattice("moving.settle=3", "moving.rounds=2", "moving.turns=cycle")
    for year in (1, 2):
        move(state._replace(year=year), rules)
    assert seen == [(0, 3), (3, 2), (5, 2)]


def test_settling_is_off_by_default():
    config = scenario("classroom", "moving.rate=0.5")
    state = start(config, 1)
    assert differences(settle(state, Rules.of(config)), state) == []
