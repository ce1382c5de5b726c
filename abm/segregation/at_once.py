"""All two-group indices of a table in one pass, for whoever measures many tables a year; definitions: ``indices``.

Each value equals that of the function of its name up to the rounding of sums. The tables come from counting, so nothing
is validated here.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np

from abm.compiled import inlined, kernel
from abm.segregation.allocation import _log_factorial, _part_of_d
from abm.sorting import rising

_FIGURES = 9  # indices of a table
COLUMNS = _FIGURES + 5  # and the means over random deals of the first of them, which have a closed form
# What takes time and is worked out of a table only where it is wanted: Theil's H and M, Gini's index, means over random deals.
THEIL, GINI, BY_CHANCE = 1, 2, 4


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
    return Figures(*each(heads, *layout((len(heads), THEIL + GINI)))[0][:_FIGURES])


def expected_at_once(heads: np.ndarray) -> float:
    """Mean D of ``heads`` (unit, 2) over random deals, as :func:`abm.segregation.expected_dissimilarity` has it."""
    return each(heads, *layout((len(heads), BY_CHANCE)))[0][_FIGURES]


def mean_at_once(tables: np.ndarray) -> Figures:
    """The means of the indices over ``tables`` (table, unit, 2)."""
    found = each(tables.reshape(-1, 2), *layout(*[(tables.shape[1], THEIL + GINI)] * len(tables)))
    return Figures(*[sum(values) / len(tables) for values in zip(*found, strict=True)][:_FIGURES])


def each(heads: np.ndarray, first: np.ndarray, wanted: np.ndarray) -> list[list[float]]:
    """[table] the :class:`Figures` of each of several tables, one under another in ``heads`` (unit, 2) whole numbers.

    After them the means, over random deals of the same pupils over the same places, of the first five of them.
    first, wanted: see :func:`layout`.
    """
    return figures_of_each(heads, first, wanted).tolist()


def layout(*tables: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(table + 1,) where each begins, and (table,) what is wanted of it, of ``tables`` (units, sum of THEIL, GINI, BY_CHANCE)."""
    first = np.array([0, *itertools.accumulate(units for units, _ in tables)])
    return first, np.array([wanted for _, wanted in tables])


@kernel
def figures_of_each(heads, first, wanted):
    """(table, COLUMNS) float64: see :func:`each`."""
    out, most = np.full((wanted.size, COLUMNS), np.nan), 0
    for t in range(wanted.size):
        most = max(most, first[t + 1] - first[t])
    units = np.empty((most, 2), np.float64)
    for t in range(wanted.size):
        count = np.int64(0)  # a plain 0 would have what is called compiled for itself
        for u in range(first[t], first[t + 1]):
            if heads[u, 0] + heads[u, 1] > 0:
                units[count, 0], units[count, 1] = heads[u, 0], heads[u, 1]
                count += 1
        if count > 0:
            figures_of(units, count, wanted[t], out[t])
    return out


@kernel
def figures_of(units, count, wanted, out):
    """Into ``out`` (COLUMNS,) the figures of the first ``count`` of ``units`` (unit, 2), none of them empty."""
    all_a, all_b = 0.0, 0.0
    for u in range(count):
        all_a += units[u, 0]
        all_b += units[u, 1]
    everyone = all_a + all_b
    gorard, isolation, exposure = 0.0, 0.0, 0.0
    uneven, excess, mixed = 0.0, 0.0, 0.0
    for u in range(count):
        a, b = units[u, 0], units[u, 1]
        size = a + b
        gap = a - size * (all_a / everyone)
        excess += gap * gap / size
        isolation += a * a / size
        exposure += a * b / size
        mixed += math.sqrt(a * b)
        gorard += abs(a / all_a - size / everyone)  # infinite or nan where a side is absent, and then not used
        uneven += abs(a / all_a - b / all_b)
    found = _found(units, count, all_a, all_b) if wanted & THEIL else np.nan
    out[6] = found / everyone
    if all_a > 0:
        out[1], out[2], out[3] = gorard / 2, isolation / all_a, exposure / all_a
    if all_a > 0 and all_b > 0:
        out[0], out[4] = uneven / 2, excess * everyone / (all_a * all_b)
        out[8] = 1.0 - mixed / math.sqrt(all_a * all_b)
        out[5] = found / -(all_a * math.log(all_a / everyone) + all_b * math.log(all_b / everyone))
        if wanted & GINI:
            out[7] = _gini(units, count, all_a * all_b)
        if wanted & BY_CHANCE:
            _by_chance(units, count, np.int64(all_a), np.int64(everyone), out)


