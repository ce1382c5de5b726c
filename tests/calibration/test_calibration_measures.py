"""Measures against cohorts small enough to be worked out with a pencil."""

import math

import numpy as np
import pytest

from abm.city import PRIVATE, STATE, SUBSIDISED
from experiments.calibration.cohorts import Cohort
from experiments.calibration.measures import MEASURES, View, measure

# Five schools in a row: three state ones at 0, 1 and 5 km, a subsidised one at 2 km, a private one at 6 km. Majority, minority.
HEADS = np.array([[10, 30], [20, 20], [40, 0], [20, 10], [10, 0]])
COHORT = Cohort(
    heads=HEADS,
    metres=HEADS * np.array([500, 1000, 500, 2000, 3000])[:, None],
    local=np.array([[10, 20], [10, 10], [30, 0], [0, 0], [0, 0]]),
    nearest=np.array([[10, 25], [10, 15], [30, 0], [5, 5], [0, 0]]),
    first=np.array([30, 30, 40, 20, 0]),
    listed=np.array([40, 40, 40, 30, 0]),
    wished=np.array([30, 30, 60, 40, 10]),
    near=np.array([24, 24, 48, 24, 0]),
)
VIEW = View(
    COHORT,
    np.array([STATE, STATE, STATE, SUBSIDISED, PRIVATE]),
    np.array([0.0, 1.0, 5.0, 2.0, 6.0]),
    np.zeros(5),
    ("public", "public", "public", "catholic", "montessori"),
    ("native", "migrant"),
    "foreign",
)
EXPECTED = {
    # of 100 majority and 60 minority pupils: |30/60 - 10/100| + |20/60 - 20/100| + |0 - 40/100| + |10/60 - 20/100| + |0 - 10/100|, halved
    "dissimilarity": (0.4 + 2 / 15 + 0.4 + 1 / 30 + 0.1) / 2,
    "dissimilarity:state": (abs(30 / 50 - 10 / 70) + abs(20 / 50 - 20 / 70) + 40 / 70) / 2,
    "eta_squared": (40 * 0.375**2 + 40 * 0.125**2 + 40 * 0.375**2 + 30 * (1 / 3 - 0.375) ** 2 + 10 * 0.375**2) / 160 / (0.375 * 0.625),
    "minority_share": 60 / 160,
    "minority_share:state": 50 / 120,
    "minority_share:catholic": 10 / 30,
    "private:majority": 10 / 100,
    "private:minority": 0.0,
    "private:foreign": 0.0,
    "subsidised:migrant": 10 / 60,
    "local": 80 / 160,
    "local:native": 50 / 100,
    "other_state:majority": (0 + 10 + 10) / 100,
    "other_state:minority": (10 + 10) / 60,
    "nearest:all": 100 / 160,
    "distance_km": (40 * 0.5 + 40 * 1.0 + 40 * 0.5 + 30 * 2.0 + 10 * 3.0) / 160,
    "distance_km:catholic": 2.0,
    "distance_km:private": 3.0,
    "first_choice": 120 / 150,
    "first_choice:state": 100 / 120,
    "near_first": 120 / 160,
    "schools_above:0.4": 2 / 5,
    "schools_below:0.1": 2 / 5,
    # the subsidised school has 1/3: no state school has over 2/3
    "double_nearest_subsidised:": 1 / 3,
    # the nearest state school of the first is the second (.75 against .5), of the second the first, of the third the second (0)
    "double_nearest_state": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_by_hand(name):
    assert measure(VIEW, name) == pytest.approx(EXPECTED[name], abs=1e-12)


def test_every_measure_is_worked_out():
    assert {name.partition(":")[0] for name in EXPECTED} == set(MEASURES)


def test_cohorts_add_up():
    """Shares of two years pooled are those of twice as many pupils."""
    twice = VIEW._replace(cohort=COHORT + COHORT)
    for name in EXPECTED:
        assert measure(twice, name) == pytest.approx(measure(VIEW, name), abs=1e-12)


def test_where_nobody_is_concerned_there_is_no_figure():
    empty = VIEW._replace(cohort=Cohort(*(np.zeros_like(part) for part in COHORT)))
    for name in EXPECTED:
        assert math.isnan(measure(empty, name))
