"""Neighbourhood by hand: which districts are built, who is dealt mixed, what it costs, where contact can be made."""

import numpy as np
import pytest

from abm.housing import build_homes
from abm.policies.policy import Reach
from abm.rules import Rules
from tests.builders import STATE, blueprint, hand_config, table, world
from tests.policies.in_force import done


def town(groups=((8, 2), (2, 8)), status=None, grade=0):
    """A district a row: one area, one place, one school; (majority, minority) pupils who live and learn there."""
    n = len(groups)
    config = hand_config(city={"grades": 2})
    sites = 5.0 * np.arange(n)
    plan = blueprint(
        config, [(x, STATE, 20) for x in sites], sites, district=np.arange(n), area_district=np.arange(n), pupils=groups
    )
    school = np.repeat(np.arange(n), np.sum(groups, axis=1))
    group = np.concatenate([np.repeat([0, 1], row) for row in groups])
    status = 0.0 if status is None else np.array(status)[school]
    families = table(school, group, school=school, status=status, grade=grade)
    return world(config, plan, families), Rules.of(config)


def test_mixed_housing_deals_a_share_of_the_new_families():
    """Two grades: entry rates (4, 1) and (1, 4). A share .4 at half intensity moves them by .2 of the way to (2.5, 2.5). Of 20
    entrants 4 are dealt mixed, at 20,000 euro each."""
    state, rules = town()
    after, at, reach, price = done("mixed_housing", state, rules, share=0.4, intensity=0.5)
    assert at.districts == (0, 1)
    assert after.orders.housing == {0: 0.2, 1: 0.2}
    assert (reach, price) == (Reach(0, 4), 80_000)
    assert build_homes(state, after).city.entry_rate == pytest.approx(np.array([[3.7, 1.3], [1.3, 3.7]]))


def test_mixed_housing_counts_only_families_that_come():
    """Pupils of the second grade are nobody's new family; a district that is not named is not built."""
    state, rules = town(grade=1)
    assert done("mixed_housing", state, rules)[2] == Reach(0, 0)
    state, rules = town()
    after, _, reach, _ = done("mixed_housing", state, rules, share=0.5, districts=("district 1",))
    assert after.orders.housing == {1: 0.5}
    assert reach == Reach(0, 5)


def test_revitalisation_rebuilds_the_district_of_lowest_status():
    """A third of three districts: the second. Its ten pupils cost 9,000 euro each; the pull is half of .1."""
    state, rules = town(((8, 2), (2, 8), (5, 5)), status=[0.5, -0.5, 0.0])
    after, at, reach, price = done(
        "revitalisation", state, rules, rate=0.1, share=0.34, intensity=0.5, displacement=1.0
    )
    assert (at.schools, at.districts) == ((1,), (1,))
    assert after.orders.revitalised == {1: 0.05}
    assert after.moving.displacement == 1.0
    assert (reach, price) == (Reach(0.5, 5), 45_000)


def test_revitalisation_ousts_the_minority():
    """Entry rates (4, 1), (1, 4), (2.5, 2.5). The majority doubles in district 1: one more, .615 of it from district 0 and
    .385 from 2; one of the minority goes, by 1 : 2.5 to districts 0 and 2."""
    state, rules = town(((8, 2), (2, 8), (5, 5)), status=[0.5, -0.5, 0.0])
    after, *_ = done("revitalisation", state, rules, rate=1.0, share=0.34, displacement=1.0)
    rate = build_homes(state, after).city.entry_rate
    assert rate == pytest.approx(np.array([[4 - 4 / 6.5, 1 + 1 / 3.5], [2, 3], [2.5 - 2.5 / 6.5, 2.5 + 2.5 / 3.5]]))


def test_contact_needs_both_sides():
    """Smaller sides .5, .2 and .0: the half-and-half school comes first, the one without a minority never."""
    state, rules = town(((8, 2), (5, 5), (10, 0)))
    after, at, reach, price = done("contact", state, rules, step=0.1, cost_school=1000.0)
    assert (at.schools, reach, price) == ((1, 0), Reach(2, 20), 2000)
    assert after.orders.contact == {0: 0.1, 1: 0.1}
    assert done("contact", state, rules, intensity=0.5)[1].schools == (1,)
    assert done("contact", state, rules, least=0.3)[1].schools == (1,)


def test_contact_opens_the_long_loop_only_if_asked():
    state, rules = town()
    assert done("contact", state, rules)[0].households.contact == rules.households.contact == 0
    after = done("contact", state, rules, generational=-0.4, intensity=0.5, floor=0.6)[0]
    assert after.households.contact == -0.2
    assert after.households.contact_floor == 0.6
