"""How many families want each centre, from first choices that its places cut off: a local level with chance around it.

On the scale z = 2 sqrt(n + 3/8) counts have nearly the same variance whatever their size, 1 if Poisson (Anscombe 1948).
There the demand of a centre moves by a random walk of variance ``drift`` a year, and what is seen of it varies by
``chance`` around it; a full centre's demand is only known to be no less than its places (Tobin 1958). Levels, variances
and the spread over centres are sampled together by Gibbs sampling with the cut-off demands filled in (Chib 1992).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from experiments.forecast.observed import Panel

SHIFT = 0.375
WARM_UP = 500
PRIOR = {"chance": (2.0, 1.0), "drift": (1.5, 0.05), "spread": (1.5, 1.0)}  # shape and scale, inverse gamma


class Levels(NamedTuple):
    """Draws from the posterior."""

    level: np.ndarray  # (draw, centre) demand in the last fitted year, z
    chance: np.ndarray  # (draw,) variance of a year around the level, z; 1: Poisson
    drift: np.ndarray  # (draw,) variance of a year's change of the level, z


def to_z(count) -> np.ndarray:
    """Counts on the scale of constant variance."""
    return 2 * np.sqrt(np.maximum(count, 0) + SHIFT)


def from_z(z) -> np.ndarray:
    """Back to counts, not rounded."""
    return np.maximum((np.maximum(z, 0) / 2) ** 2 - SHIFT, 0)


def sample(panel: Panel, draws: int, seed: int, thin: int = 5, cohort: np.ndarray | float = 1.0) -> Levels:
    """``draws`` draws; one every ``thin`` sweeps of the sampler.

    cohort: (year,) size over that of the last year; levels are those under the last year's cohort.
    """
    root = np.sqrt(cohort)  # z of a count that is c times as large is nearly sqrt(c) times as large
    rng = np.random.default_rng([seed, 1])
    known = np.isfinite(panel.first)
    full = known & panel.full
    bound = to_z(np.nan_to_num(panel.places) - 0.5) / root  # of a whole number, from half below
    z = np.where(full, bound + 0.5, to_z(np.nan_to_num(panel.first)) / root)
    size = to_z(_last(panel.places))
    design = np.stack([np.ones(size.size), size], axis=1)
    slope, chance, drift, spread = np.array([0.0, 1.0]), 1.0, 0.1, 4.0
    kept = []
    for sweep in range(WARM_UP + draws * thin):
        level = _levels(rng, z, known, design @ slope, chance, drift, spread)
        z = np.where(full, _above(rng, level, np.sqrt(chance), bound), z)
        gap = (z - level)[known]
        chance = _variance(rng, gap, *PRIOR["chance"])
        drift = _variance(rng, np.diff(level, axis=1), *PRIOR["drift"]) if level.shape[1] > 1 else drift
        slope = _slope(rng, design, level[:, 0], spread)
        spread = _variance(rng, level[:, 0] - design @ slope, *PRIOR["spread"])
        if sweep >= WARM_UP and (sweep - WARM_UP) % thin == 0:
            kept.append((level[:, -1], chance, drift))
    return Levels(*(np.array(part) for part in zip(*kept, strict=True)))


def _last(values: np.ndarray) -> np.ndarray:
    """(centre,) the last known value of each row."""
    at = values.shape[1] - 1 - np.isfinite(values)[:, ::-1].argmax(axis=1)
    return values[np.arange(len(values)), at]


def _levels(rng, z, known, start, chance, drift, spread) -> np.ndarray:
    """(centre, year) levels given demands z: forward filtering, backward sampling (Carter & Kohn 1994)."""
    n, years = z.shape
    mean, var = np.empty((n, years)), np.empty((n, years))
    m, v = start, np.full(n, spread)
    for y in range(years):
        if y:
            v = v + drift
        gain = np.where(known[:, y], v / (v + chance), 0.0)
        m, v = m + gain * (z[:, y] - m), v * (1 - gain)
        mean[:, y], var[:, y] = m, v
    out = np.empty((n, years))
    out[:, -1] = mean[:, -1] + np.sqrt(var[:, -1]) * rng.standard_normal(n)
    for y in range(years - 2, -1, -1):
        gain = var[:, y] / (var[:, y] + drift)
        centre = mean[:, y] + gain * (out[:, y + 1] - mean[:, y])
        out[:, y] = centre + np.sqrt(var[:, y] * (1 - gain)) * rng.standard_normal(n)
    return out


def _above(rng, mean, sd, bound) -> np.ndarray:
    """Normal numbers above ``bound``."""
    low = ndtr((bound - mean) / sd)
    share = np.minimum(low + (1 - low) * rng.random(mean.shape), 1 - 1e-12)
    return np.maximum(mean + sd * ndtri(np.maximum(share, 1e-12)), bound)


def _variance(rng, gap, shape: float, scale: float) -> float:
    return float((scale + 0.5 * (gap**2).sum()) / rng.gamma(shape + 0.5 * gap.size))


def _slope(rng, design, y, variance) -> np.ndarray:
    """Coefficients of the centres' first levels on their places, weak normal prior."""
    precision = design.T @ design / variance + np.eye(design.shape[1]) / 100
    covariance = np.linalg.inv(precision)
    return rng.multivariate_normal(covariance @ design.T @ y / variance, covariance)
