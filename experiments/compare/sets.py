"""Sets of parameters: the second layer of uncertainty, from the declared spreads or from a posterior sample."""

from pathlib import Path
from typing import Any

from abm.config import Config, parameters
from abm.config.declare import ScenarioError
from experiments.posterior import WEIGHT, draws, read
from experiments.statistics import factors


def uncertain() -> dict[str, tuple[float, float]]:
    """Dotted keys of the parameters whose declaration says how uncertain they are, with the two factors."""
    return {p.key: p.spread for p in parameters(Config) if p.spread}


def further(base: Config, count: int, sample: Path | None) -> tuple[dict[str, Any], ...]:
    """``count`` sets beside the scenario's own, of declared spreads or of a posterior ``sample``: 20 if it alone is given."""
    if 0 < count < 3:
        raise ScenarioError(f"--parameters {count}: give 0, or at least 3 sets, so that their spread can be told")
    if sample is not None:
        return posterior(base, sample, count or 20)
    return drawn(base, count) if count else ()


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
    """``count`` sets of a posterior file, by their weights (:mod:`experiments.posterior`); a heavy one may come twice.

    ScenarioError where it has fewer sets of a weight above 0.
    """
    table = read(path, base)
    there = int((table[WEIGHT] > 0).sum())
    if there < count:
        raise ScenarioError(f"{path}: has {there} rows of a weight above 0; --parameters {count} needs as many")
    return tuple(draws(table, count))


def read_key(base: Config, key: str) -> Any:
    """The value of a dotted key."""
    value: Any = base
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _times(value: Any, factor: float, low: float | None, high: float | None) -> Any:
    """A number or a table of numbers times ``factor``, kept within bounds, to six digits."""
    if isinstance(value, dict):
        return {name: _times(part, factor, low, high) for name, part in value.items()}
    out = float(f"{value * factor:.6g}")
    return min(max(out, -1e300 if low is None else low), 1e300 if high is None else high)
