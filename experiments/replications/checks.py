"""What a replication says of each quantity: the published figure, ours over seeds, and whether they agree.

A figure is compared in one of three ways. ``near``: the mean lies within a tolerance of the reference, whose reason is
given. ``above`` and ``below``: the whole 95 % Student interval of the mean lies on that side of the reference, for
papers from which only a direction is known; the half-width of the interval stands in the column of the tolerance. A
single figure, such as the smallest of all runs, has no interval: it lies itself on that side, and the tolerance is 0.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.statistics.student import t_radius

SIGNS = {"near": "", "above": "> ", "below": "< "}
ROUNDING = 1e-9  # a figure printed with a few digits is compared with these, not with their binary neighbours


class Check(NamedTuple):
    """One row of ``table.csv``."""

    quantity: str
    reference: float
    mean: float
    sd: float  # over seeds; nan: one run
    tolerance: float
    agrees: bool
    relation: str  # near, above or below the reference
    seeds: int
    why: str  # why this tolerance, or where the reference comes from

    @property
    def wanted(self) -> str:
        """The reference as it is printed, such as ``.27`` or ``> 0``."""
        return f"{SIGNS[self.relation]}{self.reference:.4g}"


def near(quantity: str, reference: float, values: Iterable[float], tolerance: float, why: str) -> Check:
    """The mean of ``values`` (seed,) lies within ``tolerance`` of ``reference``."""
    mean, sd, n = _moments(values)
    agrees = bool(abs(mean - reference) <= tolerance + ROUNDING)
    return Check(quantity, float(reference), mean, sd, float(tolerance), agrees, "near", n, why)


def above(quantity: str, reference: float, values: Iterable[float], why: str) -> Check:
    """The 95 % interval of the mean of ``values`` (seed,), often differences within a seed, lies above ``reference``."""
    mean, sd, n = _moments(values)
    radius = float(t_radius(sd, n)) if n > 1 else 0.0
    return Check(quantity, float(reference), mean, sd, radius, bool(mean - radius > reference), "above", n, why)


def below(quantity: str, reference: float, values: Iterable[float], why: str) -> Check:
    """The 95 % interval of the mean of ``values`` (seed,) lies below ``reference``."""
    mean, sd, n = _moments(values)
    radius = float(t_radius(sd, n)) if n > 1 else 0.0
    return Check(quantity, float(reference), mean, sd, radius, bool(mean + radius < reference), "below", n, why)


def frame(checks: Iterable[Check]) -> pd.DataFrame:
    """The checks as a table, a row each; ``agrees`` reads yes or no."""
    table = pd.DataFrame(checks, columns=list(Check._fields))
    return table.assign(agrees=np.where(table.agrees.astype(bool), "yes", "no"))


def _moments(values: Iterable[float]) -> tuple[float, float, int]:
    """Mean, standard deviation (nan for one value) and number of ``values``."""
    values = np.asarray(list(values), float)
    if values.size == 0:
        raise ValueError("a check needs at least one value")
    return float(values.mean()), float(values.std(ddof=1)) if values.size > 1 else float("nan"), values.size
