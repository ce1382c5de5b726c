"""The change of mutual information M between two years: how much of it is due to margins, how much to structure."""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined, inside, kernel
from abm.segregation.indices import checked
from abm.segregation.information import independent, m_of

_EMPTY_CELL = 1e-12  # what an empty cell counts as, in units of n_u n_g / N, so that any margins can be fitted
_TOLERANCE = 1e-10  # relative miss of a margin at which fitting stops; well above the empty cells
_ROUNDS = 20_000  # of fitting at most; tables near full segregation converge slowly


class Change(NamedTuple):
    """A change of M and its parts: total = unit_marginal + group_marginal + structural."""

    total: float
    unit_marginal: float
    group_marginal: float
    structural: float


def decompose_change(before, after) -> Change:
    """M of ``after`` minus M of ``before``, two tables of the same units and groups, split after Elbers (2021).

    A table is its unit margin, its group margin and its structure, the odds ratios. Iterative proportional fitting puts
    the structure of either year under any margins, so each of the three can be changed alone. *structural*: the change
    of structure under the margins of before and of after, averaged. *unit_marginal*, *group_marginal*: that margin
    changed alone, averaged over both states of the other margin and of the structure. They add up to the total, and
    reversing the years reverses all signs.

    A unit or a group with nobody in one year has no odds in it. Its coming or going is counted first, M with it minus M
    without it, units before groups, and joins the marginal part of its kind. The paper reports these apart: call this
    with the units of both years only, and the difference of the totals is theirs. An empty cell of a unit that exists
    counts as next to nothing, so that a fully separated table can be fitted too. The parts are nan if the years have no
    unit or no group in common, the total as well if a year has no pupils.
    """
    before, after = checked(before), checked(after)
    if before.shape != after.shape:
        raise ValueError(f"the years must list the same units and groups: {before.shape} against {after.shape}")
    return Change(*parts_of_change(np.ascontiguousarray(before), np.ascontiguousarray(after)))


@inside
@kernel
def parts_of_change(before, after):
    """(total, unit margin, group margin, structure) of :class:`Change`: units that come or go first, then groups, then the rest.

    As :func:`decompose_change`, of tables that come from counting, as floats: nothing is validated.
    """
    units, every = _in_both(before, after, np.int64(0)), np.ones(before.shape[1], np.bool_)
    stayed, staying = _those(before, units, every), _those(after, units, every)
    groups, every = _in_both(stayed, staying, np.int64(1)), np.ones(stayed.shape[0], np.bool_)
    was, now = _those(stayed, every, groups), _those(staying, every, groups)
    total = m_of(after) - m_of(before)
    of_stay = total if stayed.size == before.size else m_of(staying) - m_of(stayed)
    of_both = of_stay if was.size == stayed.size else m_of(now) - m_of(was)
    by_unit, by_group, structural = np.nan, np.nan, np.nan
    if was.size > 0:
        by_unit, by_group, structural = _shapley(was, now)
    return total, by_unit + total - of_stay, by_group + of_stay - of_both, structural


@inside
@kernel
def _in_both(before, after, axis):
    """(unit,) or (group,) bool, by ``axis``: somebody is there before and after."""
    pupils, out = np.zeros((2, before.shape[axis]), np.float64), np.empty(before.shape[axis], np.bool_)
    for u in range(before.shape[0]):
        for g in range(before.shape[1]):
            pupils[0, g if axis else u] += before[u, g]
            pupils[1, g if axis else u] += after[u, g]
    for i in range(out.size):
        out[i] = pupils[0, i] > 0.0 and pupils[1, i] > 0.0
    return out


@inside
@kernel
def _those(heads, units, groups):
    """``heads`` (unit, group) of the ``units`` (unit,) and ``groups`` (group,) that are marked."""
    rows, columns = 0, 0
    for u in range(units.size):
        rows += units[u]
    for g in range(groups.size):
        columns += groups[g]
    out, n = np.empty((rows, columns), np.float64), 0
    for u in range(units.size):
        for g in range(groups.size):
            if units[u] and groups[g]:
                out[n // columns, n % columns] = heads[u, g]
                n += 1
    return out


@inside
@kernel
def _shapley(before, after):
    """(unit margin, group margin, structure): their parts in the change of M between tables without empty margins."""
    tables = np.empty((2, before.shape[0], before.shape[1]), np.float64)
    units, groups = np.zeros((2, before.shape[0]), np.float64), np.zeros((2, before.shape[1]), np.float64)
    odds = np.empty(tables.shape, np.float64)
    for year in range(2):
        _share(after if year else before, tables[year])
        spread = independent(tables[year])
        for u in range(before.shape[0]):
            for g in range(before.shape[1]):
                odds[year, u, g] = max(tables[year, u, g], _EMPTY_CELL * spread[u, g])
                units[year, u] += tables[year, u, g]
                groups[year, g] += tables[year, u, g]
    m = np.empty((2, 2, 2), np.float64)  # (structure, unit margin, group margin), each of the year before 0 or after 1
    for s in range(2):
        for u in range(2):
            for g in range(2):
                table = tables[s] if s == u == g else _fit(odds[s], units[u], groups[g])
                m[s, u, g] = m_of(table)
    by_unit, by_group = 0.0, 0.0
    for s in range(2):
        for other in range(2):
            by_unit += (m[s, 1, other] - m[s, 0, other]) / 4.0
            by_group += (m[s, other, 1] - m[s, other, 0]) / 4.0
    structural = (m[1, 0, 0] - m[0, 0, 0] + m[1, 1, 1] - m[0, 1, 1]) / 2.0
    return by_unit, by_group, structural


@inlined
def _share(heads, out):
    """Each cell's part of all ``heads`` into ``out`` (unit, group)."""
    everyone = 0.0
    for u in range(heads.shape[0]):
        for g in range(heads.shape[1]):
            everyone += heads[u, g]
    for u in range(heads.shape[0]):
        for g in range(heads.shape[1]):
            out[u, g] = heads[u, g] / everyone


@inside
@kernel
def _fit(table, units, groups):
    """(unit, group) table with margins ``units`` and ``groups`` and the odds ratios of ``table``, all of it positive.

    Iterative proportional fitting (Deming and Stephan 1940): rows and columns are scaled in turn until both agree.
    Where an empty cell forces another to be empty as well it creeps towards the border, and M is good to 1e-4 only.
    """
    table = table.copy()
    for _ in range(_ROUNDS):
        worst = 0.0
        columns = np.zeros(groups.size, np.float64)
        for u in range(units.size):
            size = 0.0
            for g in range(groups.size):
                size += table[u, g]
            ratio = units[u] / size
            worst = max(worst, abs(ratio - 1.0))
            for g in range(groups.size):
                table[u, g] *= ratio
                columns[g] += table[u, g]
        for g in range(groups.size):
            ratio = groups[g] / columns[g]
            worst = max(worst, abs(ratio - 1.0))
            for u in range(units.size):
                table[u, g] *= ratio
        if worst < _TOLERANCE:
            break
    return table
