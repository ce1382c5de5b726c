"""Distances, schools in order of distance, and how a city is parted into catchments: functions of plain arrays."""

import numpy as np

from abm.compiled import kernel

REACH = 64  # nearest schools kept in order for each place; beyond these the whole row of distances is searched


def distances(place_x, place_y, school_x, school_y, torus_km: float = 0.0) -> np.ndarray:
    """(place, school) float32 km, straight; on a torus of side ``torus_km`` the shorter way round."""
    dx = np.abs(np.asarray(place_x)[:, None] - np.asarray(school_x)[None, :])
    dy = np.abs(np.asarray(place_y)[:, None] - np.asarray(school_y)[None, :])
    if torus_km > 0:
        dx, dy = np.minimum(dx, torus_km - dx), np.minimum(dy, torus_km - dy)
    return np.sqrt(dx * dx + dy * dy).astype(np.float32)


def nearest_schools(distance: np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """(place, reach) int32 open schools by rising distance (ties: lower number first), -1 past the last."""
    rows = np.flatnonzero(is_open)
    reach = min(REACH, rows.size)
    near = distance[:, rows]
    if reach < rows.size:
        part = np.sort(np.argpartition(near, reach - 1, axis=1)[:, :reach], axis=1)
    else:
        part = np.broadcast_to(np.arange(rows.size), near.shape)
    order = np.argsort(np.take_along_axis(near, part, 1), axis=1, kind="stable")
    return rows[np.take_along_axis(part, order, 1)].astype(np.int32)


def compact_zones(x: np.ndarray, y: np.ndarray, count: int) -> np.ndarray:
    """(place,) int32 zones: places grouped round ``count`` centres (Lloyd's k-means, started from far-apart places)."""
    points = np.stack([x, y], axis=1)
    centres = points[:1]
    gap = np.hypot(*(points - centres[0]).T)
    while len(centres) < min(count, len(points)):
        centres = np.vstack([centres, points[gap.argmax()]])
        gap = np.minimum(gap, np.hypot(*(points - centres[-1]).T))
    zone = np.zeros(len(points), np.int32)
    for _ in range(30):
        zone = distances(x, y, centres[:, 0], centres[:, 1]).argmin(axis=1).astype(np.int32)
        size = np.maximum(np.bincount(zone, minlength=len(centres)), 1)[:, None]
        centres = np.stack([np.bincount(zone, axis, len(centres)) for axis in (x, y)], axis=1) / size
    return zone


def share_out(distance: np.ndarray, weight: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(place,) column of ``distance`` (place, school) km that each place falls to: short ways first, none beyond its share.

    weight (place,): entrants to expect there; places (school,). A capacitated Voronoi partition (assumption: real
    catchments are drawn so that residents fit).
    """
    capacity = places * (weight.sum() / max(places.sum(), 1)) * 1.02 + weight.max(initial=0.0)
    order = np.argsort(distance, axis=None, kind="stable")
    taken = _share_out(order, distance.shape[1], weight, capacity)
    return np.where(taken >= 0, taken, distance.argmin(axis=1))


@kernel
def _share_out(order, n_schools, weight, capacity):
    """(place,) column of the school that each place falls to, -1 if all are full; ``order`` runs over (place, school)."""
    taken = np.full(weight.size, -1, np.int64)
    room = capacity.copy()
    for pair in order:
        h, s = pair // n_schools, pair % n_schools
        if taken[h] < 0 and room[s] >= weight[h]:
            taken[h] = s
            room[s] -= weight[h]
    return taken
