"""Enrol: offers are taken up, the unplaced leave the city or are placed ex officio; nobody twice, no school too full."""

import numpy as np

from abm.compiled import in_place
from abm.households import EX_OFFICIO, LATE, OFFER, PROPOSED, Households
from abm.randomness import Key, draw, permutation
from abm.rules import Rules
from abm.schools import official
from abm.settling import kept
from abm.ways import way
from abm.world import World, composition, free_places, two_sides


def enrol(world: World, rules: Rules) -> World:
    """Entrants go to the school of their offer; of the others some leave, the rest goes to the nearest school with room."""
    turn, table = world.round, world.households
    school, way, position = table.school.copy(), table.way.copy(), table.rank.copy()
    unplaced = np.empty(turn.rows.size, np.int64)
    count, waiting = _take_up(turn.rows, turn.lists, turn.offer, turn.proposed, school, way, position, unplaced)
    world = world._replace(households=table._replace(school=school, way=way, rank=position))
    if waiting:
        world = leave_unhappy(world, rules, unplaced[:count])
        entrants = np.flatnonzero((world.households.school < 0) & (world.households.way == OFFER))
        world = place_officially(world, rules, entrants, EX_OFFICIO, "nearest")
    return count_entrants(look(world))


def look(world: World) -> World:
    """The world with the composition that families see brought up to date; heads are those there are.

    After several draws of the lottery shares and means are those over the draws, each counted alike.
    """
    size = world.schools.open.size, world.grades, world.groups
    seen = composition(world.households, *size)
    others = [composition(table, *size) for table in as_redrawn(world)]
    if others:
        shares = {
            name: np.mean([getattr(one, name) for one in (seen, *others)], axis=0, dtype=float).astype(np.float32)
            for name in ("own_share", "vulnerable", "status")
        }
        seen = seen._replace(**shares)
    return world._replace(seen=seen)


def as_redrawn(world: World) -> list[Households]:
    """The households as each further draw of this year's lottery would have placed the entrants; none without such draws.

    An entrant counts where it is if the draw gives it no place, or if it is no longer where the match put it (assumption).
    """
    turn, table = world.round, world.households
    if turn is None or not turn.redrawn.size:
        return []
    order = np.argsort(turn.id)
    row = order[np.minimum(np.searchsorted(turn.id[order], table.id), order.size - 1)]
    by_match = (turn.id[row] == table.id) & (table.school == turn.offer[row]) & (table.school >= 0)
    given = turn.redrawn[row]
    return [
        table._replace(school=np.where(by_match & (offer >= 0), offer, table.school).astype(np.int32))
        for offer in given.T
    ]


def count_entrants(world: World) -> World:
    """The world with each school's pupils of the entry grade noted, by the heads there are at the last look."""
    entrants = np.add.reduce(world.seen.heads[:, 0], 1, np.int32)
    return world._replace(schools=world.schools._replace(entrants=entrants))


def leave_unhappy(world: World, rules: Rules, rows: np.ndarray) -> World:
    """Some families of ``rows``, placed at no school of their list, leave with all their children: sooner with high status."""
    table = world.households
    settings = rules.demography
    if not rows.size:
        return world
    chance = settings.leave_unhappy * np.exp(settings.leave_status * table.status[rows].astype(float))
    goes = rows[draw(Key(world.seed, "leave", world.year, 1), table.id[rows]) < chance]
    if not goes.size:
        return world
    edge, rows = np.empty(table.id.size + 1, np.int64), np.empty(table.id.size, np.int64)
    edges, gone = _with_family(table.family, np.sort(table.family[goes]), np.zeros(4096, bool), edge, rows)
    goes = rows[:gone]
    events = world.events._replace(
        left_group=np.concatenate([world.events.left_group, table.group[goes]]),
        left_unhappy=np.concatenate([world.events.left_unhappy, np.ones(goes.size, bool)]),
    )
    stays = edge[:edges].reshape(-1, 2)
    return world._replace(households=kept(table, stays, table.id.size - gone), events=events)


