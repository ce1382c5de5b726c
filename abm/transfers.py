"""Transfers during the year: late arrivals find a place, some enrolled families look again and leave (flight proper)."""

import numpy as np

from abm.compiled import in_place, inlined
from abm.considering import consideration
from abm.enrolment import look, place_officially
from abm.households import EX_OFFICIO, LATE, TRANSFER, take
from abm.kinship import sibling_schools
from abm.lanes import with_more
from abm.looking import TOGETHER, desk
from abm.messages import reached
from abm.randomness import Key, household_key, stream
from abm.rules import Rules
from abm.scoring import score
from abm.sight import GROUP, IDEAL, MAJORITY, MINORITY, choosers, scene, settings
from abm.staying import looks_again
from abm.turns import take_turns
from abm.world import World, free_places, neighbours, two_sides


def transfer(world: World, rules: Rules) -> World:
    """Place late arrivals and whoever is without a school; then a share of the enrolled reconsiders, one after another."""
    waits = np.flatnonzero(world.households.school < 0)
    late = world.households.way[waits] == LATE
    for way, waiting in ((EX_OFFICIO, waits[~late]), (LATE, waits[late])):
        world = place_officially(world, rules, waiting, way, rules.transfers.late_placement)
    return look(reconsider(look(world), rules))


def reconsider(world: World, rules: Rules) -> World:
    """Enrolled families look again, round by round, each once a round, in a keyed order; a school left has room again.

    What they see of compositions is that of the round's start, or as it stands when their turn comes (``transfers.sees``);
    all else is as the step found it. The mover itself is counted at its present school only. Whoever looks no further
    than the local school does not look again.
    """
    settled = rules.transfers
    everyone = world.households
    (enrolled,) = looks_again(world, rules, everyone).nonzero()
    turns = take_turns(
        everyone.id if enrolled.size == everyone.id.size else everyone.id[enrolled], settled.reconsider, settled.turns, settled.rounds, (world.year - 1) * settled.rounds,
        Key(world.seed, "reconsider", world.year), Key(world.seed, "order", world.year, 16),
    )  # fmt: skip
    rows = enrolled[turns.rows]
    table, considered, present, guest, columns, view = looking(world, rules, rows)
    redrawn = rules.choice.taste == "redrawn"
    tastes = [
        stream(Key(world.seed, "taste", world.year if redrawn else 0, r if redrawn else 0))
        for r in range(settled.rounds)
    ]
    heads, chosen = two_sides(world.seen.heads), table.school.copy()
    live = settled.sees == "now"
    once = 0 if live or settled.rounds > 1 else rows.size
    _reconsider(
        turns.order, turns.round, np.array(tastes, np.uint64), table.family, considered, present, guest, chosen, table.grade,
        columns, view, settings(world, rules), free_places(world), heads, live, np.int64(settled.keep),
        rules.perception.empty == "ideal", np.float32(settled.cost * rules.choice.beta),
        desk(considered.shape[1], TOGETHER), np.empty((once, considered.shape[1]), np.float32), np.empty(once, bool),
    )  # fmt: skip
    (moves,) = (chosen != table.school).nonzero()
    moved, to = rows[moves], chosen[moves]
    school, way, rank = everyone.school.copy(), everyone.way.copy(), everyone.rank.copy()
    school[moved], way[moved], rank[moved] = to, TRANSFER, -1
    events = world.events._replace(
        moved_id=table.id[moves], moved_from=table.school[moves], moved_to=to, moved_group=table.group[moves]
    )
    return world._replace(households=everyone._replace(school=school, way=way, rank=rank), events=events)


def looking(world: World, rules: Rules, rows: np.ndarray):
    """What enrolled families in ``rows`` look at: their table, schools considered, :class:`Chooser` and :class:`Scene`.

    considered: (family, slot) int32, as in Perceive, with the present school among them: after ``considered`` come its slot
    (family,) int64, and whether it has that slot only as the present school (family,) bool.
    """
    table = take(world.households, rows)
    sibling = sibling_schools(world.households, table)
    nearby = neighbours(world)
    considered = with_present(consideration(world, rules, table, sibling, nearby), table.school)
    view = scene(world, rules, nearby)
    return table, *considered, choosers(world, rules, table, sibling, reached(world, rules, table)), view


