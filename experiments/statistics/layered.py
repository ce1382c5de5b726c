"""Two layers of uncertainty, shown apart: seeds within a parameter set, and parameter sets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from experiments.statistics.pairs import Estimate, moments, paired, quantiles


class Layers(NamedTuple):
    """An effect over parameter sets. ``overall`` captures both layers: its n counts sets, its sd is that of set means."""

    overall: Estimate  # opposite: share of sets whose effect (noise of seeds removed) has the other sign
    seeds_low: float  # interval of the mean over these very sets: what more seeds would narrow
    seeds_high: float
    between: float  # sd of the true effect between sets, cut at 0; with one seed a set the noise is in it
    within: float  # sd between seeds within a set
    lowest: float  # prediction interval for a further parameter set: what more sets cannot narrow
    highest: float
    quantiles: np.ndarray  # (5,) the effect's 5, 25, 50, 75, 95 % quantiles over sets, noise of seeds removed


def layers(differences: np.ndarray | Sequence[Sequence[float]], level: float = 0.95) -> Layers:
    """Layers of ``differences`` (sets, seeds), ragged or with nan; every set counts alike, sets without a pair do not.

    With mean m_k, variance v_k and count n_k of set k and K sets, the overall mean is that of the m_k.
    Over sets: t interval of the m_k (K-1 degrees of freedom), which holds what seeds add to each m_k too.
    Seeds alone: variance sum v_k/n_k / K^2, degrees of freedom after Satterthwaite (1946).
    Between: tau^2 = max(0, var(m_k) - mean(v_k/n_k)), the unweighted method of moments for random effects (Hedges 1983).
    Prediction: mean +- t(K-1) sd(m_k) sqrt(1 + 1/K), exact for what a further set would show with as many seeds, so wide
    for its effect: noise of the seeds is in it. (With tau instead, as in Higgins, Thompson and Spiegelhalter 2009, it covered
    92 % in trials with 15 sets of 8 seeds: tau is estimated, and cut at zero.)
    Quantiles and opposite signs are of m + (m_k - m) tau / sd(m_k), whose spread is tau (Louis 1984): raw means spread too far.

    **Each set needs seeds of its own** (baseline and policy share them within a set): with the same seeds in all sets their
    common luck would be missing from the interval over sets.
    """
    table = _table(differences)
    mean, sd, n = moments(table)
    mean, sd, n = mean[n > 0], sd[n > 0], n[n > 0]
    overall = paired(mean, level)
    pooled = np.sqrt(np.nansum((n - 1) * sd**2) / (n - 1).sum()) if (n > 1).any() else np.nan
    noise = (
        np.where(n > 1, sd, pooled) ** 2 / n
    )  # variance of each set's mean; a single seed borrows the others' variance
    seeds_low, seeds_high = _seeds_alone(overall.mean, noise, n, level)
    total = float(overall.sd) ** 2
    tau = float(np.sqrt(np.maximum(0.0, total - noise.mean()))) if np.isfinite(pooled) else float(overall.sd)
    effects = overall.mean + (mean - overall.mean) * (tau / overall.sd if overall.sd > 0 else 1.0)
    opposite = (np.sign(effects) * np.sign(overall.mean) < 0).mean() if n.size else np.nan
    reach = stats.t.isf((1 - level) / 2, n.size - 1) * np.sqrt(total * (1 + 1 / n.size)) if n.size > 1 else np.nan
    return Layers(
        overall._replace(opposite=opposite), seeds_low, seeds_high, tau, float(pooled),
        float(overall.mean - reach), float(overall.mean + reach), quantiles(effects),
    )  # fmt: skip


def _table(differences: np.ndarray | Sequence[Sequence[float]]) -> np.ndarray:
    """(sets, most seeds), short rows filled with nan."""
    rows = [np.asarray(row, dtype=float) for row in differences]
    out = np.full((len(rows), max((row.size for row in rows), default=0)), np.nan)
    for k, row in enumerate(rows):
        out[k, : row.size] = row
    return out


def _seeds_alone(mean: np.ndarray, noise: np.ndarray, n: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of the mean over these sets, their parameters taken as given; nan where no set has two seeds."""
    if not np.isfinite(noise).all() or not noise.size:
        return np.nan, np.nan
    own = n > 1
    variance = noise.sum() / n.size**2
    weight = (noise[own] ** 2 / (n[own] - 1)).sum()
    freedom = noise[own].sum() ** 2 / weight if weight > 0 else (n[own] - 1).sum()
    radius = stats.t.isf((1 - level) / 2, freedom) * np.sqrt(variance)
    return float(mean - radius), float(mean + radius)