@inlined
def _found(units, count, all_a, all_b):
    """N times M of the first ``count`` of ``units`` (unit, 2)."""
    found, everyone = 0.0, all_a + all_b
    for u in range(count):
        a, b = units[u, 0], units[u, 1]
        if a > 0:
            found += a * math.log(a * everyone / ((a + b) * all_a))
        if b > 0:
            found += b * math.log(b * everyone / ((a + b) * all_b))
    return found


@kernel
def _by_chance(units, count, marked, pupils, out):
    """Into ``out`` (COLUMNS,) exact means of D, GS, isolation, exposure and eta^2 of the first ``count`` of ``units`` over random deals.

    Heads of a unit are then hypergeometric, so that the mean of the variance ratio is (units - 1)/(pupils - 1); isolation
    is P + (1 - P) eta^2 and exposure its complement; GS = (1 - P) D.
    """
    logs = _log_factorial(pupils), _log_factorial(marked), _log_factorial(pupils - marked)
    d, largest = 0.0, 0.0
    for u in range(count):
        largest = max(largest, units[u, 0] + units[u, 1])
    known = np.full(np.int64(largest) + 1, -1.0)  # many units, such as classes, are of one size
    for u in range(count):
        size = np.int64(units[u, 0] + units[u, 1])
        if known[size] < 0.0:
            known[size] = _part_of_d(size, pupils, marked, *logs)
        d += known[size]
    share, ratio = marked / pupils, (count - 1) / (pupils - 1)
    isolation = share + (1 - share) * ratio
    out[9], out[10], out[11], out[12], out[13] = d, (1 - share) * d, isolation, 1 - isolation, ratio


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
def within_scopes(heads, others, scope, scopes):
    """(scope, 6): pupils, minority, D, D expected by chance, D of ``others``, isolation, of the units of each ``scope`` (unit,).

    heads, others: (unit, 2) whole numbers, as they are and as they would be elsewhere; scope: int64.
    """
    sums = np.zeros((scopes, 4), np.int64)  # pupils, minority, and the same of ``others``
    logs = np.zeros((scopes, 3), np.float64)  # log n! of the pupils, the minority and the rest
    out = np.full((scopes, 6), np.nan)
    for u in range(scope.size):
        c = scope[u]
        sums[c, 0] += heads[u, 0] + heads[u, 1]
        sums[c, 1] += heads[u, 0]
        sums[c, 2] += others[u, 0] + others[u, 1]
        sums[c, 3] += others[u, 0]
    for c in range(scopes):
        pupils, marked = sums[c, 0], sums[c, 1]
        out[c, 0], out[c, 1] = pupils, marked
        if marked > 0:
            out[c, 5] = 0.0
            if marked < pupils:
                out[c, 2], out[c, 3] = 0.0, 0.0
                logs[c, 0], logs[c, 1] = _log_factorial(pupils), _log_factorial(marked)
                logs[c, 2] = _log_factorial(pupils - marked)
        if 0 < sums[c, 3] < sums[c, 2]:
            out[c, 4] = 0.0
    for u in range(scope.size):
        c, size = scope[u], heads[u, 0] + heads[u, 1]
        pupils, marked, there, of_them = sums[c, 0], sums[c, 1], sums[c, 2], sums[c, 3]
        if 0 < marked < pupils:
            out[c, 3] += _part_of_d(size, pupils, marked, logs[c, 0], logs[c, 1], logs[c, 2])
            out[c, 2] += abs(heads[u, 0] / marked - heads[u, 1] / (pupils - marked)) / 2
        if marked > 0 and size > 0:
            out[c, 5] += heads[u, 0] / size * heads[u, 0] / marked
        if 0 < of_them < there:
            out[c, 4] += abs(others[u, 0] / of_them - others[u, 1] / (there - of_them)) / 2
    return out