def place_officially(world: World, rules: Rules, rows: np.ndarray, way: int, rule: str) -> World:
    """Place the families at ``rows`` one after another, in a keyed order, at a school with room in their grade.

    rule: "nearest", or among the nearest ``late_radius`` schools the one with most "room" or with the smallest share of
    the minority ("balanced"). Of late arrivals a share ``transfers.balanced`` goes by "balanced" instead, and protected
    schools take none, unless no other school has room. Whoever finds no place keeps school -1 and is tried again later.
    """
    if not rows.size:
        return world
    table, settings = world.households, rules.transfers
    rows = rows[permutation(Key(world.seed, "order", world.year, way), table.id[rows])]
    room, heads = free_places(world, official(world.schools, rules)), two_sides(world.seen.heads)
    balanced = np.full(rows.size, rule == "balanced")
    if way == LATE and settings.balanced:
        balanced |= draw(Key(world.seed, "late", 0, 2), table.id[rows]) < settings.balanced
    school, ways = table.school.copy(), table.way.copy()
    school[rows] = -1
    parts = [room]
    if way == LATE and rules.orders.protected:  # these schools last, for those who would have none
        closed, kept = list(rules.orders.protected), np.zeros_like(room)
        kept[closed], room[closed] = room[closed], 0
        parts.append(kept)
    for left in parts:
        _place(
            rows, table.place, table.grade, table.group, left, heads, world.city.nearest, world.city.ways, rule == "room",
            balanced, settings.late_radius, way, school, ways,
        )  # fmt: skip
    return world._replace(households=table._replace(school=school, way=ways))


@in_place
def _take_up(rows, lists, offer, proposed, school, way, rank, unplaced):
    """The columns ``school``, ``way`` and ``rank`` with the offers taken up by the families at ``rows``.

    Into ``unplaced`` the rows of those without an offer. How many they are, and how many in all wait for a place.
    """
    count, waiting, length = 0, 0, lists.shape[1]
    for k in range(rows.size):
        h = np.uint64(rows[k])
        school[h], way[h], rank[h] = offer[k], OFFER, -1
        if length > 0 and proposed[k] >= 0 and lists[k, 0] == proposed[k]:
            way[h] = PROPOSED
        if offer[k] < 0:
            unplaced[count] = rows[k]
            count += 1
            continue
        at = 0
        while at < length and lists[k, at] != offer[k]:
            at += 1
        rank[h] = min(at, 127) if at < length else 0
    for h in range(school.size):
        waiting += (school[h] < 0) & (way[h] == OFFER)
    return count, waiting


@in_place
def _with_family(family, leaving, maybe, edge, goes):
    """Into ``edge`` where runs of rows that stay begin and end, and into ``goes`` the rows of the families ``leaving`` (any,).

    These are in order. How many of each. ``maybe`` (4096,) is all False.
    """
    for f in leaving:  # by some bits of the family's id: most families need no search
        maybe[(f ^ (f >> 24)) & 4095] = True
    edges, going, inside = 0, 0, False
    for h in range(family.size):
        f = family[h]
        found = False
        if maybe[(f ^ (f >> 24)) & 4095]:
            at = np.searchsorted(leaving, f)
            found = at < leaving.size and leaving[at] == f
        if found:
            goes[going] = h
            going += 1
        if inside == found:
            edge[edges], inside = h, not inside
            edges += 1
    if inside:
        edge[edges] = family.size
        edges += 1
    return edges, going


@in_place
def _place(rows, place, grade, group, room, heads, nearest, ways, roomiest, balanced, radius, means, school, way_in):
    """Those of ``rows`` without a school each in turn: into ``school`` where they go, into ``way_in`` by what ``means``.

    Of the ``radius`` nearest schools to the most ``balanced`` (row,) or the ``roomiest``, or simply to the nearest with
    room; beyond the radius to the nearest. ``room`` (school, grade) and ``heads`` (school, side) change.
    """
    table, home, site, torus_km, felt, knee = ways
    for i in range(rows.size):
        h = rows[i]
        if school[h] >= 0:
            continue
        best = -1
        best_value = -np.inf
        for k in range(nearest.shape[1]):
            if best >= 0 and (k >= radius or not (roomiest or balanced[i])):
                break
            s = nearest[place[h], k]
            if s >= 0 and room[s, grade[h]] > 0:
                value = -np.float64(k)
                if balanced[i] and k < radius:
                    value = -heads[s, 1] / max(heads[s, 0] + heads[s, 1], 1)
                elif roomiest and k < radius:
                    value = np.float64(room[s, grade[h]])
                if value > best_value:
                    best, best_value = s, value
        if best < 0:
            km = np.float32(np.inf)
            for s in range(room.shape[0]):
                if room[s, grade[h]] > 0:
                    there = way(table, home, site, torus_km, felt, knee, place[h], np.int32(s))
                    if there < km:
                        best, km = s, there
        if best >= 0:
            school[h], way_in[h] = best, means
            room[best, grade[h]] -= 1
            heads[best, np.int64(group[h] > 0)] += 1
