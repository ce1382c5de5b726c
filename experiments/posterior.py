"""Files of parameter sets with weights, such as a calibration writes: a csv table whose columns are dotted keys.

Lines that begin with ``#`` say where the sets come from. A column ``weight`` is optional; without it all rows count alike.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.results import write
from abm.scenario import configure, to_tree

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
        table = pd.read_csv(path, comment="#", skipinitialspace=True)
    except (OSError, ValueError) as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error}); give a csv file whose columns are dotted keys"
        ) from None
    if table.empty:
        raise ScenarioError(f"{path}: has no rows; give a set of parameters on each line")
    try:
        table = table.astype(float)
    except ValueError as error:
        raise ScenarioError(f"{path}: every cell must be a number ({error})") from None
    weight = table.pop(WEIGHT) if WEIGHT in table else pd.Series(1.0, table.index)
    if not (np.isfinite(weight) & (weight >= 0)).all() or weight.sum() <= 0:
        raise ScenarioError(f"{path}: {WEIGHT}: must be numbers of 0 and more, not all 0")
    for i, values in enumerate(table.to_dict("records")):
        with_values(base, values, f"{path}: set {i + 1}")
    return table.assign(**{WEIGHT: weight / weight.sum()})


def draws(table: pd.DataFrame, count: int) -> list[dict[str, float]]:
    """``count`` sets by systematic resampling: row i stands there as often as its weight times ``count`` says, up to one.

    They are evenly spread over the table as it stands, the same for every call.
    """
    edge = np.cumsum(table[WEIGHT].to_numpy())
    at = np.searchsorted(edge, (np.arange(count) + 0.5) / count * edge[-1])
    return table.drop(columns=WEIGHT).iloc[np.minimum(at, len(table) - 1)].to_dict("records")


def middle(table: pd.DataFrame) -> dict[str, float]:
    """The weighted median of each parameter."""
    return {str(key): quantile(table[key], table[WEIGHT], 0.5) for key in table.columns.drop(WEIGHT)}


def quantile(values, weights, share: float) -> float:
    """The smallest value below or at which the ``share`` of the weight lies."""
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(below, share * below[-1]), values.size - 1)])


def with_values(base: Config, values: Mapping[str, Any], where: str = "parameters") -> Config:
    """The configuration with the values of dotted keys replaced.

    A key may name a group of a by-group value, such as ``choice.peers.majority``; one number for all groups becomes one
    for each; whole parameters take the nearest whole number. ScenarioError where a key is not there or out of bounds.
    """
    tree = to_tree(base)
    for key, value in values.items():
        _set(tree, str(key), value, base, where)
    return configure(tree, where)


def _set(tree: dict[str, Any], key: str, value: Any, base: Config, where: str) -> None:
    *path, last = key.split(".")
    part: Any = tree
    for depth, name in enumerate(path):
        inner = part.get(name) if isinstance(part, dict) else None
        if isinstance(inner, int | float) and depth == len(path) - 1 and last in by_group(base):
            inner = part[name] = {"majority": inner, "minority": inner}
        part = inner
    if isinstance(part, dict) and last in by_group(base) and len(path) > 1:
        last = _own_name(part, last, base)
    if not isinstance(part, dict) or (last not in part and (last not in by_group(base) or len(path) < 2)):
        raise ScenarioError(f"{where}: no parameter {key!r}; see `schoolflight parameters`")
    own = part.get(last)
    whole = isinstance(own, int) and not isinstance(own, bool) and isinstance(value, float)
    part[last] = round(value) if whole else value


def _own_name(part: dict[str, Any], name: str, base: Config) -> str:
    """The name under which a by-group value has a side, whose single groups then no longer count."""
    sides = {"majority": (base.city.groups[0],), "minority": (base.city.minority, *base.city.groups[1:])}
    for other in sides.get(name, ()):
        part.pop(other, None)
    return name


def by_group(base: Config) -> tuple[str, ...]:
    """The names that the values of a by-group parameter may have in this city."""
    return ("majority", "minority", base.city.minority, *base.city.groups)
