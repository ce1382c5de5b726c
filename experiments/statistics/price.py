"""What an effect costs: euro per point by Fieller's theorem, and the policies that no other beats on cost and effect."""

from typing import NamedTuple

import numpy as np

from experiments.statistics.pairs import moments
from experiments.statistics.student import STUDENT, Method


class Ratio(NamedTuple):
    """Cost over effect with its interval; nan and ``defined`` False where the effect may be zero."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    defined: np.ndarray


def ratio(costs: np.ndarray | float, effects: np.ndarray, level: float = 0.95, method: Method = STUDENT) -> Ratio:
    """Mean cost over mean effect, seed by seed paired, with Fieller's (1954) interval for a ratio of two Gaussian means.

    ``costs`` (..., n), or one figure if it is the same in each seed, and ``effects`` (..., n). The interval holds all theta
    for which "mean cost - theta mean effect = 0" is not rejected, that is a theta^2 - 2 b theta + c <= 0 with

        a = E^2 - t^2 s_EE/n,  b = C E - t^2 s_CE/n,  c = C^2 - t^2 s_CC/n,

    mean cost C, mean effect E, (co)variances s and the t quantile t. Where a <= 0 the interval of the effect includes
    zero: the set of theta is unbounded, and no price is given. Give the effect as points won (minus the change in D, times
    100) for euro per point; a negative price is then one of a policy that raises D, or saves money.
    """
    costs, effects = np.broadcast_arrays(np.asarray(costs, dtype=float), np.asarray(effects, dtype=float))
    gone = np.isnan(costs) | np.isnan(effects)
    costs, effects = np.where(gone, np.nan, costs), np.where(gone, np.nan, effects)
    (cost, cost_sd, n), (effect, effect_sd, _) = moments(costs), moments(effects)
    products = np.where(gone, 0.0, (costs - cost[..., None]) * (effects - effect[..., None])).sum(axis=-1)
    squared = method.radius(1.0, n, level) ** 2  # t^2/n
    with np.errstate(invalid="ignore"):  # too few seeds for any interval: an infinite radius times no spread is nan
        a = effect**2 - squared * effect_sd**2
        b = cost * effect - squared * products / np.maximum(n - 1, 1)
        c = cost**2 - squared * cost_sd**2
    defined = a > 0  # False for nan too
    below = np.where(defined, a, 1.0)
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    found = (cost / np.where(defined, effect, 1.0), (b - root) / below, (b + root) / below)
    return Ratio(*(np.where(defined, part, np.nan) for part in found), defined)


def frontier(cost: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """(m,) mask of the efficient policies: no other costs at most as much and gains at least as much, one of both strictly.

    ``cost`` (m,) euro a year, ``gain`` (m,) more is better. Equals are efficient together; nan is never on the frontier.
    """
    cost, gain = np.asarray(cost, dtype=float), np.asarray(gain, dtype=float)
    no_dearer, no_worse = cost[:, None] <= cost, gain[:, None] >= gain  # (other, policy)
    strictly = (cost[:, None] < cost) | (gain[:, None] > gain)
    return ~(no_dearer & no_worse & strictly).any(axis=0) & ~np.isnan(cost) & ~np.isnan(gain)
