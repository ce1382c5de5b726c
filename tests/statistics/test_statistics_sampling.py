"""Latin hypercube draws of parameter sets."""

import numpy as np
import pytest

from experiments.statistics import factors

BOUNDS = {"choice.distance": (-1.0, 3.0), "perception.noise": (0.0, 0.5), "fixed": (2.0, 2.0)}


def test_each_slice_of_each_range_is_drawn_once():
    drawn = factors(BOUNDS, 40, seed=5)
    assert drawn.shape == (40, 3)
    for k, (low, high) in enumerate(list(BOUNDS.values())[:2]):
        slices = np.floor((drawn[:, k] - low) / (high - low) * 40).astype(int)
        assert sorted(slices) == list(range(40))
    assert (drawn[:, 2] == 2.0).all()
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.4


def test_seeded():
    np.testing.assert_array_equal(factors(BOUNDS, 8, 1), factors(BOUNDS, 8, 1))
    assert (factors(BOUNDS, 8, 1)[:, 0] != factors(BOUNDS, 8, 2)[:, 0]).all()


def test_wrong_bounds_are_named():
    assert factors({}, 3, 1).shape == (3, 0)
    with pytest.raises(ValueError, match="taste: the bounds"):
        factors({"taste": (1.0, 0.0)}, 3, 1)
    with pytest.raises(ValueError, match="taste: the bounds"):
        factors({"taste": (0.0, np.inf)}, 3, 1)
    with pytest.raises(ValueError, match="at least one"):
        factors(BOUNDS, 0, 1)
