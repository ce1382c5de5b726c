"""Older siblings: which school a family knows already. And rows sorted by a small whole number, in linear time."""

import numpy as np

from abm.compiled import in_place, inlined, kernel
from abm.households import Households, sibling_gap

_SPREAD, _S32, _BIT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32), np.uint64(1)


def sibling_schools(everyone: Households, table: Households) -> np.ndarray:
    """(family,) int32 school of the older sibling of each child in ``table`` who is still in the stage, -1: none."""
    room = 1 << max(2 * int(np.count_nonzero(table.family != table.id)), 8).bit_length()
    keys, found = np.full(room, -1, np.int64), np.full(room, -1, np.int32)
    out = np.full(table.id.size, -1, np.int32)
    with np.errstate(over="ignore"):
        _older(table.id, table.family, everyone.id, everyone.school, keys, found, np.zeros(room >> 4, np.uint64), out)
    return out


@inlined
def _spread(family):
    """A number of 32 bits from a family's id."""
    return np.int64((np.uint64(family) * _SPREAD) >> _S32)


@inlined
def _cell(keys, family):
    """Where ``family`` stands in a table of open addressing, or the empty cell where it would."""
    mask = np.int64(keys.size - 1)
    at = _spread(family) & mask
    while keys[at] != family and keys[at] >= 0:
        at = (at + 1) & mask
    return at


@in_place
def _older(identity, family, ids, school, keys, found, maybe, out):
    """Into ``out`` (child,). Only families with a younger child in the table are noted; one pass over all finds their older.

    Four bits for each cell, ``maybe``, say of most others at a glance that they are not there: of ten million families
    the table of keys is too large for the nearest caches, these bits are not.
    """
    mask = np.int64(maybe.size * 64 - 1)
    for h in range(identity.size):
        if family[h] != identity[h]:
            keys[_cell(keys, family[h])] = family[h]
            bit = _spread(family[h]) & mask
            maybe[bit >> 6] |= _BIT << np.uint64(bit & 63)
    for i in range(ids.size):
        bit = _spread(ids[i]) & mask
        told = np.int64((maybe[bit >> 6] >> np.uint64(bit & 63)) & _BIT)
        if told & (sibling_gap(ids[i]) == 0) & (school[i] >= 0):  # one branch, seldom taken
            at = _cell(keys, ids[i])
            if keys[at] >= 0:
                found[at] = school[i]
    for h in range(identity.size):
        if family[h] != identity[h]:
            out[h] = found[_cell(keys, family[h])]


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
