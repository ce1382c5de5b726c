"""Transfers during the year: late arrivals find a place, some enrolled families look again and leave (flight proper)."""

import numpy as np

from abm.choice import consideration, reached
from abm.compiled import in_place, inlined
from abm.enrolment import look, place_officially
from abm.households import EX_OFFICIO, LATE, TRANSFER, take
from abm.kinship import sibling_schools
from abm.looking import desk, forget
from abm.randomness import Key, household_key, stream
from abm.rules import Rules
from abm.sight import GROUP, IDEAL, MAJORITY, MINORITY, choosers, scene, settings
from abm.staying import looks_again
from abm.turns import take_turns
from abm.utility import taste, utility
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
    enrolled = np.flatnonzero(looks_again(world, rules, everyone))
    turns = take_turns(
        everyone.id[enrolled], settled.reconsider, settled.turns, settled.rounds, (world.year - 1) * settled.rounds,
        Key(world.seed, "reconsider", world.year), Key(world.seed, "order", world.year, 16),
    )  # fmt: skip
    rows, order = np.unique(enrolled[turns.who], return_inverse=True)
    if settled.rounds == 1:  # one turn each: rows, and the list of movers, in the order of turns
        rows, order = enrolled[turns.who], np.arange(turns.who.size)
    table, considered, columns, view = looking(world, rules, rows)
    redrawn = rules.choice.taste == "redrawn"
    tastes = [
        stream(Key(world.seed, "taste", world.year if redrawn else 0, r if redrawn else 0))
        for r in range(settled.rounds)
    ]
    heads, chosen = two_sides(world.seen.heads), table.school.copy()
    _reconsider(
        order, turns.round, np.array(tastes, np.uint64), table.family, considered, chosen, table.grade, columns, view,
        settings(world, rules), free_places(world), heads, settled.sees == "now", np.int64(settled.keep),
        _unknown(heads, rules), np.float32(settled.cost * rules.choice.beta), desk(considered.shape[1]),
    )  # fmt: skip
    moves = chosen != table.school
    school, way, rank = everyone.school.copy(), everyone.way.copy(), everyone.rank.copy()
    school[rows], way[rows[moves]], rank[rows[moves]] = chosen, TRANSFER, -1
    events = world.events._replace(
        moved_id=table.id[moves],
        moved_from=table.school[moves],
        moved_to=chosen[moves],
        moved_group=table.group[moves],
    )
    return world._replace(households=everyone._replace(school=school, way=way, rank=rank), events=events)


def _unknown(heads: np.ndarray, rules: Rules) -> np.ndarray:
    """(side,) float32 shares seen of a school that has lost its last pupil: the city's, or what a family likes best."""
    if rules.perception.empty == "ideal":
        return np.full(2, IDEAL, np.float32)
    majority = heads[:, 0].sum() / max(heads.sum(), 1)
    return np.array([majority, 1 - majority], np.float32)


def looking(world: World, rules: Rules, rows: np.ndarray):
    """What enrolled families in ``rows`` look at: their table, schools considered, :class:`Chooser` and :class:`Scene`.

    considered: (family, slot) int32, as in Perceive; the last slot is the present school.
    """
    table = take(world.households, rows)
    sibling = sibling_schools(world.households, table)
    nearby = neighbours(world)
    considered = np.column_stack([consideration(world, rules, table, sibling, nearby), table.school])
    view = scene(world, rules, nearby)
    return table, considered, choosers(world, rules, table, sibling, reached(world, rules, table), view), view


@in_place
def _reconsider(
    order, rounds, tastes, family, considered, chosen, grade, who, view, o, free, heads, live, keep, empty, cost, room
):
    """All turns; ``chosen`` (family,) int32 is each one's school, which the last slot of ``considered`` repeats.

    order, rounds (turn,): whose turn, in which round; tastes (round,) and ``family`` key the taste. ``free`` places (school,
    grade), ``heads`` (school, side) and what is seen of them in ``view`` change as families leave and come: at once if
    ``live``, else when a round ends. ``empty`` (side,): shares seen of a school without pupils. room: a :class:`Desk`.
    """
    last, worth = considered.shape[1] - 1, room.worth
    for turn in range(order.size):
        h = order[turn]
        if not live and turn > 0 and rounds[turn] != rounds[turn - 1]:
            for s in range(heads.shape[0]):
                _show(view.school, heads, s, empty)
        here = np.int64(chosen[h])
        considered[h, last] = here
        who.key[h, 2] = household_key(tastes[rounds[turn]], family[h])
        forget(room)
        utility(h, considered, who, view, o, room, np.int64(0))
        taste(room, np.int64(1), o.noisy)
        if keep > 0 and heads[here, 0] + heads[here, 1] <= keep:
            continue
        best, best_worth = last, worth[0, last] + cost
        for k in range(last):
            s = considered[h, k]
            if s >= 0 and s != here and free[s, grade[h]] > 0 and worth[0, k] > best_worth:
                best, best_worth = k, worth[0, k]
        if best < last:
            there = np.int64(considered[h, best])
            chosen[h] = there
            free[here, grade[h]] += 1
            free[there, grade[h]] -= 1
            side = min(np.int64(who.whole[h, GROUP]), 1)
            heads[here, side] -= 1
            heads[there, side] += 1
            if live:
                _show(view.school, heads, here, empty)
                _show(view.school, heads, there, empty)


@inlined
def _show(school, heads, s, empty):
    """Bring what families see of the composition of school ``s`` up to date."""
    total = heads[s, 0] + heads[s, 1]
    if total > 0:
        majority = heads[s, 0] / total
        school[s, MAJORITY], school[s, MINORITY] = np.float32(majority), np.float32(1 - majority)
    else:
        school[s, MAJORITY], school[s, MINORITY] = empty[0], empty[1]
