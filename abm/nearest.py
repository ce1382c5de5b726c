"""The counterfactual without choice: everybody at the nearest school with places."""

import numpy as np

from abm.city import City
from abm.compiled import kernel
from abm.households import Households
from abm.randomness import Key, draw


def nearest_with_places(table: Households, town: City, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools when distance alone counts: the shortest ways are served first, within places.

    places: (school, grade). Families at one place go in a keyed order. -1 where no school has room.
    """
    luck = (draw(Key(seed, "order"), table.id) * (1 << 40)).astype(np.int64)
    order = np.argsort((table.place.astype(np.int64) << 40) | luck)
    first = np.searchsorted(table.place[order], np.arange(town.place_area.size + 1))
    return _fill(order, first, table.grade, town.by_distance, town.nearest, town.distance, places.astype(np.int64))


@kernel
def _fill(order, first, grade, by_distance, nearest, distance, places):
    """(household,) int32 school; ``by_distance`` runs over (place, reach) by rising distance, the rest searches all."""
    found = np.full(order.size, np.int32(-1), np.int32)
    room = places.copy()
    reach = nearest.shape[1]
    waiting = first[1:] - first[:-1]
    for pair in by_distance:
        p, k = pair // reach, pair % reach
        s = nearest[p, k]
        if waiting[p] == 0 or s < 0:
            continue
        for i in range(first[p], first[p + 1]):
            h = order[i]
            if found[h] < 0 and room[s, grade[h]] > 0:
                found[h] = s
                room[s, grade[h]] -= 1
                waiting[p] -= 1
    for p in range(first.size - 1):
        if waiting[p] == 0:
            continue
        for i in range(first[p], first[p + 1]):
            h = order[i]
            if found[h] < 0:
                km = np.float32(np.inf)
                for s in range(room.shape[0]):
                    if room[s, grade[h]] > 0 and distance[p, s] < km:
                        found[h], km = s, distance[p, s]
                if found[h] >= 0:
                    room[found[h], grade[h]] -= 1
    return found
