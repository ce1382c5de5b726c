"""Stoica & Flache 2014: the limit of tolerance by hand, both directions on a small torus, the whole map."""

import numpy as np
import pytest

from experiments.replications.lab import Lab
from experiments.replications.stoica_flache import NOWHERE, limit, play

SMALL = ("city.cells=40", "city.side_km=40.0", "city.schools=8", "perception.nearest=8", "run.years=1")


def test_the_limit_of_tolerance_is_where_d_rises_above_three_tenths():
    """From .1 at f = .4 to .5 at f = .5: half way at .45; all below: the highest f; the first above: the lowest."""
    shares = np.array([0.4, 0.5, 0.6])
    assert limit(shares, np.array([0.1, 0.5, 0.2])) == pytest.approx(0.45)
    assert limit(shares, np.array([0.1, 0.2, 0.3])) == 0.6
    assert limit(shares, np.array([0.4, 0.1, 0.1])) == 0.4


def test_a_wish_for_nearby_schools_keeps_them_mixed_and_distance_is_the_reason(tmp_path):
    """f = .5: by composition alone schools fall apart; with a weight of distance of .7 they do not, unless all are near."""

    def d(*overrides):
        config = Lab(tmp_path).scenario("stoica_flache", *SMALL, *overrides)
        return np.mean([play(config, seed)["d"] for seed in (1, 2)])

    assert d("choice.alpha=1.0") > 0.8
    assert d("choice.alpha=0.3") < 0.4
    assert d("choice.alpha=0.3", *NOWHERE) > 0.7


def test_everybody_starts_at_its_catchment_s_school_in_a_mixed_city(tmp_path):
    config = Lab(tmp_path).scenario("stoica_flache", *SMALL, "run.years=0")
    start = play(config, 1)
    assert start["start"] == start["d"] < 0.15
