"""Year 0: the city as the scenario says, and who sits where: nearest school with places, as observed, or at random."""

import numpy as np

from abm import cities, city, schools
from abm.compiled import kernel
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.enrolment import count_entrants, look
from abm.households import Households, populate
from abm.randomness import Key, draw
from abm.world import NOTHING, Composition, World, count_heads


def start(config: Config, seed: int) -> World:
    """The world at the end of year 0."""
    plan = cities.make(config, seed)
    town = city.build(plan, config.city)
    town.notes["class_size"] = config.city.class_size
    stock = schools.build(plan, config.city, seed)
    groups = len(config.city.groups)
    seen = config.city.start == "observed"
    if seen and plan.flows is None:
        raise ScenarioError('city.start = "observed" needs the schools\' pupils by group; use "nearest"')
    table = populate(plan, town, config, seed, seen)
    school = table.school
    if seen:
        heads = count_heads(table, stock.open.size, config.city.grades, groups).sum(axis=2)
        stock = stock._replace(places=np.maximum(stock.places, heads).astype(np.int32))
    elif config.city.start == "random":
        school = at_random(table, stock.places, seed)
    else:
        school = nearest_with_places(table, town, stock.places, seed)
    empty = Composition(np.zeros((0, 0, 0), np.int32), *(np.zeros(0, np.float32),) * 3)
    world = World(
        seed, 0, config.city.grades, groups, town, table._replace(school=school), stock, empty, None, NOTHING, {}
    )
    return count_entrants(look(world))


def at_random(table: Households, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools: in each grade the places are dealt out at random; -1 where there are too few."""
    school = np.full(table.id.size, -1, np.int32)
    for d in range(places.shape[1]):
        rows = np.flatnonzero(table.grade == d)
        seats = np.repeat(np.arange(places.shape[0], dtype=np.int32), places[:, d])
        seats = seats[np.argsort(draw(Key(seed, "start", 0, 1 + d), np.arange(seats.size)), kind="stable")]
        rows = rows[np.argsort(draw(Key(seed, "start", 0, 50), table.id[rows]), kind="stable")]
        taken = min(rows.size, seats.size)
        school[rows[:taken]] = seats[:taken]
    return school


def nearest_with_places(table: Households, town: city.City, places: np.ndarray, seed: int) -> np.ndarray:
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
