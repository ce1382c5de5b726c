"""The sort for kernels is that of numpy."""

import numpy as np

from abm.sorting import rising


def test_keys_rise_and_equals_go_by_name():
    dice = np.random.default_rng(1)
    for n in (0, 1, 2, 3, 7, 64, 1000):
        keys, names = dice.integers(0, max(n // 3, 1), n).astype(float), dice.permutation(n)
        assert rising(keys, names).tolist() == np.lexsort((names, keys)).tolist()


def test_infinite_keys_stand_at_the_ends():
    keys = np.array([np.inf, 0.0, -np.inf, np.inf])
    assert rising(keys, np.array([3, 2, 1, 0])).tolist() == [2, 1, 3, 0]