def with_present(considered: np.ndarray, school: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The schools considered with the present ``school`` (family,) among them: where it was, else in an empty slot.

    Further slots for all, a vector of them, if some row has neither; then each one's slot, and whether it was empty.
    """
    slot, guest = np.empty(school.size, np.int64), np.empty(school.size, bool)
    if not _seat(considered, school, slot, guest):
        considered = with_more(considered)
        _seat(considered, school, slot, guest)
    return considered, slot, guest


@in_place
def _seat(considered, school, slot, guest):
    """Into ``slot`` (family,) where ``school`` (family,) stands in its row, or will. Whether all found a slot; else none sits."""
    room, none = True, np.int32(considered.shape[1])
    for h in range(school.size):
        at, free = none, none
        for i in range(considered.shape[1]):  # to the end, without a branch: in vector instructions
            k, s = np.int32(i), considered[h, i]
            at, free = min(at, k if s == school[h] else none), min(free, k if s < 0 else none)
        guest[h] = at == none
        slot[h] = free if at == none else at
        room &= slot[h] < none
    for h in range(school.size if room else 0):
        considered[h, slot[h]] = school[h]
    return room


@in_place
def _reconsider(
    order, rounds, tastes, family, considered, present, guest, chosen, grade, who, view, o, free, heads, live, keep, ideal,
    cost, room, worth, tempted,
):  # fmt: skip
    """All turns; ``chosen`` (family,) int32 is each one's school, which stands in slot ``present`` of ``considered``.

    guest: (family,) bool, the school has that slot only while it is the present one. order, rounds (turn,): whose turn, in
    which round; tastes (round,) and ``family`` key the taste. ``free`` places (school, grade), ``heads`` (school, side) and
    what is seen of them in ``view`` change as families leave and come: at once if ``live``, else when a round ends.
    ideal: a school without pupils is seen as what a family likes best, else as the city is. room: a :class:`Desk`.
    worth: (family, slot) float32, and ``tempted`` (family,) bool, where all look once at the same state: they do so first, in
    the order of rows, and only those have a turn who like some school better.
    """
    empty = _unknown(heads, ideal)
    begin, together, first = 0, 1 if live else room.rows.size, worth.shape[0] > 0
    while begin < order.size:
        families, this = 0, rounds[begin]
        while families < together and begin + families < order.size and rounds[begin + families] == this:
            h = begin + families if first else order[begin + families]
            who.key[h, 2] = household_key(tastes[this], family[h])
            room.rows[families] = h
            families += 1
        score(families, considered, who, view, o, room)
        taking, told = families, worth if first else room.worth
        if first:
            for row in range(families):
                h = begin + row
                tempted[h] = _tempted(room.worth, row, present[h], cost)
                for k in range(worth.shape[1] if tempted[h] else 0):
                    worth[h, k] = room.worth[row, k]
            taking = order.size if begin + families == order.size else 0  # all, when the last have looked
        for turn in range(taking):
            h, row = (order[turn], order[turn]) if first else (room.rows[turn], turn)
            if not (tempted[h] if first else _tempted(told, row, present[h], cost)):
                continue
            here, there = _turn(h, row, considered, present, guest, chosen, grade, told, free, heads, keep, cost)
            if here != there:
                side = min(np.int64(who.whole[h, GROUP]), 1)
                heads[here, side] -= 1
                heads[there, side] += 1
                if live:
                    _show(view.school, heads, here, empty)
                    _show(view.school, heads, there, empty)
        begin += families
        if not live and begin < order.size and rounds[begin] != this:
            for s in range(heads.shape[0]):
                _show(view.school, heads, s, empty)


@inlined
def _turn(h, row, considered, present, guest, chosen, grade, worth, free, heads, keep, cost):
    """The school that family ``h`` leaves, and where it goes: the same if it stays. Its looks stand in ``row`` of the worth.

    Most are tempted by few schools: what else speaks against one is looked up for these alone.
    """
    here, slot, d = np.int64(chosen[h]), present[h], grade[h]
    best, best_worth = slot, worth[row, slot] + cost
    if keep > 0 and heads[here, 0] + heads[here, 1] <= keep:
        return here, here
    for k in range(considered.shape[1]):
        if worth[row, k] > best_worth:
            s = considered[h, k]
            if s >= 0 and s != here and free[s, d] > 0:
                best, best_worth = k, worth[row, k]
    if best == slot:
        return here, here
    there = np.int64(considered[h, best])
    if guest[h]:
        considered[h, slot], guest[h] = -1, False
    chosen[h], present[h] = there, best
    free[here, d] += 1
    free[there, d] -= 1
    return here, there


@inlined
def _tempted(worth, row, slot, cost):
    """Whether any school is worth more than that in ``slot`` and the cost: most often none, seen without a branch for each."""
    better = np.int32(0)
    for k in range(worth.shape[1]):
        better += np.int32(worth[row, k] > worth[row, slot] + cost)
    return better > 0


@inlined
def _unknown(heads, ideal):
    """Float32 shares of both sides seen of a school that has lost its last pupil."""
    if ideal:
        return np.float32(IDEAL), np.float32(IDEAL)
    first, total = 0, 0
    for s in range(heads.shape[0]):
        first += heads[s, 0]
        total += heads[s, 0] + heads[s, 1]
    majority = first / max(total, 1)
    return np.float32(majority), np.float32(1 - majority)


@inlined
def _show(school, heads, s, empty):
    """Bring what families see of the composition of school ``s`` up to date."""
    total = heads[s, 0] + heads[s, 1]
    if total > 0:
        majority = heads[s, 0] / total
        school[s, MAJORITY], school[s, MINORITY] = np.float32(majority), np.float32(1 - majority)
    else:
        school[s, MAJORITY], school[s, MINORITY] = empty[0], empty[1]
