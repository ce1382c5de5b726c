"""The counterfactual without choice: everybody at the nearest school with places."""

import numpy as np

from abm.cells import in_cells, next_fit
from abm.city import City
from abm.compiled import in_place, kernel
from abm.geometry import LAST, NUMBER, sift, way_key, way_keys
from abm.households import Households
from abm.randomness import Key, by_number, stream, uniform64
from abm.ways import way

_FEW = 64  # families of one place up to which ranking by counting beats sorting
_FINE = 2.0**40  # steps of the numbers that families of one place are served by


def nearest_with_places(table: Households, town: City, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools when distance alone counts: the shortest ways are served first, within places.

    places: (school, grade). Families at one place go in a keyed order. -1 where no school has room.
    """
    if not town.nearest.shape[1]:
        return np.full(table.id.size, -1, np.int32)
    every = np.arange(town.place_area.size)
    order, first = _queues(table.place, table.id, stream(Key(seed, "order")), every.size)
    heap = np.sort(way_keys(town.km(every, town.nearest[:, 0]), every))
    room = np.ascontiguousarray(places.T, np.int64)
    found, at = np.full(order.size, -1, np.int32), np.zeros(every.size, np.int64)
    _fill(order, first, table.grade, heap, town.nearest, town.ways, room, np.diff(first), at, found)
    rest = order[found[order] < 0]
    with_room = np.flatnonzero(room.any(axis=0))
    if rest.size and with_room.size:
        if town.network is None:
            schools = in_cells(town.ways.site[with_room], with_room, town.torus_km)
            _beyond(found, rest, table.place, table.grade, room, town.ways.home, *schools)
        else:
            _beyond_in_table(found, rest, table.place, table.grade, room, town.ways.table, with_room)
    return found


@kernel
def _queues(place, identity, luck, places):
    """(household,) int32 rows by place, those of one place in a keyed order; and (place + 1,) int64 where each place begins."""
    first = np.zeros(places + 1, np.int64)
    for h in range(place.size):
        first[place[h] + 1] += 1
    most = 0
    for p in range(places):
        most = max(most, first[p + 1])
        first[p + 1] += first[p]
    end, order = first.copy(), np.empty(place.size, np.int32)
    for h in range(place.size):
        order[end[place[h]]] = h
        end[place[h]] += 1
    numbers, rows = np.empty(most, np.uint64), np.empty(most, np.int32)
    for p in range(places):
        n = first[p + 1] - first[p]
        for k in range(n):
            rows[k] = order[first[p] + k]
            drawn = np.uint64(uniform64(luck, identity[rows[k]]) * _FINE)
            numbers[k] = drawn << np.uint64(24) | np.uint64(k)  # equals go as their rows do
        if n > _FEW:
            turn = by_number(numbers[:n])
            for k in range(n):
                order[first[p] + k] = rows[turn[k]]
            continue
        for k in range(n):
            before = 0
            for other in range(n):  # no branch: these comparisons are vector instructions
                before += np.int64(numbers[other] < numbers[k])
            order[first[p] + before] = rows[k]
    return order, first


@in_place
def _fill(order, first, grade, heap, nearest, ways, room, waiting, at, found):
    """Into ``found`` (household,) a school among the ``nearest`` of its place, if any has ``room`` (grade, school): it is used up.

    ``heap`` has each place's next way, so that all ways come by rising km and place; ``waiting`` and ``at`` (place,) are
    how many wait there, and for which of its nearest.
    """
    table, home, site, torus_km, felt, knee = ways
    while heap.size > 0 and heap[0] < LAST:
        p = heap[0] & NUMBER
        s = nearest[p, at[p]]
        if waiting[p] > 0:
            for i in range(first[p], first[p + 1]):
                h = order[i]
                if found[h] < 0 and room[grade[h], s] > 0:
                    found[h] = s
                    room[grade[h], s] -= 1
                    waiting[p] -= 1
        at[p] += 1
        key = LAST
        if waiting[p] > 0 and at[p] < nearest.shape[1]:
            key = way_key(way(table, home, site, torus_km, felt, knee, np.int32(p), nearest[p, at[p]]), p)
        sift(heap, key)


@kernel
def _beyond(found, rest, place, grade, room, home, point, number, first, shape, frame):
    """Households ``rest``, one after another, take the nearest of all schools with ``room``, into ``found``."""
    left, anywhere = room.sum(axis=1), np.empty(0, np.int32)
    for h in rest:
        p, d = place[h], grade[h]
        if left[d] > 0:
            x, y = home[p, 0], home[p, 1]
            key = next_fit(
                x, y, np.int64(-1), room[d], np.int64(1), anywhere, np.int32(-1), point, number, first, shape, frame
            )
            found[h] = np.int32(key & NUMBER)
            room[d, found[h]] -= 1
            left[d] -= 1


@kernel
def _beyond_in_table(found, rest, place, grade, room, table, schools):
    """As :func:`_beyond` where ways are in a table; ``schools`` are those with room."""
    for h in rest:
        km = np.float32(np.inf)
        for s in schools:
            if room[grade[h], s] > 0 and table[place[h], s] < km:
                found[h], km = s, table[place[h], s]
        if found[h] >= 0:
            room[grade[h], found[h]] -= 1
