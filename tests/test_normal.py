"""Standard normal numbers by inversion, against scipy's."""

import numpy as np
from scipy.special import ndtri

from abm.normal import standardise


def normal(uniform):
    """The numbers ``uniform`` as standard normal ones."""
    numbers = np.array(uniform, float)
    standardise(numbers, np.empty(numbers.size, np.int64), *np.empty((2, numbers.size)))
    return numbers


def test_they_are_scipys_to_the_bit_in_the_middle_and_in_the_tails():
    rng = np.random.default_rng(1)
    near = np.exp(-rng.uniform(0.1, 31.9, 20_000))  # as far out as uniform numbers of 52 bits go, but once in 10^14
    some = np.concatenate([rng.random(200_000), near, 1 - near, [0.5, np.exp(-2)]])
    some = some[(some > 0) & (some < 1)]
    assert (normal(some) == ndtri(some)).all()


def test_still_farther_out_they_are_close_to_scipys():
    far = np.array([2.0**-53, 2.0**-50, 1e-15])
    assert np.allclose(normal(far), ndtri(far), rtol=1e-9, atol=0)
    assert normal([]).size == 0
