"""What a sweep varies: a key with its levels or its range, as [vary] has them."""

import dataclasses
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm.config import Config, parameters
from abm.config.declare import ScenarioError
from abm.scenario import configure, to_tree
from abm.values import put

POSTERIOR = "posterior"
DESIGNS = ("grid", "one_at_a_time", "latin_hypercube", "sobol", "morris", POSTERIOR)
SAMPLED = DESIGNS[2:5]  # a sample of its own is drawn
ANALYSED = (*SAMPLED, POSTERIOR)  # has sensitivity indices
COLUMNS = ("run", "point", "seed", "year", "indicator", "value", "error")  # of the dataset, beside the varied keys
ELSEWHERE = ("run.years", "run.seed", "run.seeds")
LARGEST = sys.float_info.max


@dataclasses.dataclass(frozen=True)
class Factor:
    """One thing that is varied: levels to choose from, or a range."""

    key: str  # dotted key, or "policies"
    levels: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False  # only whole numbers

    def at(self, share: float) -> Any:
        """The value at ``share`` (0 to 1) of the range, or of the list of levels."""
        if self.levels:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        if self.whole:
            return min(int(self.low) + int(share * (self.high - self.low + 1)), int(self.high))
        return self.low + share * (self.high - self.low)


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys of a table whose keys may be written as tables too; a range is a table with from, low or high."""
    out: dict[str, Any] = {}
    for key, entry in tree.items():
        if isinstance(entry, Mapping) and not {"from", "low", "high"} & set(entry):
            out |= flat(entry, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = entry
    return out


def factor_of(key: str, entry: Any, config: Config, design: str, where: str, table: str = "vary") -> Factor:
    """One entry of the table [vary] (or ``table``): a list of levels, a range {low, high, steps}, {from = "bounds", steps} or {from = "spread", steps}."""
    if key in COLUMNS or key in ELSEWHERE:
        raise ScenarioError(
            f"{where}: {table}.{key}: cannot be varied; years, seed and seeds are keys of the sweep itself"
        )
    if isinstance(entry, list):
        if not all(isinstance(v, str | bool | dict | list) or (_number(v)) for v in entry):
            raise ScenarioError(f"{where}: {table}.{key}: levels are finite numbers, texts or yes/no")
        if not entry or len({json.dumps(level, sort_keys=True) for level in entry}) < len(entry):
            raise ScenarioError(f"{where}: {table}.{key}: a list needs at least one level, and none twice")
        names = tuple(Path(level).stem if key == "policies" else level for level in entry)
        if any(isinstance(level, dict | list) for level in names):
            raise ScenarioError(
                f"{where}: {table}.{key}: levels are numbers, texts or yes/no; vary one entry at a time"
            )
        return Factor(key, levels=names)
    if not isinstance(entry, Mapping):
        raise ScenarioError(
            f'{where}: {table}.{key}: give a list, or {{ low = , high = , steps = }}, or {{ from = "bounds" }}, or {{ from = "spread" }}'
        )
    unknown = set(entry) - {"from", "low", "high", "steps"}
    if unknown:
        raise ScenarioError(
            f'{where}: {table}.{key}.{min(unknown)}: unknown key; a range has low, high, steps, or from = "bounds" or "spread"'
        )
    own = _value(config, key)
    low, high = entry.get("low"), entry.get("high")
    if "from" in entry:
        low, high = _declared(key, entry["from"], own, low, high, f"{where}: {table}.{key}")
    if not _number(low) or not _number(high) or not low < high:
        raise ScenarioError(f"{where}: {table}.{key}: a range needs low < high, both numbers")
    whole = isinstance(own, int) and not isinstance(own, bool)
    if design in SAMPLED:
        return Factor(key, low=low, high=high, whole=whole)
    steps = whole_number(entry, "steps", 0, 2, 100_000, f"{where}: {table}.{key}")
    values = [low + (high - low) * i / (steps - 1) for i in range(steps)]
    return Factor(key, levels=tuple(dict.fromkeys(round(v) if whole else float(f"{v:.12g}") for v in values)))


def _declared(key: str, source: Any, own: Any, low: Any, high: Any, where: str) -> tuple[Any, Any]:
    """What is declared for a parameter (for each group's value too): its bounds, or its spread around the base's value.

    The ends are kept within the bounds; either may be replaced by ``low`` or ``high``.
    """
    if source not in ("bounds", "spread"):
        raise ScenarioError(f'{where}.from: must be "bounds" or "spread", as declared for the parameter')
    declared = {p.key: p for p in parameters(Config)}
    found = declared.get(key) or declared.get(key.rpartition(".")[0])
    if found is None or found.low is None or found.high is None:
        raise ScenarioError(f"{where}: no bounds are declared for it; give low and high")
    ends = (found.low, found.high)
    if source == "spread":
        if found.spread is None:
            raise ScenarioError(f"{where}: no spread is declared for it; give low and high")
        if not _number(own):
            raise ScenarioError(f"{where}: not one number in the base; name a group, such as {key}.majority")
        around = sorted(float(f"{own * times:.6g}") for times in found.spread)
        ends = tuple(min(max(end, found.low), found.high) for end in around)
    return (ends[0] if low is None else low), (ends[1] if high is None else high)


def _value(config: Config, key: str) -> Any:
    """The base's value of a dotted key; None where it has none (a group's value, an entry of a list)."""
    value: Any = to_tree(config)
    for name in key.split("."):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list | tuple) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def whole_number(tree: Mapping[str, Any], key: str, default: int, low: int, high: int, where: str) -> int:
    value = tree.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ScenarioError(f"{where}: {key} = {value!r}: must be a whole number from {low} to {high}")
    return value


def try_out(factor: Factor, config: Config, where: str) -> None:
    """ScenarioError where a key can take none of its levels in the base: a slip of the pen, not a point that fails."""
    if factor.key.partition(".")[0] == "policies":
        return
    levels, tree = factor.levels[:5] or (factor.at(0.0), factor.at(1.0)), json.loads(json.dumps(to_tree(config)))
    for level in levels:
        try:
            configure(put(tree, factor.key, level, f"vary.{factor.key}"), f"vary.{factor.key}")
            return
        except ScenarioError as error:
            fault = error
    raise ScenarioError(f"{where}: {fault}")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
