"""Effects from pairs of runs with one seed: the mean difference, its interval, and what else the pairs say.

Everywhere in this package a difference is policy minus baseline with the same seed, arrays run over seeds on their last
axis and over anything else (policies, years, parameter sets) before it, and nan is a missing run: a pair with one is left out.
"""

from typing import NamedTuple

import numpy as np

from experiments.statistics.student import STUDENT, Method

PERCENT = (5, 25, 50, 75, 95)


class Estimate(NamedTuple):
    """An effect with its interval; every field has the shape of what stands before the axis of seeds."""

    mean: np.ndarray  # mean of the paired differences, unit of the indicator
    low: np.ndarray  # lower end of the interval
    high: np.ndarray  # upper end of the interval
    sd: np.ndarray  # standard deviation of the differences
    n: np.ndarray  # pairs that count
    opposite: np.ndarray  # share of pairs whose sign is opposite to the mean's
    p: np.ndarray  # two-sided p-value of "the mean is zero"


class Pairing(NamedTuple):
    """What common random numbers gained: correlation of the pairs, and how many times the seeds unpaired runs would need."""

    correlation: np.ndarray
    reduction: np.ndarray


def paired(differences: np.ndarray, level: float = 0.95, method: Method = STUDENT) -> Estimate:
    """Mean of ``differences`` (..., n) with the interval mean +- t(1 - alpha/2, n-1) sd/sqrt(n) (Student 1908).

    By default for a number of seeds fixed beforehand; ``method=SEQUENTIAL`` where seeds were added until something was
    precise enough. Fewer than two pairs: nan. Differences that are all equal: an interval of zero width.
    """
    mean, sd, n = moments(differences)
    radius = method.radius(sd, n, level)
    sign = np.sign(mean)[..., None] * np.sign(differences)
    opposite = np.where(n > 0, (sign < 0).sum(axis=-1) / np.maximum(n, 1), np.nan)
    found = Estimate(mean, mean - radius, mean + radius, sd, n, opposite, method.p(mean, sd, n))
    return Estimate(*(np.asarray(part)[()] for part in found))  # plain numbers for one sample


def moments(differences: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, standard deviation (divisor n-1) and count over the last axis of (..., n), nan left out.

    Taken from the smallest value, so that equal values have a standard deviation of exactly zero.
    """
    x = np.asarray(differences, dtype=float)
    there = ~np.isnan(x)
    n = there.sum(axis=-1)
    base = np.fmin.reduce(x, axis=-1, initial=np.inf)
    base = np.where(np.isfinite(base), base, np.nan)
    shifted = np.where(there, x - base[..., None], 0.0)
    mean = shifted.sum(axis=-1) / np.maximum(n, 1)
    squares = np.where(there, (shifted - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    sd = np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    return base + mean, sd, n


def quantiles(differences: np.ndarray, percent: tuple[float, ...] = PERCENT) -> np.ndarray:
    """(..., len(percent)) quantiles of the differences (..., n): near a tipping point the mean alone misleads.

    Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); nan where no pair counts.
    """
    x = np.sort(np.asarray(differences, dtype=float), axis=-1)  # nan last
    last = (~np.isnan(x)).sum(axis=-1)[..., None] - 1
    at = np.maximum(last, 0) * np.asarray(percent, dtype=float) / 100
    lower = np.floor(at).astype(int)
    below = np.take_along_axis(x, lower, axis=-1)
    above = np.take_along_axis(x, np.minimum(lower + 1, np.maximum(last, 0)), axis=-1)
    return below + (at - lower) * (above - below)


def correlation(base: np.ndarray, policy: np.ndarray) -> Pairing:
    """Achieved correlation of ``base`` and ``policy`` (..., n) over seeds, and (var base + var policy) / var difference.

    The ratio is the variance of a comparison of independent runs over that of the paired one (Law 2015, chapter 11):
    1 / (1 - correlation) where both vary alike; below one, pairing has done harm. nan where one does not vary.
    """
    base, policy = np.broadcast_arrays(np.asarray(base, dtype=float), np.asarray(policy, dtype=float))
    gone = np.isnan(base) | np.isnan(policy)
    base, policy = np.where(gone, np.nan, base), np.where(gone, np.nan, policy)
    (mean_b, sd_b, n), (mean_p, sd_p, _), (_, sd_d, _) = moments(base), moments(policy), moments(policy - base)
    product = np.where(gone, 0.0, (base - mean_b[..., None]) * (policy - mean_p[..., None])).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = product / np.maximum(n - 1, 1) / (sd_b * sd_p)
        reduction = (sd_b**2 + sd_p**2) / sd_d**2
    return Pairing(np.clip(rho, -1.0, 1.0), reduction)


def interaction(bundle: np.ndarray, parts: np.ndarray, level: float = 0.95, method: Method = STUDENT) -> Estimate:
    """Effect of a bundle minus the sum of its parts' effects, paired by seed.

    ``bundle`` (n,) and ``parts`` (k, n) are differences from one baseline. Zero: the parts add up; of the same sign as the
    bundle's effect: they strengthen one another. A seed that misses in one part is left out.
    """
    return paired(np.asarray(bundle, dtype=float) - np.asarray(parts, dtype=float).sum(axis=-2), level, method)
