"""The counterfactual without choice: everybody at the nearest school with places."""

import numpy as np

from abm.city import City
from abm.compiled import inlined, kernel
from abm.geometry import LAST, NUMBER, sift, way_key, way_keys
from abm.households import Households
from abm.randomness import Key, draw
from abm.ways import way


def nearest_with_places(table: Households, town: City, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools when distance alone counts: the shortest ways are served first, within places.

    places: (school, grade). Families at one place go in a keyed order. -1 where no school has room.
    """
    if not town.nearest.shape[1]:
        return np.full(table.id.size, -1, np.int32)
    luck = (draw(Key(seed, "order"), table.id) * (1 << 40)).astype(np.int64)
    order = np.argsort((table.place.astype(np.int64) << 40) | luck)
    every = np.arange(town.place_area.size)
    first = np.searchsorted(table.place[order], np.arange(every.size + 1))
    heap = np.sort(way_keys(town.km(every, town.nearest[:, 0]), every))
    return _fill(order, first, table.grade, heap, town.nearest, town.ways, places.astype(np.int64))


@kernel
def _fill(order, first, grade, heap, nearest, ways, places):
    """(household,) int32 school. ``heap`` has each place's next way; so all ways in ``nearest`` come by rising km and place.

    Who has found none in ``nearest`` then takes the nearest of all schools with room, place after place.
    """
    found = np.full(order.size, np.int32(-1), np.int32)
    room, waiting = places.copy(), first[1:] - first[:-1]
    at = np.zeros(nearest.shape[0], np.int64)
    table, home, site, torus_km, felt, knee = ways
    while heap.size > 0 and heap[0] < LAST:
        p = heap[0] & NUMBER
        s = nearest[p, at[p]]
        if waiting[p] > 0:
            for i in range(first[p], first[p + 1]):
                h = order[i]
                if found[h] < 0 and room[s, grade[h]] > 0:
                    found[h] = s
                    room[s, grade[h]] -= 1
                    waiting[p] -= 1
        at[p] += 1
        key = LAST
        if waiting[p] > 0 and at[p] < nearest.shape[1]:
            key = way_key(way(table, home, site, torus_km, felt, knee, p, nearest[p, at[p]]), p)
        sift(heap, key)
    left, count = with_room(room)
    for p in range(first.size - 1):
        if waiting[p] == 0:
            continue
        for i in range(first[p], first[p + 1]):
            h = order[i]
            if found[h] < 0:
                d = grade[h]
                km, still = np.float32(np.inf), 0
                for k in range(count[d]):
                    s = left[d, k]
                    if room[s, d] > 0:
                        left[d, still] = s
                        still += 1
                        there = way(table, home, site, torus_km, felt, knee, p, s)
                        if there < km:
                            found[h], km = s, there
                count[d] = still
                if found[h] >= 0:
                    room[found[h], d] -= 1
    return found


@inlined
def with_room(room):
    """(grade, school) int64 schools with places left in each grade, lower number first, and (grade,) how many."""
    left, count = np.zeros((room.shape[1], room.shape[0]), np.int64), np.zeros(room.shape[1], np.int64)
    for s in range(room.shape[0]):
        for d in range(room.shape[1]):
            if room[s, d] > 0:
                left[d, count[d]] = s
                count[d] += 1
    return left, count
