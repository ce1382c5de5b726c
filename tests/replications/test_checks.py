"""What agrees with a published figure and what does not."""

import numpy as np
import pytest

from experiments.replications.checks import above, below, frame, near


def test_near_is_within_the_tolerance_of_the_mean():
    """Mean .3 of .2 and .4: within .05 of .25 and of .35, to the digit printed, not of .24."""
    for reference, agrees in ((0.25, True), (0.35, True), (0.24, False), (0.36, False)):
        check = near("D", reference, [0.2, 0.4], 0.05, "why")
        assert check.agrees is agrees
        assert (check.mean, check.seeds) == (pytest.approx(0.3), 2)
        assert check.sd == pytest.approx(np.sqrt(0.02))


def test_a_direction_needs_the_whole_interval():
    """Mean 1, sd 1, n = 4: half-width 3.182 / 2 = 1.591, so above -1 and not above 0; the same mirrored."""
    values = np.array([0.0, 0.0, 2.0, 2.0]) * np.sqrt(0.75) + 1 - np.sqrt(0.75)
    assert values.std(ddof=1) == pytest.approx(1)
    assert above("gain", -1, values, "why").tolerance == pytest.approx(1.591, abs=1e-3)
    assert above("gain", -1, values, "why").agrees
    assert not above("gain", 0, values, "why").agrees
    assert below("gain", 3, values, "why").agrees
    assert not below("gain", 2, values, "why").agrees


def test_one_value_stands_for_itself():
    assert above("exact", 0.5, [0.6], "why").agrees
    assert not below("exact", 0.5, [0.6], "why").agrees
    assert near("exact", 0.6, [0.6], 0.0, "why").agrees
    with pytest.raises(ValueError, match="at least one"):
        near("nothing", 0, [], 1, "why")


def test_a_value_that_is_not_a_number_never_agrees():
    bad = [float("nan"), 1.0]
    assert not any(check.agrees for check in (near("x", 1, bad, 9, ""), above("x", 0, bad, ""), below("x", 9, bad, "")))


def test_the_table_has_the_columns_of_table_csv():
    table = frame([near("a", 1, [1, 1], 0.1, "w"), below("b", 0, [1, 1.1], "w")])
    assert list(table.columns[:6]) == ["quantity", "reference", "mean", "sd", "tolerance", "agrees"]
    assert table.agrees.tolist() == ["yes", "no"]
