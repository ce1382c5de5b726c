"""Residential moves (optional): some families look for another home, for neighbours and for school, as means allow."""

from typing import NamedTuple

import numpy as np

from abm.compiled import in_place, inlined, kernel
from abm.floats import gumbel
from abm.homes import NOWHERE, around, home_utility, inside, prospects, terms, wish, within
from abm.randomness import Key, bits32, household_key, stream
from abm.ranking import order_key
from abm.rules import Rules
from abm.turns import Turns, take_turns
from abm.world import World

_STRIDE = 3  # keys a round: luck, order, choice
_AHEAD = 64  # turns prepared together
_ENOUGH = np.float32(1 - 1e-6)  # of the share preferred
_S16, _LAST16, _LEAST = np.int64(16), np.int64(0xFFFF), np.int64(-(2**63))


class Room(NamedTuple):
    """What the next families bring along, worked out for many turns at a time, so that it becomes vector instructions."""

    id: np.ndarray  # (turn,) int64 the family's
    key: np.ndarray  # (turn,) uint32 of its random numbers
    wish: np.ndarray  # (3, turn) float32 what it prefers as neighbours, as :func:`abm.homes.wish` gives it
    draw: np.ndarray  # (home, turn) uint32 random bits that name a home; home 0 is the present one
    taste: np.ndarray  # (home, turn) float32
    place: np.ndarray  # (home,) uint32 the homes that the family whose turn it is compares


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
    changed = _move(
        turns.who, turns.round, np.array(names, np.uint64), table.family, table.group, table.status, table.tolerance,
        table.tolerant, table.place, place, change, prospects(world, rules), terms(world, rules), settings.candidates,
        settings.rule == "threshold", _room(settings.candidates),
    )  # fmt: skip
    return place, change, changed


def _room(candidates: int) -> Room:
    n, shape = _AHEAD, (candidates + 1, _AHEAD)
    return Room(
        np.zeros(n, np.int64), np.empty(n, np.uint32), np.empty((3, n), np.float32), np.empty(shape, np.uint32),
        np.empty(shape, np.float32), np.empty(candidates + 1, np.uint32),
    )  # fmt: skip


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
    changed, turn, begin, ready = 0, 0, 0, 0
    while turn < who.size:
        if turn >= ready:
            begin, ready = turn, min(turn + _AHEAD, who.size)
            while rounds[ready - 1] != rounds[begin]:
                ready -= 1
            _prepare(who[begin:ready], names[rounds[begin]], family, group, tolerance, tolerant, what, room)
            if not threshold:
                _taste(room)
        h, end = np.uint64(who[turn]), turn + 1
        while end < who.size and family[who[end]] == family[h] and rounds[end] == rounds[turn]:
            end += 1
        side, size, here, i = np.uint64(group[h] > 0), end - turn, np.uint32(place[h]), np.uint64(turn - begin)
        if threshold:
            best = _first(i, here, side, size, candidates, homes, what, room)
        else:
            best = _best(i, here, side, size, status[h], candidates, homes, what, room)
        if best != here:
            for t in range(turn, end):
                place[who[t]] = best
                change[homes.area[here], group[who[t]]] -= 1
                change[homes.area[best], group[who[t]]] += 1
            changed += np.int64(best != before[h]) - np.int64(here != before[h])
            _resettle(here, best, side, size, homes)
        turn = end
    return changed


@inlined
def _prepare(who, name, family, group, tolerance, tolerant, what, room):
    """All about the turns of the rows ``who`` that does not hang on the moves of others; ``name`` names random numbers."""
    ids, key, wishes, draw = room.id, room.key, room.wish, room.draw
    for i in range(who.size):
        h = np.uint64(who[i])
        ids[i] = family[h]
        wishes[0, i], wishes[1, i], wishes[2, i] = wish(tolerance[h], tolerant[h], group[h], what)
    for i in range(key.size):
        key[i] = household_key(name, ids[i])
    for k in range(draw.shape[0]):
        for i in range(key.size):
            draw[k, i] = bits32(key[i], np.uint32(2 * k))


@inlined
def _taste(room):
    key, taste = room.key, room.taste
    for k in range(taste.shape[0]):
        for i in range(key.size):
            taste[k, i] = gumbel(bits32(key[i], np.uint32(2 * k + 1)))


@inlined
def _candidate(bits, size, homes):
    """A place drawn from those with a free home by 32 random ``bits``; NOWHERE if there is none, or too little room."""
    count = np.uint64(homes.count[0])
    if count == 0:
        return NOWHERE
    p = homes.vacant[np.uint64(bits) % count]
    return p if homes.free[p] >= size else NOWHERE


@inlined
def _first(i, here, side, size, candidates, homes, what, room):
    """The present home if enough of its neighbours are of the own side, else the first candidate."""
    own, total = around(here, side, size, homes, what)
    if total > 0 and np.float64(own) / np.float64(total) * room.wish[0, i] >= _ENOUGH:
        return here
    for k in range(1, candidates + 1):
        p = _candidate(room.draw[k, i], size, homes)
        if p != NOWHERE:
            return p
    return here


@inlined
def _best(i, here, side, size, status, candidates, homes, what, room):
    """The home of greatest utility and taste.

    Whole numbers are compared, the home's own as their last digits: so there is no branch that could be mispredicted.
    """
    place, taste, beta = room.place, room.taste, what.beta
    rise, top, fall = room.wish[0, i], room.wish[1, i], room.wish[2, i]
    at, pupils = homes.area[here], np.float32(size)
    place[0] = here
    for k in range(1, candidates + 1):
        place[k] = _candidate(room.draw[k, i], size, homes)
    own, total = around(here, side, size, homes, what)
    u = home_utility(own, total, here, homes, rise, top, fall, status, what)
    best = np.int64(order_key(beta * u + taste[0, i])) << _S16
    for k in range(1, candidates + 1):
        p = place[k]
        if p != NOWHERE:
            if what.radius > 0:
                own, total = within(p, here, side, pupils, homes.by_cell, homes.cell, what.radius, what.torus)
            else:
                own, total = inside(p, at, side, pupils, homes)
            u = home_utility(own, total, p, homes, rise, top, fall, status, what)
            worth = order_key(beta * (u - what.cost) + taste[k, i])
            best = max(best, (np.int64(worth) << _S16) - k)
    return place[np.uint64(-best & _LAST16)]


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
    if slot[left] == NOWHERE and homes.free[left] > 0:
        vacant[np.uint64(count[0])], slot[left] = left, np.uint32(count[0])
        count[0] += 1
    if homes.free[taken] <= 0:
        count[0] -= 1
        last = vacant[np.uint64(count[0])]
        vacant[slot[taken]], slot[last] = last, slot[taken]
        slot[taken] = NOWHERE
