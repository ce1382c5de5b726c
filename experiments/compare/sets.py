"""Sets of parameters: the second layer of uncertainty, from the declared spreads or from a posterior sample."""

from pathlib import Path
from typing import Any

import pandas as pd

from abm.config import Config, parameters
from abm.config.declare import ScenarioError
from abm.scenario import configure, to_tree
from experiments.statistics import factors


def uncertain() -> dict[str, tuple[float, float]]:
    """Dotted keys of the parameters whose declaration says how uncertain they are, with the two factors."""
    return {p.key: p.spread for p in parameters(Config) if p.spread}


def drawn(base: Config, count: int, seed: int = 1) -> tuple[dict[str, Any], ...]:
    """``count`` sets by Latin hypercube: each uncertain parameter times a factor within its spread, kept within its bounds.

    The factor of a by-group value is the same for all groups, so that what sets them apart stays.
    """
    spreads = uncertain()
    bounds = {p.key: (p.low, p.high) for p in parameters(Config)}
    sets = []
    for times in factors(spreads, count, seed):
        values = {
            key: _times(read_key(base, key), float(factor), *bounds[key])
            for key, factor in zip(spreads, times, strict=True)
        }
        sets.append(values)
    return tuple(sets)


def posterior(base: Config, path: Path, count: int) -> tuple[dict[str, Any], ...]:
    """``count`` rows, evenly spaced, of a table whose columns are dotted keys. ScenarioError for an unknown key or bad value."""
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error}); give a csv file whose columns are dotted keys"
        ) from None
    if len(table) < count:
        raise ScenarioError(f"{path}: has {len(table)} rows; --parameters {count} needs as many")
    rows = table.iloc[[round(i * (len(table) - 1) / max(count - 1, 1)) for i in range(count)]]
    try:
        sets = tuple({str(k): _like(base, str(k), float(v)) for k, v in row.items()} for row in rows.to_dict("records"))
    except ValueError as error:
        raise ScenarioError(f"{path}: every cell must be a number ({error})") from None
    for values in sets:
        with_values(base, values, str(path))
    return sets


def _like(base: Config, key: str, value: float) -> float | int:
    """A value as whole as the parameter's own."""
    try:
        own = read_key(base, key)
    except AttributeError:
        return value  # unknown keys are told by with_values
    return round(value) if isinstance(own, int) and not isinstance(own, bool) else value


def read_key(base: Config, key: str) -> Any:
    """The value of a dotted key."""
    value: Any = base
    for name in key.split("."):
        value = getattr(value, name)
    return value


def with_values(base: Config, values: dict[str, Any], where: str = "parameters") -> Config:
    """The configuration with the values of dotted keys replaced. ScenarioError where one is not there or out of bounds."""
    tree = to_tree(base)
    for key, value in values.items():
        *path, last = key.split(".")
        part = tree
        for name in path:
            part = part.get(name, {}) if isinstance(part, dict) else {}
        if not isinstance(part, dict) or last not in part:
            raise ScenarioError(f"{where}: no parameter {key!r}; see `schoolflight parameters`")
        part[last] = value
    return configure(tree, where)


def _times(value: Any, factor: float, low: float | None, high: float | None) -> Any:
    """A number or a table of numbers times ``factor``, kept within bounds, to six digits."""
    if isinstance(value, dict):
        return {name: _times(part, factor, low, high) for name, part in value.items()}
    out = float(f"{value * factor:.6g}")
    return min(max(out, -1e300 if low is None else low), 1e300 if high is None else high)
