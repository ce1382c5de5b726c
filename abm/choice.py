"""Perceive and rank: which schools a family considers, and the list it hands in."""

import numpy as np

from abm.compiled import in_place, inlined, kernel
from abm.considering import consideration
from abm.households import LATE_MARK, entry_year, sibling_gap, take
from abm.kinship import sibling_schools, together
from abm.looking import TOGETHER, desk
from abm.messages import reached, versed
from abm.proposals import bonus, propose, with_proposed
from abm.randomness import Key, draw
from abm.ranking import rank as rank_keys
from abm.rules import Rules
from abm.schools import gives_by
from abm.scoring import score
from abm.sight import choosers, scene, settings
from abm.staying import local_alone
from abm.world import Round, World, neighbours

_BLOCK, _ONE = 1024, np.uint64(1)
MOST_LISTED = 4096  # schools; the upper bound of ``choice.length``


def perceive(world: World, rules: Rules) -> World:
    """Each entrant considers its nearest schools, its zone's, those its network uses, flagships, a sibling's, those it is told of."""
    rows = entrants(world)
    table = take(world.households, rows)
    sibling = sibling_schools(world.households, table)
    nearby = neighbours(world)
    proposed = propose(world, rules, table, sibling)
    considered = consideration(world, rules, table, sibling, nearby)
    if rules.admission.preassigned > 0:
        considered = with_proposed(considered, proposed)
    nothing = np.full(rows.size, -1, np.int32)
    lists = np.full((rows.size, longest(rules, table)), -1, np.int32)
    return world._replace(
        round=Round(
            rows, table, considered, sibling, lists, nearby, nothing, nothing, proposed,
            nothing[:, None][:, :0],
        )
    )  # fmt: skip


def rank(world: World, rules: Rules) -> World:
    """Each entrant orders what it considers by utility and taste and lists the best; the strategic weigh their chances.

    Whoever looks no further than the local school lists it alone.
    """
    turn = world.round
    table = turn.families
    view = scene(world, rules, turn.neighbours)
    columns = choosers(world, rules, table, turn.sibling, reached(world, rules, table))
    chance = chances(world, rules, table)
    extra = bonus(rules, turn.proposed, table, columns, view)
    lists = np.full((turn.rows.size, longest(rules, table)), -1, np.int32)
    favourite = np.empty(turn.rows.size, np.int32)
    room = desk(turn.considered.shape[1], TOGETHER)
    _rank(
        turn.considered, columns, view, settings(world, rules), *chance, turn.proposed, extra, lists, favourite, room,
        *np.zeros((2, *room.worth.shape), np.int32), np.zeros(room.worth.shape[1], np.int32),
    )  # fmt: skip
    if rules.choice.length_slope != 0:
        lists[np.arange(lists.shape[1]) >= lengths(rules, table)[:, None]] = -1
    lists, favourite = local_alone(world, rules, table, lists, favourite)
    return world._replace(round=turn._replace(lists=lists, favourite=favourite))


def longest(rules: Rules, table) -> int:
    """Schools on the longest list that a family of ``table`` may hand in."""
    if rules.choice.length_slope == 0:
        return min(max(rules.choice.length, 1), MOST_LISTED)
    return lengths(rules, table).max(initial=rules.choice.length)


def lengths(rules: Rules, table) -> np.ndarray:
    """(chooser,) int64 schools that each family may list: by its status, at least one."""
    further = np.rint(rules.choice.length_slope * table.status.astype(float)).astype(np.int64)
    return np.clip(rules.choice.length + further, 1, MOST_LISTED)


def entrants(world: World) -> np.ndarray:
    """Rows of the families who choose this year: those in the entry grade who entered this year in time.

    Families of one place and group stand together, so that they share what they consider.
    """
    table = world.households
    crowds = world.city.place_area.size * world.groups
    return _entrants(table.id, table.grade, table.school, table.place, table.group, world.year, world.groups, crowds)


def chances(world: World, rules: Rules, table) -> tuple[np.ndarray, np.ndarray]:
    """Who is strategic (chooser,) bool, and the log of last year's chance of admission (school,) float32.

    Chances are weighed only where the mechanism rewards it; elsewhere their log is 0.
    """
    known = rules.choice.strategic > 0 or any(message.strategy > 0 for message in rules.orders.messages)
    rewards = gives_by("immediate_acceptance", rules, world.schools.open.size) if known else np.zeros(0, bool)
    if not rewards.any():
        return np.zeros(table.id.size, bool), np.zeros(world.schools.open.size, np.float32)
    share = versed(world, rules, table, rules.choice.strategic)
    strategic = draw(Key(world.seed, "strategic"), table.family) < share
    chance = np.maximum(world.schools.chance, np.float32(0.01))
    return strategic, np.log(chance if rewards.all() else np.where(rewards, chance, np.float32(1)))


@kernel
def _entrants(identity, grade, school, place, group, year, groups, crowds):
    """As :func:`entrants`. They stand together, mostly: a block of rows without one is passed over in vector instructions."""
    rows, n, enters = np.empty(identity.size, np.int64), np.uint64(0), np.empty(_BLOCK, np.int8)
    for begin in range(0, identity.size, _BLOCK):
        block = slice(begin, begin + _BLOCK)
        ids, grades, schools, any_here = identity[block], grade[block], school[block], np.int8(0)
        for i in range(ids.size):
            enters[i] = _enters(ids[i], grades[i], schools[i], year)
            any_here |= enters[i]
        for i in range(ids.size if any_here else 0):
            if enters[i]:
                rows[n] = begin + i
                n += _ONE
    rows = rows[: np.int64(n)]
    crowd = np.empty(rows.size, np.int64)
    for k in range(rows.size):
        crowd[k] = np.int64(place[rows[k]]) * groups + group[rows[k]]
    return rows[together(crowd, crowds)]


@inlined
def _enters(identity, grade, school, year):
    return (grade == 0) & (school < 0) & (entry_year(identity) == year) & (sibling_gap(identity) != LATE_MARK)


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
