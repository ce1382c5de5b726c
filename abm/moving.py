"""Residential moves (optional): some families look for another home, for neighbours and for school, as means allow."""

from typing import NamedTuple

import numpy as np

from abm.compiled import in_place, inlined, kernel
from abm.floats import gumbel
from abm.homes import (
    ACCESS,
    AMENITY,
    BETA,
    COST,
    PRICE,
    Homes,
    around,
    home_utility,
    prospects,
    terms,
    wish,
)
from abm.randomness import Key, bits32, household_key, stream
from abm.ranking import LANES
from abm.rules import Rules
from abm.turns import Turns, take_turns
from abm.world import World

_STRIDE = 3  # keys a round: luck, order, choice
_NEAR = np.float32(1 - 1e-6)
_LOWEST = np.float32(-np.inf)


class Room(NamedTuple):
    """Room in which the kernel compares homes: slot 0 is the present one; whole vectors of 16 slots."""

    place: np.ndarray  # (slot,) int32, -1: no home, or too small
    own: np.ndarray  # (slot,) float32 neighbours of the own side
    total: np.ndarray  # (slot,) float32 neighbours
    value: np.ndarray  # (3, slot) float32 ACCESS, PRICE, AMENITY
    cost: np.ndarray  # (slot,) float32 of moving there
    worth: np.ndarray  # (slot,) float32 utility and taste


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
    turns = take_turns(
        table.family, settings.rate, settings.turns, rounds, past, Key(world.seed, "move", world.year),
        Key(world.seed, "move", world.year, 1), _STRIDE,
    )  # fmt: skip
    place, change, changed = search(world, rules, turns, rounds)
    city = world.city._replace(entry_rate=_with_cohorts(world.city.entry_rate, change, world.grades))
    return world._replace(
        city=city, households=table._replace(place=place), events=world.events._replace(rehomed=changed)
    )


def search(world: World, rules: Rules, turns: Turns, rounds: int) -> tuple[np.ndarray, np.ndarray, int]:
    """(household,) place after all turns, the change of pupils (area, group), and how many families live elsewhere."""
    settings, table = rules.moving, world.households
    names = [stream(Key(world.seed, "move", world.year, 2 + _STRIDE * r)) for r in range(rounds)]
    place, change = table.place.copy(), np.zeros(world.city.entry_rate.shape, np.int64)
    what = terms(world, rules)
    changed = _move(
        turns.who, turns.round, np.array(names, np.uint64), table.family, table.group, table.status, table.tolerance,
        table.tolerant, table.place, place, change, prospects(world, rules), what, settings.candidates,
        settings.rule == "threshold", _room(settings.candidates, what.weight[COST]),
    )  # fmt: skip
    return place, change, changed


