"""An exploration of a finished sweep: where the policy fails, where its effect changes sign, how robust it is."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError
from experiments.exploration import signs
from experiments.exploration.discovery import POINTS, Found, as_columns, check, discover
from experiments.sensitivity.analysis import Analysis, analyse, by_point
from experiments.sweep.dataset import Dataset
from experiments.sweep.design import Design
from experiments.sweep.spec import Sweep


class Exploration(NamedTuple):
    """All that is told of an effect over the points of a sweep."""

    depends: Analysis  # factors by importance, and the share of chance
    smallest: float
    x: pd.DataFrame  # (point, factor) numbers and texts
    effects: np.ndarray  # (point, seed)
    failed: np.ndarray  # (point,) bool
    found: Found
    pairs: pd.DataFrame
    robust: signs.Robustness

    @property
    def sweep(self) -> Sweep:
        """The sweep."""
        return self.depends.sweep

    @property
    def leading(self) -> list[str]:
        """Factors, the most important first."""
        return [str(key) for key in self.depends.table.key]


def fit(sweep: Sweep, where: str) -> None:
    """ScenarioError, before anything is run, where a sweep over ranges cannot be explored."""
    if sweep.design != "latin_hypercube":
        raise ScenarioError(
            f'{where}: design = "{sweep.design}" cannot be explored; set it to "latin_hypercube" or "posterior"'
        )
    if not sweep.effect:
        raise ScenarioError(
            f'{where}: no effect is asked for; name a file with policies, such as effect = "policies/magnet.toml"'
        )
    if len(sweep.factors) < 2:
        raise ScenarioError(f"{where}: vary: one key makes no map; vary two or more")
    if sweep.samples < POINTS:
        raise ScenarioError(
            f"{where}: samples = {sweep.samples} are too few to find boxes among; {POINTS} at least, 200 is better"
        )


def explore(
    dataset: Dataset, indicator: str | None = None, year: int | None = None, smallest: float = 0.0
) -> Exploration:
    """The exploration of one indicator (the first by default) in one kept year (the last by default)."""
    depends = analyse(dataset, indicator, year)
    effects = by_point(dataset, depends.indicator, depends.year)
    x = columns(depends.sweep)
    failed = signs.fails(effects.mean(axis=1), smallest)
    check(failed)
    leading = [str(key) for key in depends.table.key]
    return Exploration(
        depends, smallest, x, effects, failed, discover(x, failed),
        signs.pairs(x, effects, leading, smallest), signs.robustness(effects, smallest),
    )  # fmt: skip


def columns(sweep: Sweep) -> pd.DataFrame:
    """(point, factor) what was varied, of the points with the policy."""
    design = Design(sweep)
    points = [design.point(number) for number in range(1, design.points, 2)]
    return as_columns(pd.DataFrame(points, columns=[f.key for f in sweep.factors]))
