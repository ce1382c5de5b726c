"""The rules of a year: levers by dotted keys, edits of copies, bounds kept."""

import pytest
from pydantic import ValidationError

from abm.rules import Rules, changed
from tests.builders import hand_config, scenario


@pytest.fixture
def rules():
    return Rules.of(hand_config())


@pytest.mark.parametrize(
    ("lever", "value"),
    [
        ("households.detection", 0.9),
        ("admission.points.sibling", 7),
        ("choice.distance", {"majority": -1.0, "minority": -2.0}),
    ],
)
def test_an_edit_moves_one_lever_of_a_copy(rules, lever, value):
    after = rules.edit(lever, value)
    assert after.read(lever) == value
    assert changed(rules, after) == {lever}
    assert changed(rules, rules) == set()


def test_an_edit_out_of_bounds_or_of_another_type_is_refused(rules):
    for lever, value in (("households.detection", 1.2), ("choice.length", 0), ("choice.length", "long")):
        with pytest.raises(ValidationError):
            rules.edit(lever, value)


def test_a_lever_that_is_not_there(rules):
    with pytest.raises((AttributeError, TypeError, ValidationError)):
        rules.edit("households.happiness", 1.0)


def test_rules_are_the_configuration_s_own(rules):
    config = hand_config()
    assert rules.choice == config.choice and rules.admission == config.admission
    assert (rules.groups, rules.minority) == (config.city.groups, config.city.minority)


def test_funds_of_several_policies_add_up(rules):
    """A table of numbers is topped up row by row; where ``add`` would let the later entry hold."""
    twice = rules.top_up("orders.funding", {0: 1.0, 1: 2.0}).top_up("orders.funding", {1: 0.5, 2: 4.0})
    assert twice.orders.funding == {0: 1.0, 1: 2.5, 2: 4.0}
    assert rules.add("orders.funding", {0: 1.0}).add("orders.funding", {0: 3.0}).orders.funding == {0: 3.0}


def test_models_of_one_configuration_share_its_rules_and_others_do_not():
    one, other = scenario("classroom", "choice.length=3"), scenario("classroom", "choice.length=4")
    rules = Rules.of(one)
    assert Rules.of(one) is rules
    assert (Rules.of(other).choice.length, Rules.of(one).choice.length) == (4, 3)
    assert Rules.of(one) == rules
