"""Mutual information M and Theil's H, for any number of groups, in nats; M within clusters.

Notation: n_ug pupils of group g in unit u, n_u and n_g the margins, N all. M is the divergence of what is found from
what the margins alone would give, n_u n_g / N; it falls into parts without remainder (Mora and Ruiz-Castillo 2011).
"""

import math
from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.segregation.indices import checked


class Parts(NamedTuple):
    """M of all units, M between clusters, and what is left within them: total = between + within."""

    total: float
    between: float
    within: float


@kernel
def independent(heads):
    """(unit, group) pupils as the margins alone would spread them, n_u n_g / N; nan where nobody is."""
    units, groups = heads.shape
    of_unit, of_group, everyone = np.zeros(units, np.float64), np.zeros(groups, np.float64), 0.0
    for u in range(units):
        for g in range(groups):
            of_unit[u] += heads[u, g]
            of_group[g] += heads[u, g]
            everyone += heads[u, g]
    out = np.full((units, groups), np.nan)
    for u in range(units if everyone else 0):
        for g in range(groups):
            out[u, g] = of_unit[u] * of_group[g] / everyone
    return out


@kernel
def _divergence(heads, expected):
    """sum_ug n_ug/N log(n_ug / expected_ug), an empty cell adding nothing; nan without pupils."""
    total, everyone = 0.0, 0.0
    for u in range(heads.shape[0]):
        for g in range(heads.shape[1]):
            if heads[u, g] > 0.0:
                total += heads[u, g] * math.log(heads[u, g] / expected[u, g])
                everyone += heads[u, g]
    return total / everyone if everyone else np.nan


@kernel
def m_of(heads):
    """M of ``heads`` (unit, group)."""
    return _divergence(heads, independent(heads))


def mutual_information(heads) -> float:
    """M = sum_ug n_ug/N log(n_ug N / (n_u n_g)): what a pupil's unit tells about the pupil's group, in nats.

    In [0, min(group entropy, unit entropy)]; 0 for one unit or one group, a (unit, 1) table among them; nan without
    pupils. Theil (1972); Mora and Ruiz-Castillo (2011).
    """
    return float(m_of(np.ascontiguousarray(checked(heads))))


def theil_h(heads) -> float:
    """H = M / E with E = -sum_g n_g/N log(n_g/N), the groups' entropy: M as a share of the most there could be.

    In [0, 1]; 0 for one unit; nan if all pupils are of one group, or if there are none. Theil (1972).
    """
    heads = np.ascontiguousarray(checked(heads))
    groups = heads.sum(axis=0)
    groups = groups[groups > 0.0]
    if groups.size < 2:
        return np.nan
    shares = groups / groups.sum()
    return m_of(heads) / float(-shares @ np.log(shares))


def decompose(heads, cluster) -> Parts:
    """(total, between, within) of M for units that lie in clusters: schools in districts, classes in schools.

    ``cluster`` (unit,) labels, integers or strings. Between is M of the clusters' head counts, within the average of M
    inside each cluster weighted by its pupils, computed by itself and not as a remainder. total = between + within,
    none negative; all nan without pupils. Theil (1972); Mora and Ruiz-Castillo (2011), strong unit decomposability.
    """
    heads = np.ascontiguousarray(checked(heads))
    names, place = np.unique(np.asarray(cluster), return_inverse=True)
    place = place.astype(np.int64, copy=False)
    if place.shape != heads.shape[:1]:
        raise ValueError(f"{heads.shape[0]} units need as many cluster labels, not an array of shape {place.shape}")
    return Parts(float(m_of(heads)), *between_and_within(heads, place, names.size))


@kernel
def between_and_within(heads, place, clusters):
    """M between clusters, and within them, as :func:`decompose` has it, of a table that comes from counting.

    heads: (unit, group) floats; place: (unit,) int64 clusters numbered from 0. Nothing is validated.
    """
    groups = heads.shape[1]
    together, size = np.zeros((clusters, groups), np.float64), np.zeros(clusters, np.float64)
    for u in range(heads.shape[0]):
        for g in range(groups):
            together[place[u], g] += heads[u, g]
            size[place[u]] += heads[u, g]
    inside = np.empty(heads.shape, np.float64)  # pupils if each unit had its cluster's makeup
    for u in range(heads.shape[0]):
        own = 0.0
        for g in range(groups):
            own += heads[u, g]
        for g in range(groups):
            inside[u, g] = own * (together[place[u], g] / size[place[u]])
    return m_of(together), _divergence(heads, inside)
