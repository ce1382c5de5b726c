"""Perceive and rank: which schools a family considers, and the list it hands in."""

import numpy as np

from abm import tickets
from abm.compiled import in_place, inlined, kernel
from abm.households import LATE_MARK, entry_year, sibling_gap, take
from abm.kinship import sibling_schools, together
from abm.lanes import whole_vectors
from abm.looking import TOGETHER, desk
from abm.messages import further, introduced, reached, shown, told_at_most, versed
from abm.nearby import Nearby, most_attended
from abm.outreach import heard_of
from abm.proposals import bonus, propose, with_proposed
from abm.randomness import Key, draw
from abm.ranking import rank as rank_keys
from abm.rules import Rules
from abm.schools import gives_by
from abm.sight import choosers, scene, settings
from abm.staying import local_alone
from abm.utility import score
from abm.world import Round, World, neighbours

MOST_LISTED = 4096  # schools; the upper bound of ``choice.length``


def perceive(world: World, rules: Rules) -> World:
    """Each entrant considers its nearest schools, its zone's, those its network uses, flagships, a sibling's, those it is told of."""
    rows = entrants(world)
    table = take(world.households, rows)
    sibling = sibling_schools(world.households, table)
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
    columns = choosers(world, rules, table, turn.sibling, reached(world, rules, table))
    chance = chances(world, rules, table)
    extra = bonus(rules, turn.proposed, table, columns, view)
    own = lengths(rules, table)
    longest = own.max(initial=rules.choice.length)
    lists, favourite = np.full((turn.rows.size, longest), -1, np.int32), np.full(turn.rows.size, -1, np.int32)
    room = desk(turn.considered.shape[1], TOGETHER)
    _rank(
        turn.considered, columns, view, settings(world, rules), *chance, turn.proposed, extra, lists, favourite, room,
        *np.zeros((2, *room.worth.shape), np.int32), np.zeros(room.worth.shape[1], np.int32),
    )  # fmt: skip
    if own.min(initial=longest) < longest:
        lists[np.arange(longest) >= own[:, None]] = -1
    lists, favourite = local_alone(world, rules, table, lists, favourite)
    return world._replace(round=turn._replace(lists=lists, favourite=favourite))


def lengths(rules: Rules, table) -> np.ndarray:
    """(chooser,) int64 schools that each family may list: by its status, at least one."""
    if rules.choice.length_slope == 0:
        return np.full(table.id.size, min(max(rules.choice.length, 1), MOST_LISTED), np.int64)
    further = np.rint(rules.choice.length_slope * table.status.astype(float)).astype(np.int64)
    return np.clip(rules.choice.length + further, 1, MOST_LISTED)


def entrants(world: World) -> np.ndarray:
    """Rows of the families who choose this year: those in the entry grade who entered this year in time.

    Families of one place and group stand together, so that they share what they consider.
    """
    table = world.households
    rows = _entrants(table.id, table.grade, table.school, world.year)
    crowd = table.place[rows].astype(np.int64) * world.groups + table.group[rows]
    return rows[together(crowd, world.city.place_area.size * world.groups)]


def consideration(world: World, rules: Rules, table, sibling: np.ndarray, nearby: Nearby) -> np.ndarray:
    """(chooser, slot) int32 open schools each family considers, none twice, -1 in empty slots."""
    city, p = world.city, rules.perception
    information = table.information + (1 - table.information) * reached(world, rules, table)
    near = np.rint(p.nearest * (p.uninformed + (1 - p.uninformed) * information)).astype(np.int64)
    order = np.argsort(-world.schools.reputation, kind="stable")
    flagship = order[world.schools.open[order]][: p.flagship].astype(np.int32)
    heard = heard_of(world, rules, table)
    if shown(rules):
        heard = np.column_stack([heard, introduced(world, rules, table)])
    near = np.maximum(near, 1)
    if rules.orders.messages:
        near += further(world, rules, table)
    if rules.orders.tickets:
        near += tickets.further(world, rules, table, near)
    room = p.nearest + 2 + p.network + p.flagship + told_at_most(rules) + heard.shape[1] + tickets.most_further(rules)
    network = most_attended(nearby, world.schools.open, len(city.area_names), p.network)
    out = np.full((table.id.size, whole_vectors(room)), -1, np.int32)
    most = min(p.nearest + told_at_most(rules) - len(shown(rules)) + tickets.most_further(rules), city.nearest.shape[1])
    _consider(
        table.place, table.group, city.place_area, near, most, city.nearest, network, flagship, city.local, sibling, heard,
        world.schools.open, out, np.empty(room, np.int32), np.empty(room, bool),
    )  # fmt: skip
    return out


