"""Residential moves (optional): some families look for another home, for neighbours and for school, as means allow."""

import numpy as np

from abm.city import City
from abm.compiled import inlined, kernel
from abm.floats import gumbel
from abm.households import Households, take
from abm.housing import amenity
from abm.randomness import Key, bits32, household_key, stream
from abm.rules import Rules
from abm.sight import fullness, peak
from abm.turns import Turns, take_turns
from abm.utility import composition_value
from abm.world import World

_STRIDE = 3  # keys a round: luck, order, choice
_LOGIT, _THRESHOLD = 0, 1
_RULES = {"logit": _LOGIT, "threshold": _THRESHOLD}


def move(world: World, rules: Rules) -> World:
    """A share of families compares its home with some free homes, one family after another; children keep their school.

    U = w V(own-side share of the neighbours, the family itself not counted) + a reputation of the local school
    - p max(0, price - status)^2 + m amenity (what revitalisation added) - cost if it moves; P ~ exp(beta U). The price
    of an area is its mean status (assumption). Entry cohorts follow: expected entrants of an area change by its change
    of pupils. Under the rule "threshold" (Schelling 1971) a family with fewer neighbours of its own side than it prefers
    takes the first of its candidates that is large enough; without neighbours it has none of its own side.
    """
    if rules.moving.rate == 0:
        return world
    past = rules.moving.settle + (world.year - 1) * rules.moving.rounds
    return _rounds(world, rules, rules.moving.rounds, past)


def settle(world: World, rules: Rules) -> World:
    """The homes at the start after ``moving.settle`` rounds of moves, in which nobody has a school yet."""
    if rules.moving.settle == 0:
        return world
    moved = _rounds(world, rules, rules.moving.settle, 0)
    return moved._replace(events=world.events)


def _rounds(world: World, rules: Rules, rounds: int, past: int) -> World:
    """The world after some rounds of moves; ``past``: rounds before them, for those who move in cycles."""
    settings, table = rules.moving, world.households
    family, first, member = np.unique(table.family, return_index=True, return_inverse=True)
    turns = take_turns(
        family, settings.rate, settings.turns, rounds, past, Key(world.seed, "move", world.year),
        Key(world.seed, "move", world.year, 1), _STRIDE,
    )  # fmt: skip
    heads = take(table, first)
    place = _search(world, rules, heads, np.bincount(member, minlength=family.size), turns, rounds)
    changed = int((place != heads.place).sum())
    new = place[member].astype(np.int32)
    city = _with_cohorts(world.city, table, new, world.grades)
    return world._replace(
        city=city, households=table._replace(place=new), events=world.events._replace(rehomed=changed)
    )


def _search(world: World, rules: Rules, heads: Households, size: np.ndarray, turns: Turns, rounds: int) -> np.ndarray:
    """(family,) place after all turns. heads: a row a family; size (family,): its pupils, who all need room."""
    settings, city = rules.moving, world.city
    names = [stream(Key(world.seed, "move", world.year, 2 + _STRIDE * r)) for r in range(rounds)]
    free = city.homes - np.bincount(world.households.place, minlength=city.homes.size)
    return _move(
        turns.who, turns.round, heads.place, size, heads.family, *prospects(world, rules, heads), free,
        np.array(names, np.uint64), np.int64(settings.candidates), np.float32(settings.beta), np.int64(_RULES[settings.rule]),
    )  # fmt: skip


def prospects(world: World, rules: Rules, heads: Households) -> tuple:
    """What homes are judged by, as the kernels take it, for the families ``heads`` (a row a family); counts are new arrays."""
    settings, table, city = rules.moving, world.households, world.city
    everyone = (table.group > 0).astype(np.int64)
    by_area = np.zeros((len(city.area_names), 2), np.int64)
    np.add.at(by_area, (city.place_area[table.place], everyone), 1)
    by_cell, cell = np.zeros((0, 0, 2), np.int64), np.zeros(city.place_area.size, np.int64)
    radius = settings.radius if settings.neighbours == "radius" else 0
    if radius:
        cell = cells(city)
        by_cell = np.zeros((city.cells * city.cells, 2), np.int64)
        np.add.at(by_cell, (cell[table.place], everyone), 1)
        by_cell = by_cell.reshape(city.cells, city.cells, 2)
    weights = np.array([settings.composition, settings.access, settings.price, settings.cost], np.float32)
    return (
        (heads.group > 0).astype(np.int64), *preferred(heads, rules), heads.status, city.place_area, city.area_status,
        world.schools.reputation[city.local], np.float32(settings.amenity) * amenity(world), by_area, by_cell, cell,
        np.int64(radius), city.torus_km > 0, settings.own_cell == "area", weights,
    )  # fmt: skip


def preferred(heads: Households, rules: Rules) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What families prefer as neighbours, as :func:`peak` gives it: as at school, or with the tolerant like the others."""
    tolerance, full = heads.tolerance, fullness(heads, rules)
    if not rules.moving.tolerant_too:
        others = rules.by_group("households.tolerance")[heads.group]
        tolerance = np.where(heads.tolerant, others, tolerance)
        full = np.where(heads.tolerant, rules.choice.peers_full, full)
    return peak(tolerance, full)


def cells(city: City) -> np.ndarray:
    """(place,) int64 number of each place's cell, line by line."""
    xs, ys = np.unique(np.round(city.place_x, 9)), np.unique(np.round(city.place_y, 9))
    column, line = np.searchsorted(xs, np.round(city.place_x, 9)), np.searchsorted(ys, np.round(city.place_y, 9))
    return line * city.cells + column


