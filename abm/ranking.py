"""Ranking the schools of a family: each school's rank is the number of schools that go before it, found by counting.

Counting needs no branch that could be mispredicted: 16 schools are compared with one at a time, by :mod:`abm.vectors`; the
plain twins are here.
"""

import numpy as np
from numba.extending import overload

from abm import vectors
from abm.compiled import inlined
from abm.vectors import LANES

_S31, _POSITIVE, _ZERO = np.int32(31), np.int32(0x7FFFFFFF), np.float32(0)


@inlined
def order_key(worth):
    """int32 that orders like the float32 ``worth``: integers compare exactly, and -0 equals 0."""
    bits = np.float32(worth + _ZERO).view(np.int32)
    return np.int32(bits ^ np.int32(np.int32(bits >> _S31) & _POSITIVE))


def order_keys(worth, keys, ranks, row, a):
    """keys[row, a:a+16] = the :func:`order_key` of each of worth[row, a:a+16] (family, slot), and ranks[row, a:a+16] = 0."""
    for k in range(a, a + LANES):
        keys[row, k] = order_key(worth[row, k])
        ranks[row, k] = 0


def count_higher(keys, ranks, row, a, b):
    """ranks[row, b:b+16] += how many of keys[row, a:a+16] (family, slot) are higher, or equal and of a lower slot."""
    for k in range(b, b + LANES):
        for s in range(a, a + LANES):
            ranks[row, k] += np.int32(keys[row, s] > keys[row, k] or (keys[row, s] == keys[row, k] and s < k))


@inlined
def rank(worth, keys, ranks, row):
    """Into ``ranks`` (family, slot) int32 at ``row`` how many schools go before that of each slot; a multiple of 16 slots.

    worth (family, slot) float32; keys (family, slot) int32 is room to work in.
    """
    for a in range(0, worth.shape[1], LANES):
        order_keys(worth, keys, ranks, row, a)
    for b in range(0, worth.shape[1], LANES):
        for a in range(0, worth.shape[1], LANES):
            count_higher(keys, ranks, row, a, b)


@overload(order_keys, inline="always")
def _compiled_keys(worth, keys, ranks, row, a):
    return lambda worth, keys, ranks, row, a: vectors.order_keys(worth, keys, ranks, np.int64(row), np.int64(a))


@overload(count_higher, inline="always")
def _compiled_count(keys, ranks, row, a, b):
    return lambda keys, ranks, row, a, b: vectors.count_higher(keys, ranks, np.int64(row), np.int64(a), np.int64(b))
