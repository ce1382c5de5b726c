"""How a city is parted: into compact zones, and into catchments of one school each."""

import numpy as np

from abm.cells import Cells, in_cells, nearest_point, next_fit
from abm.compiled import kernel
from abm.geometry import LAST, NUMBER, between, sift, way_keys


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
        zone = nearest_point(points, in_cells(centres, np.arange(len(centres))))
        size = np.maximum(np.bincount(zone, minlength=len(centres)), 1)[:, None]
        centres = np.stack([np.bincount(zone, axis, len(centres)) for axis in (x, y)], axis=1) / size
    return zone


def share_out(home: np.ndarray, schools: Cells, weight: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(place,) int32 school that each place falls to: short ways first, none beyond its share; the nearest if all are full.

    home (place, 2) km; weight (place,): entrants to expect there; places (school,), 0 for schools not in ``schools``. A
    capacitated Voronoi partition (assumption: real catchments are drawn so that residents fit).
    """
    open_to = np.sort(schools.number)
    share = weight.sum() / max(places[open_to].sum(), 1)
    capacity = np.full(places.size, -np.inf)
    capacity[open_to] = places[open_to] * share * 1.02 + weight.max(initial=0.0)
    nearest = nearest_point(home, schools)
    site = np.empty((places.size, 2))
    site[schools.number] = schools.point
    km = between(*home.T, *site[nearest].T, schools.frame[4])
    heap = np.sort(way_keys(km, np.arange(km.size)))
    taken = _share_out(home, way_keys(km, nearest), heap, weight, capacity, *schools)
    return np.where(taken >= 0, taken, nearest)


@kernel
def _share_out(home, ahead, heap, weight, capacity, point, number, first, shape, frame):
    """(place,) int32 school, -1 if all are full. ``heap`` has the next way of each place, ``ahead`` (place,) to which school.

    So all ways come by rising km and place. A school too full for a place stays so: what the place has next is its nearest
    school with room, found when asked.
    """
    taken = np.full(weight.size, np.int32(-1), np.int32)
    room, anywhere = capacity.copy(), np.empty(0, np.int32)
    while heap.size > 0 and heap[0] < LAST:
        p = heap[0] & NUMBER
        s = ahead[p] & NUMBER
        key = LAST
        if room[s] >= weight[p]:
            taken[p] = s
            room[s] -= weight[p]
        else:
            x, y, need = home[p, 0], home[p, 1], weight[p]
            ahead[p] = next_fit(x, y, ahead[p], room, need, anywhere, np.int32(-1), point, number, first, shape, frame)
            if ahead[p] < LAST:
                key = (ahead[p] & ~NUMBER) | p
        sift(heap, key, 0)
    return taken
