"""Priority by hand: who gets how much of the same budget, teachers, labels and what they do to a school's name."""

import numpy as np
import pytest

from abm.city import PRIVATE
from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.policies.policy import Reach
from abm.reputation import reputation
from abm.response import spend_funds
from abm.response.funds import teachers
from abm.rules import Rules
from abm.scenario import configure, to_tree
from tests.builders import STATE, blueprint, hand_config, scenario, table, world
from tests.policies.in_force import done


def town(detected=(1, 3), vulnerable=None, sectors=None, status=None, **sections):
    """Schools of ten pupils, 5 km apart, each in a district of its own where its pupils live; so many of them in need."""
    n = len(detected)
    config = hand_config(**sections)
    sites = 5.0 * np.arange(n)
    plan = blueprint(
        config, [(x, sector, 20) for x, sector in zip(sites, sectors or [STATE] * n, strict=True)], sites,
        district=np.arange(n), area_district=np.arange(n),
    )  # fmt: skip
    school = np.repeat(np.arange(n), 10)
    turn = np.tile(np.arange(10), n)
    families = table(
        school, school=school, detected=turn < np.array(detected)[school],
        vulnerable=turn < np.array(vulnerable or detected)[school], status=0.0 if status is None else np.array(status)[school],
    )  # fmt: skip
    return world(config, plan, families), Rules.of(config)


def test_people_funding_follows_the_pupils():
    """40,000 euro over 1 + 3 detected: 10,000 and 30,000; per pupil of schools of ten 1 and 3 thousand."""
    state, rules = town()
    after, _, reach, price = done("people_funding", state, rules, budget=40_000.0)
    assert after.orders.funding == {0: 1.0, 1: 3.0}
    assert (reach, price) == (Reach(2, 4), 40_000)
    after, _, reach, price = done("people_funding", state, rules, budget=40_000.0, intensity=0.5)
    assert after.orders.funding == {0: 0.5, 1: 1.5}
    assert (reach, price) == (Reach(1, 2), 20_000)


def test_money_moves_when_a_pupil_does():
    """The detected pupil of school 0 goes to school 1, which then has all four among eleven: 40 / 11 a pupil."""
    state, rules = town()
    school = state.households.school.copy()
    school[0] = 1
    heads = np.array([[[9, 0]], [[11, 0]]], np.int32)
    state = state._replace(households=state.households._replace(school=school), seen=state.seen._replace(heads=heads))
    assert done("people_funding", state, rules, budget=40_000.0)[0].orders.funding == pytest.approx({1: 40 / 11})


def test_a_threshold_leaves_out_the_first_tenth():
    """One in ten does not count: 0 at school 0, 3 - 1 = 2 at school 1, which gets all."""
    state, rules = town()
    assert done("people_funding", state, rules, budget=40_000.0, threshold=0.1)[0].orders.funding == {1: 4.0}


def test_the_undetected_bring_nothing():
    """Two vulnerable pupils in each school, detected only in school 1: by detection it gets all, by need half."""
    state, rules = town(detected=(0, 2), vulnerable=(2, 2))
    assert done("people_funding", state, rules, budget=20_000.0)[0].orders.funding == {1: 2.0}
    assert done("people_funding", state, rules, budget=20_000.0, by="vulnerable")[0].orders.funding == {0: 1.0, 1: 1.0}


def test_private_schools_and_schools_without_need_get_no_funds():
    state, rules = town(detected=(0, 5, 5), sectors=[STATE, STATE, PRIVATE])
    after, at, _, _ = done("people_funding", state, rules, budget=20_000.0)
    assert at.schools == (0, 1)
    assert after.orders.funding == {1: 2.0}
    assert done("people_funding", *town(detected=(0, 0)), budget=20_000.0)[0].orders.funding == {}


def test_area_funding_goes_by_where_the_school_lies():
    """District 1 has the lowest status. All 40,000 go to its school, 4 thousand for each of its ten pupils, seven of whom
    are not in need; the one in need in district 0 gets nothing. Under people funding the school had 3."""
    state, rules = town(status=[0.5, -0.5])
    after, at, reach, price = done("area_funding", state, rules, budget=40_000.0, share=0.5)
    assert after.orders.funding == {1: 4.0}
    assert (at.schools, at.districts) == ((1,), (1,))
    assert (reach, price) == (Reach(1, 10), 40_000)
    after, at, reach, price = done(
        "area_funding", state, rules, budget=40_000.0, districts=("district 0", "district 1")
    )
    assert after.orders.funding == {0: 2.0, 1: 2.0}
    assert (reach, price) == (Reach(2, 20), 40_000)


