"""Zones as ordered: in force while ordered, and the city's own again after; also when schools close meanwhile."""

import numpy as np
import pytest

from abm.city import rezone
from abm.model import SchoolChoiceModel
from abm.orders import Zoning
from abm.points import points
from abm.response import close_schools
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.supply import supply
from abm.ways import straight_ways
from abm.zoning import follow_order
from tests.builders import STATE, blueprint, differences, hand_config, scenario, table, world

STOCK = ((0.0, STATE, 10), (4.0, STATE, 10), (8.0, STATE, 10))
SITES = (0.0, 2.0, 3.0, 5.0, 7.0, 8.0)


def town(zones="nearest", families=None, response=None, **columns):
    """Three schools on a line; with zones of one school each these are places 0 1, 2 3 and 4 5."""
    config = hand_config(city={"zones": zones, "sectors": 2}, response=response or {})
    families = table([0]) if families is None else families
    plan = blueprint(config, STOCK, SITES, pupils=[[5, 0]] * 6)
    return world(config, plan, families, **columns), Rules.of(config)


def ordered(rules, place, school):
    return rules.edit("orders.zoning", Zoning(tuple(place), tuple(school)))


def test_zones_follow_the_order_and_fall_back():
    """Place 2 comes to school 0. Nothing else changes; without an order all is as it was, to the bit."""
    state, rules = town()
    assert state.city.local.tolist() == [0, 0, 1, 1, 2, 2]
    after = supply(state, ordered(rules, [0, 0, 0, 1, 2, 2], [0, 1, 2]))
    assert after.city.zone.tolist() == after.city.local.tolist() == [0, 0, 0, 1, 2, 2]
    assert after.city.school_zone.tolist() == [0, 1, 2]
    assert set(differences(after, state)) == {
        "world.city.zone", "world.city.local", "world.city.drawn", "world.city.own",
    }  # fmt: skip
    assert differences(supply(after, rules), state) == []


@pytest.mark.parametrize("zones", ["none", "nearest", "sectors", "district"])
def test_every_kind_of_own_zones_comes_back(zones):
    state, rules = town(zones)
    after = follow_order(state, ordered(rules, [7, 7, 7, 9, 9, 9], [7, 9, 9]))
    assert after.city.zone.tolist() == [7, 7, 7, 9, 9, 9]
    assert after.city.local.tolist() == [0, 0, 0, 1, 2, 2]
    assert differences(follow_order(after, rules), state) == []


def test_the_same_order_again_does_nothing_and_another_one_replaces_it():
    state, rules = town()
    first = follow_order(state, ordered(rules, [0, 0, 0, 1, 2, 2], [0, 1, 2]))
    assert follow_order(first, ordered(rules, [0, 0, 0, 1, 2, 2], [0, 1, 2])) is first
    second = follow_order(first, ordered(rules, [0, 1, 1, 1, 2, 2], [0, 1, 2]))
    assert second.city.local.tolist() == [0, 1, 1, 1, 2, 2]
    assert differences(follow_order(second, rules), state) == []
    assert follow_order(state, rules) is state


def test_the_local_school_is_the_nearest_of_the_zone():
    """Schools 0 and 2 share a zone: place 2 (3 km) is nearer to school 0, place 3 (5 km) to school 2."""
    state, rules = town()
    after = follow_order(state, ordered(rules, [3, 3, 3, 3, 3, 3], [3, 4, 3]))
    assert after.city.local.tolist() == [0, 0, 0, 2, 2, 2]


def test_a_place_without_a_zone_has_the_nearest_school():
    state, rules = town()
    after = follow_order(state, ordered(rules, [-1, -1, -1, 2, 2, 2], [-1, -1, 2]))
    assert after.city.local.tolist() == [0, 0, 1, 2, 2, 2]


def test_a_school_that_closes_while_other_zones_are_in_force():
    """School 0 closes: its zone falls to the nearest school's. After the order the city's own are those of two schools."""
    state, rules = town(entrants=[0, 9, 9], strained=[-9, 0, 0], response={"patience": 1, "close_below": 3})
    drawn = follow_order(state, ordered(rules, [0, 0, 0, 1, 2, 2], [0, 1, 2]))
    after = close_schools(drawn, rules)
    assert after.events.closed == (0,)
    assert after.city.zone.tolist() == after.city.local.tolist() == [1, 1, 1, 1, 2, 2]
    plain = close_schools(state, rules)
    assert differences(follow_order(after, rules), plain) == []
    assert plain.city.school_zone.tolist() == [-1, 1, 2]


def test_a_school_that_opens_while_other_zones_are_in_force():
    """It has no zone until zones are drawn anew; among the city's own zones it gets one at once."""
    state, rules = town("sectors")
    drawn = follow_order(state, ordered(rules, [7, 7, 7, 9, 9, 9], [7, 9, 9]))
    now = drawn.city.ways
    more = straight_ways(now.home, np.concatenate([now.site, [[7.0, 0.0]]]), 0.0)
    city = rezone(drawn.city._replace(ways=more), np.ones(4, bool), np.ones(4, bool), np.full(4, 10))
    assert city.school_zone.tolist() == [7, 9, 9, -1]
    assert city.local.tolist() == drawn.city.local.tolist()
    assert city.own.school.tolist() == [*state.city.school_zone.tolist(), state.city.zone[4]]
    assert city.own.local[4] == 3


def test_priority_goes_by_the_zone_in_force():
    """The family at 3 km has 30 points at school 1 as things are, at school 0 while its place is in that zone."""
    state, rules = town(families=table([2]))
    lists = np.array([[0, 1, 2]], np.int32)
    nobody = np.array([-1])
    for order, expected in ((rules, [0, 30, 0]), (ordered(rules, [0, 0, 0, 1, 2, 2], [0, 1, 2]), [30, 0, 0])):
        now = follow_order(state, order)
        assert points(now, order, state.households, lists, nobody).tolist() == [expected]


def test_zones_fall_back_after_the_policy_ends():
    """Two years of redrawn zones in the classroom; then its own, as in the start, and the indicators say so."""
    policy = {"kind": "redrawn_zones", "start": 1, "end": 2, "walk_km": 3.0}
    config = scenario("classroom", "run.years=3", "response.close_below=0")
    model = SchoolChoiceModel(configure(to_tree(config) | {"policies": [policy]}), 1, collect=False)
    start = model.world.city
    seen = []
    for _ in range(3):
        model.step()
        seen.append(model.indicators["rezoned"])
        assert model.world.schools.open[model.world.city.local].all()
    assert seen[0] > 0 and seen[1] > 0 and seen[2] == 0
    assert differences(model.world.city.zone, start.zone) == []
    assert differences(model.world.city.local, start.local) == []
