"""Which schools the pupils of each small area and group attend, as their neighbours see it: a table with few empty cells.

Most areas send nobody to most schools. So each (area, group) has cells of its own for the schools attended there: at
least one more than pupils, a power of two, found by open addressing. A school gives way to one of a lower number (Amble
and Knuth 1974), so that the order in which pupils are counted leaves no trace. The work goes with the number of pupils,
not with areas times schools.
"""

from typing import NamedTuple

import numpy as np

from abm.city import City
from abm.compiled import inlined, kernel
from abm.households import Households

_SPREAD = np.uint32(0x9E3779B9)
_S8 = np.uint32(8)


class Nearby(NamedTuple):
    """Pupils by small area, group and school."""

    first: np.ndarray  # (area * group + 1,) int64: the cells of i = area * groups + group are first[i]:first[i+1]
    school: np.ndarray  # (cell,) int32, -1: empty
    heads: np.ndarray  # (cell,) float32 pupils
    total: np.ndarray  # (area * group,) float32 pupils who attend any school


def nearby(table: Households, city: City, groups: int) -> Nearby:
    """Pupils of each group in each small area, by the school they attend."""
    return Nearby(*_count(table.school, table.group, table.place, city.place_area, len(city.area_names), groups))


def most_attended(cells: Nearby, is_open: np.ndarray, areas: int, count: int) -> np.ndarray:
    """(area, group, count) int32 open schools with most pupils (ties: lower number first), -1 past the last."""
    return _most_attended(cells.first, cells.school, cells.heads, is_open, count).reshape(
        areas, (cells.first.size - 1) // max(areas, 1), count
    )


@inlined
def heads_at(first, cell_school, heads, i, s):
    """float32 pupils of area and group ``i`` at school ``s``."""
    mask = np.uint32(first[i + 1] - first[i] - 1)
    at = np.uint32(s) & mask
    while np.uint32(cell_school[first[i] + at]) < np.uint32(s):  # an empty cell, -1, is the highest number
        at = np.uint32(at + np.uint32(1)) & mask
    return heads[first[i] + at] if cell_school[first[i] + at] == s else np.float32(0)


@kernel
def _count(school, group, place, place_area, areas, groups):
    """The arrays of :class:`Nearby`; of the cells of each (area, group) at least one stays empty."""
    pupils = np.zeros(areas * groups, np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            pupils[place_area[place[h]] * groups + group[h]] += 1
    first = np.zeros(areas * groups + 1, np.int64)
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