def test_the_measure_of_deprivation_is_a_choice():
    """Status is lowest in district 0, detected pupils are most in district 1."""
    state, rules = town(status=[-0.5, 0.5])
    picked = {by: done("area_funding", state, rules, by=by, share=0.5)[1].districts for by in ("status", "detected")}
    assert picked == {"status": (0,), "detected": (1,)}


def test_funds_of_both_kinds_add_up_and_buy_quality():
    """3 + 4 thousand a pupil at school 1; .1 sd a thousand in the end, a third of it in the first year (lag 2)."""
    state, rules = town(status=[0.5, -0.5])
    rules = done("people_funding", state, rules, budget=40_000.0)[0]
    rules = done("area_funding", state, rules, budget=40_000.0, share=0.5)[0]
    assert rules.orders.funding == {0: 1.0, 1: 7.0}
    after = spend_funds(state, rules)
    assert after.schools.bought == pytest.approx([0.1 / 3, 0.7 / 3])
    later = spend_funds(after, Rules.of(hand_config()))
    assert later.schools.funding.tolist() == [0, 0]


def test_teachers_go_where_need_is_greatest():
    """Of four schools half could be treated, those with 6 and 4 detected pupils; at intensity .5 only the first. Two teachers
    at 60,000 euro are 12 thousand a pupil of a school of ten."""
    state, rules = town(detected=(1, 6, 4, 0))
    after, at, reach, price = done("extra_teachers", state, rules, teachers=2.0, share=0.5)
    assert (at.schools, reach, price) == ((1, 2), Reach(2, 20), 240_000)
    assert after.orders.teachers == {1: 2.0, 2: 2.0}
    half, at, _, price = done("extra_teachers", state, rules, teachers=2.0, share=0.5, intensity=0.5)
    assert (at.schools, price, half.orders.teachers) == ((1,), 120_000, {1: 2.0})
    assert teachers(state, half).tolist() == [0, 12, 0, 0]


def test_a_label_brings_funds_and_stigma():
    """A third of three schools: the one with 8 of 10 vulnerable. 640 euro a pupil; its name loses .2 x .5 in the first year,
    and gains when quality comes: signal .6 x (.1 x .64 / 3) - .5 in the second."""
    state, rules = town(detected=(0, 0, 0), vulnerable=(1, 8, 5), reputation={"demand": 0.0})
    after, at, reach, price = done("label", state, rules, share=0.34, stigma=0.5, funds=640.0)
    assert (at.schools, reach, price) == ((1,), Reach(1, 10), 6400)
    assert after.orders.labelled == (1,)
    assert after.orders.funding == pytest.approx({1: 0.64})
    assert after.reputation.label == -0.5
    first = spend_funds(reputation(state, after), after)
    assert first.schools.label.tolist() == [False, True, False]
    assert first.schools.reputation == pytest.approx([0, -0.1, 0])
    second = reputation(first, after)
    assert second.schools.reputation == pytest.approx([0, 0.8 * -0.1 + 0.2 * (0.6 * 0.064 / 3 - 0.5), 0])
    freed = reputation(second, rules)
    assert not freed.schools.label.any()


def test_labels_are_for_state_and_subsidised_schools_and_nested_in_intensity():
    state, rules = town(detected=(0,) * 4, vulnerable=(9, 3, 8, 2), sectors=[PRIVATE, STATE, STATE, STATE])
    picked = [done("label", state, rules, share=1.0, intensity=i)[1].schools for i in (0.0, 0.4, 0.7, 1.0)]
    assert picked == [(), (2,), (2, 1), (2, 1, 3)]


def test_an_authority_that_cannot_pay_the_budget_is_told():
    """Half of a million is more than 400,000 euro: the policy could never be paid."""
    policy = {"kind": "people_funding", "budget": 1e6, "intensity": 0.5}
    tree = to_tree(scenario("classroom")) | {"policies": [policy]}
    with pytest.raises(ScenarioError, match="too small for policies"):
        SchoolChoiceModel(configure(tree | {"authority": {"budget": 400_000.0}}), 1)
    model = SchoolChoiceModel(configure(tree | {"authority": {"budget": 500_000.0}}), 1)
    model.step()
    assert model.indicators["cost"] == 500_000
