"""What a calibration learnt: contraction, effective sample, correlations, and the directions that targets leave open.

``told(calibration, posterior, simulations)`` gives sentences and tables for a page. It needs

- ``calibration``: its free factors and fitted targets (:class:`experiments.calibration.spec.Calibration`);
- ``posterior``: sets with a column for each free key and ``weight`` (``Posterior.table``, or a file's table);
- ``simulations``: what was simulated on the way, with a column for each free key and ``figure <target>`` for each fitted
  target, without the targets' noise; rows that lack a figure are left out.

Contraction is 1 - posterior variance / prior variance (Schad, Betancourt & Vasishth 2021): 0, nothing learnt; 1, pinned down.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.calibration.spec import Calibration
from experiments.posterior import WEIGHT, quantile

HARDLY, PARTLY, WELL = 0.2, 0.5, 0.9  # contraction from which a parameter counts as partly learnt, learnt, pinned down
TOGETHER = 0.7  # correlation in the posterior that is told
MEMBER = 0.35  # part of a direction (of length 1) from which a parameter is named
EDGE, CROWD = 0.05, 0.2  # the end of a prior's range, and the share of the posterior there that is told (evenly: .05)
FEW = 20  # effective sets for each parameter below which the tails of the posterior are rough


class Told(NamedTuple):
    """Sentences and tables for a page."""

    sentences: list[str]
    parameters: pd.DataFrame  # a row a parameter: prior and posterior mean and sd, 5 and 95 % quantile, contraction
    correlations: pd.DataFrame  # (parameter, parameter) in the posterior
    directions: pd.DataFrame  # a row a direction: strength, largest_change, and the part of each parameter


def told(calibration: Calibration, posterior: pd.DataFrame, simulations: pd.DataFrame) -> Told:
    """What was learnt of each parameter, and what the targets cannot tell apart."""
    rows, along = parameters(calibration, posterior), directions(calibration, posterior, simulations)
    matrix = correlations(posterior, list(rows["parameter"]))
    sentences = [_learnt(row) for row in rows.itertuples()]
    sentences += [_crowded(row, side) for row in rows.itertuples() for side in ("lower", "upper") if _at(row, side)]
    sentences += [_pair(*pair) for pair in _pairs(matrix)]
    sentences += [_open(row, calibration) for row in along.to_dict("records") if row["strength"] < 1]
    if along.empty:
        sentences.append("Too few simulations have all figures to say which directions the targets leave open.")
    elif (along["strength"] >= 1).all():
        sentences.append("The targets leave no direction of the parameters open.")
    return Told([*sentences, _size(posterior, len(rows))], rows, matrix, along)


def effective(weights) -> float:
    """Effective sample size of weighted sets, (sum w)^2 / sum w^2 (Kish 1965)."""
    weights = np.asarray(weights, float)
    return float(weights.sum() ** 2 / (weights**2).sum())


def prior_sd(calibration: Calibration) -> np.ndarray:
    """(parameter,) standard deviation of the uniform priors."""
    return np.array([(f.high - f.low) / np.sqrt(12) for f in calibration.free])


def parameters(calibration: Calibration, posterior: pd.DataFrame) -> pd.DataFrame:
    """A row a parameter."""
    weight, out = posterior[WEIGHT].to_numpy(float), []
    for factor, before in zip(calibration.free, prior_sd(calibration), strict=True):
        values = posterior[factor.key].to_numpy(float)
        mean = np.average(values, weights=weight)
        variance = np.average((values - mean) ** 2, weights=weight)
        reach = EDGE * (factor.high - factor.low)
        out.append({
            "parameter": factor.key, "prior_low": factor.low, "prior_high": factor.high, "prior_sd": before,
            "mean": mean, "sd": np.sqrt(variance), "q05": quantile(values, weight, 0.05),
            "q95": quantile(values, weight, 0.95), "contraction": 1 - variance / before**2,
            "at_lower": weight[values < factor.low + reach].sum() / weight.sum(),
            "at_upper": weight[values > factor.high - reach].sum() / weight.sum(),
        })  # fmt: skip
    return pd.DataFrame(out)


def correlations(posterior: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Weighted correlations of the parameters; of one that does not vary, not a number."""
    _, spread = _moments(posterior, keys)
    sd = np.sqrt(np.diag(spread))
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(spread / np.outer(sd, sd), keys, keys)


