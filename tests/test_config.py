"""Declarations: bounds hold inclusively, types are strict, sections are frozen, by-group values find their groups."""

import dataclasses

import numpy as np
import pytest
from pydantic import ValidationError

from abm.config import VERBS, ChoiceConfig, CityConfig, Config, HouseholdsConfig, parameters
from abm.config.declare import by_group, describe_bounds


@pytest.mark.parametrize(
    "parameter", [p for p in parameters(Config) if isinstance(p.default, int | float)], ids=lambda p: p.key
)
def test_bounds_are_inclusive_and_hold_the_default(parameter):
    """At both bounds a value is taken, beyond them it is refused; the default lies between."""
    p = parameter
    if isinstance(p.default, bool):
        return
    assert p.low <= p.default <= p.high
    *path, name = p.key.split(".")
    part = Config()
    for step in path:
        part = getattr(part, step)
    kind = type(p.default)
    for bound, beyond in ((p.low, p.low - 1), (p.high, p.high + 1)):
        assert getattr(dataclasses.replace(part, **{name: kind(bound)}), name) == bound
        with pytest.raises(ValidationError):
            dataclasses.replace(part, **{name: kind(beyond)})


@pytest.mark.parametrize("value", ["0.5", True, None, float("nan"), float("inf"), [0.5]])
def test_types_are_strict(value):
    with pytest.raises(ValidationError):
        ChoiceConfig(alpha=value)


def test_whole_numbers_pass_for_numbers_but_not_the_other_way():
    assert ChoiceConfig(alpha=1).alpha == 1
    with pytest.raises(ValidationError):
        ChoiceConfig(length=2.0)


def test_sections_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ChoiceConfig().alpha = 0.3


def test_unknown_names_are_refused():
    with pytest.raises(ValidationError):
        ChoiceConfig(alfa=0.3)


def test_defaults_are_not_shared():
    """A table as a default is copied: changing one section's leaves the next one's alone."""
    first = HouseholdsConfig()
    first.tolerance["majority"] = 0.1
    assert HouseholdsConfig().tolerance["majority"] == 0.9


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (2.0, [2, 2, 2]),
        ({"majority": 1, "minority": 2}, [1, 2, 2]),
        ({"a": 1, "others": 2}, [1, 2, 2]),
        ({"a": 1, "others": 2, "c": 3}, [1, 2, 3]),
        ({"a": 1, "b": 2, "c": 3}, [1, 2, 3]),
    ],
)
def test_by_group(value, wanted):
    assert by_group(value, ("a", "b", "c"), "others", "key").tolist() == wanted


@pytest.mark.parametrize(("value", "words"), [({"a": 1}, "no value for group 'b'"), ({"a": 1, "x": 1}, "no group 'x'")])
def test_by_group_names_what_is_wrong(value, words):
    with pytest.raises(ValueError, match=words):
        by_group(value, ("a", "b"), "others", "key")


def test_bounds_in_words():
    assert [describe_bounds(*b) for b in ((0, 1), (0, None), (None, 2), (None, None))] == [
        "0 to 1", "at least 0", "at most 2", "any",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": ()}, {"groups": ("a", "a")}, {"shares": (0.5, 0.4)}, {"shares": (1.0,)}, {"minority": "majority"},
        {"districts": ({"name": "x", "pupils": {"martian": 3.0}},)},
    ],
)  # fmt: skip
def test_cities_that_do_not_fit_together(wrong):
    with pytest.raises(ValidationError):
        CityConfig(**wrong)


def test_the_default_calendar_is_the_year():
    assert Config().run.calendar == VERBS
    assert np.unique(VERBS).size == 10
