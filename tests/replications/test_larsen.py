"""Larsen 2015: who leaves whom, on a small city; the whole replication among the slow tests."""

from functools import cache

import numpy as np
import pytest

from abm.scenario import load
from experiments.replications.lab import configs
from experiments.replications.larsen import ASSIGNED, BLIND, TWO_STEP, VARIANTS, measured, play
from tests.builders import STATE, blueprint, hand_config, table, world

SMALL = ("city.pupils=2400", "city.schools=12", "city.side_km=5.0", "run.years=7")


@cache
def city(variant, seed=1):
    return play(load(configs() / "larsen.toml", (*SMALL, *VARIANTS[variant])), seed)


def test_the_measures_by_hand():
    """Two schools at 0 and 1 km. Of three majority pupils at home at 0 one attends school 1; nobody else is away.

    Homes: school 0 has 3 majority and 1 minority, school 1 has 1 and 3, so the catchments' minority shares are .25 and .75 and
    D is .5. Schools: 2 and 1, 2 and 3; D = 1/2 (|1/4 - 2/4| + |3/4 - 2/4|) = .25.
    """
    config = hand_config()
    families = table([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 1, 1, 1], school=[0, 0, 1, 0, 1, 1, 1, 1])
    state = world(config, blueprint(config, [(0.0, STATE, 9), (1.0, STATE, 9)], [0.0, 1.0]), families)
    got = measured(state)
    assert got["d"] == pytest.approx(0.25)
    assert got["d_catchment"] == pytest.approx(0.5)
    assert (got["away_majority"], got["away_minority"]) == (0.25, 0.0)
    assert got["local_gap"] == pytest.approx(0.25 - (0.25 * 2 + 0.75) / 3)
    assert got["majority_gap"] == pytest.approx(1 - 0.5)


def test_the_local_school_drives_them_out_and_segregates():
    """In a small city, three seeds: D rises by two steps in each, and falls if families leave blind to composition."""
    runs = [[city(name, seed) for name in (ASSIGNED, TWO_STEP, BLIND)] for seed in (1, 2, 3)]
    for stay, two, blind in runs:
        assert two["d"] > stay["d"] + 0.05
        assert blind["d"] < stay["d"]
        assert blind["away_majority"] > two["away_majority"]
        assert stay["away_majority"] < 0.1
    two, blind = (np.mean([run[k]["local_gap"] for run in runs]) for k in (1, 2))
    assert two > 0.05 + blind
