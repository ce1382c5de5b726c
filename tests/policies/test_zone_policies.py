"""Policies on zones: what they order of a hand-made town, worked out with a pencil."""

import dataclasses

import numpy as np
import pytest

from abm.city import PRIVATE
from abm.config.declare import ScenarioError
from abm.enrolment import enrol
from abm.model import SchoolChoiceModel
from abm.offers import admit
from abm.policies.paired_zones import PairedZones
from abm.policies.redrawn_zones import RedrawnZones
from abm.policies.sectors import Sectors
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.supply import supply
from tests.builders import STATE, applied, blueprint, hand_config, scenario, table, world

ENDS = ((0.0, STATE, 20), (5.0, STATE, 20))
# (majority, minority) entrants at 0, 1, ... 5 km, as in tests/rezoning/test_drawing.py: the best zone of school 0 is 0 to 4 km
LINE = [[0, 6], [0, 4], [2, 2], [2, 0], [4, 0], [4, 0]]


def town(stock=ENDS, pupils=LINE, families=None, sites=None, **city):
    config = hand_config(
        city={"zones": "nearest"} | city, admission={"mechanism": "zone_assignment"}, choice={"length": 3}
    )
    families = table(range(len(pupils))) if families is None else families
    sites = np.arange(len(pupils), dtype=float) if sites is None else sites
    return world(config, blueprint(config, stock, sites, pupils=pupils), families), Rules.of(config)


def force(policy, state, rules):
    """The rules with a policy in force, its targets, and the world after supply."""
    at = policy.pick(rules, state)
    rules = policy.edit(rules, state, at)
    return rules, at, supply(state, rules)


def free(**values):
    return RedrawnZones(walk_km=10.0, margin=0.0, shrink=1.0, **values)


def test_redrawn_zones_place_children_elsewhere():
    """One child at each point, nobody lists anything, places by zone: three at each school; with the policy five and one."""
    state, rules = town()
    empty = np.full((6, 3), -1)
    before = enrol(admit(applied(state, empty), rules), rules)
    assert before.households.school.tolist() == [0, 0, 0, 1, 1, 1]
    rules, at, after = force(free(), state, rules)
    assert at.schools == (0, 1)
    after = enrol(admit(applied(after, empty), rules), rules)
    assert after.households.school.tolist() == [0, 0, 0, 0, 0, 1]


def test_a_family_of_a_redrawn_zone_may_opt_out():
    """The family at 4 km, now of school 0, lists school 1 alone: there is room, so it goes there all the same."""
    state, rules = town()
    rules, _, after = force(free(), state, rules)
    lists = np.full((6, 3), -1)
    lists[4, 0] = 1
    assert enrol(admit(applied(after, lists), rules), rules).households.school[4] == 1


def test_limits_of_the_plan_are_parameters():
    """Within 3 km the best is 0 to 3 km, as in the case by hand there."""
    state, rules = town()
    assert force(dataclasses.replace(free(), walk_km=3.0), state, rules)[2].city.local.tolist() == [0, 0, 0, 0, 1, 1]
    assert force(free(moved=0.0), state, rules)[2].city.local.tolist() == state.city.local.tolist()


def test_the_most_uneven_zones_are_redrawn():
    """Two thirds of three schools: tilts of the zones 12/16, 0 and -12/16: the first and the last, which do not touch; all stay.

    With all three the middle one passes points on.
    """
    stock = ((0.0, STATE, 30), (4.0, STATE, 30), (8.0, STATE, 30))
    pupils = [[0, 4], [0, 4], [0, 4], [2, 2], [0, 0], [2, 2], [4, 0], [4, 0], [4, 0]]
    state, rules = town(stock, pupils)
    part = free(intensity=2 / 3).pick(rules, state)
    assert part.schools == (0, 2)
    assert force(free(intensity=2 / 3), state, rules)[2].city.local.tolist() == state.city.local.tolist()
    assert force(free(), state, rules)[2].city.local.tolist() != state.city.local.tolist()


def test_the_pupils_it_reaches_live_in_the_treated_zones():
    """Six children; schools 0 and 1 are treated: all; with named schools only, those of the zone."""
    state, rules = town()
    policy = free()
    assert policy.treated(rules, state, policy.pick(rules, state)).all()
    one = free(schools=("school 0",))
    assert one.treated(rules, state, one.pick(rules, state)).tolist() == [True] * 3 + [False] * 3
    assert not policy.treated(rules, state, free(intensity=0.0).pick(rules, state)).any()


def test_the_plan_stays_when_the_city_changes():
    """Decided once: a school that has fewer places later keeps the zone of the plan."""
    config = scenario("classroom", "run.years=3")
    config = configure(to_tree(config) | {"policies": [{"kind": "redrawn_zones", "walk_km": 3.0}]})
    model = SchoolChoiceModel(config, 1, collect=False)
    orders = []
    for _ in range(3):
        model.step()
        orders.append(model.rules.orders.zoning)
    assert orders[0] is orders[1] is orders[2] is not None


