"""The counterfactual without choice: everybody at the nearest school with places."""

import numpy as np

from abm.cells import in_cells, next_fit
from abm.city import City
from abm.compiled import kernel
from abm.geometry import LAST, NUMBER, sift, way_key
from abm.households import Households
from abm.randomness import Key, stream, uniform64
from abm.sorting import by_number
from abm.ways import way

_NOWHERE, _DIVIDED = -1, -2  # where a queue goes that goes to no school, or not to one
_FEW = 32  # rows of a queue up to which putting each in its place beats dealing them by number
_FINE = 2.0**40  # steps of the numbers that families of one place are served by


def nearest_with_places(table: Households, town: City, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools when distance alone counts: the shortest ways are served first, within places.

    places: (school, grade). Families at one place go in a keyed order. -1 where no school has room.
    """
    if not town.nearest.shape[1]:
        return np.full(table.id.size, -1, np.int32)
    found, room = np.empty(table.id.size, np.int32), np.array(places.T, np.int64, order="C")
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

    The rows of those left without, by place and grade and in their order. Who waits at a place for a grade is a queue; heads
    alone say where most queues go, each as a whole. Only in one that is divided does it matter who goes first.
    """
    table, home, site, torus_km, felt, knee = ways
    places, grades = nearest.shape[0], room.shape[0]
    waiting, at = np.zeros((places, grades), np.int64), np.zeros(places, np.int64)
    for h in range(place.size):
        waiting[np.uint32(place[h]), np.uint32(grade[h])] += 1
    goes = np.full((places, grades), _NOWHERE, np.int32)
    parts, count = np.empty((2 * room.size + waiting.size, 3), np.int64), 0  # queue, school and heads of each, in turn
    heap = np.empty(places, np.int64)  # each place's next way, so that all ways come by rising km and place
    for p in range(places):
        heap[p] = way_key(way(table, home, site, torus_km, felt, knee, np.int32(p), nearest[p, 0]), p)
    for i in range(places // 2 - 1, -1, -1):
        sift(heap, heap[i], i)
    while heap.size > 0 and heap[0] < LAST:
        p = heap[0] & NUMBER
        s, left = nearest[p, at[p]], 0
        for d in range(grades):
            wait = waiting[p, d]
            taken = min(wait, room[d, s])
            left += wait - taken
            if taken > 0:
                room[d, s] -= taken
                waiting[p, d] -= taken
                if taken == wait and goes[p, d] == _NOWHERE:
                    goes[p, d] = s
                else:
                    goes[p, d] = _DIVIDED
                    parts[count, 0], parts[count, 1], parts[count, 2] = p * grades + d, s, taken
                    count += 1
        at[p] += 1
        key = LAST
        if left > 0 and at[p] < nearest.shape[1]:
            key = way_key(way(table, home, site, torus_km, felt, knee, np.int32(p), nearest[p, at[p]]), p)
        sift(heap, key, 0)
    for q in range(waiting.size):
        p, d = q // grades, q % grades
        if waiting[p, d] > 0:
            goes[p, d] = _DIVIDED
            parts[count, 0], parts[count, 1], parts[count, 2] = q, _NOWHERE, waiting[p, d]
            count += 1
    return _follow(place, grade, identity, luck, goes, parts[:count], found)


@kernel
def _follow(place, grade, identity, luck, goes, parts, found):
    """Into ``found`` (household,) where its queue ``goes`` (place, grade), or its part of one; the rows of those left without.

    parts (part, 3): queue, school and heads, those of one queue in the order in which they go.
    """
    begin = np.zeros(goes.size + 1, np.int64)
    for i in range(len(parts)):
        begin[parts[i, 0] + 1] += parts[i, 2]
    for q in range(goes.size):
        begin[q + 1] += begin[q]
    rows, end = np.empty(begin[-1], np.int32), begin.copy()
    for h in range(place.size):
        p, d = np.uint32(place[h]), np.uint32(grade[h])
        found[h] = goes[p, d]
        if found[h] == _DIVIDED:
            q = p * goes.shape[1] + d
            rows[end[q]] = h
            end[q] += 1
    numbers, rest, left = np.empty(rows.size, np.uint64), np.empty(rows.size, np.int32), 0
    for i in range(rows.size):
        drawn = np.uint64(uniform64(luck, identity[rows[i]]) * _FINE)
        numbers[i] = drawn << np.uint64(24) | np.uint64(i)  # equals, one in 2^40, go as they stand
    for i in range(len(parts)):
        q, s = parts[i, 0], parts[i, 1]
        if end[q] == begin[q + 1]:  # the first part of it
            end[q] = begin[q]
            _in_turn(rows[begin[q] : begin[q + 1]], numbers[begin[q] : begin[q + 1]])
        for k in range(end[q], end[q] + parts[i, 2]):
            found[rows[k]] = s
            rest[left] = rows[k]
            left += s == _NOWHERE
        end[q] += parts[i, 2]
    return rest[:left]


@kernel
def _in_turn(queue, number):
    """Put the rows of a ``queue`` in the order of their ``number``."""
    if queue.size > _FEW:
        before, order = queue.copy(), by_number(number)
        for i in range(queue.size):
            queue[i] = before[order[i]]
        return
    for i in range(1, queue.size):
        row, own, k = queue[i], number[i], i
        while k > 0 and number[k - 1] > own:
            queue[k], number[k] = queue[k - 1], number[k - 1]
            k -= 1
        queue[k], number[k] = row, own


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
