"""Ranks of planted values among draws of their posteriors: if all is right they are uniform (Cook, Gelman & Rubin 2006).

Tests: chi-square over equal bins, and the largest departure of the empirical distribution, whose simultaneous band is found
by simulation (the idea of Saeilynoja, Buerkner & Vehtari 2022: pointwise binomial limits, as much wider as it takes).
"""

import functools
from typing import NamedTuple

import numpy as np
from scipy import stats

from experiments.calibration.diagnostics import effective

DRAWS = 99  # so that there are 100 ranks, 0 to 99
RANKS = DRAWS + 1
EXPECTED = 5  # planted values a bin of the chi-square test
TRIALS = 4000  # uniform samples by which the band is found


class Uniformity(NamedTuple):
    """How far ranks are from uniform."""

    bins: np.ndarray  # (bin,) how many ranks
    chi_square: float  # p-value
    ecdf: float  # p-value
    lean: float  # mean rank as a share, less .5; above 0: posteriors lie too low
    lean_p: float  # p-value that it is 0


def rank(values, weights, truth: float, luck: float) -> int:
    """How many of DRAWS systematic draws of the weighted posterior, at its i/(DRAWS + 1) quantiles, are below the truth.

    The planted value counts as one more draw beside as many as the weights are worth, and ``luck`` (uniform, 0 to 1) says
    where within a step of the distribution it lies: so the rank is exactly uniform where values are equally weighted draws
    of the right posterior, few as they may be.
    """
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    size, weights = effective(weights), weights / weights.sum()
    below = weights[values < truth].sum() + luck * weights[values == truth].sum()
    return min(int((size * below + luck) / (size + 1) * RANKS), DRAWS)


def uniformity(ranks) -> Uniformity:
    """Tests of ranks (n,) from 0 to DRAWS."""
    ranks = np.asarray(ranks, int)
    bins = np.bincount(ranks * _bins(ranks.size) // RANKS, minlength=_bins(ranks.size))
    chi = stats.chisquare(bins).pvalue if bins.size > 1 else 1.0
    least = float(_pointwise(_below(ranks[None]), ranks.size).min())
    lean = (ranks.mean() + 0.5) / RANKS - 0.5
    sd = np.sqrt((1 - RANKS**-2.0) / 12 / ranks.size)
    p = 2 * stats.norm.sf(abs(lean) / sd)
    null = _null(ranks.size)
    return Uniformity(
        bins, float(chi), float((1 + (null <= least * (1 + 1e-9)).sum()) / (1 + TRIALS)), float(lean), float(p)
    )


def band(count: int, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """(rank,) lower and upper ends of the simultaneous band of the share of ``count`` uniform ranks at or below each."""
    narrow = float(np.quantile(_null(count), 1 - level))
    share = _shares()
    return stats.binom.ppf(narrow / 2, count, share) / count, stats.binom.isf(narrow / 2, count, share) / count


def bin_band(count: int, level: float = 0.95) -> tuple[float, float]:
    """The ends within which a bin of the histogram of ``count`` uniform ranks lies with probability ``level``."""
    share = 1 / _bins(count)
    return tuple(float(end) for end in stats.binom.interval(level, count, share))


def ecdf(ranks) -> np.ndarray:
    """(rank,) share of ranks at or below each."""
    return _below(np.asarray(ranks, int)[None])[0] / len(ranks)


def _bins(count: int) -> int:
    """The most bins, of those that divide the ranks evenly, that leave EXPECTED in each."""
    return max((bins for bins in (1, 2, 4, 5, 10, 20) if bins * EXPECTED <= count), default=1)


def _shares() -> np.ndarray:
    return np.arange(1, RANKS) / RANKS  # the last is 1 always


def _below(ranks: np.ndarray) -> np.ndarray:
    """(sample, rank) how many of ranks (sample, n) are at or below each rank but the last."""
    rows = np.arange(len(ranks))[:, None] * RANKS
    counts = np.bincount((rows + ranks).ravel(), minlength=len(ranks) * RANKS).reshape(-1, RANKS)
    return counts.cumsum(axis=1)[:, :-1]


def _pointwise(below: np.ndarray, count: int) -> np.ndarray:
    """(sample, rank) two-sided binomial p-values."""
    share = _shares()
    every = np.arange(count + 1)[:, None]
    low, high = stats.binom.cdf(every, count, share), stats.binom.sf(every - 1, count, share)  # (count, rank)
    return np.minimum(2 * np.minimum(low, high), 1)[below, np.arange(share.size)]


@functools.lru_cache(maxsize=8)
def _null(count: int) -> np.ndarray:
    """(trial,) the least pointwise p-value of uniform samples of ``count`` ranks."""
    samples = np.random.default_rng(count).integers(0, RANKS, (TRIALS, count))
    return _pointwise(_below(samples), count).min(axis=1)
