"""Traffic lights for families with low income: a small torus, and the whole replication."""

import pytest

from experiments.replications.diaz import COLOURED, EQUAL, play
from experiments.replications.lab import Lab

SMALL = ("city.cells=20", "city.schools=10")


@pytest.fixture(scope="module")
def systems(tmp_path_factory):
    """Figures of a small torus by system, one seed."""
    lab = Lab(tmp_path_factory.mktemp("diaz"))
    overrides = {
        "neighbourhood": ("choice.reputation=0.0",),
        "lights of no weight": ("choice.reputation=0.0", *COLOURED),
        "choice": (),
        "lights": COLOURED,
        "equals": EQUAL,
    }
    return {name: play(lab.scenario("diaz", *SMALL, *extra), 1) for name, extra in overrides.items()}


def test_without_information_the_schools_of_choice_are_those_of_the_neighbourhood(systems):
    """Families with low income go where they would without choice; those with high income go to better schools."""
    assert systems["choice"]["low"] == pytest.approx(systems["neighbourhood"]["low"], abs=1e-6)
    assert systems["choice"]["high"] > systems["neighbourhood"]["high"] + 0.3


def test_colours_narrow_what_information_opens(systems):
    for what in ("dissimilarity", "gap"):
        assert systems["choice"][what] > systems["lights"][what] + 0.1
    assert systems["lights"]["low"] > systems["choice"]["low"] + 0.3
    assert abs(systems["equals"]["gap"]) < 0.25 < systems["choice"]["gap"]


def test_colours_change_nothing_for_families_who_do_not_weigh_quality(systems):
    assert systems["lights of no weight"] == systems["neighbourhood"]
