"""Which schools the pupils of each small area and group attend, as their neighbours see it: a table with few empty cells.

Most areas send nobody to most schools. So each (area, group) has cells of its own for the schools attended there: a
power of two, more than twice as many as schools, found by open addressing (Knuth 1973, section 6.4), in an order of their
own (Amble and Knuth 1974). The work goes with the number of pupils, not with areas times schools.
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

    first: (
        np.ndarray
    )  # (area * group + 1,) int64: the cells of (area, group) are first[i]:first[i+1], i = area * groups + group
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
def _home(s):
    """uint32 from which the search for school ``s`` sets out."""
    return np.uint32(np.uint32(np.uint32(s) * _SPREAD) >> _S8)


@inlined
def _cell(first, cell_school, i, s):
    """Where school ``s`` stands among the cells of area and group ``i``, or the empty cell where it would."""
    mask = np.uint32(first[i + 1] - first[i] - 1)
    at = _home(s) & mask
    while cell_school[first[i] + at] != s and cell_school[first[i] + at] >= 0:
        at = np.uint32(at + np.uint32(1)) & mask
    return first[i] + at


@inlined
def heads_at(first, cell_school, heads, i, s):
    """float32 pupils of area and group ``i`` at school ``s``."""
    return heads[_cell(first, cell_school, i, s)]


@kernel
def _count(school, group, place, place_area, areas, groups):
    """The arrays of :class:`Nearby`. They are counted in cells that would do if no two pupils went to one school."""
    pupils = np.zeros(areas * groups, np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            pupils[place_area[place[h]] * groups + group[h]] += 1
    wide = _rooms(pupils)
    known, count = np.full(wide[-1], np.int32(-1), np.int32), np.zeros(wide[-1], np.int32)
    attended = np.zeros(areas * groups, np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            i = place_area[place[h]] * groups + group[h]
            at = _cell(wide, known, i, school[h])
            attended[i] += known[at] < 0
            known[at] = school[h]
            count[at] += 1
    first = _rooms(2 * attended)
    cells, heads = np.full(first[-1], np.int32(-1), np.int32), np.zeros(first[-1], np.float32)
    for i in range(attended.size):
        mask = first[i + 1] - first[i] - 1
        for k in range(wide[i], wide[i + 1]):
            s, n = known[k], np.float32(count[k])
            if s < 0:
                continue
            at = np.int64(_home(s)) & mask
            while cells[first[i] + at] >= 0:
                if (
                    cells[first[i] + at] > s
                ):  # the lower number stands first, so that the order of pupils leaves no trace
                    s, cells[first[i] + at] = cells[first[i] + at], s
                    n, heads[first[i] + at] = heads[first[i] + at], n
                at = (at + 1) & mask
            cells[first[i] + at], heads[first[i] + at] = s, n
    return first, cells, heads, pupils.astype(np.float32)


@kernel
def _rooms(most):
    """(unit + 1,) int64 where cells begin: as many as the smallest power of two above ``most`` (unit,)."""
    first = np.zeros(most.size + 1, np.int64)
    for i in range(most.size):
        room = 1
        while room <= most[i]:
            room *= 2
        first[i + 1] = first[i] + room
    return first


@kernel
def _most_attended(first, cell_school, heads, is_open, count):
    out = np.full((first.size - 1, count), np.int32(-1), np.int32)
    most = np.zeros(count, np.float32)
    for i in range(first.size - 1):
        most[:] = 0
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
