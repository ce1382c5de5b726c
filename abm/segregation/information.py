"""Mutual information M and Theil's H, for any number of groups, in nats; M within clusters and its change over years.

Notation: n_ug pupils of group g in unit u, n_u and n_g the margins, N all. M is the divergence of what is found from
what the margins alone would give, n_u n_g / N; it falls into parts without remainder (Mora and Ruiz-Castillo 2011).
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.segregation.indices import checked

_EMPTY_CELL = 1e-12  # what an empty cell counts as, in units of n_u n_g / N, so that any margins can be fitted
_TOLERANCE = 1e-10  # relative miss of a margin at which fitting stops; well above the empty cells
_ROUNDS = 20_000  # of fitting at most; tables near full segregation converge slowly


class Parts(NamedTuple):
    """M of all units, M between clusters, and what is left within them: total = between + within."""

    total: float
    between: float
    within: float


class Change(NamedTuple):
    """A change of M and its parts: total = unit_marginal + group_marginal + structural."""

    total: float
    unit_marginal: float
    group_marginal: float
    structural: float


def _independent(heads) -> np.ndarray:
    """(unit, group) pupils as the margins alone would spread them, n_u n_g / N; nan where nobody is."""
    with np.errstate(invalid="ignore"):
        return np.outer(heads.sum(axis=1), heads.sum(axis=0)) / heads.sum()


def _divergence(heads, expected) -> float:
    """sum_ug n_ug/N log(n_ug / expected_ug), an empty cell adding nothing; nan without pupils."""
    filled = heads > 0.0
    found = heads[filled]
    return float(found @ np.log(found / expected[filled]) / found.sum()) if found.size else np.nan


def mutual_information(heads) -> float:
    """M = sum_ug n_ug/N log(n_ug N / (n_u n_g)): what a pupil's unit tells about the pupil's group, in nats.

    In [0, min(group entropy, unit entropy)]; 0 for one unit or one group, a (unit, 1) table among them; nan without
    pupils. Theil (1972); Mora and Ruiz-Castillo (2011).
    """
    heads = checked(heads)
    return _divergence(heads, _independent(heads))


def theil_h(heads) -> float:
    """H = M / E with E = -sum_g n_g/N log(n_g/N), the groups' entropy: M as a share of the most there could be.

    In [0, 1]; 0 for one unit; nan if all pupils are of one group, or if there are none. Theil (1972).
    """
    heads = checked(heads)
    groups = heads.sum(axis=0)
    groups = groups[groups > 0.0]
    if groups.size < 2:
        return np.nan
    shares = groups / groups.sum()
    return _divergence(heads, _independent(heads)) / float(-shares @ np.log(shares))


def decompose(heads, cluster) -> Parts:
    """(total, between, within) of M for units that lie in clusters: schools in districts, classes in schools.

    ``cluster`` (unit,) labels, integers or strings. Between is M of the clusters' head counts, within the average of M
    inside each cluster weighted by its pupils, computed by itself and not as a remainder. total = between + within,
    none negative; all nan without pupils. Theil (1972); Mora and Ruiz-Castillo (2011), strong unit decomposability.
    """
    heads = checked(heads)
    names, place = np.unique(np.asarray(cluster), return_inverse=True)
    if place.shape != heads.shape[:1]:
        raise ValueError(f"{heads.shape[0]} units need as many cluster labels, not an array of shape {place.shape}")
    clusters = np.zeros((names.size, heads.shape[1]))
    np.add.at(clusters, place, heads)
    with np.errstate(invalid="ignore"):
        makeup = clusters / clusters.sum(axis=1, keepdims=True)  # (cluster, group) share; nan where nobody is
    within = _divergence(heads, heads.sum(axis=1, keepdims=True) * makeup[place])
    return Parts(_divergence(heads, _independent(heads)), _divergence(clusters, _independent(clusters)), within)


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
    years = before, after
    units = (before.sum(axis=1) > 0.0) & (after.sum(axis=1) > 0.0)
    stay = [year[units] for year in years]
    groups = (stay[0].sum(axis=0) > 0.0) & (stay[1].sum(axis=0) > 0.0)
    both = [year[:, groups] for year in stay]
    every = [[mutual_information(table) if table.size else np.nan for table in pair] for pair in (years, stay, both)]
    total, of_stay, of_both = (second - first for first, second in every)
    by_unit, by_group, structural = _shapley(*both) if both[0].size else (np.nan,) * 3
    return Change(total, by_unit + total - of_stay, by_group + of_stay - of_both, structural)


def _shapley(before, after) -> tuple[float, float, float]:
    """(unit margin, group margin, structure): their parts in the change of M between tables without empty margins."""
    years = [table / table.sum() for table in (before, after)]
    m = np.empty((2, 2, 2))  # (structure, unit margin, group margin), each of the year before 0 or after 1
    odds = [np.maximum(table, _EMPTY_CELL * _independent(table)) for table in years]
    for s, u, g in product((0, 1), repeat=3):
        as_found = s == u == g
        table = years[s] if as_found else _fit(odds[s], years[u].sum(axis=1), years[g].sum(axis=0))
        m[s, u, g] = _divergence(table, _independent(table))
    by_unit = (m[:, 1, :] - m[:, 0, :]).mean()
    by_group = (m[:, :, 1] - m[:, :, 0]).mean()
    structural = (m[1, 0, 0] - m[0, 0, 0] + m[1, 1, 1] - m[0, 1, 1]) / 2.0
    return float(by_unit), float(by_group), float(structural)


@kernel
def _fit(table, units, groups):
    """(unit, group) table with margins ``units`` and ``groups`` and the odds ratios of ``table``, all of it positive.

    Iterative proportional fitting (Deming and Stephan 1940): rows and columns are scaled in turn until both agree.
    Where an empty cell forces another to be empty as well it creeps towards the border, and M is good to 1e-4 only.
    """
    table = table.copy()
    for _ in range(_ROUNDS):
        worst = 0.0
        columns = np.zeros(groups.size)
        for u in range(units.size):
            ratio = units[u] / table[u].sum()
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
