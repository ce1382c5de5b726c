"""Ranks by counting: those of a stable sort, compiled and plain alike."""

import numpy as np
import pytest

from abm.compiled import kernel
from abm.ranking import LANES, count_higher, rank


@kernel
def _ranks(worth):
    keys, ranks = np.zeros(worth.shape, np.int32), np.zeros(worth.shape, np.int32)
    for row in range(worth.shape[0]):
        rank(worth, keys, ranks, row)
    return keys, ranks


@pytest.mark.parametrize("slots", [LANES, 3 * LANES])
def test_ranks_are_those_of_a_stable_sort(slots):
    """Order keys sort like (worth, lower slot first), minus infinity last, equal worths by slot, 0 like -0."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        worth = rng.choice([-np.inf, -3.5, -1e-3, -0.0, 0.0, 1e-3, 2.0, 7.25], (2, slots)).astype(np.float32)
        keys, ranks = _ranks(worth)
        order = np.argsort(-worth, axis=1, kind="stable")
        assert ranks.tolist() == np.argsort(order, axis=1).tolist()
        plain = np.zeros((2, slots), np.int32)
        for a in range(0, slots, LANES):
            for b in range(0, slots, LANES):
                count_higher(keys, plain, 1, a, b)
        assert plain[1].tolist() == ranks[1].tolist()
