"""Older siblings: which school a family knows already. And rows sorted by a small whole number, in linear time."""

import numpy as np

from abm.compiled import inlined, kernel
from abm.households import Households

_SPREAD, _BIT, _LOW, _S6 = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(63), np.uint64(6)
_S2 = np.uint64(2)  # of four bits that a cell has in ``maybe``
_BLOCK = 1024  # pupils


def sibling_schools(everyone: Households, table: Households) -> np.ndarray:
    """(family,) int32 school of the older sibling of each child in ``table`` who is still in the stage, -1: none."""
    return _older(table.id, table.family, everyone.id, everyone.school)


@inlined
def _spread(family, shift):
    """The highest bits of a product on which all of a family's id tell: its bit in ``maybe``, and from it its cell."""
    return (np.uint64(family) * _SPREAD) >> shift


@inlined
def _cell(keys, family, bit):
    """Where ``family`` stands in a table of open addressing, or the empty cell where it would.

    Cells are counted without a sign: numba looks whether a signed index is negative.
    """
    at = bit >> _S2
    while keys[at] != family and keys[at] >= 0:
        at = (at + _BIT) & np.uint64(keys.size - 1)
    return at


@kernel
def _older(identity, family, ids, school):
    """As :func:`sibling_schools`. Only families of younger children are noted; one pass over all finds the first children.

    A family goes by the id of its first child. Four bits for each cell, ``maybe``, say of most others at a glance that they
    are not there: of ten million families the table of keys is too large for the nearest caches, these bits are not. Those
    who may be there are gathered in ``hits`` without a branch that could be mispredicted.
    """
    later, n, out = np.empty(identity.size, np.int64), np.uint64(0), np.full(identity.size, np.int32(-1), np.int32)
    for h in range(identity.size):
        later[n] = h
        n += np.uint64(family[h] != identity[h])
    later, bits = later[: np.int64(n)], 5
    while 1 << bits <= 4 * later.size:
        bits += 1
    keys, found = np.full(1 << bits, np.int64(-1), np.int64), np.full(1 << bits, np.int32(-1), np.int32)
    maybe, shift = np.zeros(1 << bits - 4, np.uint64), np.uint64(64 - 2 - bits)
    for h in later:
        bit = _spread(family[h], shift)
        keys[_cell(keys, family[h], bit)] = family[h]
        maybe[bit >> _S6] |= _BIT << (bit & _LOW)
    hits, spread = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.uint64)
    for begin in range(0, ids.size, _BLOCK):
        block, there, n = ids[begin : begin + _BLOCK], school[begin : begin + _BLOCK], np.uint64(0)
        for i in range(block.size):
            spread[i] = _spread(block[i], shift)
        for i in range(block.size):
            hits[n] = i
            n += (maybe[spread[i] >> _S6] >> (spread[i] & _LOW)) & _BIT
        for i in hits[: np.int64(n)]:
            at = _cell(keys, block[i], spread[i])
            if keys[at] >= 0 and there[i] >= 0:
                found[at] = there[i]
    for h in later:
        out[h] = found[_cell(keys, family[h], _spread(family[h], shift))]
    return out


@kernel
def together(number, most):
    """(n,) int64 order of rows by ``number`` (n,) int64, 0 to most - 1, equals as they stood: a counting sort."""
    first = np.zeros(most + 1, np.int64)
    for i in range(number.size):
        first[number[i] + 1] += 1
    for k in range(most):
        first[k + 1] += first[k]
    order = np.empty(number.size, np.int64)
    for i in range(number.size):
        order[first[number[i]]] = i
        first[number[i]] += 1
    return order
