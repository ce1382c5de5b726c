"""True effects behind noisy means: each of many means is drawn towards their common mean, the more so the noisier it is."""

import numpy as np
from scipy import stats


def noise(values: np.ndarray) -> tuple[float, int]:
    """Standard error of a row's mean over columns, pooled over rows (row, seed), and its degrees of freedom.

    Pooled: the spread over seeds is taken to be the same in every row, so that few seeds a row suffice. nan with one seed.
    """
    rows, seeds = values.shape
    if seeds < 2:
        return float("nan"), 0
    return float(np.sqrt(values.var(axis=1, ddof=1).mean() / seeds)), rows * (seeds - 1)


def clear(mean: np.ndarray, error: float, freedom: int, level: float = 0.95) -> np.ndarray:
    """(row,) -1, 0 or 1: the sign of a mean whose interval (Student) leaves 0 out, else 0; all 0 where the error is not known."""
    if np.isnan(error):
        return np.zeros(mean.size, int)
    half = stats.t.ppf((1 + level) / 2, freedom) * error
    return np.where(np.abs(mean) > half, np.sign(mean), 0).astype(int)


def differ(mean: np.ndarray, error: float, freedom: int) -> float:
    """p-value that the rows' true effects are all one (F test, one-way analysis of variance); nan where it cannot be told."""
    if not error > 0 or mean.size < 2:
        return float("nan")
    return float(stats.f.sf(mean.var(ddof=1) / error**2, mean.size - 1, freedom))


def share_below(mean: np.ndarray, error: float, limit: float = 0.0) -> float:
    """Share of the rows whose true effect lies below ``limit``: the mean over rows of its probability.

    Empirical Bayes with normal noise and normal true effects (Efron & Morris 1975): their variance is that of the means
    less that of the noise. The plain share of means below 0 tends to one half as noise grows; this does not. That the
    variance is estimated is not allowed for. Where noise is not known or none, the plain share.
    """
    if not error > 0:
        return float((mean < limit).mean())
    between = max(mean.var(ddof=1) - error**2, 0.0)
    own = between / (between + error**2)
    middle = mean.mean() + own * (mean - mean.mean())
    variance = own * error**2 + (1 - own) ** 2 * (between + error**2) / mean.size
    return float(stats.norm.cdf((limit - middle) / np.sqrt(variance)).mean())
