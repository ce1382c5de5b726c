"""Signs of policies among the sets of a posterior: how likely each lowers an indicator, and where its sign flips."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from abm.config.declare import ScenarioError
from experiments.exploration.discovery import FEWEST, POINTS, Found, discover
from experiments.sensitivity.analysis import by_point, complete
from experiments.statistics import discoveries
from experiments.statistics.shrinkage import clear, differ, noise, share_below
from experiments.sweep.dataset import Dataset
from experiments.sweep.design import Design
from experiments.sweep.point import NONE
from experiments.sweep.spec import Sweep

DRAWS = 20  # fewer tell little of a share
RATE = 0.05  # of false claims over the table


class Flip(NamedTuple):
    """One policy among the sets."""

    policy: str
    mean: np.ndarray  # (draw,) of the paired difference over seeds, with minus without; nan where a run failed
    error: float  # of such a mean, pooled over draws; nan with one seed
    sure: np.ndarray  # (draw,) -1, 0 or 1
    probability: float  # that it lowers, over sets, noise of the seeds allowed for
    enough: float  # likewise, that it lowers by the smallest effect that counts
    differ: float  # p-value that its effect is the same in all sets
    flips: bool  # it differs beyond chance, and each sign has some sets
    telling: pd.DataFrame  # a row a parameter, the most telling first
    found: Found | None  # boxes in which it does not lower

    @property
    def there(self) -> np.ndarray:
        """(draw,) bool: which draws have an effect."""
        return np.isfinite(self.mean)

    def share(self, sign: int) -> float:
        """Share of the draws whose effect is clearly below (-1), clearly above (1), or neither (0)."""
        return float((self.sure[self.there] == sign).mean())


class Flips(NamedTuple):
    """All policies of a sweep over a posterior."""

    sweep: Sweep
    indicator: str
    year: int
    smallest: float
    x: pd.DataFrame  # (draw, parameter)
    policies: tuple[Flip, ...]  # the likeliest to lower first


def fit(sweep: Sweep, where: str) -> None:
    """ScenarioError, before anything is run, where a sweep over a posterior cannot tell signs."""
    levels = next((f.levels for f in sweep.factors if f.key == "policies"), ())
    if not sweep.effect and (NONE not in levels or len(levels) < 2):
        raise ScenarioError(
            f'{where}: no effect can be told; set [vary] policies = ["none", "policies/magnet.toml"], or effect to one file'
        )
    if sweep.samples < DRAWS:
        raise ScenarioError(f"{where}: samples = {sweep.samples} are too few to tell shares of; {DRAWS} at least")


def flips(dataset: Dataset, indicator: str | None = None, year: int | None = None, smallest: float = 0.0) -> Flips:
    """The signs of one indicator (the first by default) in one kept year (the last by default)."""
    sweep, indicator, year = complete(dataset, indicator, year)
    x, effects = sets(sweep), paired(sweep, by_point(dataset, indicator, year))
    raw = [_judged(name, values, x, smallest) for name, values in effects.items()]
    beyond = discoveries(np.array([one.differ for one in raw]), RATE)
    told = [_located(one, bool(apart), x) for one, apart in zip(raw, beyond, strict=True)]
    told.sort(key=lambda one: (-one.probability, float(np.nanmean(one.mean))))
    return Flips(sweep, indicator, year, smallest, x, tuple(told))


def sets(sweep: Sweep) -> pd.DataFrame:
    """(draw, parameter) the values of each draw."""
    keys = [f.key for f in sweep.factors if f.key != "policies"]
    return pd.DataFrame(np.array(sweep.sets, float)[Design(sweep).rows], columns=keys)


def paired(sweep: Sweep, values: np.ndarray) -> dict[str, np.ndarray]:
    """By policy (draw, seed) the paired difference; ``values``: as ``by_point`` gives them."""
    if sweep.effect:
        return {sweep.effect: values}
    levels = next(f.levels for f in sweep.factors if f.key == "policies")
    arms = values.reshape(sweep.samples, len(levels), -1)
    base = arms[:, levels.index(NONE)]
    return {name: arms[:, k] - base for k, name in enumerate(levels) if name != NONE}


def _judged(name: str, effects: np.ndarray, x: pd.DataFrame, smallest: float) -> Flip:
    """Probabilities and shares of one policy."""
    there = np.isfinite(effects).all(axis=1)
    if there.sum() < DRAWS:
        raise ScenarioError(
            f"{name}: {(~there).sum()} of {there.size} draws have no effect (failed runs, or an indicator the city lacks); "
            "`schoolflight results` tells why"
        )
    whole, mean = effects[there], np.where(there, effects.mean(axis=1), np.nan)
    error, freedom = noise(whole)
    sure = np.zeros(mean.size, int)
    sure[there] = clear(mean[there], error, freedom)
    return Flip(
        name, mean, error, sure, share_below(mean[there], error), share_below(mean[there], error, -smallest),
        differ(mean[there], error, freedom), False, telling(x[there], mean[there]), None,
    )  # fmt: skip


def _located(one: Flip, beyond: bool, x: pd.DataFrame) -> Flip:
    """Where the sign flips, if it does: boxes in which the policy does not lower."""
    own = one.mean[one.there]
    fails = own >= 0
    if not beyond or min(fails.sum(), (~fails).sum()) < FEWEST:
        return one
    found = discover(x[one.there].reset_index(drop=True), fails) if own.size >= POINTS else None
    return one._replace(flips=True, found=found)


def telling(x: pd.DataFrame, mean: np.ndarray) -> pd.DataFrame:
    """A row a parameter: how well it separates sets where the effect is below 0 from the others, the best first.

    separation: rank-biserial correlation of the sign with the parameter, from -1 (below 0 at its high values) to 1 (at its
    low values), 0 where it tells nothing, and its p-value (Mann & Whitney 1947); rho: Spearman's correlation of the effect
    with the parameter. cut: the value that separates best, and the shares below 0 on its two sides. Where all signs are
    alike there is no separation, and rho gives the order.
    """
    below, rows = mean < 0, []
    for key in x:
        column = x[key].to_numpy(float)
        varies = column.min() < column.max() and mean.min() < mean.max()
        rho = float(stats.spearmanr(column, mean).statistic) if varies else 0.0
        row = {"key": key, "rho": rho, "separation": np.nan, "p": np.nan}
        if below.any() and not below.all():
            test = stats.mannwhitneyu(column[~below], column[below])
            size = below.sum() * (~below).sum()
            row |= {"separation": float(2 * test.statistic / size - 1), "p": float(test.pvalue) if varies else 1.0}
        rows.append(row | _cut(column, below))
    table = pd.DataFrame(rows).assign(told=lambda t: discoveries(t.p.to_numpy(), RATE))
    order = table.separation.abs().fillna(table.rho.abs())
    return table.loc[order.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _cut(column: np.ndarray, below: np.ndarray) -> dict[str, float]:
    """The value between two neighbours on whose sides the shares below 0 differ most, for the sets of either sign alike."""
    order = np.argsort(column, kind="stable")
    values, signs = column[order], below[order]
    at = np.flatnonzero(np.diff(values) > 0)
    if not at.size or not 0 < signs.sum() < signs.size:
        return {"cut": np.nan, "lowers_below": np.nan, "lowers_above": np.nan}
    left = np.cumsum(signs)[at] / signs.sum() - np.cumsum(~signs)[at] / (~signs).sum()
    k = int(at[np.argmax(np.abs(left))])
    middle = float((values[k] + values[k + 1]) / 2)
    return {"cut": middle, "lowers_below": float(signs[: k + 1].mean()), "lowers_above": float(signs[k + 1 :].mean())}
