"""Perceive and rank: which schools a family considers, and the list it hands in."""

import numpy as np

from abm import tickets
from abm.compiled import kernel
from abm.floats import order_key, rank_of
from abm.households import LATE_MARK, entry_year, sibling_gap, take
from abm.messages import further, introduced, reached, told_at_most, versed
from abm.outreach import heard_of
from abm.proposals import bonus, propose, with_proposed
from abm.randomness import Key, draw
from abm.rules import Rules
from abm.schools import gives_by
from abm.sight import LOOKS, choosers, scene, settings, with_ways
from abm.staying import local_alone
from abm.utility import score
from abm.world import Round, World, neighbours

MOST_LISTED = 4096  # schools; the upper bound of ``choice.length``


def perceive(world: World, rules: Rules) -> World:
    """Each entrant considers its nearest schools, its zone's, those its network uses, flagships, a sibling's, those it is told of."""
    rows = entrants(world)
    table = take(world.households, rows)
    sibling = sibling_schools(world, table)
    nearby = neighbours(world)
    proposed = propose(world, rules, table, sibling)
    considered = with_proposed(consideration(world, rules, table, sibling, nearby), proposed)
    nothing = np.full(rows.size, -1, np.int32)
    lists = np.full((rows.size, lengths(rules, table).max(initial=rules.choice.length)), -1, np.int32)
    return world._replace(
        round=Round(
            rows, table.id, table.group, table.vulnerable, considered, sibling, lists, nearby, nothing, nothing, proposed,
            nothing[:, None][:, :0],
        )
    )  # fmt: skip


def rank(world: World, rules: Rules) -> World:
    """Each entrant orders what it considers by utility and taste and lists the best; the strategic weigh their chances.

    Whoever looks no further than the local school lists it alone.
    """
    turn = world.round
    table = take(world.households, turn.rows)
    view = scene(world, rules, turn.neighbours)
    columns = choosers(world, rules, table, turn.sibling, reached(world, rules, table), view)
    chance = chances(world, rules, table)
    extra = bonus(rules, turn.proposed, table, columns, view)
    own = lengths(rules, table)
    longest = own.max(initial=rules.choice.length)
    lists, favourite = _rank(
        turn.considered,
        *columns,
        *with_ways(view, columns, turn.considered),
        settings(world, rules),
        *chance,
        turn.proposed,
        extra,
        longest,
    )
    lists[np.arange(longest) >= own[:, None]] = -1
    lists, favourite = local_alone(world, rules, table, lists, favourite)
    return world._replace(round=turn._replace(lists=lists, favourite=favourite))


def lengths(rules: Rules, table) -> np.ndarray:
    """(chooser,) int64 schools that each family may list: by its status, at least one."""
    further = np.rint(rules.choice.length_slope * table.status.astype(float)).astype(np.int64)
    return np.clip(rules.choice.length + further, 1, MOST_LISTED)


def entrants(world: World) -> np.ndarray:
    """Rows of the families who choose this year: those in the entry grade who entered this year in time."""
    table = world.households
    new = (table.grade == 0) & (table.school < 0) & (entry_year(table.id) == world.year)
    return np.flatnonzero(new & (sibling_gap(table.id) != LATE_MARK))


def sibling_schools(world: World, table) -> np.ndarray:
    """(chooser,) int32 school of an older sibling who is still in the stage, -1: none."""
    everyone = world.households
    older = np.flatnonzero((sibling_gap(everyone.id) == 0) & (everyone.school >= 0))
    older = older[np.argsort(everyone.id[older])]
    ids = everyone.id[older]
    at = np.minimum(np.searchsorted(ids, table.family), max(ids.size - 1, 0))
    if ids.size == 0:
        return np.full(table.id.size, -1, np.int32)
    found = (ids[at] == table.family) & (table.family != table.id)
    return np.where(found, everyone.school[older[at]], -1).astype(np.int32)


