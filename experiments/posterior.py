"""Files of parameter sets with weights, such as a calibration writes: a csv table whose columns are dotted keys.

Lines that begin with ``#`` say where the sets come from. A column ``weight`` is optional; without it all rows count alike.
"""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.results import Sets, write
from abm.values import with_values

WEIGHT = "weight"
DIGITS = 8  # significant digits of a value


def save(path: Path, table: pd.DataFrame, about: Sequence[str]) -> None:
    """Write the sets ``table`` (columns: dotted keys and perhaps ``weight``) with lines ``about`` them."""
    sink = io.StringIO()
    table.to_csv(sink, index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")
    write(path, "".join(f"# {line}\n" for line in about) + sink.getvalue())


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table as a file holds it."""
    return table.map(lambda value: float(f"{value:.{DIGITS}g}"))


def read(path: Path, base: Config) -> pd.DataFrame:
    """The sets of a file, each tried out on ``base``; ``weight`` is there and sums to 1.

    ScenarioError for a file that cannot be read, an unknown key, a cell that is no number or out of bounds.
    """
    try:
        table = pd.read_csv(path, comment="#", skipinitialspace=True, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error}); give a csv file whose columns are dotted keys"
        ) from None
    if table.empty:
        raise ScenarioError(f"{path}: has no rows; give a set of parameters on each line")
    if not isinstance(table.index, pd.RangeIndex):
        raise ScenarioError(f"{path}: rows have more cells than the first line has keys; name every column")
    try:
        table = table.astype(float)
    except ValueError as error:
        raise ScenarioError(f"{path}: every cell must be a number ({error})") from None
    weight = table.pop(WEIGHT) if WEIGHT in table else pd.Series(1.0, table.index)
    if not (np.isfinite(weight) & (weight >= 0)).all() or weight.sum() <= 0:
        raise ScenarioError(f"{path}: {WEIGHT}: must be numbers of 0 and more, not all 0")
    if table.columns.empty:
        raise ScenarioError(f"{path}: has no parameters; give a column for each, headed by its dotted key")
    if own := [str(key) for key in table if str(key).partition(".")[0] == "run"]:
        raise ScenarioError(f"{path}: {own[0]}: years and seeds are the same for all sets; leave the column out")
    for i, values in enumerate(table.to_dict("records")):
        with_values(base, values, f"{path}: set {i + 1}")
    return table.assign(**{WEIGHT: weight / weight.sum()})


def draws(table: pd.DataFrame, count: int) -> list[dict[str, float]]:
    """``count`` sets by systematic resampling: row i stands there as often as its weight times ``count`` says, up to one.

    They are evenly spread over the table as it stands, the same for every call; a set of weight 0 is never drawn.
    """
    return table.drop(columns=WEIGHT).iloc[chosen(table[WEIGHT], count)].to_dict("records")


def chosen(weights: Sequence[float], count: int) -> np.ndarray:
    """(count,) rows by systematic resampling, in the order of the table: at (i + 1/2) / count of the summed weight."""
    edge = np.cumsum(np.asarray(weights, float))
    at = np.searchsorted(edge, (np.arange(count) + 0.5) / count * edge[-1])
    return np.minimum(at, edge.size - 1)


def digest(path: Path) -> str:
    """Sixteen digits of a file's content."""
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()


def by_seed(path: Path, base: Config, seeds: Sequence[int]) -> Sets:
    """A set for each seed of a run: the i-th of n seeds runs under draw i of ``draws(table, n)``."""
    drawn = draws(read(path, base), len(seeds))
    return Sets(str(path), digest(path), dict(zip(seeds, drawn, strict=True)))


def middle(table: pd.DataFrame) -> dict[str, float]:
    """The weighted median of each parameter."""
    return {str(key): quantile(table[key], table[WEIGHT], 0.5) for key in table.columns.drop(WEIGHT)}


def quantile(values, weights, share: float) -> float:
    """The smallest value below or at which the ``share`` of the weight lies."""
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(below, share * below[-1]), values.size - 1)])
