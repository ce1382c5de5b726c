"""Two ways from a mean, a standard deviation and a count to an interval and a p-value.

``STUDENT`` is the t interval, for a number of seeds fixed beforehand. ``SEQUENTIAL`` holds at all numbers of seeds at
once, so that the number may depend on the data (``--until-precise``); it is about 1.6 times as wide at 40 seeds.
Both fit together: the interval at level 1 - alpha leaves out a value exactly where the p-value of that value is at most alpha.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

# Precision of the Gaussian mixture, in observations: the sequential interval is narrowest near n = 40 at level .95.
# Found by a search over the precision (test_statistics_stopping.py repeats it); any other value is valid too.
PRECISION = 4.4


class Method(NamedTuple):
    """``radius(sd, n, level)`` is half the width of an interval, ``p(distance, sd, n)`` the p-value of a mean that far off."""

    radius: Callable[..., np.ndarray]
    p: Callable[..., np.ndarray]


def t_radius(sd: np.ndarray, n: np.ndarray, level: float | np.ndarray = 0.95) -> np.ndarray:
    """Half the width t(1 - alpha/2, n-1) sd/sqrt(n) of Student's interval; nan with fewer than two."""
    sd, n = np.asarray(sd, dtype=float), np.asarray(n)
    quantile = stats.t.isf((1 - np.asarray(level)) / 2, np.maximum(n - 1, 1))
    return np.where(n > 1, quantile * sd / np.sqrt(np.maximum(n, 1)), np.nan)


def t_p(distance: np.ndarray, sd: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Two-sided p-value of Student's t = distance / (sd/sqrt(n)); without spread 0, or 1 where the distance is zero."""
    t, n = _t(distance, sd, n)
    return np.where(n > 1, 2 * stats.t.sf(t, np.maximum(n - 1, 1)), np.nan)


def sequential_radius(sd: np.ndarray, n: np.ndarray, level: float | np.ndarray = 0.95) -> np.ndarray:
    """Half the width of the confidence sequence for a Gaussian mean with unknown variance.

    The likelihood ratio of the t-statistic, mixed over standardised means delta ~ N(0, 1/c) with the right Haar prior on
    the variance, is with r = c / (n + c)

        B(n) = sqrt(r) [(1 + t^2/(n-1)) / (1 + r t^2/(n-1))]^(n/2),

    a non-negative martingale that starts at one, so P(B(n) >= 1/alpha for some n) <= alpha (Ville 1939). Solved for t,
    with k = (alpha^2 r)^(-1/n): |t| < sqrt((n-1)(k-1)/(1-k r)); unbounded where k r >= 1, at the first few n. The idea is Lai
    1976 (with a flat mixture); with a Gaussian mixture: Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for
    Gaussian means with unknown variance" (arXiv 2310.03722). It is at least as wide as the asymptotic confidence sequence
    of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, to which it tends for large n, and which is too narrow at 10 to 20.
    """
    sd, n, level = np.asarray(sd, dtype=float), np.asarray(n), np.asarray(level)
    some = np.maximum(n, 2)
    r = PRECISION / (some + PRECISION)
    k = ((1 - level) ** 2 * r) ** (-1 / some)
    bounded = k * r < 1
    t = np.sqrt((some - 1) * (k - 1) / np.where(bounded, 1 - k * r, 1.0))
    radius = np.where(bounded, t * sd / np.sqrt(some), np.inf)
    return np.where(n > 1, radius, np.nan)


def sequential_p(distance: np.ndarray, sd: np.ndarray, n: np.ndarray) -> np.ndarray:
    """p-value min(1, 1/B(n)) that holds at any stopping, with the martingale B of ``sequential_radius``."""
    t, n = _t(distance, sd, n)
    some = np.maximum(n, 2)
    r = PRECISION / (some + PRECISION)
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isinf(t), 1 / r, (1 + t**2 / (some - 1)) / (1 + r * t**2 / (some - 1)))
    return np.where(n > 1, np.minimum(1.0, r**-0.5 * ratio ** (-some / 2)), np.nan)


def _t(distance: np.ndarray, sd: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """|t| and n; without spread t is infinite, or zero where the distance is."""
    distance, n = np.abs(np.asarray(distance, dtype=float)), np.asarray(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = distance * np.sqrt(n) / np.asarray(sd, dtype=float)
    return np.where(distance == 0, 0.0, t), n


STUDENT = Method(t_radius, t_p)
SEQUENTIAL = Method(sequential_radius, sequential_p)
