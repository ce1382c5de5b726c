"""Who stays, who leaves the city, and who is followed by a younger sibling, drawn from each child's own ids."""

from typing import NamedTuple

import numpy as np

from abm.compiled import in_place
from abm.households import MAX_GAP, entry_year, sibling_gap
from abm.randomness import EVER, FIRST, SECOND, named, processes, uniform64, word
from abm.rules import Rules
from abm.world import World

_LEAVE, _SIBLING = processes("leave", "sibling")
_GONE, _LEAVES, _STAYS, _FOLLOWED = np.int8(0), np.int8(1), np.int8(2), np.int8(3)  # by a younger sibling


class Fate(NamedTuple):
    """What becomes of the households, by row of last year's table."""

    stays: np.ndarray  # (run, 2) int64 runs of rows: the first, and the one behind the last
    leaves: np.ndarray  # (row,) int64 who leave the city; those of the oldest grade neither stay nor leave
    older: np.ndarray  # (row,) int64 of those who stay, first children whose younger sibling enters this year
    staying: int  # how many stay


def who_stays(world: World, rules: Rules) -> Fate:
    """The oldest grade and some families go; some of the others are followed by a younger sibling.

    A child of the starting stock stands for first and later children alike, so it is followed by fewer siblings.
    """
    table, year = world.households, world.year
    n = table.id.size
    edge, leaves, older = np.empty(n + 1, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    edges, going, followed, staying = _part(
        table.family, table.id, table.grade, word(world.seed), world.grades - 1, float(rules.demography.leave), year,
        longest_gap(world), sibling_odds(rules), np.empty(n, np.int8), edge, leaves, older,
    )  # fmt: skip
    return Fate(edge[:edges].reshape(-1, 2), leaves[:going], older[:followed], staying)


def sibling_odds(rules: Rules) -> float:
    """Younger siblings per first child that give the wanted share of entrants with an older sibling."""
    return rules.households.sibling_share / (1 - rules.households.sibling_share)


def longest_gap(world: World) -> int:
    return min(MAX_GAP, world.grades - 1)


@in_place
def _part(family, identity, grade, seed, last, leave, year, longest, odds, fate, edge, leaves, older):
    """Into ``edge`` where runs of those who stay begin and end, into ``leaves`` and ``older`` rows; see :class:`Fate`.

    How many of each, and how many stay. All is drawn for everybody but the oldest grade's cohort, whose rows come first:
    without a branch these are vector instructions. ``fate`` (household,) int8 is room.
    """
    leaving = named(seed, _LEAVE, year, FIRST)
    spacing, following = named(seed, _SIBLING, EVER, SECOND), named(seed, _SIBLING, EVER, FIRST)
    first = 0
    while first < grade.size and grade[first] >= last:
        first += 1
    for i in range(grade.size - first):
        h = np.uint64(first) + np.uint64(i)
        age = year - entry_year(identity[h])
        gap = 1 + np.floor(uniform64(spacing, identity[h]) * longest)
        follows = (sibling_gap(identity[h]) == 0) & (age >= 1) & (age <= longest) & (gap == age)
        follows &= uniform64(following, identity[h]) < (odds / (1 + odds) if age >= year else odds)
        known = _FOLLOWED if follows else _STAYS
        known = _LEAVES if uniform64(leaving, family[h]) < leave else known
        fate[h] = _GONE if grade[h] >= last else known
    edges, staying, going, followed, inside = 0, 0, 0, 0, False
    for h in range(first, grade.size):
        older[followed] = h
        followed += fate[h] == _FOLLOWED
        if inside != (fate[h] >= _STAYS):  # seldom: few leave in between
            edge[edges], inside = h, not inside
            staying += -h if inside else h
            edges += 1
        if fate[h] == _LEAVES:
            leaves[going] = h
            going += 1
    if inside:
        edge[edges] = grade.size
        staying += grade.size
        edges += 1
    return edges, going, followed, staying
