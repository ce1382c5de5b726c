"""Calibrations whose answer is known: figures that are linear in two or three parameters, with normal noise."""

import numpy as np
import pandas as pd

from experiments.calibration.spec import Calibration, Target
from experiments.sweep.factors import Factor

KEYS = ("choice.distance", "choice.zone", "choice.sibling")


def calibration(parameters: int, targets: int, tolerance: float = 1.0, width: float = 20.0) -> Calibration:
    """Priors are uniform over ``width`` around 0."""
    free = tuple(Factor(key, low=-width / 2, high=width / 2) for key in KEYS[:parameters])
    names = [Target(f"t{j}", "dissimilarity", 0.0, tolerance, "toy") for j in range(targets)]
    return Calibration("toy", {}, "toy.toml", free, tuple(names), 0, 1, 100, 2, 500, 1)


def exact(slopes: np.ndarray, tolerance: float, observed: np.ndarray, count: int, rng) -> np.ndarray:
    """(count, parameter) draws of the posterior of a flat prior: normal, precision slopes' slopes / tolerance^2."""
    spread = np.linalg.inv(slopes.T @ slopes) * tolerance**2
    return rng.multivariate_normal(spread @ slopes.T @ observed / tolerance**2, spread, count)


def posterior(values: np.ndarray) -> pd.DataFrame:
    """Equal weights."""
    return pd.DataFrame(values, columns=KEYS[: values.shape[1]]).assign(weight=1 / len(values))


def simulations(slopes: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Kept simulations without noise at ``values`` (n, parameter)."""
    figures = pd.DataFrame(values @ slopes.T, columns=[f"figure t{j}" for j in range(len(slopes))])
    return pd.concat([pd.DataFrame(values, columns=KEYS[: values.shape[1]]), figures], axis=1)