def consideration(world: World, rules: Rules, table, sibling: np.ndarray, nearby: np.ndarray) -> np.ndarray:
    """(chooser, slot) int32 open schools each family considers, none twice, -1 in empty slots."""
    city, p = world.city, rules.perception
    information = table.information + (1 - table.information) * reached(world, rules, table)
    near = np.rint(p.nearest * (p.uninformed + (1 - p.uninformed) * information)).astype(np.int64)
    order = np.lexsort((np.arange(world.schools.open.size), -world.schools.reputation))
    flagship = order[world.schools.open[order]][: p.flagship].astype(np.int32)
    heard = heard_of(world, rules, table)
    near = np.maximum(near, 1) + further(world, rules, table)
    near = near + tickets.further(world, rules, table, near)
    room = p.nearest + 2 + p.network + p.flagship + told_at_most(rules) + heard.shape[1] + tickets.most_further(rules)
    network = _network(nearby * world.schools.open, p.network)
    others = [
        network[city.place_area[table.place], table.group],
        np.broadcast_to(flagship, (table.id.size, flagship.size)),
        city.local[table.place][:, None],
        sibling[:, None],
        heard,
        introduced(world, rules, table),
    ]
    return _consider(table.place, near, np.concatenate(others, axis=1), city.nearest, world.schools.open, room)


def _network(heads: np.ndarray, count: int) -> np.ndarray:
    """(area, group, count) int32 schools with most ``heads`` (area, group, school; used up), -1 past the last."""
    out = np.full((*heads.shape[:2], count), -1, np.int32)
    for k in range(count):
        best = heads.argmax(axis=2)[:, :, None]
        there = np.take_along_axis(heads, best, 2) > 0
        out[:, :, k] = np.where(there, best, -1)[:, :, 0]
        np.put_along_axis(heads, best, 0, 2)
    return out


def chances(world: World, rules: Rules, table) -> tuple[np.ndarray, np.ndarray]:
    """Who is strategic (chooser,) bool, and the log of last year's chance of admission (school,) float32.

    Chances are weighed only where the mechanism rewards it; elsewhere their log is 0.
    """
    rewards = gives_by("immediate_acceptance", rules, world.schools.open.size)
    share = versed(world, rules, table, rules.choice.strategic) if rewards.any() else 0.0
    strategic = draw(Key(world.seed, "strategic"), table.family) < share
    chance = np.where(rewards, np.maximum(world.schools.chance, 0.01), 1)
    return strategic, np.log(chance).astype(np.float32)


@kernel
def _consider(place, near, others, nearest, is_open, slots):
    """(chooser, slot) int32: the ``near`` nearest, then ``others`` (chooser, any) as far as open, none twice."""
    out = np.full((place.size, slots), np.int32(-1), np.int32)
    for h in range(place.size):
        n = min(near[h], nearest.shape[1])
        for k in range(n):
            out[h, k] = nearest[place[h], k]
        for s in others[h]:
            new = s >= 0 and is_open[s] and n < slots
            for k in range(n):
                if out[h, k] == s:
                    new = False
            if new:
                out[h, n] = s
                n += 1
    return out


@kernel
def _rank(
    considered, whole, real, key, distance, school, neighbours, weights, o, strategic, log_chance, proposed, bonus, length
):  # fmt: skip
    """Lists (chooser, rank) int32 of the best considered schools, and the true favourite (chooser,) int32.

    Scores all considered schools of a family; a school's rank is the number of schools that are better. A proposed
    school has its ``bonus`` (chooser,) and, to the strategic, a certain place.
    """
    n, slots = considered.shape
    lists = np.full((n, length), np.int32(-1), np.int32)
    favourite = np.full(n, np.int32(-1), np.int32)
    look, worth = np.empty((LOOKS, slots), np.float32), np.empty(slots, np.float32)
    keys = np.empty(slots, np.int64)
    for h in range(n):
        score(h, considered, whole, real, key, distance, school, neighbours, weights, o, look, worth)
        if proposed[h] >= 0:
            for k in range(slots):
                if considered[h, k] == proposed[h]:
                    worth[k] += bonus[h]
        for k in range(slots):
            keys[k] = order_key(worth[k], k)
        if strategic[h]:
            for k in range(slots):
                if rank_of(keys, k) == 0:
                    favourite[h] = considered[h, k]
            for k in range(slots):
                sure = (considered[h, k] == proposed[h]) & (proposed[h] >= 0)
                keys[k] = order_key(worth[k] + (np.float32(0) if sure else log_chance[max(considered[h, k], 0)]), k)
        for k in range(slots):
            r = rank_of(keys, k)
            if r < length and considered[h, k] >= 0:
                lists[h, r] = considered[h, k]
        if not strategic[h]:
            favourite[h] = lists[h, 0]
    return lists, favourite
