"""Sensitivity indices of a table of points, by SALib: plain arrays in, a table out.

- morris: mu* (mean absolute elementary effect), mu, sigma (Morris 1991; Campolongo, Cariboni & Saltelli 2007).
- sobol: first-order and total indices with 95 % bootstrap intervals (Saltelli et al. 2010).
- latin_hypercube, posterior: PAWN, the median and the largest distance between the distribution of the result and that with one
  factor held in a slice (Pianosi & Wagener 2018); a factor is told apart from noise by a dummy, drawn along, that is in no model.
"""

from typing import Any

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError

SLICES = 10
DUMMY = "(a factor that is in no model)"


def indices(
    design: str, problem: dict[str, Any], shares: np.ndarray, y: np.ndarray, levels: int = 4, seed: int = 1
) -> pd.DataFrame:
    """A row a factor with the indices of the design. shares (point, factor) from 0 to 1; y (point,) the result.

    The first column is ``key``; the columns are mu_star, mu_star_conf, mu, sigma for morris, S1, S1_conf, ST, ST_conf for
    sobol, median, maximum and ``noise`` (the dummy's median) for latin_hypercube and posterior. A constant result has no indices: zeros.
    """
    y = np.asarray(y, float)
    if not np.isfinite(y).all():
        raise ScenarioError(
            f"{int((~np.isfinite(y)).sum())} of {y.size} points have no result (failed runs, or an indicator the city lacks); mend them first: schoolflight results tells why"
        )
    keys = list(problem["names"])
    if design == "morris":
        from SALib.analyze import morris

        out = morris.analyze(problem, shares, y, num_levels=levels, seed=seed)
        columns = ("mu_star", "mu_star_conf", "mu", "sigma")
        return pd.DataFrame({"key": keys} | {name: np.asarray(out[name], float) for name in columns})
    if design == "sobol":
        from SALib.analyze import sobol

        columns = ("S1", "S1_conf", "ST", "ST_conf")
        if y.std() == 0:
            return pd.DataFrame({"key": keys} | {name: np.zeros(len(keys)) for name in columns})
        out = sobol.analyze(problem, y, calc_second_order=False, seed=seed)
        return pd.DataFrame({"key": keys} | {name: np.asarray(out[name], float) for name in columns})
    if design not in ("latin_hypercube", "posterior"):
        raise ScenarioError(
            f'design = "{design}" has no sensitivity indices; set design to "morris", "sobol", "latin_hypercube" or "posterior"'
        )
    return _pawn(keys, shares, y, seed)


def _pawn(keys: list[str], shares: np.ndarray, y: np.ndarray, seed: int) -> pd.DataFrame:
    from SALib.analyze import pawn

    dummy = np.random.default_rng(seed).permutation((np.arange(y.size) + 0.5) / y.size)
    names = [*keys, DUMMY]
    if y.std() == 0:
        return pd.DataFrame({"key": keys, "median": 0.0, "maximum": 0.0, "noise": 0.0})
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    out = pawn.analyze(problem, np.column_stack([shares, dummy]), y, S=_slices(y.size), seed=seed)
    table = pd.DataFrame({"key": names, "median": out["median"], "maximum": out["maximum"]})
    return table[:-1].assign(noise=float(table["median"].iloc[-1])).astype({"median": float, "maximum": float})


def _slices(points: int) -> int:
    """Slices of a factor's range, ten points each and at most SLICES: of those sizes for which SALib's cuts end at 1."""
    fitting = (s for s in range(min(SLICES, max(points // 10, 2)), 1, -1) if np.arange(0, 1 + 1 / s, 1 / s).max() <= 1)
    return next(fitting, 2)


def main_column(design: str) -> str:
    """The column by which factors are put in order."""
    return {"morris": "mu_star", "sobol": "ST", "latin_hypercube": "median", "posterior": "median"}[design]


def prefixes(design: str, factors: int, points: int) -> list[int]:
    """Numbers of points, each a smaller design of the same kind within the whole, down to an eighth: for convergence."""
    unit = {"morris": factors + 1, "sobol": factors + 2, "latin_hypercube": 1, "posterior": 1}[design]
    groups = points // unit
    return [unit * size for size in dict.fromkeys(groups // cut for cut in (8, 4, 2, 1)) if size >= 4]
