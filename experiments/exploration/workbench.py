"""EMA Workbench (Kwakkel 2017) as an optional library: imported when it is needed, and told where it is missing."""

import contextlib
import importlib
import inspect
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError

ROOM = "ema_workbench"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the library's warnings: of its optional parts that are not installed, and of pandas's ways that will change."""
    with warnings.catch_warnings():
        for kind in (ImportWarning, DeprecationWarning, FutureWarning, UserWarning):
            warnings.simplefilter("ignore", kind)
        yield


def workbench(part: str = "") -> ModuleType:
    """The library, or a part of it such as "analysis.prim". ScenarioError, with the remedy, where it is not installed."""
    try:
        with quiet():
            return importlib.import_module(f"{ROOM}.{part}" if part else ROOM)
    except ModuleNotFoundError as error:
        raise ScenarioError(
            f'EMA Workbench is needed for this ({error}): pip install "schoolflight[explore]", and give the same command'
        ) from None


def prim(x: pd.DataFrame, failed: np.ndarray, mass_min: float) -> Any:
    """A Prim over factors x (point, factor) for ``failed`` (point,) bool, of either generation of the library.

    Up to 2.5 it asks for a threshold, which for yes and no is any number between; from 3.0 on it has none.
    """
    made = workbench("analysis.prim").Prim
    extra = {"threshold": 1e-9} if "threshold" in inspect.signature(made.__init__).parameters else {}
    return made(x, failed.astype(int), mass_min=mass_min, **extra)


def quasi_p(box: Any, step: int) -> dict[str, list[float]]:
    """By restricted factor the quasi-p values of its two ends at a step of the peeling; -1 where an end is not a limit."""
    return (box.p_values if hasattr(box, "p_values") else box.qp)[step]  # the name from 3.0 on, and before
