"""Magnets by hand: which schools are offered a theme, in which order, for how long, and what it does there."""

import numpy as np
import pytest

from abm.choice import perceive, rank
from abm.city import SUBSIDISED
from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.policies.magnet import Magnet
from abm.policies.targets import Targets
from abm.response import adopt_themes
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.schools import THEMES, theme_visible
from tests.builders import STATE, blueprint, hand_config, scenario, table, with_seen, world

SHARES = [0.8, 0.6, 0.3, 0.1, 0.9]  # of the minority; school 4 is subsidised
PLAIN = dict.fromkeys(
    ("reputation", "peers", "vulnerable", "emulation", "private", "zone", "sibling", "distance_beyond"), 0.0
)


def town(families=None, choice=None, **columns):
    """Five schools of ten places at 1 to 5 km; two pupils of either group make the city's share .5."""
    config = hand_config(choice=choice or {}, perception={"noise": 0.0}, run={"years": 9})
    stock = [(1.0, STATE, 10), (2.0, STATE, 10), (3.0, STATE, 10), (4.0, STATE, 10), (5.0, SUBSIDISED, 10)]
    families = table([0] * 4, [0, 0, 1, 1], school=0) if families is None else families
    state = world(config, blueprint(config, stock, [0.0]), families, **columns)
    return with_seen(state, own_share=[[1 - x for x in SHARES], SHARES]), Rules.of(config)


def picked(policy, state, rules):
    return policy.pick(rules, state).schools


def test_the_most_stigmatised_state_schools_come_first():
    """Above the city's .5: schools 0 and 1; half of these two is the one with .8. School 4 is not of the state."""
    state, rules = town()
    assert picked(Magnet(), state, rules) == (0, 1)
    assert picked(Magnet(intensity=0.5), state, rules) == (0,)
    assert picked(Magnet(intensity=0.0), state, rules) == ()
    themed = state._replace(schools=state.schools._replace(theme=np.array([1, -1, -1, -1, -1], np.int8)))
    assert picked(Magnet(), themed, rules) == (1,)


def test_the_least_demanded_come_first():
    """First choices 8, 2, 5, 9 of ten places, mean .6: schools 1 and 2."""
    state, rules = town(table([], 0), demand=[8, 2, 5, 9, 0])
    state = perceive(state, rules)  # a year of choice lies behind
    assert picked(Magnet(rule="least_demanded"), state, rules) == (1, 2)


def test_before_the_first_choice_demand_is_who_entered():
    """No first choices yet: of ten places four are taken at school 0 and none elsewhere; mean .1."""
    state, rules = town()
    assert picked(Magnet(rule="least_demanded"), state, rules) == (1, 2, 3)


def test_named_schools_come_in_the_order_of_their_names():
    state, rules = town()
    named = Magnet(rule="named", schools=("school 3", "school 1"))
    assert picked(named, state, rules) == (3, 1)
    with pytest.raises(ScenarioError, match="needs the schools"):
        named_none = to_tree(scenario("classroom")) | {"policies": [{"kind": "magnet", "rule": "named"}]}
        SchoolChoiceModel(configure(named_none), 1)


def test_a_taste_for_a_group_that_is_not_there_is_refused():
    tree = to_tree(scenario("classroom")) | {"policies": [{"kind": "magnet", "taste": {"martians": 1.0}}]}
    with pytest.raises(ScenarioError, match="martians"):
        SchoolChoiceModel(configure(tree), 1)


def test_one_theme_a_year_each_for_its_life_and_only_once():
    """Themes at schools 0 and 1, one a year, lag 2, life 2: school 0 is chosen for it in years 3 and 4, school 1 in 4 and
    5; two schools are paid in years 2, 3 and 4; then no more."""
    state, rules = town()
    policy = Magnet(themes=1, lag=2, life=2, theme="music", quality=0.7, cost_school=100.0)
    at = policy.pick(rules, state)
    seen, paid = {0: [], 1: []}, []
    for year in range(1, 8):
        for s in (0, 1):
            seen[s] += [year] if theme_visible(state.schools, year)[s] else []
        paid.append(policy.price(policy.reach(rules, state, at)))
        state = adopt_themes(state._replace(year=year), policy.edit(rules, state, at))
        if year == 2:
            assert state.schools.theme[:3].tolist() == [THEMES.index("music")] * 2 + [-1]
            assert state.schools.theme_worth[:3] == pytest.approx([0.7, 0.7, 0])
    assert seen == {0: [3, 4], 1: [4, 5]}
    assert paid == [100, 200, 200, 200, 100, 0, 0]
    assert (state.schools.theme == -1).all()


def test_when_the_policy_ends_the_alliances_end():
    """Two years of policy, themes for good: seen in year 3, the choices after the last year in force, and not in year 4."""
    state, rules = town()
    policy = Magnet(lag=1, life=0)
    at = policy.pick(rules, state)
    for year in (1, 2):
        state = adopt_themes(state._replace(year=year), policy.edit(rules, state, at))
    assert theme_visible(state.schools, 3)[:3].tolist() == [True, True, False]
    state = adopt_themes(state._replace(year=3), rules)
    assert not theme_visible(state.schools, 4).any()


def test_a_theme_turns_those_with_a_taste_for_it():
    """A majority and a minority family live at 0 km, like nothing but nearness (-.5 a km) and themes; school 3 lies 3 km
    beyond school 0. Taste is drawn from 0 to 1: at a weight of 50 the majority goes 3 km for it (but for a draw under
    .03), at 0 the minority does not. Without the policy's taste both go next door."""
    families = table([0, 0], [0, 1], year=5)
    state, rules = town(families, PLAIN | {"distance": -0.5, "taste": "none", "theme": 0.0}, theme=[-1, -1, -1, 1, -1])
    state = state._replace(year=5)
    assert rank(perceive(state, rules), rules).round.lists[:, 0].tolist() == [0, 0]
    policy = Magnet(rule="named", schools=("school 3",), taste={"majority": 50.0, "minority": 0.0})
    edited = policy.edit(rules, state, Targets(schools=(3,)))
    assert rank(perceive(state, edited), edited).round.lists[:, 0].tolist() == [3, 0]