def chances(world: World, rules: Rules, table) -> tuple[np.ndarray, np.ndarray]:
    """Who is strategic (chooser,) bool, and the log of last year's chance of admission (school,) float32.

    Chances are weighed only where the mechanism rewards it; elsewhere their log is 0.
    """
    rewards = gives_by("immediate_acceptance", rules, world.schools.open.size)
    if not rewards.any():
        return np.zeros(table.id.size, bool), np.zeros(rewards.size, np.float32)
    share = versed(world, rules, table, rules.choice.strategic)
    strategic = draw(Key(world.seed, "strategic"), table.family) < share
    chance = np.where(rewards, np.maximum(world.schools.chance, 0.01), 1)
    return strategic, np.log(chance).astype(np.float32)


@kernel
def _entrants(identity, grade, school, year):
    rows = np.empty(identity.size, np.int64)
    n = 0
    for h in range(identity.size):
        if grade[h] == 0 and school[h] < 0:
            rows[n] = h
            n += (entry_year(identity[h]) == year) & (sibling_gap(identity[h]) != LATE_MARK)
    return rows[:n].copy()


@in_place
def _consider(
    place,
    group,
    place_area,
    near,
    most,
    nearest,
    network,
    flagship,
    local,
    sibling,
    heard,
    is_open,
    out,
    shared,
    always,
):
    """Into ``out`` (chooser, slot) int32 considered schools: a slot for each of the ``most`` nearest, of which the first ``near``
    count, then those its area and group attend (area, group, count), flagships, the local school, a sibling's, those heard of.

    Families of one place and group, if they stand together, share the slots but the last. Where a school stands depends on
    nothing else, so that of equal schools the same goes first in whatever order families come.
    """
    wide, p, g = 0, np.int32(-1), np.int8(-1)
    for h in range(place.size):
        n = min(near[h], most)
        if place[h] != p or group[h] != g:
            p, g = place[h], group[h]
            for k in range(most):
                shared[k], always[k] = nearest[p, k], False
            wide = most
            for k in range(network.shape[2]):
                wide = _add(shared, always, wide, network[place_area[p], g, k], is_open)
            for k in range(flagship.size):
                wide = _add(shared, always, wide, flagship[k], is_open)
            wide = _add(shared, always, wide, local[p], is_open)
        for k in range(wide):
            if k < n or always[k]:
                out[h, k] = shared[k]
        last = _put(out, h, wide, sibling[h], is_open)
        for k in range(heard.shape[1]):
            last = _put(out, h, last, heard[h, k], is_open)


@inlined
def _add(shared, always, n, s, is_open):
    """Number of shared slots with school ``s`` among them; it counts however few of the nearest do."""
    if s < 0 or not is_open[s]:
        return n
    for k in range(n):
        if shared[k] == s:
            always[k] = True
            return n
    shared[n], always[n] = s, True
    return n + 1


@inlined
def _put(out, h, n, s, is_open):
    """First free slot of chooser ``h`` with school ``s`` in its row, if it is open and has not been there."""
    if s < 0 or not is_open[s] or n >= out.shape[1]:
        return n
    for k in range(n):
        if out[h, k] == s:
            return n
    out[h, n] = s
    return n + 1


@in_place
def _rank(
    considered, who, view, o, strategic, log_chance, proposed, bonus, lists, favourite, room, keys, ranks, ordered
):
    """The best considered schools into ``lists`` (chooser, rank) int32, the true favourites into ``favourite`` (chooser,).

    Scores all considered schools of a family and counts for each how many are better. A proposed school has its ``bonus``
    (chooser,) and, to the strategic, a certain place. ``room`` (:class:`Desk`), ``keys`` and
    ``ranks`` (family, slot) and ``ordered`` (slot,) are room to work in.
    """
    worth = room.worth
    for begin in range(0, considered.shape[0], worth.shape[0]):
        families = min(worth.shape[0], considered.shape[0] - begin)
        for row in range(families):
            room.rows[row] = begin + row
        score(families, considered, who, view, o, room)
        for row in range(families):
            h = begin + row
            if proposed[h] >= 0:
                for k in range(worth.shape[1]):
                    if considered[h, k] == proposed[h]:
                        worth[row, k] += bonus[h]
            rank_keys(worth, keys, ranks, row)
        for row in range(families):
            h = begin + row
            _list(considered, h, ranks, row, ordered)
            favourite[h] = ordered[0]
            if strategic[h]:
                for k in range(worth.shape[1]):
                    sure = (considered[h, k] == proposed[h]) & (proposed[h] >= 0)
                    worth[row, k] += np.float32(0) if sure else log_chance[max(considered[h, k], 0)]
                rank_keys(worth, keys, ranks, row)
                _list(considered, h, ranks, row, ordered)
            for k in range(min(lists.shape[1], ordered.size)):
                lists[h, k] = ordered[k]


@inlined
def _list(considered, h, ranks, row, ordered):
    """The schools of chooser ``h`` into ``ordered`` (slot,), by rank."""
    for k in range(ordered.size):
        ordered[np.uint32(ranks[row, k])] = considered[h, k]
