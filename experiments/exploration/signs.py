"""Where an effect changes its sign, and how robust a policy is over all points. Effects below 0 are what is wanted."""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

LEADING = 3  # factors whose pairs are tabled
PARTS = 3  # of a factor's range
LEVEL = 0.95


class Robustness(NamedTuple):
    """How a policy fares over all points; effects in the indicator's unit."""

    points: int
    lowers: float  # share of points with an effect below 0
    enough: float  # share of points with an effect of -smallest or below
    surely_lowers: float  # share of points whose interval over seeds lies below 0; nan with one seed
    surely_raises: float
    mean: float
    best: float
    worst: float
    regret: float  # largest regret of the policy: how much worse than doing nothing, at its worst point
    regret_nothing: float  # largest regret of doing nothing

    @property
    def choice(self) -> str:
        """What minimax regret (Savage 1951) says of the two."""
        return "the policy" if self.regret < self.regret_nothing else "doing nothing"


def robustness(effects: np.ndarray, smallest: float) -> Robustness:
    """Of effects (point, seed): with minus without the policy."""
    mean = effects.mean(axis=1)
    sure = certain(effects)
    return Robustness(
        points=mean.size, lowers=float((mean < 0).mean()), enough=float((~fails(mean, smallest)).mean()),
        surely_lowers=float(np.nanmean(sure == -1)) if effects.shape[1] > 1 else float("nan"),
        surely_raises=float(np.nanmean(sure == 1)) if effects.shape[1] > 1 else float("nan"),
        mean=float(mean.mean()), best=float(mean.min()), worst=float(mean.max()),
        regret=float(max(mean.max(), 0.0)), regret_nothing=float(max(-mean.min(), 0.0)),
    )  # fmt: skip


def fails(mean: np.ndarray, smallest: float) -> np.ndarray:
    """(point,) bool: the mean effect is not at least ``smallest`` below 0; with 0, it is not below 0 at all."""
    return mean >= 0 if smallest == 0 else mean > -smallest


def certain(effects: np.ndarray) -> np.ndarray:
    """(point,) -1, 0 or 1: the sign of the effect where its 95 % interval over seeds (Student) leaves 0 out, else 0."""
    count = effects.shape[1]
    if count < 2:
        return np.zeros(len(effects), int)
    mean = effects.mean(axis=1)
    half = stats.t.ppf((1 + LEVEL) / 2, count - 1) * effects.std(axis=1, ddof=1) / np.sqrt(count)
    return np.where(np.abs(mean) > half, np.sign(mean), 0).astype(int)


def pairs(x: pd.DataFrame, effects: np.ndarray, leading: list[str], smallest: float) -> pd.DataFrame:
    """A row a cell of each pair of the leading factors: points, share that lowers, that raises, that fails, mean effect."""
    parts = {key: cut(x[key]) for key in leading[:LEADING]}
    mean = effects.mean(axis=1)
    told = pd.DataFrame({"below": mean < 0, "above": mean > 0, "fails": fails(mean, smallest), "mean": mean})
    rows = []
    for first, second in itertools.combinations(parts, 2):
        grouped = told.groupby([parts[first].to_numpy(), parts[second].to_numpy()], sort=True)
        for (a, b), cell in grouped:
            rows.append({
                "first": first, "second": second, "first_part": words(x[first], a), "second_part": words(x[second], b),
                "points": len(cell), "share_lowers": cell.below.mean(), "share_raises": cell.above.mean(),
                "share_fails": cell.fails.mean(), "mean_effect": cell["mean"].mean(),
            })  # fmt: skip
    return pd.DataFrame(rows)


def cut(column: pd.Series) -> pd.Series:
    """(point,) number of the part of the factor's range, from 0; of texts, and of few whole values, the number of the level."""
    levels = sorted(column.unique())
    if not pd.api.types.is_numeric_dtype(column) or len(levels) <= PARTS:
        return column.map({level: k for k, level in enumerate(levels)}).astype(int)
    low, high = float(levels[0]), float(levels[-1])
    share = (column.astype(float) - low) / (high - low)
    return np.minimum((share * PARTS).astype(int), PARTS - 1)


def words(column: pd.Series, part: int) -> str:
    """The part of a range, or the level."""
    levels = sorted(column.unique())
    if not pd.api.types.is_numeric_dtype(column) or len(levels) <= PARTS:
        return str(levels[part])
    inside = column[cut(column) == part]
    return f"{inside.min():.3g} to {inside.max():.3g}"
