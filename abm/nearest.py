"""The counterfactual without choice: everybody at the nearest school with places."""

import numpy as np

from abm.cells import in_cells, next_fit
from abm.city import City
from abm.compiled import kernel
from abm.geometry import LAST, NUMBER, sift, way_key
from abm.households import Households
from abm.randomness import Key, by_number, stream, uniform64
from abm.ways import way

_FINE = 2.0**40  # steps of the numbers that families of one place are served by


def nearest_with_places(table: Households, town: City, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools when distance alone counts: the shortest ways are served first, within places.

    places: (school, grade). Families at one place go in a keyed order. -1 where no school has room.
    """
    found, room = np.full(table.id.size, -1, np.int32), np.ascontiguousarray(places.T, np.int64)
    if not town.nearest.shape[1]:
        return found
    luck = stream(Key(seed, "order"))
    rest = _serve(table.place, table.grade, table.id, luck, town.nearest, town.ways, room, found)
    with_room = np.flatnonzero(room.any(axis=0)) if rest.size else rest
    if with_room.size:
        if town.network is None:
            schools = in_cells(town.ways.site[with_room], with_room, town.torus_km)
            _beyond(found, rest, table.place, table.grade, room, town.ways.home, *schools)
        else:
            _beyond_in_table(found, rest, table.place, table.grade, room, town.ways.table, with_room)
    return found


@kernel
def _serve(place, grade, identity, luck, nearest, ways, room, found):
    """Into ``found`` (household,) a school among the ``nearest`` of its place, if any has ``room`` (grade, school): it is used up.

    The rows of those left without, those of one place and grade together and in their order.
    """
    table, home, site, torus_km, felt, knee = ways
    places, grades = nearest.shape[0], room.shape[0]
    queue, first = _queues(place, grade, places, grades)
    served, waiting = first.copy(), np.empty(places, np.int64)  # up to where a queue is served; who waits at a place
    for p in range(places):
        waiting[p] = first[(p + 1) * grades] - first[p * grades]
    # Each place's next way, so that all ways come by rising km and place. The first is one of no length to nowhere.
    heap, at = np.arange(places), np.full(places, -1)
    while heap.size > 0 and heap[0] < LAST:
        p = heap[0] & NUMBER
        for d in range(grades if at[p] >= 0 else 0):
            s, q = nearest[p, at[p]], p * grades + d
            wait = first[q + 1] - served[q]
            taken = min(wait, room[d, s])
            if 0 < taken < wait and served[q] == first[q]:  # it matters who goes first, and all still wait
                _in_turn(queue[first[q] : first[q + 1]], identity, luck)
            for i in range(served[q], served[q] + taken):
                found[queue[i]] = s
            served[q] += taken
            waiting[p] -= taken
            room[d, s] -= taken
        at[p] += 1
        key = LAST
        if waiting[p] > 0 and at[p] < nearest.shape[1]:
            key = way_key(way(table, home, site, torus_km, felt, knee, np.int32(p), nearest[p, at[p]]), p)
        sift(heap, key)
    rest, count = np.empty(waiting.sum(), np.int32), 0
    for q in range(places * grades if rest.size else 0):
        if served[q] == first[q]:
            _in_turn(queue[first[q] : first[q + 1]], identity, luck)
        for i in range(served[q], first[q + 1]):
            rest[count] = queue[i]
            count += 1
    return rest


@kernel
def _queues(place, grade, places, grades):
    """(household,) int32 rows by place and grade; and (place x grade + 1,) int64 where each of these queues begins."""
    first = np.zeros(places * grades + 1, np.int64)
    for h in range(place.size):
        first[place[h] * grades + grade[h] + 1] += 1
    for q in range(places * grades):
        first[q + 1] += first[q]
    end, queue = first.copy(), np.empty(place.size, np.int32)
    for h in range(place.size):
        q = place[h] * grades + grade[h]
        queue[end[q]] = h
        end[q] += 1
    return queue, first


@kernel
def _in_turn(queue, identity, luck):
    """Put the rows of a ``queue`` in a keyed order; equals, one in 2^40, go as they stand."""
    numbers = np.empty(queue.size, np.uint64)
    for k in range(queue.size):
        drawn = np.uint64(uniform64(luck, identity[queue[k]]) * _FINE)
        numbers[k] = drawn << np.uint64(24) | np.uint64(k)
    queue[:] = queue[by_number(numbers)]


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
