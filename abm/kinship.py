"""Older siblings: which school a family knows already. And rows sorted by a small whole number, in linear time."""

import numpy as np

from abm.compiled import in_place, inlined, kernel
from abm.households import Households

_SPREAD, _ONE = np.uint64(0x9E3779B97F4A7C15), np.uint64(1)


def sibling_schools(everyone: Households, table: Households) -> np.ndarray:
    """(family,) int32 school of the older sibling of each child in ``table`` who is still in the stage, -1: none."""
    bits = max(8 * int(np.count_nonzero(table.family != table.id)), 1).bit_length()
    keys, found = np.full(1 << bits, -1, np.int64), np.full(1 << bits, -1, np.int32)
    out = np.full(table.id.size, -1, np.int32)
    with np.errstate(over="ignore"):
        _older(table.id, table.family, everyone.id, everyone.school, np.uint64(64 - bits), keys, found, out)
    return out


@inlined
def _home(family, shift):
    """Where ``family`` would stand in an empty table of open addressing: the highest bits, on which all of its id tell."""
    return (np.uint64(family) * _SPREAD) >> shift


@inlined
def _cell(keys, family, at):
    """Where ``family`` stands in the table from its home ``at`` on, or the empty cell where it would.

    Cells are counted without a sign: numba looks whether a signed index is negative, which costs as much as the search.
    """
    while keys[at] != family and keys[at] >= 0:
        at = (at + _ONE) & np.uint64(keys.size - 1)
    return at


@in_place
def _older(identity, family, ids, school, shift, keys, found, out):
    """Into ``out`` (child,). Only families with a younger child in the table are noted; one pass over all finds their older.

    A family goes by the id of its first child. Most pupils' home is an empty cell, which is looked at before all else.
    """
    for h in range(identity.size):
        if family[h] != identity[h]:
            keys[_cell(keys, family[h], _home(family[h], shift))] = family[h]
    for i in range(ids.size):
        at = _home(ids[i], shift)
        if keys[at] >= 0 and school[i] >= 0:
            at = _cell(keys, ids[i], at)
            if keys[at] >= 0:
                found[at] = school[i]
    for h in range(identity.size):
        if family[h] != identity[h]:
            out[h] = found[_cell(keys, family[h], _home(family[h], shift))]


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
