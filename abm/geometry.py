"""Distances, and schools in order of distance: functions of plain arrays."""

import numpy as np

from abm.compiled import inlined

LAST, NUMBER = np.int64(0x7FFFFFFFFFFFFFFF), np.int64(0x7FFFFFFF)  # no way; the number in a key of a way
REACH = 64  # nearest schools kept in order for each place; beyond these all schools are searched


def distances(place_x, place_y, school_x, school_y, torus_km: float = 0.0) -> np.ndarray:
    """(place, school) float32 km, straight; on a torus of side ``torus_km`` the shorter way round."""
    place_x, place_y = np.asarray(place_x)[:, None], np.asarray(place_y)[:, None]
    return between(place_x, place_y, np.asarray(school_x)[None, :], np.asarray(school_y)[None, :], torus_km)


def between(x, y, to_x, to_y, torus_km: float = 0.0) -> np.ndarray:
    """float32 km from points (x, y) to points (to_x, to_y), arrays that fit each other."""
    dx, dy = np.abs(x - to_x), np.abs(y - to_y)
    if torus_km > 0:
        dx, dy = np.minimum(dx, torus_km - dx), np.minimum(dy, torus_km - dy)
    return np.sqrt(dx * dx + dy * dy).astype(np.float32)


@inlined
def crow(x, y, to_x, to_y, torus_km):
    """As :func:`between` of two points, to the bit, in a kernel."""
    dx, dy = abs(x - to_x), abs(y - to_y)
    if torus_km > 0:
        dx, dy = min(dx, torus_km - dx), min(dy, torus_km - dy)
    return np.float32(np.sqrt(dx * dx + dy * dy))


@inlined
def sift(heap, key, at):
    """Put ``key`` in the place of the least one of a heap, or of the part of it below ``at``; it becomes a heap again."""
    child = 2 * at + 1
    while child < heap.size:
        other = min(child + 1, heap.size - 1)
        child = other if heap[other] < heap[child] else child
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at, child = child, 2 * child + 1
    heap[at] = key


def way_keys(km: np.ndarray, number: np.ndarray) -> np.ndarray:
    """int64 that order like (km, number); km float32 of 0 and more, number below 2^31. :func:`way_key` in a kernel."""
    return (km.view(np.int32).astype(np.int64) << 32) | number  # such floats are ordered like their bits


@inlined
def way_key(km, number):
    """As :func:`way_keys`, of one way in a kernel."""
    return (np.int64(np.float32(km).view(np.int32)) << 32) | np.int64(number)


def nearest_in_table(km: np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """(place, reach) int32 open schools by rising ``km`` (place, school) float32; ties: lower number first."""
    rows = np.flatnonzero(is_open)
    reach = min(REACH, rows.size)
    key = way_keys(km[:, rows], rows)
    if reach < rows.size:
        key = np.partition(key, reach - 1, axis=1)[:, :reach]
    return np.sort(key, axis=1).astype(np.int32, order="C")
