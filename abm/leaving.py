"""Who stays, who leaves the city, and who is followed by a younger sibling, drawn from each child's own ids."""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.households import MAX_GAP, entry_year, sibling_gap
from abm.randomness import PROCESSES, named, uniform64, word
from abm.rules import Rules
from abm.world import World

_LEAVE, _SIBLING = PROCESSES["leave"], PROCESSES["sibling"]
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
    return Fate(
        *_part(
            table.family, table.id, table.grade, word(world.seed), world.grades - 1, float(rules.demography.leave),
            year, longest_gap(world), sibling_odds(rules),
        )
    )  # fmt: skip


def sibling_odds(rules: Rules) -> float:
    """Younger siblings per first child that give the wanted share of entrants with an older sibling."""
    return rules.households.sibling_share / (1 - rules.households.sibling_share)


def longest_gap(world: World) -> int:
    return min(MAX_GAP, world.grades - 1)


@kernel
def _part(family, identity, grade, seed, last, leave, year, longest, odds):
    """Runs of rows of those who stay, rows of those who leave the city and of older children whose sibling enters; see :class:`Fate`.

    All is drawn for everybody but the oldest grade's cohort, whose rows come first: without a branch, in vectors.
    """
    leaving, spacing, following = named(seed, _LEAVE, year, 0), named(seed, _SIBLING, 0, 1), named(seed, _SIBLING, 0, 0)
    first = 0
    while first < grade.size and grade[first] >= last:
        first += 1
    family, identity, grade = family[first:], identity[first:], grade[first:]
    n = family.size
    fate = np.empty(n, np.int8)
    for i in range(n):
        age = year - entry_year(identity[i])
        gap = 1 + np.floor(uniform64(spacing, identity[i]) * longest)
        follows = (sibling_gap(identity[i]) == 0) & (age >= 1) & (age <= longest) & (gap == age)
        follows &= uniform64(following, identity[i]) < (odds / (1 + odds) if age >= year else odds)
        known = _FOLLOWED if follows else _STAYS
        known = _LEAVES if uniform64(leaving, family[i]) < leave else known
        fate[i] = _GONE if grade[i] >= last else known
    edge, leaves, older = np.empty(n + 1, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    edges, staying, going, followed, inside = 0, 0, 0, 0, False
    for i in range(n):
        older[followed] = first + i
        followed += fate[i] == _FOLLOWED
        if inside != (fate[i] >= _STAYS):  # seldom: few leave in between
            edge[edges], inside = first + i, not inside
            edges += 1
        if fate[i] == _LEAVES:
            leaves[going] = first + i
            going += 1
    if inside:
        edge[edges] = first + n
        edges += 1
    runs = edge[:edges].reshape(-1, 2)
    for run in runs:
        staying += run[1] - run[0]
    return runs, leaves[:going], older[:followed], staying
