"""What planted parameters say of the inference: uniformity of ranks, coverage, contraction, and a verdict for each parameter."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from experiments.calibration.planted import LEVELS
from experiments.calibration.ranks import uniformity
from experiments.calibration.spec import Calibration

DOUBT = 0.05  # p-value below which a test tells against the inference; divided by the number of tests for a failure


class Checked(NamedTuple):
    """Tables of a check."""

    ranks: pd.DataFrame  # a row a city and parameter
    uniform: pd.DataFrame  # a row a parameter: p-values and verdict
    coverage: pd.DataFrame  # a row a parameter and level
    contraction: pd.DataFrame  # a row a parameter


def checked(calibration: Calibration, ranks: pd.DataFrame) -> Checked:
    """All tables from the rows of :func:`experiments.calibration.planted.conduct`."""
    held = coverage(ranks)
    return Checked(ranks, uniform(ranks, held), held, contraction(calibration, ranks))


def coverage(ranks: pd.DataFrame) -> pd.DataFrame:
    """How many central intervals hold the planted value; the share with its exact 95 % interval (Clopper & Pearson 1934)."""
    rows = []
    for key, some in ranks.groupby("parameter", sort=False):
        for level in LEVELS:
            low, high = (f"q{round(100 * q):02d}" for q in ((1 - level) / 2, (1 + level) / 2))
            inside = int(((some[low] <= some.truth) & (some.truth <= some[high])).sum())
            test = stats.binomtest(inside, len(some), level)
            ends = test.proportion_ci(0.95, "exact")
            rows.append({"parameter": key, "level": level, "cities": len(some), "held": inside, "share": inside / len(some),
                         "low": float(ends.low), "high": float(ends.high), "p": float(test.pvalue)})  # fmt: skip
    return pd.DataFrame(rows)


def uniform(ranks: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Tests of each parameter's ranks and what to think of it.

    A parameter fails where one of its tests (ECDF, coverage of 90 %) is below DOUBT divided by the number of these tests,
    and is in doubt where one is below DOUBT.
    """
    rows = []
    for key, some in ranks.groupby("parameter", sort=False):
        found = uniformity(some["rank"])
        covers = held[(held.parameter == key) & (held.level == max(LEVELS))].iloc[0]
        rows.append({"parameter": key, "cities": len(some), "chi_square_p": found.chi_square, "ecdf_p": found.ecdf,
                     "coverage_90_p": covers.p, "lean": found.lean, "lean_p": found.lean_p})  # fmt: skip
    out = pd.DataFrame(rows)
    least = out[["ecdf_p", "coverage_90_p"]].min(axis=1)
    bound = DOUBT / (2 * len(out))
    out["verdict"] = np.select([least < bound, least < DOUBT], ["fails", "in doubt"], "passes")
    return out


def contraction(calibration: Calibration, ranks: pd.DataFrame) -> pd.DataFrame:
    """How much is learnt: contraction over cities, and how near posterior means come to the truth, in prior sd."""
    rows = []
    for factor in calibration.free:
        some = ranks[ranks.parameter == factor.key]
        before = (factor.high - factor.low) / np.sqrt(12)
        learnt = 1 - (some.sd / before) ** 2
        miss = (some["mean"] - some.truth) / before
        varies = len(some) > 2 and some["mean"].std() > 0
        rows.append({
            "parameter": factor.key, "contraction_mean": learnt.mean(), "contraction_q05": learnt.quantile(0.05),
            "contraction_q95": learnt.quantile(0.95),
            "correlation": some["mean"].corr(some.truth) if varies else np.nan,
            "rmse_prior_sd": float(np.sqrt((miss**2).mean())), "bias_prior_sd": miss.mean(),
            "expected_rmse_prior_sd": float(np.sqrt(((some.sd / before) ** 2).mean())),
        })  # fmt: skip
    return pd.DataFrame(rows)
