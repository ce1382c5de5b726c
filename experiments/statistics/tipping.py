"""Is there a tipping point, and where? The search of Card, Mas and Rothstein (2008), with split samples.

Units (neighbourhoods there, schools here) have a minority share m in a base year and a change y of their majority over
the years that follow, relative to all of the unit's people in the base year. Past a tipping point m* the majority leaves:

    y = p(m - m*) + d 1[m > m*] + (a constant for each city) + error,        p a polynomial, of the fourth degree there.

m* is unknown. It is searched for, in two ways: ``structural_break`` and ``fixed_point``. A point that was chosen because
the data jump there looks like a jump even where there is none, so d is tested on other units than those searched
(``discontinuity`` of the units that ``split`` left out): given the point, these know nothing of the search.
"""

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from scipy import stats

LIMIT = 0.6  # largest minority share of a unit that is searched (Card, Mas & Rothstein 2008)
DEGREE = 4  # of the polynomials (the same)
WINDOW = 0.1  # units this near to the first root decide where the second lies (the same)
SEARCHED = 2 / 3  # share of the units that is searched, the rest is tested (the same)
EDGE = 0.05  # least share of the searched units on either side of a break: assumption
FEWEST = 3  # and least number of them: assumption
ALIKE = 1e-12  # columns of a regression that differ by less are one


class Discontinuity(NamedTuple):
    """The jump d at a candidate point and what it is worth; all nan where there is no point or too few units."""

    at: float  # minority share
    jump: float  # change of the majority past the point, as a share of the unit's people
    error: float  # standard error
    low: float  # 95 % interval
    high: float
    p: float  # two-sided
    units: int  # tested


def split(units: int, seed: int, share: float = SEARCHED) -> np.ndarray:
    """(unit,) bool: a random ``share`` of the units, to be searched; the others are for the test."""
    searched = np.zeros(units, bool)
    searched[np.random.default_rng(seed).permutation(units)[: round(share * units)]] = True
    return searched


def structural_break(share: np.ndarray, change: np.ndarray, limit: float = LIMIT) -> float:
    """The share m* at which y = a + d 1[m > m*] leaves the least squares among units with m <= limit; nan if too few.

    With n0 units up to m* and n1 past it, the squares explained are n0 n1/(n0 + n1) times the squared difference of their
    means, so one pass over the sorted units finds the best. The point lies half-way between two units.
    """
    share, change = _kept(share, change, limit)
    order = np.argsort(share, kind="stable")
    share, change = share[order], change[order]
    below = np.arange(1, share.size)
    above = share.size - below
    sums = np.cumsum(change)[:-1]
    gain = below * above / share.size * (sums / below - (change.sum() - sums) / above) ** 2
    least = max(FEWEST, int(np.ceil(EDGE * share.size)))
    able = (np.minimum(below, above) >= least) & (np.diff(share) > 0)
    if not able.any():
        return float("nan")
    best = int(np.argmax(np.where(able, gain, -1.0)))
    return float((share[best] + share[best + 1]) / 2)


def fixed_point(share: np.ndarray, change: np.ndarray, limit: float = LIMIT, window: float = WINDOW) -> float:
    """The share m* at which the majority of a unit grows as that of the mean unit, and falls behind beyond it; nan if none.

    R(m) = E[y | m] - E[y] is a polynomial fitted to the units with m <= limit. Of its roots among the shares seen, that of
    steepest fall is taken; a second polynomial, fitted to the units within ``window`` of it, moves the root. The mean is
    that of all units. Where the second fit has too few units or no falling root, the first stands (assumption).
    """
    below, y = _kept(share, change, limit)
    y = y - np.mean(change)
    first = _falling_root(below, y)
    near = np.abs(below - first) <= window
    second = _falling_root(below[near], y[near])
    return first if np.isnan(second) else second


SEARCHES = {"structural break": structural_break, "fixed point": fixed_point}


def discontinuity(
    share: np.ndarray, change: np.ndarray, at: np.ndarray | float, city: np.ndarray | None = None, degree: int = DEGREE
) -> Discontinuity:
    """The jump d of ``change`` (unit,) at the points ``at`` (unit,) or one for all, with a polynomial in m - m*.

    Least squares. Without ``city`` (unit,) one constant, and errors that may differ between units: HC3 (MacKinnon & White
    1985), n - k degrees of freedom. With it a constant for each city and errors clustered by city (CR1), one degree of
    freedom less than there are cities. Units of a city without a point (nan) are left out.
    """
    share, change = np.asarray(share, float), np.asarray(change, float)
    at = np.broadcast_to(np.asarray(at, float), share.shape)
    there = ~np.isnan(at)
    away = (share - at)[there]
    member = np.unique(np.zeros(away.size) if city is None else np.asarray(city)[there], return_inverse=True)[1]
    cities = int(member.max(initial=-1)) + 1
    powers = [away**k for k in range(1, degree + 1)]
    x = np.column_stack([away > 0, *powers, member[:, None] == np.arange(cities)]).astype(float)
    freedom = x.shape[0] - x.shape[1] if city is None else cities - 1
    q, r = np.linalg.qr(x)
    diagonal = np.abs(np.diag(r))
    if x.shape[0] <= x.shape[1] or freedom < 1 or diagonal.min() <= ALIKE * diagonal.max():
        return Discontinuity(float("nan"), *[float("nan")] * 5, int(away.size))
    jump, error = _first_coefficient(q, r, change[there], None if city is None else member)
    radius = stats.t.isf(0.025, freedom) * error
    p = 2 * stats.t.sf(abs(jump) / error, freedom) if error > 0 else float(jump == 0)
    return Discontinuity(float(at[there].mean()), jump, error, jump - radius, jump + radius, float(p), int(away.size))


def _first_coefficient(q: np.ndarray, r: np.ndarray, y: np.ndarray, cluster: np.ndarray | None) -> tuple[float, float]:
    """Coefficient of the first column of X = QR (n, k) and its robust standard error: HC3, or CR1 by ``cluster`` (n,)."""
    inverse = np.linalg.inv(r)
    left = y - q @ (q.T @ y)
    weight = q @ inverse[0]  # (n,) how each unit's y moves the coefficient: row 0 of (X'X)^-1 X'
    n, k = q.shape
    if cluster is None:
        leverage = np.minimum((q**2).sum(axis=1), 1 - 1e-9)
        return float(weight @ y), float(np.sqrt(((weight * left / (1 - leverage)) ** 2).sum()))
    score = np.bincount(cluster, weight * left)
    small = score.size / (score.size - 1) * (n - 1) / (n - k)
    return float(weight @ y), float(np.sqrt(small * (score**2).sum()))


def _kept(share: np.ndarray, change: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    share, change = np.asarray(share, float), np.asarray(change, float)
    inside = share <= limit
    return share[inside], change[inside]


def _falling_root(x: np.ndarray, y: np.ndarray) -> float:
    """Root of the polynomial through (x, y) within the range of ``x`` at which it falls most steeply; nan if there is none."""
    if np.unique(x).size < 2 * (DEGREE + 1):
        return float("nan")
    curve = Polynomial.fit(x, y, DEGREE)
    roots = curve.roots()
    roots = roots.real[np.abs(roots.imag) < 1e-9]
    roots = roots[(roots >= x.min()) & (roots <= x.max())]
    slopes = curve.deriv()(roots)
    return float(roots[np.argmin(slopes)]) if (slopes < 0).any() else float("nan")
