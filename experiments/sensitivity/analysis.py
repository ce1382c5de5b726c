"""A sensitivity analysis of a finished sweep: the result by point, indices, their convergence, and the share of chance."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.dataset as ds

from abm.config.declare import ScenarioError
from experiments.sensitivity.indices import indices, main_column, prefixes
from experiments.sweep.dataset import Dataset
from experiments.sweep.design import problem
from experiments.sweep.factors import POSTERIOR
from experiments.sweep.look import opened, progress
from experiments.sweep.spec import Sweep


class Analysis(NamedTuple):
    """What a result depends on."""

    sweep: Sweep
    indicator: str
    year: int
    mean: np.ndarray  # (point,) mean over seeds; of the paired difference where an effect is asked for
    chance: float  # share of the variance between points that is noise of the seeds
    table: pd.DataFrame  # a row a factor, largest first
    convergence: pd.DataFrame  # points, key, value of the main index

    @property
    def what(self) -> str:
        """The result in words."""
        return f"the effect of {self.sweep.effect} on {self.indicator}" if self.sweep.effect else self.indicator


def analyse(dataset: Dataset, indicator: str | None = None, year: int | None = None) -> Analysis:
    """The analysis of one indicator (the first by default) in one kept year (the last by default)."""
    sweep, indicator, year = complete(dataset, indicator, year)
    values = by_point(dataset, indicator, year)
    mean, chance = values.mean(axis=1), noise_share(values)
    shares, order = dataset.design().shares, main_column(sweep.design)
    table = indices(sweep.design, problem(sweep), shares, mean, sweep.levels).sort_values(
        order, ascending=False, ignore_index=True
    )
    if sweep.design == POSTERIOR:  # draws stand in the order of their file, whose first part is no smaller sample
        mixed = np.random.default_rng(sweep.design_seed).permutation(mean.size)
        shares, drawn = shares[mixed], mean[mixed]
    else:
        drawn = mean
    rows = [
        indices(sweep.design, problem(sweep), shares[:n], drawn[:n], sweep.levels)[["key", order]].assign(points=n)
        for n in prefixes(sweep.design, len(sweep.factors), mean.size)
    ]  # fmt: skip
    return Analysis(
        sweep, indicator, year, mean, chance, table, pd.concat(rows, ignore_index=True).rename(columns={order: "value"})
    )


def complete(dataset: Dataset, indicator: str | None, year: int | None) -> tuple[Sweep, str, int]:
    """A finished sweep, the indicator (the first by default) and the kept year (the last by default) to look at.

    ScenarioError where they are not kept, or runs are missing.
    """
    sweep = dataset.sweep()
    indicator, year = indicator or sweep.indicators[0], sweep.keep[-1] if year is None else year
    if indicator not in sweep.indicators or year not in sweep.keep:
        raise ScenarioError(
            f"{dataset.folder}: keeps {', '.join(sweep.indicators)} of year {', '.join(map(str, sweep.keep))}; ask for one of these"
        )
    now = progress(dataset)
    if now.runs < now.whole:
        raise ScenarioError(
            f"{dataset.folder}: {now.whole - now.runs:,} of {now.whole:,} runs are missing; go on with the sweep first"
        )
    return sweep, indicator, year


def by_point(dataset: Dataset, indicator: str, year: int) -> np.ndarray:
    """(point, seed) the indicator; with an effect asked for, (pair, seed) its difference, with minus without."""
    sweep = dataset.sweep()
    whole = dataset.manifest()["points"]
    out = np.full((whole, sweep.seeds), np.nan)
    chosen = (ds.field("indicator") == indicator) & (ds.field("year") == year)
    for batch in opened(dataset).to_batches(columns=["point", "seed", "value"], filter=chosen):
        point, seed, value = (batch.column(name).to_numpy() for name in ("point", "seed", "value"))
        out[point, (seed - sweep.seed) % sweep.seeds] = value
    return out[1::2] - out[0::2] if sweep.effect else out


def noise_share(values: np.ndarray) -> float:
    """Share of the variance of the points' means that chance alone would give; nan with one seed."""
    if values.shape[1] < 2:
        return float("nan")
    noise = values.var(axis=1, ddof=1).mean() / values.shape[1]
    between = values.mean(axis=1).var(ddof=1)
    return float(min(noise / between, 1.0)) if between > 0 else 1.0
