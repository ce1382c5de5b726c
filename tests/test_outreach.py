"""Outreach by hand: who hears of a school that spends funds on being known."""

import numpy as np

from abm.considering import consideration
from abm.outreach import MOST, heard_of
from abm.rules import Rules
from abm.world import neighbours
from tests.builders import STATE, blueprint, hand_config, table, world

STOCK = ((0.0, STATE, 20), (1.0, STATE, 20), (5.0, STATE, 20))


def town(families, stock=STOCK, response=None, **columns):
    """Homes at 0 and 3 km; a family considers the nearest school and no other, but for outreach."""
    config = hand_config(
        perception={"nearest": 1, "network": 0, "flagship": 0}, response={"outreach_km": 2.5} | (response or {})
    )
    return world(config, blueprint(config, list(stock), [0.0, 3.0]), families, **columns), Rules.of(config)


def considered(state, rules):
    who = state.households
    return consideration(state, rules, who, np.full(who.id.size, -1, np.int32), neighbours(state))


def test_outreach_brings_further_families_nearby_to_consider_a_school():
    """School 1 spends 500 euro a pupil at 2 a thousand: all within 2.5 km hear. From 0 km school 1 lies at 1 km and school
    0 next door; from 3 km schools 1 and 2 both lie at 2 km and school 1 is the nearest by number: it is there already."""
    state, rules = town(table([0, 1]), outreach=[0, 0.5, 0])
    assert [set(row[row >= 0]) for row in considered(state, rules)] == [{0, 1}, {1}]
    state, rules = town(table([0, 1]))
    assert [set(row[row >= 0]) for row in considered(state, rules)] == [{0}, {1}]
    assert heard_of(state, rules, state.households).shape == (2, 0)


def test_outreach_ends_at_its_distance_and_closed_schools_have_none():
    """School 2 lies 5 km from the one home and 2 km from the other."""
    state, rules = town(table([0, 1]), outreach=[0, 0, 0.5])
    assert heard_of(state, rules, state.households).tolist() == [[-1], [2]]
    state, rules = town(table([0, 1]), outreach=[0, 0, 0.5], open=[True, True, False])
    assert heard_of(state, rules, state.households).shape == (2, 0)


def test_more_money_reaches_more_families_and_loses_none():
    """250 and 400 euro a pupil at 2 a thousand: half and .8 of 2,000 families, within four standard errors (.045)."""
    few, rules = town(table([0] * 2000), outreach=[0, 0.25, 0])
    many, _ = town(table([0] * 2000), outreach=[0, 0.4, 0])
    some, more = (heard_of(s, rules, s.households)[:, 0] == 1 for s in (few, many))
    assert abs(some.mean() - 0.5) < 0.045 and abs(more.mean() - 0.8) < 0.045
    assert not (some & ~more).any()
    later = heard_of(few._replace(year=9), rules, few.households)[:, 0] == 1
    assert later.tolist() == some.tolist()


def test_a_family_heeds_the_nearest_few():
    """Six schools reach out within 2.5 km: the four nearest are heard of."""
    stock = [(0.1 * s, STATE, 20) for s in range(6)]
    state, rules = town(table([0]), stock[::-1], outreach=[0.5] * 6)
    assert heard_of(state, rules, state.households).tolist() == [[5, 4, 3, 2][:MOST]]
