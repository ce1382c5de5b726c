"""Sorting in a kernel: one small merge sort, as numba's own takes seconds to compile for each kind of number, and a radix sort."""

import numpy as np

from abm.compiled import inlined, kernel

_ONE = np.uint64(1)


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


@kernel
def by_number(number):
    """(n,) int64 rows by rising ``number`` (n,) uint64, which are spread evenly.

    Dealt by their highest bits, the lower half of these first (a radix sort); the few neighbours alike in all of them are
    then put right.
    """
    n, bits = number.size, 1
    while bits < 12 and n >> bits > 0:
        bits += 1
    each, low, last = np.uint64(bits), np.uint64(64 - 2 * bits), np.uint64((1 << bits) - 1)
    start, then = np.zeros((1 << bits) + 1, np.int64), np.zeros((1 << bits) + 1, np.int64)
    for i in range(n):
        start[((number[i] >> low) & last) + _ONE] += 1
        then[(number[i] >> low >> each) + _ONE] += 1
    for b in range(1 << bits):
        start[b + 1] += start[b]
        then[b + 1] += then[b]
    other, row = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        b = (number[i] >> low) & last
        other[np.uint64(start[b])] = i
        start[b] += 1
    for i in range(n):
        b = number[np.uint64(other[i])] >> low >> each
        row[np.uint64(then[b])] = other[i]
        then[b] += 1
    for i in range(1, n):
        own, k = row[i], np.uint64(i)
        while k > 0 and number[np.uint64(row[k - _ONE])] > number[np.uint64(own)]:
            row[k] = row[k - _ONE]
            k -= _ONE
        row[k] = own
    return row