def _with_cohorts(city: City, table: Households, new: np.ndarray, grades: int) -> City:
    """The city whose expected entrants follow the pupils from ``table.place`` to the places ``new`` (household,)."""
    rate = city.entry_rate.copy()
    for where, sign in ((table.place, -1.0), (new, 1.0)):
        np.add.at(rate, (city.place_area[where], table.group), sign / grades)
    there = np.maximum(rate, 0)  # an area cannot send fewer than none; what it lacks the group's other areas give
    rate = there * (city.entry_rate.sum(axis=0) / np.maximum(there.sum(axis=0), 1e-12))
    return city._replace(entry_rate=np.round(rate, 9))


@kernel
def _move(
    who, rounds, present, size, family, side, rise, top, fall, status, place_area, price, access, amenity, by_area, by_cell,
    cell, radius, torus, own_area, w, free, names, candidates, beta, rule,
):  # fmt: skip
    """(family,) place after all turns: ``who`` (turn,) in round ``rounds`` (turn,), which names its random numbers.

    ``by_area`` (area, side), ``by_cell`` (line, column, side) pupils and ``free`` (place,) homes change as families move.
    """
    place = present.copy()
    vacant, count = np.empty(free.size, np.int64), 0  # places with a free home, the first ``count`` of the list
    where = np.empty(free.size, np.int64)  # (place,) where it stands in that list, -1: nowhere
    for p in range(free.size):
        where[p] = -1
        if free[p] > 0:
            vacant[count], where[p] = p, count
            count += 1
    for turn in range(who.size):
        h = who[turn]
        key = household_key(names[rounds[turn]], family[h])
        here = place[h]
        best, best_worth = here, np.float32(-np.inf)
        for k in range(candidates + 1):
            p = here
            if k > 0:
                if count == 0:
                    break
                p = np.int32(vacant[np.int64(bits32(key, np.uint32(2 * k))) % count])
                if free[p] < size[h]:
                    continue
            own, total = around(
                p, here, side[h], size[h], place_area, by_area, by_cell, cell,
                np.int64(0) if own_area and k == 0 else radius, torus,
            )  # fmt: skip
            if rule == _THRESHOLD:
                if k > 0:
                    best = p
                    break
                x = own / total if total > 0 else 0.0
                if x * rise[h] >= np.float32(1 - 1e-6):
                    break
                continue
            u = home_utility(own, total, p, rise[h], top[h], fall[h], status[h], place_area, price, access, amenity, w)
            if k > 0:
                u = u - w[3]
            worth = beta * u + gumbel(bits32(key, np.uint32(2 * k + 1)))
            if worth > best_worth:
                best, best_worth = p, worth
        if best != here:
            place[h] = best
            free[here] += size[h]
            free[best] -= size[h]
            _resettle(here, best, side[h], size[h], place_area, by_area, by_cell, cell, radius)
            count = _note_vacancies(vacant, where, count, free, here, best)
    return place


@inlined
def _resettle(left, taken, side, size, place_area, by_area, by_cell, cell, radius):
    """Count a family of ``size`` pupils among the neighbours of place ``taken`` instead of those of ``left``."""
    by_area[place_area[left], side] -= size
    by_area[place_area[taken], side] += size
    if radius > 0:
        n = by_cell.shape[0]
        by_cell[cell[left] // n, cell[left] % n, side] -= size
        by_cell[cell[taken] // n, cell[taken] % n, side] += size


@inlined
def around(p, here, side, size, place_area, by_area, by_cell, cell, radius, torus):
    """Pupils of the own side and of both around place ``p``, the family's own, at ``here``, left out; radius 0: its area."""
    if radius > 0:
        return _within(by_cell, cell[p], cell[here], side, size, radius, torus)
    a = place_area[p]
    self = size if a == place_area[here] else 0
    return by_area[a, side] - self, by_area[a, 0] + by_area[a, 1] - self


@inlined
def home_utility(own, total, p, rise, top, fall, status, place_area, price, access, amenity, w):
    """float32 utility of place ``p`` with ``own`` of ``total`` neighbours of the own side, before the cost of moving."""
    a = place_area[p]
    x = np.float32(own / total) if total > 0 else np.float32(1.0)
    gap = max(price[a] - status, np.float32(0))
    u = w[0] * composition_value(x, rise, top, fall) + w[1] * access[p] - w[2] * gap * gap
    return u + amenity[a]


@inlined
def _within(by_cell, at, here, side, size, radius, torus):
    """Pupils of the own side and of both within ``radius`` cells of cell ``at``, the family's own, at ``here``, left out."""
    n = by_cell.shape[0]
    line, column = at // n, at % n
    own, total = 0, 0
    for dy in range(-radius, radius + 1):
        y = line + dy
        if torus:
            y = y % n
        elif y < 0 or y >= n:
            continue
        for dx in range(-radius, radius + 1):
            x = column + dx
            if torus:
                x = x % n
            elif x < 0 or x >= n:
                continue
            own += by_cell[y, x, side]
            total += by_cell[y, x, 0] + by_cell[y, x, 1]
    dy, dx = abs(here // n - line), abs(here % n - column)
    if torus:
        dy, dx = min(dy, n - dy), min(dx, n - dx)
    if max(dy, dx) <= radius:
        own -= size
        total -= size
    return own, total


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
