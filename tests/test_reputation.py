"""Reputation by hand: R <- m R + (1 - m) signal, each term of the signal standardised over open schools."""

import numpy as np
import pytest

from abm.reputation import reputation, signal, standardised
from abm.rules import Rules
from tests.builders import STATE, blueprint, hand_config, table, with_seen, world

NOTHING = {"results": 0.0, "intake": 0.0, "demand": 0.0, "stigma": 0.0, "label": 0.0}


def town(**stock):
    """Three schools of four places."""
    weights = stock.pop("weights", {})
    config = hand_config(reputation=NOTHING | {"memory": 0.8} | weights)
    plan = blueprint(config, [(1.0, STATE, 4), (2.0, STATE, 4), (3.0, STATE, 4)], [0.0])
    return world(config, plan, table([0]), **stock), Rules.of(config)


def test_memory_and_results():
    """.8 x (1, 0, -1) + .2 x .6 x quality (2, 1, 0)."""
    state, rules = town(weights={"results": 0.6}, reputation=[1, 0, -1], quality=[2, 1, 0])
    assert reputation(state, rules).schools.reputation == pytest.approx([0.8 + 0.24, 0.12, -0.8])


def test_results_count_what_funds_bought_and_a_theme_once_it_is_seen():
    """Quality 1 + bought .5 + theme .3 if seen: in year 3 but not in year 2."""
    state, rules = town(
        weights={"results": 1.0}, quality=[1, 0, 0], bought=[0.5, 0, 0], theme=[2, -1, -1], theme_year=[3, 0, 0],
        theme_worth=[0.3, 0, 0],
    )  # fmt: skip
    assert signal(state._replace(year=2), rules)[0] == pytest.approx(1.5)
    assert signal(state._replace(year=3), rules)[0] == pytest.approx(1.8)


@pytest.mark.parametrize(("term", "sign"), [("intake", 1), ("stigma", -1)])
def test_composition_in_the_signal(term, sign):
    """Values 1, 2, 3 have mean 2 and standard deviation sqrt(2/3): standardised -1.2247, 0, 1.2247."""
    state, rules = town(weights={term: 1.0})
    state = with_seen(state, status=[1, 2, 3], own_share=[[0.9, 0.8, 0.7], [0.1, 0.2, 0.3]])
    assert signal(state, rules) == pytest.approx(np.array([-1.2247449, 0, 1.2247449]) * sign, abs=1e-5)


def test_demand_is_the_log_of_first_choices_per_place():
    """ln((demand + 1)/(places + 1)) with demand 4, 4 and 0 at 4 places: 0, 0, -ln 5, standardised .7071, .7071, -1.4142."""
    state, rules = town(weights={"demand": 1.0}, demand=[4, 4, 0])
    assert signal(state, rules) == pytest.approx([0.7071068, 0.7071068, -1.4142136], abs=1e-5)


def test_labels_are_published_for_the_year():
    """School 1 is ordered to be labelled, school 0 no longer: .2 x -.5 at school 1."""
    state, rules = town(weights={"label": -0.5}, label=[True, False, False])
    after = reputation(state, rules.add("orders.labelled", [1]))
    assert after.schools.label.tolist() == [False, True, False]
    assert after.schools.reputation == pytest.approx([0, -0.1, 0])


def test_a_label_with_stigma_lowers_the_signal():
    state, rules = town(weights={"label": -0.5}, label=[True, False, False])
    assert signal(state, rules).tolist() == [-0.5, 0, 0]


def test_a_label_is_up_for_as_long_as_it_is_ordered():
    """-.5 at .2: school 1 falls to -.1 in the year it is labelled, and goes back from there when it is not."""
    state, rules = town(weights={"label": -0.5, "memory": 0.8})
    marked = reputation(state, rules.add("orders.labelled", (1,)))
    assert marked.schools.label.tolist() == [False, True, False]
    assert marked.schools.reputation == pytest.approx([0, -0.1, 0])
    after = reputation(marked, rules)
    assert not after.schools.label.any()
    assert after.schools.reputation == pytest.approx([0, -0.08, 0])


def test_a_closed_school_keeps_its_reputation_and_counts_in_no_mean():
    state, rules = town(
        weights={"demand": 1.0}, demand=[4, 0, 400], open=[True, True, False], reputation=[0, 0, 5], quality=[0, 0, 0]
    )
    assert reputation(state, rules).schools.reputation == pytest.approx([0.2, -0.2, 5])


def test_full_memory_changes_nothing_and_none_is_the_signal():
    for memory, wanted in ((1.0, [1, 0, -1]), (0.0, [2, 1, 0])):
        state, rules = town(weights={"results": 1.0, "memory": memory}, reputation=[1, 0, -1], quality=[2, 1, 0])
        assert reputation(state, rules).schools.reputation.tolist() == wanted


def test_by_default_reputation_sees_no_composition():
    """Peers are in the utility already: stigma and intake are off unless identified apart (model.md, Utility)."""
    rules = Rules.of(hand_config())
    assert rules.reputation.stigma == rules.reputation.intake == rules.reputation.label == 0


def test_standardised_where_nothing_differs_or_nothing_is_open():
    assert standardised(np.ones(3), np.ones(3, bool)).tolist() == [0, 0, 0]
    assert standardised(np.arange(3), np.zeros(3, bool)).tolist() == [0, 0, 0]
