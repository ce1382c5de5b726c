"""Which schools the pupils of each small area and group attend, as their neighbours see it.

In a small city a table has a cell for each (area, group) and school. Most areas send nobody to most schools, so in a large
one each (area, group) has cells of its own for the schools attended there: at least one more than pupils, a power of two,
found by open addressing. A school gives way to one of a lower number (Amble and Knuth 1974), so that the order in which
pupils are counted leaves no trace. The work there goes with the number of pupils, not with areas times schools.
"""

from typing import NamedTuple

import numpy as np

from abm.city import City
from abm.compiled import inlined, kernel
from abm.households import Households

MOST_CELLS = 1_000_000  # of the table of all schools: beyond, counting takes longer than in the sparse one


class Nearby(NamedTuple):
    """Pupils by small area, group and school."""

    table: np.ndarray  # (area * group, school) float32 pupils; (0, 0): in cells
    first: np.ndarray  # (area * group + 1,) int64: the cells of i = area * groups + group are first[i]:first[i+1]
    school: np.ndarray  # (cell,) int32, -1: empty
    heads: np.ndarray  # (cell,) float32 pupils
    total: np.ndarray  # (area * group,) float32 pupils who attend any school


def nearby(table: Households, city: City, groups: int, schools: int, most: int | None = None) -> Nearby:
    """Pupils of each group in each small area, by the school they attend: in a table if that has few cells, or sparse."""
    crowds = len(city.area_names) * groups
    columns = table.school, table.group, table.place, city.place_area
    if crowds * schools > (MOST_CELLS if most is None else most):
        return Nearby(np.empty((0, 0), np.float32), *_count(*columns, crowds, groups))
    heads, total = _tabulate(*columns, crowds, groups, schools)
    return Nearby(heads, np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), total)


def most_attended(cells: Nearby, is_open: np.ndarray, areas: int, count: int) -> np.ndarray:
    """(area, group, count) int32 open schools with most pupils (ties: lower number first), -1 past the last."""
    if cells.table.shape[0]:
        found = _highest(cells.table, is_open, count)
    else:
        found = _most_attended(cells.first, cells.school, cells.heads, is_open, count)
    return found.reshape(areas, cells.total.size // max(areas, 1), count)


@inlined
def heads_at(first, cell_school, heads, i, s):
    """float32 pupils of area and group ``i`` at school ``s``."""
    mask = np.uint32(first[i + 1] - first[i] - 1)
    at = np.uint32(s) & mask
    while np.uint32(cell_school[first[i] + at]) < np.uint32(s):  # an empty cell, -1, is the highest number
        at = np.uint32(at + np.uint32(1)) & mask
    return heads[first[i] + at] if cell_school[first[i] + at] == s else np.float32(0)


@kernel
def _tabulate(school, group, place, place_area, crowds, groups, schools):
    """The table of :class:`Nearby`, and its rows' sums.

    Neighbours stand together, and a sum in memory waits for the one before: so two far apart are counted at a time.
    """
    heads, total, other = (
        np.zeros((crowds, schools), np.float32),
        np.zeros(crowds, np.float32),
        np.zeros(crowds, np.float32),
    )
    half = np.uint64(school.size // 2)
    for h in range(half):
        _seat(np.uint64(h), school, group, place, place_area, groups, heads, total)
        _seat(np.uint64(h) + half, school, group, place, place_area, groups, heads, other)
    if school.size % 2:
        _seat(half + half, school, group, place, place_area, groups, heads, other)
    for i in range(crowds):
        total[i] += other[i]
    return heads, total


@inlined
def _seat(h, school, group, place, place_area, groups, heads, total):
    """Count pupil ``h``, if it has a school."""
    if school[h] >= 0:
        i = np.uint64(place_area[np.uint64(place[h])] * groups + group[h])
        heads[i, np.uint64(school[h])] += np.float32(1)
        total[i] += np.float32(1)


@kernel
def _count(school, group, place, place_area, crowds, groups):
    """The cells of :class:`Nearby`, and pupils in each (area, group); of its cells at least one stays empty."""
    pupils = np.zeros(crowds, np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            pupils[place_area[place[h]] * groups + group[h]] += 1
    first = np.zeros(crowds + 1, np.int64)
    for i in range(pupils.size):
        room = 1
        while room <= pupils[i]:
            room *= 2
        first[i + 1] = first[i] + room
    cells, heads = np.empty(first[-1], np.int32), np.empty(first[-1], np.float32)
    for cell in range(first[-1]):
        cells[cell], heads[cell] = -1, 0
    for h in range(school.size):
        s = school[h]
        if s >= 0:
            i = place_area[place[h]] * groups + group[h]
            mask, pupils_there = np.uint32(first[i + 1] - first[i] - 1), np.float32(1)
            at = np.uint32(s) & mask
            while cells[first[i] + at] != s and cells[first[i] + at] >= 0:
                if cells[first[i] + at] > s:
                    s, cells[first[i] + at] = cells[first[i] + at], s
                    pupils_there, heads[first[i] + at] = heads[first[i] + at], pupils_there
                at = np.uint32(at + np.uint32(1)) & mask
            cells[first[i] + at] = s
            heads[first[i] + at] += pupils_there
    total = np.empty(pupils.size, np.float32)
    for i in range(pupils.size):
        total[i] = pupils[i]
    return first, cells, heads, total


@kernel
def _most_attended(first, cell_school, heads, is_open, count):
    out, most = np.empty((first.size - 1, count), np.int32), np.empty(count, np.float32)
    for i in range(first.size - 1):
        for k in range(count):
            out[i, k], most[k] = -1, 0
        for cell in range(first[i], first[i + 1]):
            s, n = cell_school[cell], heads[cell]
            if s < 0 or not is_open[s]:
                continue
            k = count
            while k > 0 and (n > most[k - 1] or (n == most[k - 1] and s < out[i, k - 1])):
                if k < count:
                    most[k], out[i, k] = most[k - 1], out[i, k - 1]
                k -= 1
            if k < count:
                most[k], out[i, k] = n, s
    return out


@kernel
def _highest(table, is_open, count):
    """As :func:`_most_attended`, of the table of all schools, one rank after another: loops without branches, in vectors."""
    out = np.full((table.shape[0], count), np.int32(-1), np.int32)
    for i in range(table.shape[0]):
        most, at = np.int32(2**31 - 1), np.int32(-1)
        for k in range(count):
            next_most, next_at = np.int32(0), np.int32(2**31 - 1)
            for s in range(table.shape[1]):
                n = np.int32(table[i, s])
                after = is_open[s] & ((n < most) | ((n == most) & (np.int32(s) > at)))
                next_most = max(next_most, n if after else np.int32(0))
            if next_most == 0:
                break
            least = at if next_most == most else np.int32(-1)
            for s in range(table.shape[1]):
                found = (np.int32(table[i, s]) == next_most) & is_open[s] & (np.int32(s) > least)
                next_at = min(next_at, np.int32(s) if found else np.int32(2**31 - 1))
            most, at = next_most, next_at
            out[i, k] = at
    return out
