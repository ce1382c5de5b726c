"""Scenario discovery: boxes of the factors in which a policy fails, by PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010).

Coverage: share of all failing points that a box holds. Density: share of its points that fail. Plain tables in, plain
tables out, so that any yes or no by point can be asked for.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError
from experiments.exploration.workbench import prim, quasi_p, quiet

POINTS = 40  # fewer cannot tell a box from chance
MASS = 0.05  # smallest share of the points that a box may hold
DENSITY = 0.8  # share of failing points that is asked of a box
DOUBT = 0.05  # a limit whose quasi-p value is above is dropped
BOXES = 3
FEWEST = 5  # failing points that are worth another box


class Box(NamedTuple):
    """A box: its limits, and how well it tells where the policy fails."""

    limits: dict[str, tuple[float, float] | tuple[str, ...]]  # of the restricted factors only: ends, or levels
    coverage: float  # of all failing points
    density: float
    mass: float  # share of all points
    points: int
    failing: int
    doubt: dict[str, float]  # quasi-p value of each limit, the larger of its two ends


class Found(NamedTuple):
    """All boxes, and the way to the first."""

    boxes: tuple[Box, ...]
    trade: pd.DataFrame  # coverage, density, mass, res_dim of each step of the first box's peeling
    held_out: float  # density of first boxes among points they were not sought in; nan where there are too few


def discover(x: pd.DataFrame, failed: np.ndarray, density: float = DENSITY) -> Found:
    """Boxes of x (point, factor; numbers or texts) that hold ``failed`` (point,) bool, the best first.

    Of the steps of the peeling, the one with the largest coverage among those at least ``density`` dense is taken, else the
    densest; limits in doubt are dropped from it. A box no denser than all points is none.
    """
    failed = np.asarray(failed, bool)
    check(failed)
    x = as_columns(x)
    with quiet():
        boxes, trade = _sought(x, failed, density)
        return Found(tuple(boxes), _trade(trade), held_out(x, failed, density))


def _sought(x: pd.DataFrame, failed: np.ndarray, density: float) -> tuple[list[Box], pd.DataFrame | None]:
    """Up to BOXES boxes, each among the points that earlier ones left, and the peeling of the first."""
    search = prim(x, failed, MASS)
    boxes: list[Box] = []
    trade = None
    inside = np.zeros(failed.size, bool)
    while len(boxes) < BOXES and (failed & ~inside).sum() >= FEWEST:
        box = search.find_box()
        if box is None:
            break
        trade = box.peeling_trajectory.copy() if trade is None else trade
        _settle(box, density)
        own = _described(box, failed)
        if not own.limits or own.density <= failed.mean():
            break
        boxes.append(own)
        inside[box.yi] = True
    return boxes, trade


def check(failed: np.ndarray) -> None:
    """ScenarioError where there is nothing to discover."""
    count, fails = failed.size, int(failed.sum())
    if count < POINTS:
        raise ScenarioError(
            f"{count} points are too few to find boxes among; set samples to {POINTS} or more, 200 is better"
        )
    if fails == 0:
        raise ScenarioError("the policy fails at no point; ask for more with a larger --smallest, or vary more widely")
    if fails == count:
        raise ScenarioError(
            "the policy fails at every point; ask for less with a smaller --smallest, or vary more widely"
        )


def held_out(x: pd.DataFrame, failed: np.ndarray, density: float) -> float:
    """Density of a box sought in one half of the points among the other half's, both ways; a fair view of a box's worth."""
    hits = within = 0
    for half in (0, 1):
        train = np.arange(failed.size) % 2 == half
        if not FEWEST <= failed[train].sum() < train.sum():
            return float("nan")
        box = prim(x[train].reset_index(drop=True), failed[train], MASS).find_box()
        _settle(box, density)
        there = contains(_described(box, failed[train]), x[~train])
        hits, within = hits + int(failed[~train][there].sum()), within + int(there.sum())
    return hits / within if within else float("nan")


def contains(box: Box, x: pd.DataFrame) -> np.ndarray:
    """(point,) bool: which points lie in the box."""
    out = np.ones(len(x), bool)
    for key, limit in box.limits.items():
        out &= _within(x[key], limit)
    return out


def _within(column: pd.Series, limit: tuple) -> np.ndarray:
    numbers = pd.api.types.is_numeric_dtype(column)
    return (column.between(*limit) if numbers else column.isin(limit)).to_numpy()


def as_columns(x: pd.DataFrame) -> pd.DataFrame:
    """Numbers as float; yes and no, and texts, as texts (nominal)."""
    nominal = [key for key in x if x[key].dtype == bool or not pd.api.types.is_numeric_dtype(x[key])]
    return x.astype({key: str if key in nominal else float for key in x}).reset_index(drop=True)


def _settle(box: Any, density: float) -> None:
    """Select a step of the peeling, and drop limits in doubt, the most doubtful first."""
    steps = box.peeling_trajectory
    dense = steps[steps.density >= density]
    order = ["coverage", "density"] if len(dense) else ["density", "coverage"]
    chosen = (dense if len(dense) else steps).sort_values(order, kind="stable").index[-1]
    at = int(chosen)
    while doubts := {
        (key, end): p for key, ends in quasi_p(box, at).items() for end, p in enumerate(ends) if p > DOUBT
    }:
        _release(box, at, *max(doubts, key=doubts.__getitem__))
        at = len(box.peeling_trajectory) - 1
    box.select(at)


def _release(box: Any, at: int, key: str, end: int) -> None:
    """Add a step without one end of one factor's limit (of a text: without its limit)."""
    limits = box.box_lims[at].copy()
    if isinstance(limits.at[0, key], set):
        limits[key] = box.prim.box_init[key]
    else:
        limits.at[end, key] = box.prim.box_init.at[end, key]
    left = box.prim.yi_remaining
    inside = np.ones(len(left), bool)
    for name in limits:
        inside &= _within(box.prim.x.loc[left, name], _limit(limits[name]))
    box.update(limits, left[inside])


def _doubt(box: Any, at: int) -> dict[str, float]:
    """The quasi-p value of each restricted factor: how easily chance gives the box's density without the limit."""
    return {key: max(float(v) for v in values) for key, values in quasi_p(box, at).items()}


def _described(box: Any, failed: np.ndarray) -> Box:
    at = int(box._cur_box)
    lims = box.box_lims[at]
    limits = {key: _limit(lims[key]) for key in quasi_p(box, at)}
    fails = int(failed[box.yi].sum())
    return Box(
        limits,
        fails / failed.sum(),
        fails / len(box.yi),
        len(box.yi) / failed.size,
        len(box.yi),
        fails,
        _doubt(box, at),
    )


def _limit(ends: pd.Series) -> tuple:
    low, high = ends
    return tuple(sorted(map(str, low))) if isinstance(low, set) else (float(low), float(high))


def _trade(steps: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["coverage", "density", "mass", "res_dim"]
    return pd.DataFrame(columns=columns) if steps is None else steps[columns].astype(float).reset_index(drop=True)
