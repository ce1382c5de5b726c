"""The two-group indices of segregation: the minority (column 0) against the rest (all other columns together).

Notation: unit u holds a_u of the A minority pupils and b_u of the B others, n_u = a_u + b_u of N = A + B; their shares
are p_u = a_u / n_u and P = A / N. A city of one group only has A = 0 or B = 0; a (unit, 1) table is one, all minority.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel

_BORDER = 1e-9  # a share this close to a limit counts as on it: 0.3 - 0.2 is not 0.1 in binary


class Sides(NamedTuple):
    """The minority and the rest in the units that have pupils."""

    a: np.ndarray  # (unit,) pupils of the minority
    b: np.ndarray  # (unit,) other pupils
    all_a: float
    all_b: float


def checked(heads) -> np.ndarray:
    """``heads`` as a float table (unit, group), or a ValueError. The one place where head counts are validated."""
    heads = np.asarray(heads, dtype=np.float64)
    if heads.ndim != 2 or heads.shape[1] == 0:
        raise ValueError(f"heads must be a table (unit, group) with one group at least, not of shape {heads.shape}")
    if not (heads.min(initial=0.0) >= 0.0 and heads.max(initial=0.0) < np.inf):
        raise ValueError("heads must be finite and not negative: a count is negative, infinite or nan")
    return heads


def sides(heads) -> Sides:
    """Validate ``heads`` and fold it into minority and rest, without the units that have no pupils."""
    heads = checked(heads)
    a, b = heads[:, 0], heads[:, 1] if heads.shape[1] == 2 else heads[:, 1:].sum(axis=1)
    filled = a + b > 0.0
    if not filled.all():
        a, b = a[filled], b[filled]
    return Sides(a, b, float(a.sum()), float(b.sum()))


def dissimilarity(heads) -> float:
    """D = 1/2 sum_u |a_u/A - b_u/B|: the share of one group that would have to move for an even spread.

    In [0, 1]; 0 for one unit. nan if either group is absent. Duncan and Duncan (1955).
    """
    a, b, all_a, all_b = sides(heads)
    if not (all_a and all_b):
        return np.nan
    return float(0.5 * np.abs(a / all_a - b / all_b).sum())


def gorard(heads) -> float:
    """GS = 1/2 sum_u |a_u/A - n_u/N| = (1 - P) D: the share of the minority that would have to change places.

    In [0, 1 - P]; 0 for one unit. nan without minority pupils; 0 where all are of the minority.
    Gorard and Taylor (2002).
    """
    a, b, all_a, all_b = sides(heads)
    if not all_a:
        return np.nan
    return float(0.5 * np.abs(a / all_a - (a + b) / (all_a + all_b)).sum())


def isolation(heads) -> float:
    """xPx = sum_u (a_u/A) p_u: the minority share in the school of the average minority pupil.

    In [P, 1]; P for one unit. nan without minority pupils; 1 where all are of the minority. Massey and Denton (1988).
    """
    a, b, all_a, _ = sides(heads)
    if not all_a:
        return np.nan
    return float((a * a / (a + b)).sum() / all_a)


def exposure(heads) -> float:
    """xPy = sum_u (a_u/A) (b_u/n_u): the share of the rest in the school of the average minority pupil.

    In [0, 1 - P]; exposure + isolation = 1. nan without minority pupils; 0 where all are of the minority.
    Massey and Denton (1988), there also called interaction.
    """
    a, b, all_a, _ = sides(heads)
    if not all_a:
        return np.nan
    return float((a * b / (a + b)).sum() / all_a)


def eta_squared(heads) -> float:
    """Variance ratio = sum_u n_u (p_u - P)^2 / (N P (1 - P)) = (xPx - P) / (1 - P): isolation freed of the margin.

    In [0, 1]; 0 for one unit. nan if either group is absent. Duncan and Duncan (1955); Massey and Denton (1988).
    """
    a, b, all_a, all_b = sides(heads)
    if not (all_a and all_b):
        return np.nan
    size, everyone = a + b, all_a + all_b
    excess = a - size * (all_a / everyone)
    return float((excess * excess / size).sum() * everyone / (all_a * all_b))


def gini(heads) -> float:
    """G = sum_u sum_v n_u n_v |p_u - p_v| / (2 N^2 P (1 - P)): twice the area between segregation curve and diagonal.

    Computed from units sorted by p, since n_u n_v |p_u - p_v| = |a_u b_v - a_v b_u|. In [D, 1]; 0 for one unit. nan if
    either group is absent. Duncan and Duncan (1955); Massey and Denton (1988).
    """
    a, b, all_a, all_b = sides(heads)
    if not (all_a and all_b):
        return np.nan
    order = np.argsort(a / (a + b))
    a, b = a[order], b[order]
    return float((a * (b.cumsum() - b) - b * (a.cumsum() - a)).sum() / (all_a * all_b))


def hutchens(heads) -> float:
    """Square-root index = 1 - sum_u sqrt((a_u/A) (b_u/B)): additively decomposable, and strict on transfers.

    In [0, 1]; 0 for one unit. nan if either group is absent. Hutchens (2004).
    """
    a, b, all_a, all_b = sides(heads)
    if not (all_a and all_b):
        return np.nan
    return float(1.0 - np.sqrt(a * b).sum() / np.sqrt(all_a * all_b))


def atkinson(heads, b: float = 0.5) -> float:
    """Atkinson's index = 1 - (sum_u (b_u/B)^(1-b) (a_u/A)^b)^(1/(1-b)): a large b weighs units rich in the minority.

    The weight b lies in (0, 1), else a ValueError; at .5 the index is 1 - (1 - Hutchens)^2. In [0, 1]; 0 for one unit.
    nan if either group is absent. Massey and Denton (1988), whose P, p_u and n_u are written out here.
    """
    if not 0.0 < b < 1.0:
        raise ValueError(f"Atkinson's b must lie between 0 and 1, not {b}")
    minority, rest, all_a, all_b = sides(heads)
    if not (all_a and all_b):
        return np.nan
    evenness = ((rest / all_b) ** (1.0 - b) * (minority / all_a) ** b).sum()
    return float(1.0 - evenness ** (1.0 / (1.0 - b)))


def shares_within(heads, low: float, high: float) -> tuple[float, float]:
    """(share of units, share of pupils) where the unit's minority share lies from P + low to P + high, ends included.

    With (-.1, .1) these are the balanced schools and their pupils, and the others are segregated; with (.1, inf) those
    where the minority concentrates. How wide balance is remains the user's choice. Both in [0, 1]; nan without pupils.
    """
    a, b, _, _ = sides(heads)
    return shares_between(np.column_stack((a, b)), low, high)


@kernel
def shares_between(heads, low, high):
    """As :func:`shares_within`, of a table (unit, 2) of floats that comes from counting: nothing is validated."""
    all_a, everyone, filled = 0.0, 0.0, 0
    for u in range(heads.shape[0]):
        size = heads[u, 0] + heads[u, 1]
        all_a += heads[u, 0]
        everyone += size
        filled += size > 0.0
    if filled == 0:
        return np.nan, np.nan
    units, pupils = 0, 0.0
    for u in range(heads.shape[0]):
        size = heads[u, 0] + heads[u, 1]
        gap = heads[u, 0] / size - all_a / everyone
        if size > 0.0 and low - _BORDER <= gap <= high + _BORDER:
            units += 1
            pupils += size
    return units / filled, pupils / everyone
