"""All two-group indices of a table in one pass, for whoever measures many tables a year; definitions: ``indices``.

Each value equals that of the function of its name up to the rounding of sums. The tables come from counting, so nothing
is validated here.
"""

import math
from typing import NamedTuple

import numpy as np

from abm.compiled import inside, kernel
from abm.segregation.allocation import _deviation
from abm.sorting import rising

_FIGURES = 9


class Figures(NamedTuple):
    """The indices of one table."""

    dissimilarity: float
    gorard: float
    isolation: float
    exposure: float
    eta_squared: float
    theil_h: float
    mutual_information: float
    gini: float
    hutchens: float


def at_once(heads: np.ndarray) -> Figures:
    """The indices of whole ``heads`` (unit, 2), the minority first; nan where :mod:`abm.segregation.indices` has it."""
    return Figures(*_figures(heads).tolist())


def expected_at_once(heads: np.ndarray) -> float:
    """Mean D of ``heads`` (unit, 2) over random deals, as :func:`abm.segregation.expected_dissimilarity` has it."""
    return float(_within(heads, heads, np.zeros(len(heads), np.int64), 1)[0, 3])


def mean_at_once(tables: np.ndarray) -> Figures:
    """Their means over ``tables`` (table, unit, 2)."""
    return Figures(*_mean_figures(tables).tolist())


def within_scopes(heads: np.ndarray, others: np.ndarray, scope: np.ndarray, scopes: int) -> np.ndarray:
    """(scope, 6): pupils, minority, D, D expected by chance, D of ``others``, isolation, of the units of each ``scope`` (unit,).

    heads, others: (unit, 2) whole numbers, as they are and as they would be elsewhere.
    """
    return _within(heads, others, scope, scopes)


@kernel
def _figures(heads):
    """(9,) float64 indices in the order of :class:`Figures`."""
    out = np.empty(_FIGURES, np.float64)
    for k in range(_FIGURES):
        out[k] = np.nan
    units, count = np.empty((heads.shape[0], 2), np.float64), np.int64(0)
    for u in range(heads.shape[0]):
        if heads[u, 0] + heads[u, 1] > 0:
            units[count, 0], units[count, 1] = heads[u, 0], heads[u, 1]
            count += 1
    all_a, all_b = 0.0, 0.0
    for u in range(count):
        all_a += units[u, 0]
        all_b += units[u, 1]
    everyone = all_a + all_b
    if not everyone:
        return out
    gorard, isolation, exposure, found = 0.0, 0.0, 0.0, 0.0
    uneven, excess, mixed = 0.0, 0.0, 0.0
    for u in range(count):
        a, b = units[u, 0], units[u, 1]
        size = a + b
        gap = a - size * (all_a / everyone)
        excess += gap * gap / size
        isolation += a * a / size
        exposure += a * b / size
        mixed += math.sqrt(a * b)
        if a > 0:
            found += a * math.log(a * everyone / (size * all_a))
        if b > 0:
            found += b * math.log(b * everyone / (size * all_b))
        if all_a > 0:
            gorard += abs(a / all_a - size / everyone)
            if all_b > 0:
                uneven += abs(a / all_a - b / all_b)
    out[6] = found / everyone
    if all_a > 0:
        out[1], out[2], out[3] = gorard / 2, isolation / all_a, exposure / all_a
    if all_a > 0 and all_b > 0:
        entropy = -(all_a * math.log(all_a / everyone) + all_b * math.log(all_b / everyone))
        out[0], out[4], out[5] = uneven / 2, excess * everyone / (all_a * all_b), found / entropy
        out[7] = _gini(units, count, all_a * all_b)
        out[8] = 1.0 - mixed / math.sqrt(all_a * all_b)
    return out


@inside
@kernel
def _gini(units, count, pairs):
    """G of the first ``count`` of ``units`` (unit, 2), none empty: twice the area below the diagonal, by rising share."""
    share, number = np.empty(count, np.float64), np.empty(count, np.int64)
    for u in range(count):
        share[u], number[u] = units[u, 0] / (units[u, 0] + units[u, 1]), u
    area, before_a, before_b = 0.0, 0.0, 0.0
    for u in rising(share, number):  # of equals the first comes first: the same order everywhere
        a, b = units[u, 0], units[u, 1]
        area += a * before_b - b * before_a
        before_a += a
        before_b += b
    return area / pairs


@kernel
def _mean_figures(tables):
    out = np.zeros(_FIGURES, np.float64)
    for t in range(tables.shape[0]):
        figures = _figures(tables[t])
        for k in range(_FIGURES):
            out[k] += figures[k]
    for k in range(_FIGURES):
        out[k] /= tables.shape[0]
    return out


@kernel
def _within(heads, others, scope, scopes):
    n = heads.shape[0]
    size = np.empty(n, np.int64)
    sums = np.zeros((scopes, 4), np.int64)  # pupils, minority, and the same of ``others``
    out = np.full((scopes, 6), np.nan)
    for u in range(n):
        size[u] = heads[u, 0] + heads[u, 1]
        sums[scope[u], 0] += size[u]
        sums[scope[u], 1] += heads[u, 0]
        sums[scope[u], 2] += others[u, 0] + others[u, 1]
        sums[scope[u], 3] += others[u, 0]
    for c in range(scopes):
        pupils, marked = sums[c, 0], sums[c, 1]
        out[c, 0], out[c, 1] = pupils, marked
        if marked > 0:
            out[c, 5] = 0.0
            if marked < pupils:
                out[c, 2], out[c, 3] = 0.0, 0.0
        if 0 < sums[c, 3] < sums[c, 2]:
            out[c, 4] = 0.0
    for u in range(n):
        c = scope[u]
        pupils, marked, there, of_them = sums[c, 0], sums[c, 1], sums[c, 2], sums[c, 3]
        if 0 < marked < pupils:
            out[c, 3] += _deviation(size[u], pupils, marked) * pupils / (2.0 * marked * (pupils - marked))
            out[c, 2] += abs(heads[u, 0] / marked - heads[u, 1] / (pupils - marked)) / 2
        if marked > 0 and size[u] > 0:
            out[c, 5] += heads[u, 0] / size[u] * heads[u, 0] / marked
        if 0 < of_them < there:
            out[c, 4] += abs(others[u, 0] / of_them - others[u, 1] / (there - of_them)) / 2
    return out