def _room(candidates: int, cost: float) -> Room:
    slots = -(-(candidates + 1) // LANES) * LANES
    part = np.zeros((7, slots), np.float32)
    part[5, 1:] = cost
    return Room(np.full(slots, -1, np.int32), part[0], part[1], part[2:5], part[5], part[6])


@kernel
def _with_cohorts(rate, change, grades):
    """(area, group) float64 expected entrants that follow the ``change`` (area, group) of pupils in all grades.

    An area cannot send fewer than none; what it lacks the group's other areas give.
    """
    out = np.empty(rate.shape)
    for g in range(rate.shape[1]):
        before, there = 0.0, 0.0
        for a in range(rate.shape[0]):
            out[a, g] = max(rate[a, g] + change[a, g] / grades, 0.0)
            before += rate[a, g]
            there += out[a, g]
        share = before / max(there, 1e-12)
        for a in range(rate.shape[0]):
            out[a, g] = np.rint(out[a, g] * share * 1e9) / 1e9
    return out


@in_place
def _move(
    who, rounds, names, family, group, status, tolerance, tolerant, before, place, change, homes, what, candidates,
    threshold, room,
):  # fmt: skip
    """How many families live elsewhere after all turns. who (turn,): rows, siblings one after another, in ``rounds`` (turn,).

    ``names`` (round,) names each round's random numbers. ``before`` (household,) is where they lived; ``place``
    (household,), ``change`` (area, group) of pupils, and what is counted in ``homes`` follow the moves.
    """
    changed, turn = 0, 0
    while turn < who.size:
        h, end = who[turn], turn + 1
        while end < who.size and family[who[end]] == family[h] and rounds[end] == rounds[turn]:
            end += 1
        side, size, here = np.int64(group[h] > 0), end - turn, place[h]
        key = household_key(names[rounds[turn]], family[h])
        f = wish(tolerance[h], tolerant[h], group[h], what.full, what.others)
        _draw(key, here, size, candidates, homes, room)
        if threshold:
            best = _first(here, side, size, f[0], candidates, homes, what, room)
        else:
            best = _best(key, here, side, size, f, status[h], candidates, homes, what, room)
        if best != here:
            for i in range(turn, end):
                place[who[i]] = best
                change[homes.area[here], group[who[i]]] -= 1
                change[homes.area[best], group[who[i]]] += 1
            changed += np.int64(best != before[h]) - np.int64(here != before[h])
            _resettle(here, best, side, size, homes)
        turn = end
    return changed


@inlined
def _draw(key, here, size, candidates, homes, room):
    """The homes to compare into the places of ``room``."""
    room.place[0] = here
    count = homes.count[0]
    share = 1.0 / max(count, 1)
    for k in range(1, candidates + 1):
        room.place[k] = -1
        if count > 0:
            p = homes.vacant[_remainder(bits32(key, np.uint32(2 * k)), count, share)]
            if homes.free[p] >= size:
                room.place[k] = p


@inlined
def _remainder(bits, count, share):
    """``bits`` (32 of them) modulo ``count``, whose inverse is ``share``: in place of a division, which takes far longer."""
    rest = np.int64(bits) - np.int64(np.float64(bits) * share) * count
    if rest < 0:  # the product is rounded
        rest += count
    return rest - count if rest >= count else rest


@inlined
def _first(here, side, size, rise, candidates, homes, what, room):
    """The present home if enough of its neighbours are of the own side, else the first candidate."""
    own, total = around(here, here, side, size, homes, np.int64(0) if what.own_area else what.radius, what.torus)
    if total > 0 and np.float64(own) / np.float64(total) * rise >= _NEAR:
        return here
    for k in range(1, candidates + 1):
        if room.place[k] >= 0:
            return room.place[k]
    return here


@inlined
def _best(key, here, side, size, f, status, candidates, homes, what, room):
    """The home of greatest utility and taste. First all is gathered, so that the loop over terms becomes vector instructions."""
    own, total, value, worth = room.own, room.total, room.value, room.worth
    for k in range(candidates + 1):
        p = room.place[k]
        if p >= 0:
            reach = np.int64(0) if what.own_area and k == 0 else what.radius
            own[k], total[k] = around(p, here, side, size, homes, reach, what.torus)
            for i in range(3):
                value[i, k] = homes.value[p, i]
    rise, top, fall = f
    for k in range(worth.size):
        u = home_utility(
            own[k], total[k], value[ACCESS, k], value[PRICE, k], value[AMENITY, k], rise, top, fall, status, what.weight
        )
        worth[k] = what.weight[BETA] * (u - room.cost[k]) + gumbel(bits32(key, np.uint32(2 * k + 1)))
    best, most = here, _LOWEST
    for k in range(candidates + 1):
        if room.place[k] >= 0 and worth[k] > most:
            best, most = room.place[k], worth[k]
    return best


@inlined
def _resettle(left, taken, side, size, homes):
    """A family of ``size`` pupils lives at place ``taken`` instead of ``left``."""
    pupils = np.float32(size)
    homes.by_area[homes.area[left], side] -= pupils
    homes.by_area[homes.area[taken], side] += pupils
    if homes.cell.shape[0] > 0:
        homes.by_cell[homes.cell[left, 0], homes.cell[left, 1], side] -= pupils
        homes.by_cell[homes.cell[taken, 0], homes.cell[taken, 1], side] += pupils
    homes.free[left] += size
    homes.free[taken] -= size
    vacant, slot, count = homes.vacant, homes.slot, homes.count
    if slot[left] < 0 and homes.free[left] > 0:
        vacant[count[0]], slot[left] = left, count[0]
        count[0] += 1
    if homes.free[taken] <= 0:
        count[0] -= 1
        last = vacant[count[0]]
        vacant[slot[taken]], slot[last] = last, slot[taken]
        slot[taken] = -1
