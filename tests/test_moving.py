"""Residential moves by hand: who looks, what a home is worth, free homes, siblings, entry cohorts."""

import numpy as np
import pytest

from abm.households import pack
from abm.moving import move
from abm.rules import Rules
from tests.builders import STATE, blueprint, differences, hand_config, table, world

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