def directions(calibration: Calibration, posterior: pd.DataFrame, simulations: pd.DataFrame) -> pd.DataFrame:
    """Directions of the parameters, each of one prior sd, from the least to the best identified; empty if too few are there.

    The figures are regressed on the parameters over simulations near the posterior (normal weights by the parameters, twice
    as wide as the posterior; by the figures would flatten the slopes). In units of what hides a figure, its tolerance and
    the chance of one simulated city (the regression's residuals) together, the slopes' singular values s are the
    directions' ``strength``: along it the posterior's variance is about 1 / (1 + s^2) of the prior's, so that below 1 the
    targets say less than the prior does. ``largest_change``: of any target along it, in such units.
    """
    keys, names = [f.key for f in calibration.free], [t.name for t in calibration.fitted]
    table = simulations[[*keys, *(f"figure {name}" for name in names)]].astype(float)
    table = table[np.isfinite(table).all(axis=1)]
    enough = 2 * (len(keys) + 1)
    if len(table) < enough:
        return pd.DataFrame(columns=["strength", "largest_change", *keys])
    middle, spread = _moments(posterior, keys)
    gap = table[keys].to_numpy() - middle
    weight = np.exp(-0.5 * np.einsum("ij,jk,ik->i", gap, np.linalg.pinv(4 * spread), gap))
    if weight.sum() <= 0 or effective(weight) < enough:
        weight = np.ones(len(table))
    x = np.concatenate([np.ones((len(gap), 1)), gap / prior_sd(calibration)], axis=1)
    y = table[[f"figure {name}" for name in names]].to_numpy()
    root = np.sqrt(weight / weight.sum())[:, None]
    slope, *_ = np.linalg.lstsq(root * x, root * y, rcond=None)
    chance = (root**2 * (y - x @ slope) ** 2).sum(axis=0) * len(table) / (len(table) - len(keys) - 1)
    hidden = np.sqrt(np.array([t.tolerance for t in calibration.fitted]) ** 2 + chance)
    change = slope[1:].T / hidden[:, None]  # (target, parameter)
    strength, along = np.linalg.svd(change, full_matrices=True)[1:]
    strength = np.concatenate([strength, np.zeros(len(keys) - strength.size)])
    along *= np.sign(along[np.arange(len(keys)), np.abs(along).argmax(axis=1)])[:, None]
    largest = np.abs(change @ along.T).max(axis=0)
    out = pd.DataFrame(along, columns=keys)
    out.insert(0, "largest_change", largest)
    out.insert(0, "strength", strength)
    return out.iloc[::-1].reset_index(drop=True)


def _moments(posterior: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(parameter,) weighted mean and (parameter, parameter) covariance."""
    weight = posterior[WEIGHT].to_numpy(float) / posterior[WEIGHT].sum()
    values = posterior[keys].to_numpy(float)
    middle = weight @ values
    gap = values - middle
    return middle, (gap * weight[:, None]).T @ gap


def _learnt(row) -> str:
    part = "falls by" if row.contraction >= 0 else "rises by"
    words = f"its variance {part} {_percent(abs(row.contraction))} from prior to posterior (sd {row.prior_sd:.3g} to {row.sd:.3g})"
    if row.contraction < HARDLY:
        return f"{row.parameter} is hardly learnt: {words}. Its posterior is little more than its prior."
    verdict = "partly learnt" if row.contraction < PARTLY else "learnt" if row.contraction < WELL else "pinned down"
    return f"{row.parameter} is {verdict}: {words}; 90 % of it lie from {row.q05:.3g} to {row.q95:.3g}."


def _at(row, side: str) -> bool:
    """Piled up at that end of the prior, beyond what a posterior like the prior has there."""
    return (row.at_lower if side == "lower" else row.at_upper) > CROWD


def _crowded(row, side: str) -> str:
    share, end = (row.at_lower, row.prior_low) if side == "lower" else (row.at_upper, row.prior_high)
    return (
        f"{row.parameter} piles up at the {side} end of its prior, {end:g}: {_percent(share)} of it lie in the last "
        f"{_percent(EDGE)} of the range. The range may be too narrow, or the targets ask for what the model cannot give."
    )


def _pairs(matrix: pd.DataFrame) -> list[tuple[str, str, float]]:
    keys = list(matrix.columns)
    every = [(a, b, float(matrix.loc[a, b])) for i, a in enumerate(keys) for b in keys[i + 1 :]]
    return sorted((p for p in every if abs(p[2]) > TOGETHER), key=lambda p: -abs(p[2]))


def _pair(one: str, other: str, r: float) -> str:
    which = "or both higher" if r > 0 else "or the other way round"
    first = "both lower" if r > 0 else "one lower and the other higher"
    return f"{one} and {other} are known together better than each: {first} {which} (correlation {r:+.2f})."


def _open(row: dict, calibration: Calibration) -> str:
    """What a direction that the targets leave open means."""
    moved = [
        (f.key, row[f.key] * sd)
        for f, sd in zip(calibration.free, prior_sd(calibration), strict=True)
        if abs(row[f.key]) >= MEMBER
    ]
    steps = [f"{key} {'higher' if by > 0 else 'lower'} by {abs(by):.2g}" for key, by in moved]
    change = f"no target moves by more than {row['largest_change']:.2g} of what hides it (tolerance and chance)"
    if len(steps) == 1:
        return f"The targets leave {moved[0][0]} open: with {steps[0]}, {change}."
    able = "cannot" if row["strength"] < 0.5 else "hardly"
    return f"What the targets {able} tell apart: {', '.join(steps[:-1])} with {steps[-1]}; {change}."


def _size(posterior: pd.DataFrame, count: int) -> str:
    size = effective(posterior[WEIGHT])
    words = f"The {len(posterior)} weighted sets are worth {size:.0f} equal ones"
    return f"{words}." if size >= FEW * count else f"{words}: few for {count} parameters, so that tails are rough."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
