"""Many comparisons in one table: which to call discoveries, and how wide their intervals must then be."""

import numpy as np


def discoveries(p: np.ndarray, rate: float = 0.05, any_dependence: bool = False) -> np.ndarray:
    """(m,) mask of the hypotheses that Benjamini and Hochberg (1995) reject among p-values ``p`` (m,).

    With p sorted, R is the largest i with p(i) <= i rate / m; the R smallest are rejected. The expected share of false ones
    among them is then at most ``rate``, for independent tests and under positive dependence (Benjamini and Yekutieli 2001),
    as among policies compared with one baseline. ``any_dependence`` divides the rate by 1 + 1/2 + ... + 1/m, which suffices
    for any dependence (the same paper). nan, a comparison that could not be made, counts in m and is never rejected.
    """
    p = np.asarray(p, dtype=float)
    m = p.size
    if not m:
        return np.zeros(p.shape, dtype=bool)
    if any_dependence:
        rate = rate / (1 / np.arange(1, m + 1)).sum()
    p = np.where(np.isnan(p), np.inf, p)
    ordered = np.sort(p)
    passed = ordered <= rate * np.arange(1, m + 1) / m
    return p <= (ordered[passed].max() if passed.any() else -np.inf)


def selected_level(p: np.ndarray, rate: float = 0.05) -> float:
    """Level 1 - R rate / m of the intervals of what ``discoveries`` selects (Benjamini and Yekutieli 2005).

    The expected share of selected intervals that miss their parameter (false coverage-statement rate) is then at most
    ``rate``. The interval at this level leaves out zero for those selected, and only for those; so their signs are
    trustworthy to the same degree. With nothing selected R counts as one (Bonferroni's level).
    """
    p = np.asarray(p, dtype=float)
    return 1 - max(int(discoveries(p, rate).sum()), 1) * rate / max(p.size, 1)
