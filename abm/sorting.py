"""Sorting in a kernel: one small merge sort for all, as numba's own takes seconds to compile for each kind of number."""

import numpy as np

from abm.compiled import inlined, kernel


@kernel
def rising(keys, names):
    """(n,) int64 places of ``keys`` (n,) float64 by rising order, of equals by ``names`` (n,) int64, of which none is nan."""
    n = keys.size
    order, other = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        order[i] = i
    width = 1  # runs of this many are in order
    while width < n:
        for begin in range(0, n, 2 * width):
            a, middle = begin, min(begin + width, n)
            b, end = middle, min(begin + 2 * width, n)
            for k in range(begin, end):
                if b == end or (a < middle and not _before(keys, names, order[b], order[a])):
                    other[k] = order[a]
                    a += 1
                else:
                    other[k] = order[b]
                    b += 1
        order, other = other, order
        width *= 2
    return order


@inlined
def _before(keys, names, i, j):
    return keys[i] < keys[j] or (keys[i] == keys[j] and names[i] < names[j])
