"""Ukanwa, Jones & Turner 2022: both directions on one city, the mechanism switched off, and the whole replication (slow)."""

import numpy as np

from experiments.replications.lab import Lab
from experiments.replications.ukanwa import ALIKE, WEIGHTS, play

SMALL = ("city.pupils=2000", "city.schools=20", "perception.nearest=20")


def excess(tmp_path, *sets, seeds=(1, 2, 3)):
    """D minus D of the nearest schools, by seed."""
    config = Lab(tmp_path).scenario("ukanwa", *SMALL, *sets)
    return np.array([play(config, seed)["excess"] for seed in seeds])


def test_both_directions_on_the_same_small_cities(tmp_path):
    apart, alike = excess(tmp_path), excess(tmp_path, *ALIKE)
    assert (apart > 0.05).all()
    assert (alike < -0.05).all()


def test_exactly_nothing_where_nobody_chooses_or_the_way_alone_counts(tmp_path):
    assert excess(tmp_path, "choice.choosers=0.0").tolist() == [0, 0, 0]
    assert excess(tmp_path, *WEIGHTS["the way alone, without taste"]).tolist() == [0, 0, 0]


def test_only_one_group_may_choose(tmp_path):
    """With Black families at their local schools, White families alone move D less than all do."""
    alone = excess(tmp_path, "choice.choosers={White=1.0, Black=0.0}", seeds=(1,))
    assert alone != 0
    assert abs(alone) < abs(excess(tmp_path, seeds=(1,)))
