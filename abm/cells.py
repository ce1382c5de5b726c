"""Points sorted into square cells, so that the nearest ones are found by looking at few.

Cells round a point are visited ring by ring; a search ends when all points further out must be farther than those found.
Ties go to the lower number, as if all points had been looked at.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined, kernel
from abm.geometry import LAST, NUMBER, crow, way_key

_FULL = 3  # points of a cell, on average
_CHUNK = 4096  # places whose candidates are sorted together
_SAFE = 1 - 1e-6  # float32 distances are rounded: rings count as so much nearer


class Cells(NamedTuple):
    """Points by cell, as kernels take them. ``frame`` is origin x, origin y, side of a cell x and y, side of a torus or 0, km."""

    point: np.ndarray  # (point, 2) float64 km, cell by cell
    number: np.ndarray  # (point,) int32 which point it is
    first: np.ndarray  # (cell + 1,) int32, points of cell c are first[c]:first[c + 1]
    shape: tuple[int, int]  # cells along y, along x
    frame: np.ndarray  # (5,) float64


def in_cells(points: np.ndarray, number: np.ndarray, torus_km: float = 0.0) -> Cells:
    """Cells of ``points`` (n, 2) km, at least one; ``number`` (n,) rising is what searches call them."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.maximum(high - low, max(np.ptp(points, axis=0).max() * 1e-3, 1e-9))
    if torus_km > 0:
        extent = np.full(2, torus_km)
    side = np.sqrt(extent.prod() * _FULL / len(points))
    lines, columns = (min(max(1, int(n)), len(points)) for n in np.ceil(extent / side)[::-1])
    step = extent / (columns, lines)
    at = np.floor((points - low) / step).astype(np.int64)
    last = np.array([columns, lines])
    at = at % last if torus_km > 0 else np.minimum(at, last - 1)
    cell = at[:, 1] * columns + at[:, 0]
    order = np.argsort(cell, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=lines * columns))]).astype(np.int32)
    frame = np.array([*low, *step, torus_km], float)
    return Cells(points[order].astype(float), number[order].astype(np.int32), first, (lines, columns), frame)


def nearest_points(places: np.ndarray, cells: Cells, reach: int) -> np.ndarray:
    """(place, reach) int32 numbers of the points nearest to each of ``places`` (place, 2) km, nearest first.

    Places in one cell are neighbours: a point that is among the nearest of one is near to their middle, and what lies
    near there is looked up once for all of them.
    """
    places = np.ascontiguousarray(places, float)
    out = np.empty((len(places), reach), np.int32)
    cell = _cells_of(places, cells.shape, cells.frame)
    order = np.argsort(cell, kind="stable")
    group = np.flatnonzero(np.diff(cell[order], prepend=-1))
    first = np.append(group, order.size)
    candidates, start = _near_groups(places, order, first, *cells, np.int64(reach))
    chunk = np.searchsorted(first, np.arange(0, order.size, _CHUNK))  # whole groups, of about so many places together
    for g, end in zip(chunk, np.append(chunk[1:], group.size), strict=True):
        if g < end:
            width = (start[g + 1 : end + 1] - start[g:end]).max()
            keys = _keys(
                places, order, first, candidates, start, cells.point, cells.number, cells.frame[4], g, end, width
            )
            keys.sort(axis=1)
            out[order[first[g] : first[end]]] = keys[:, :reach].astype(np.int32)  # the lower half is the number
    return out


def nearest_point(places: np.ndarray, cells: Cells) -> np.ndarray:
    """(place,) int32 number of the point nearest to each of ``places`` (place, 2) km."""
    return nearest_points(places, cells, 1)[:, 0]


@inlined
def cell_of(x, y, shape, frame):
    """(line, column) of the cell in which a point lies, or of the nearest one."""
    line, column = np.int64(np.floor((y - frame[1]) / frame[3])), np.int64(np.floor((x - frame[0]) / frame[2]))
    if frame[4] > 0:
        return line % shape[0], column % shape[1]
    return min(max(line, 0), shape[0] - 1), min(max(column, 0), shape[1] - 1)


