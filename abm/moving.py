"""Residential moves (optional): some families look for another home, for neighbours and for school, as means allow."""

import numpy as np

from abm.compiled import inlined, kernel
from abm.floats import gumbel
from abm.housing import amenity
from abm.randomness import Key, bits32, draw, household_key, permutation, stream
from abm.rules import Rules
from abm.sight import peak
from abm.utility import composition_value
from abm.world import World


def move(world: World, rules: Rules) -> World:
    """A share of families compares its home with some free homes, one family after another; children keep their school.

    U = w V(own-side share of the small area, the family itself not counted) + a reputation of the local school
    - p max(0, price - status)^2 + m amenity (what revitalisation added) - cost if it moves; P ~ exp(beta U). The price
    of an area is its mean status (assumption). Entry cohorts follow: expected entrants of an area change by its change
    of pupils.
    """
    settings, table = rules.moving, world.households
    if settings.rate == 0:
        return world
    looks = draw(Key(world.seed, "move", world.year), table.family) < settings.rate
    family, first, member = np.unique(table.family, return_index=True, return_inverse=True)
    rows = first[looks[first]]
    rows = rows[permutation(Key(world.seed, "move", world.year, 1), table.family[rows])]
    city, side = world.city, (table.group > 0).astype(np.int64)
    area = city.place_area[table.place]
    neighbours = np.zeros((len(city.area_names), 2), np.int64)
    np.add.at(neighbours, (area, side), 1)
    free = city.homes - np.bincount(table.place, minlength=city.homes.size)
    size = np.bincount(member, minlength=family.size)[member[rows]]
    weights = np.array([settings.composition, settings.access, settings.price, settings.cost], np.float32)
    place = _move(
        table.place[rows], side[rows], size, *peak(table.tolerance[rows], rules.choice.peers_full), table.status[rows], table.family[rows],
        city.place_area, city.area_status, world.schools.reputation[city.local],
        np.float32(settings.amenity) * amenity(world), neighbours, free,
        np.uint64(stream(Key(world.seed, "move", world.year, 2))), np.int64(settings.candidates), weights,
        np.float32(settings.beta),
    )  # fmt: skip
    new = table.place[first].copy()
    new[member[rows]] = place
    new = new[member].astype(np.int32)
    changed = int((place != table.place[rows]).sum())
    rate = city.entry_rate.copy()
    for where, sign in ((table.place, -1.0), (new, 1.0)):
        np.add.at(rate, (city.place_area[where], table.group), sign / world.grades)
    there = np.maximum(rate, 0)  # an area cannot send fewer than none; what it lacks the group's other areas give
    rate = there * (city.entry_rate.sum(axis=0) / np.maximum(there.sum(axis=0), 1e-12))
    city = city._replace(entry_rate=np.round(rate, 9))
    return world._replace(
        city=city, households=table._replace(place=new), events=world.events._replace(rehomed=changed)
    )


@kernel
def _move(
    place, side, size, rise, top, fall, status, family, place_area, price, access, amenity, neighbours, free, name, candidates, w, beta
):  # fmt: skip
    """(family,) place after the search; ``neighbours`` (area, side) and ``free`` (place,) change as families move."""
    out = place.copy()
    where = np.where(free > 0, np.cumsum(free > 0) - 1, -1)
    count = int((free > 0).sum())
    vacant = np.empty(free.size, np.int64)  # places with a free home, the first ``count`` of the list
    vacant[:count] = np.flatnonzero(free > 0)
    for h in range(place.size):
        key = household_key(name, family[h])
        home = place_area[place[h]]
        best, best_worth = place[h], np.float32(-np.inf)
        for k in range(candidates + 1):
            p = place[h]
            if k > 0:
                if count == 0:
                    break
                p = np.int32(vacant[np.int64(bits32(key, np.uint32(2 * k))) % count])
                if free[p] < size[h]:
                    continue
            a = place_area[p]
            self = size[h] if a == home else 0
            own = neighbours[a, side[h]] - self
            total = neighbours[a, 0] + neighbours[a, 1] - self
            x = np.float32(own / total) if total > 0 else np.float32(1.0)
            gap = max(price[a] - status[h], np.float32(0))
            u = w[0] * composition_value(x, rise[h], top[h], fall[h]) + w[1] * access[p] - w[2] * gap * gap
            u = u + amenity[a]
            if k > 0:
                u = u - w[3]
            worth = beta * u + gumbel(bits32(key, np.uint32(2 * k + 1)))
            if worth > best_worth:
                best, best_worth = p, worth
        if best != place[h]:
            out[h] = best
            free[place[h]] += size[h]
            free[best] -= size[h]
            neighbours[home, side[h]] -= size[h]
            neighbours[place_area[best], side[h]] += size[h]
            count = _note_vacancies(vacant, where, count, free, place[h], best)
    return out


@inlined
def _note_vacancies(vacant, where, count, free, left, taken):
    """New length of the list of vacant places after a move from ``left`` to ``taken``; ``where`` is each place's slot."""
    if where[left] < 0 and free[left] > 0:
        vacant[count], where[left] = left, count
        count += 1
    if free[taken] <= 0:
        count -= 1
        last = vacant[count]
        vacant[where[taken]], where[last] = last, where[taken]
        where[taken] = -1
    return count