def test_where_there_are_no_zones_a_policy_draws_the_first():
    """zones = none: nobody has a zone; with the policy all have one of their own school."""
    state, rules = town(zones="none")
    assert (state.city.zone == -1).all()
    after = force(free(), state, rules)[2].city
    assert (after.zone == after.school_zone[after.local]).all() and (after.zone >= 0).all()
    assert after.local.tolist() == [0, 0, 0, 0, 0, 1]


FOUR = ((0.0, STATE, 20), (2.0, STATE, 20), (4.0, STATE, 20), (6.0, STATE, 20))
MIXED = [[1, 9], [9, 1], [2, 8], [8, 2]]  # minority shares .9 .1 .8 .2: pairs (0, 1) and (2, 3), 4 and 3 pupils


def test_paired_zones_share_their_priority():
    """The child at 0 km has 30 points at schools 0 and 1 and none at 2; half the pairs: only the first is made."""
    state, rules = town(FOUR, MIXED, sites=(0.0, 2.0, 4.0, 6.0))
    _, at, after = force(PairedZones(), state, rules)
    assert at.schools == (0, 1, 2, 3)
    assert [[int(z == s) for s in after.city.school_zone] for z in after.city.zone] == [
        [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1],
    ]  # fmt: skip
    assert after.city.local.tolist() == [0, 1, 2, 3]
    _, at, after = force(PairedZones(intensity=0.5), state, rules)
    assert at.schools == (0, 1)
    assert [[int(z == s) for s in after.city.school_zone] for z in after.city.zone] == [
        [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1],
    ]  # fmt: skip


def test_a_pair_s_priority_decides_who_gets_a_place():
    """One place at school 1, asked for by the children at 0 km and 4 km; 30 points of the pair go before none."""
    stock = ((0.0, STATE, 20), (2.0, STATE, 1), (4.0, STATE, 20), (6.0, STATE, 20))
    for draw in range(1, 6):
        state, rules = town(stock, MIXED, table([0, 2], id=[10 + draw, 20 + draw]), sites=(0.0, 2.0, 4.0, 6.0))
        rules = rules.edit("admission.mechanism", "deferred_acceptance")
        rules, _, after = force(PairedZones(), state, rules)
        offer = admit(applied(after, [[1, 0, -1], [1, 2, -1]]), rules).round.offer
        assert offer.tolist() == [1, 2]


def test_sectors_join_schools():
    """Four zones in a row, two to a sector, minority shares .9 .1 .8 .2: (0, 1) and (2, 3) resemble the city."""
    state, rules = town(FOUR, MIXED, sites=(0.0, 2.0, 4.0, 6.0))
    _, at, after = force(Sectors(size=2), state, rules)
    assert sorted(at.schools) == [0, 1, 2, 3]
    zone = after.city.school_zone
    assert zone[0] == zone[1] != zone[2] == zone[3]
    assert after.city.zone.tolist() == zone.tolist()
    assert after.city.local.tolist() == [0, 1, 2, 3]


def test_half_the_sectors_are_those_that_even_out_most():
    """Zones' tilts 8/20 - 2/20 each way: the first sector evens out .8 of its pupils' sorting, the second .6."""
    state, rules = town(FOUR, MIXED, sites=(0.0, 2.0, 4.0, 6.0))
    assert set(Sectors(size=2, intensity=0.5).pick(rules, state).schools) == {0, 1}


@pytest.mark.parametrize("kind", ["redrawn_zones", "paired_zones", "sectors"])
def test_zones_need_public_schools(kind):
    config = scenario("classroom", "city.private_share=1.0")
    with pytest.raises(ScenarioError, match="two public schools"):
        SchoolChoiceModel(configure(to_tree(config) | {"policies": [{"kind": kind}]}), 1, collect=False)


@pytest.mark.parametrize("policy", [free(), PairedZones(), Sectors(size=2)], ids=lambda p: p.kind)
def test_private_schools_have_no_zone(policy):
    """A private school with a fee between the others is in no plan."""
    stock = (*FOUR, (3.0, PRIVATE, 20))
    config = hand_config(city={"zones": "nearest"})
    plan = blueprint(config, stock, (0.0, 2.0, 4.0, 6.0), pupils=MIXED)
    state = world(config, plan, table([0]), fee=[0, 0, 0, 0, 3.0])
    at = policy.pick(Rules.of(config), state)
    assert 4 not in at.schools
    assert at.plan.school[4] == -1
    assert 4 not in supply(state, policy.edit(Rules.of(config), state, at)).city.local