@inlined
def bounds(at, count, torus_km):
    """(lowest, highest) step from line or column ``at``: to the edge, or on a torus half way round."""
    if torus_km > 0:
        return -((count - 1) // 2), count // 2
    return -at, count - 1 - at


@inlined
def on_ring(ring, i):
    """(line, column) step to the i-th of the cells in a ring: 1 cell in ring 0, else 8 ``ring``."""
    if ring == 0:
        return 0, 0
    side, j = i // (2 * ring), i % (2 * ring)
    if side == 0:
        return -ring, j - ring
    if side == 1:
        return j - ring, ring
    if side == 2:
        return ring, ring - j
    return ring - j, -ring


@inlined
def ring_cell(line, column, ring, i, steps, shape):
    """Number of the i-th of the cells in a ring round (line, column), -1 if none is there; ``steps``: as :func:`around`."""
    down, right = on_ring(ring, i)
    if down < steps[0] or down > steps[1] or right < steps[2] or right > steps[3]:
        return np.int64(-1)
    return (line + down) % shape[0] * shape[1] + (column + right) % shape[1]


@inlined
def around(line, column, shape, torus_km):
    """Lowest and highest step from ``line``, then from ``column``; and the number of rings that hold all cells."""
    north, south = bounds(line, shape[0], torus_km)
    west, east = bounds(column, shape[1], torus_km)
    return (north, south, west, east), max(-north, south, -west, east) + 1


@kernel
def _cells_of(places, shape, frame):
    """(place,) int64 cell of each place."""
    out = np.empty(places.shape[0], np.int64)
    for p in range(places.shape[0]):
        line, column = cell_of(places[p, 0], places[p, 1], shape, frame)
        out[p] = line * shape[1] + column
    return out


@kernel
def _near_groups(places, order, groups, point, number, first, shape, frame, reach):
    """Points among the ``reach`` nearest of any place of each group (``order`` from groups[g] to groups[g + 1]), and others.

    (candidate,) int32 rows of ``point``, those of group g from the g-th to the next of (group + 1,) int64 starts. A place
    within r of the group's middle has its nearest within 2 r more than the middle has.
    """
    found, start = np.empty(max(64, 4 * reach), np.int32), np.zeros(groups.size, np.int64)
    kept = np.empty(reach, np.float32)
    for g in range(groups.size - 1):
        x, y, size = 0.0, 0.0, groups[g + 1] - groups[g]
        for i in range(groups[g], groups[g + 1]):
            x += places[order[i], 0] / size
            y += places[order[i], 1] / size
        radius = np.float32(0)
        for i in range(groups[g], groups[g + 1]):
            radius = max(radius, crow(places[order[i], 0], places[order[i], 1], x, y, frame[4]))
        n = start[g]
        for k in range(reach):
            kept[k] = np.inf
        line, column = cell_of(x, y, shape, frame)
        steps, rings = around(line, column, shape, frame[4])
        for ring in range(rings):
            if (kept[reach - 1] + 2.0 * radius) < (ring - 1) * min(frame[2], frame[3]) * _SAFE:
                break
            for i in range(max(8 * ring, 1)):
                cell = ring_cell(line, column, ring, i, steps, shape)
                if cell < 0:
                    continue
                for k in range(first[cell], first[cell + 1]):
                    km = crow(x, y, point[k, 0], point[k, 1], frame[4])
                    if km * _SAFE > kept[reach - 1] + 2.0 * radius:
                        continue
                    if n == found.size:
                        longer = np.empty(2 * n, np.int32)
                        for j in range(n):
                            longer[j] = found[j]
                        found = longer
                    found[n] = k
                    n += 1
                    at = reach - 1
                    if km < kept[at]:
                        while at > 0 and kept[at - 1] > km:
                            kept[at] = kept[at - 1]
                            at -= 1
                        kept[at] = km
        start[g + 1] = n
    return found, start


@kernel
def _keys(places, order, groups, candidates, start, point, number, torus_km, g, end, width):
    """(place, width) int64 keys of the ways to the candidates, for the places of groups ``g`` to ``end``."""
    out = np.full((groups[end] - groups[g], width), LAST, np.int64)
    for c in range(g, end):
        for i in range(groups[c], groups[c + 1]):
            x, y, row = places[order[i], 0], places[order[i], 1], i - groups[g]
            for k in range(start[c], start[c + 1]):
                to = candidates[k]
                out[row, k - start[c]] = way_key(crow(x, y, point[to, 0], point[to, 1], torus_km), number[to])
    return out


@inlined
def next_fit(x, y, after, room, need, zone, own, point, number, first, shape, frame):
    """int64 bits of km and number of the nearest point with ``room`` for ``need``, in zone ``own`` unless that is -1.

    Only points behind ``after``, such an integer, count; the largest integer if there is none.
    """
    best = LAST
    line, column = cell_of(x, y, shape, frame)
    steps, rings = around(line, column, shape, frame[4])
    for ring in range(rings):
        if best < LAST:
            nearest = np.int32(best >> 32).view(np.float32)
            if nearest < (ring - 1) * min(frame[2], frame[3]) * _SAFE:
                break
        for i in range(max(8 * ring, 1)):
            cell = ring_cell(line, column, ring, i, steps, shape)
            if cell < 0:
                continue
            for k in range(first[cell], first[cell + 1]):
                s = number[k]
                if room[s] >= need and (own < 0 or zone[s] == own):
                    km = crow(x, y, point[k, 0], point[k, 1], frame[4])
                    key = way_key(km, s)
                    if after < key < best:
                        best = key
    return best


@kernel
def fitting(places, room, need, zone, own, point, number, first, shape, frame):
    """(place,) int32 nearest point with ``room`` (point,) for ``need``, in zone ``own`` (place,) unless that is -1; -1: none."""
    out = np.full(places.shape[0], np.int32(-1), np.int32)
    for p in range(places.shape[0]):
        x, y = places[p, 0], places[p, 1]
        key = next_fit(x, y, np.int64(-1), room, need, zone, own[p], point, number, first, shape, frame)
        if key < LAST:
            out[p] = np.int32(key & NUMBER)
    return out
