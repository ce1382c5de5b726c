"""What dealing the pupils of a school and grade over its classes gives by chance: exact means, by hand and by drawing."""

import math

import numpy as np
import pytest

from abm import segregation

LN2 = math.log(2)


def test_four_pupils_over_two_classes():
    """Two of either group, classes of two. Of the 6 deals 2 separate the groups (D 1, M ln 2), 4 mix them (D 0, M 0)."""
    got = segregation.expected_dealt([[2, 2]], [2])
    assert got.dissimilarity == pytest.approx(1 / 3)
    assert got.mutual_information == pytest.approx(LN2 / 3)


def test_clusters_of_one_class_keep_what_lies_between_them():
    """(3, 1) and (1, 3), one class each: D = .5; M = ln 2 - entropy of (3/4, 1/4)."""
    got = segregation.expected_dealt([[3, 1], [1, 3], [0, 0]], [1, 1, 0])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert got.dissimilarity == pytest.approx(0.5)
    assert got.mutual_information == pytest.approx(LN2 - entropy)


def test_it_is_the_mean_of_many_deals():
    """Three clusters of unequal classes and three groups: within four standard errors of 4,000 deals."""
    heads, parts = np.array([[7, 3, 4], [2, 9, 0], [0, 5, 5]]), np.array([3, 2, 4])
    rng = np.random.default_rng(1)
    d, m = [], []
    for _ in range(4000):
        units = []
        for row, k in zip(heads, parts, strict=True):
            pupils = rng.permutation(np.repeat(np.arange(3), row))
            units += [np.bincount(part, minlength=3) for part in np.array_split(pupils, k)]
        d.append(segregation.dissimilarity(units))
        m.append(segregation.mutual_information(units))
    got = segregation.expected_dealt(heads, parts)
    for drawn, exact in ((d, got.dissimilarity), (m, got.mutual_information)):
        assert abs(np.mean(drawn) - exact) < 4 * np.std(drawn) / math.sqrt(len(drawn))


def test_one_cluster_is_the_city_dealt_at_random():
    """All pupils in one cluster of 5 equal classes: D is the exact random-allocation value of five units."""
    got = segregation.expected_dealt([[31, 69]], [5])
    assert got.dissimilarity == pytest.approx(
        segregation.expected_dissimilarity([[20, 0]] * 1 + [[11, 9]] + [[0, 20]] * 3)
    )


def test_what_is_undefined_and_what_is_refused():
    assert math.isnan(segregation.expected_dealt([[0, 5]], [1]).dissimilarity)
    assert math.isnan(segregation.expected_dealt([[0, 0]], [0]).mutual_information)
    with pytest.raises(ValueError, match="one part at least"):
        segregation.expected_dealt([[1, 1]], [0])
    with pytest.raises(ValueError, match="fraction"):
        segregation.expected_dealt([[0.5, 1]], [1])
