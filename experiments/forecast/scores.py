"""How good a forecast was: the continuous ranked probability score, the same from five quantiles, coverage, errors, skill."""

import numpy as np
import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
NAMES = ("q05", "q25", "q50", "q75", "q95")


def crps(draws: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """(n,) continuous ranked probability score of ``draws`` (draw, n): E|X - y| - E|X - X'|/2 (Gneiting & Raftery 2007).

    For a single draw it is the absolute error; in the unit of what is forecast, smaller is better.
    """
    x = np.sort(draws, axis=0).astype(float)
    m = len(x)
    weight = 2 * np.arange(1, m + 1) - m - 1
    return np.abs(x - actual).mean(axis=0) - np.tensordot(weight, x, axes=1) / m**2


def quantile_score(quantiles: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """(n,) twice the mean pinball loss of ``quantiles`` (5, n), an approximation of the CRPS.

    For the median and two central intervals it equals the weighted interval score of Bracher et al. 2021.
    """
    share = np.array(QUANTILES)[:, None]
    gap = actual - quantiles
    return 2 * np.maximum(share * gap, (share - 1) * gap).mean(axis=0)


def summed_up(draws: np.ndarray) -> np.ndarray:
    """(5, n) quantiles of draws (draw, n)."""
    return np.quantile(draws, QUANTILES, axis=0)


def pit(draws: np.ndarray, actual: np.ndarray, seed: int = 1) -> np.ndarray:
    """(n,) where the actual figure lies in the forecast, 0 to 1: even if it is calibrated; ties are broken by chance.

    Czado, Gneiting & Held 2009 on counts.
    """
    below, upto = (draws < actual).mean(axis=0), (draws <= actual).mean(axis=0)
    return below + np.random.default_rng(seed).random(actual.size) * (upto - below)


def by_case(name: str, draws: np.ndarray, actual: np.ndarray) -> pd.DataFrame:
    """A row a centre and year: scores of one forecaster."""
    q = summed_up(draws)
    return pd.DataFrame({
        "forecaster": name, "crps": crps(draws, actual), "quantile_score": quantile_score(q, actual),
        "error": np.abs(q[2] - actual), "bias": draws.mean(axis=0) - actual,
        "within_50": (actual >= q[1]) & (actual <= q[3]), "within_90": (actual >= q[0]) & (actual <= q[4]),
        "width_90": q[4] - q[0],
    })  # fmt: skip


def summary(cases: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Means by forecaster, and by a column; skill is 1 - CRPS / CRPS of persistence, with the standard error over centres.

    Centres are the units of the error: the years of one hang together.
    """
    rows = []
    for part, own in [("all", cases)] if by is None else cases.groupby(by, sort=True):
        wide = own.pivot_table(index="code", columns="forecaster", values="crps", aggfunc="mean")
        for name in own["forecaster"].unique():
            mine, skill, error = own[own["forecaster"] == name], np.nan, np.nan
            if "persistence" in wide:
                rival = wide["persistence"].mean()
                if rival > 0:
                    gap = wide["persistence"] - wide[name]
                    skill = gap.mean() / rival
                    error = gap.std(ddof=1) / np.sqrt(len(gap)) / rival if len(gap) > 1 else np.nan
            means = mine[["crps", "quantile_score", "error", "bias", "within_50", "within_90", "width_90"]].mean()
            rows.append(
                {"part": part, "forecaster": name, "cases": len(mine), **means, "skill": skill, "skill_se": error}
            )
    return pd.DataFrame(rows)
