"""A sweep file: a base scenario, what to vary, by which design, over which seeds, and what to keep."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm.config import Config, parameters
from abm.config.declare import ScenarioError
from abm.scenario import configure, parse, read, to_tree

DESIGNS = ("grid", "one_at_a_time", "latin_hypercube", "sobol", "morris")
SAMPLED = DESIGNS[2:]
HEADLINES = (
    "dissimilarity", "theil_h", "isolation", "outside_local_school:majority", "private:majority", "first_choice",
    "distance_km", "exits:majority", "left_city",
)  # fmt: skip
KEYS = (
    "title", "base", "design", "samples", "levels", "design_seed", "seeds", "seed", "years", "keep", "indicators", "effect",
    "vary",
)  # fmt: skip


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


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A sweep file, resolved. Every point of the design is run with the same seeds, so that points can be compared in pairs."""

    title: str
    base: dict[str, Any]  # the whole scenario as a tree
    arms: dict[str, list]  # policies by name, where "policies" is varied
    factors: tuple[Factor, ...]
    design: str
    samples: int
    levels: int
    design_seed: int
    seeds: int
    seed: int
    keep: tuple[int, ...]  # years
    indicators: tuple[str, ...]  # name, name:group or name:group:scope
    effect: str = ""  # arm whose effect is asked for: every point is run without and with it

    def identity(self) -> str:
        """Twelve digits of everything a result depends on but the code."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def load(path: Path) -> Sweep:
    """The sweep in a TOML file. ScenarioError names the file, the key and the remedy."""
    tree = parse(path)
    where = str(path)
    for key in tree:
        if key not in KEYS:
            raise ScenarioError(f"{where}: {key}: unknown key; a sweep has {', '.join(KEYS)}")
    if not isinstance(tree.get("base"), str):
        raise ScenarioError(f'{where}: base: name the scenario to vary, such as base = "../classroom.toml"')
    base = read(path.parent / tree["base"])
    if "years" in tree:
        base.setdefault("run", {})["years"] = tree["years"]
    config = configure(base, where)
    design = tree.get("design", "grid")
    if design not in DESIGNS:
        raise ScenarioError(f"{where}: design: {design!r} is none; one of {', '.join(DESIGNS)}")
    vary = tree.get("vary")
    if not isinstance(vary, Mapping) or not vary:
        raise ScenarioError(
            f'{where}: vary: give a table [vary] with dotted keys, such as "choice.peers_full" = [0.6, 0.8]'
        )
    effect = tree.get("effect", "")
    if effect and (not isinstance(effect, str) or effect == "none" or "policies" in vary):
        raise ScenarioError(f"{where}: effect: name one file with policies, and do not vary policies beside it")
    arms = _arms(["none", effect] if effect else vary.get("policies", []), path, config)
    treated = configure(to_tree(config) | {"policies": arms[Path(effect).stem]}, where) if effect else config
    factors = tuple(factor(str(key), entry, treated, design, where) for key, entry in flat(vary).items())
    sweep = Sweep(
        title=str(tree.get("title", config.title)), base=to_tree(config), arms=arms, factors=factors, design=design,
        samples=_whole(tree, "samples", 64, 1, 10_000_000, where), levels=_whole(tree, "levels", 4, 2, 1000, where),
        design_seed=_whole(tree, "design_seed", 1, 0, 2**31, where), seeds=_whole(tree, "seeds", 10, 1, 10_000_000, where),
        seed=_whole(tree, "seed", 1, 0, 2**40, where), keep=_keep(tree.get("keep", "last"), config.run.years, where),
        indicators=_indicators(tree.get("indicators", list(HEADLINES)), where), effect=Path(effect).stem if effect else "",
    )  # fmt: skip
    if design == "sobol" and sweep.samples & (sweep.samples - 1):
        raise ScenarioError(
            f"{where}: samples = {sweep.samples}: Sobol's sequence needs a power of two, such as {1 << sweep.samples.bit_length()}"
        )
    return sweep


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys of a table whose keys may be written as tables too; a range is a table with from, low or high."""
    out: dict[str, Any] = {}
    for key, entry in tree.items():
        if isinstance(entry, Mapping) and not {"from", "low", "high"} & set(entry):
            out |= flat(entry, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = entry
    return out


def factor(key: str, entry: Any, config: Config, design: str, where: str) -> Factor:
    """One entry of [vary]: a list of levels, a range {low, high, steps}, {from = "bounds", steps} or {from = "spread", steps}."""
    if isinstance(entry, list):
        if not entry or len({json.dumps(level, sort_keys=True) for level in entry}) < len(entry):
            raise ScenarioError(f"{where}: vary.{key}: a list needs at least one level, and none twice")
        names = tuple(Path(level).stem if key == "policies" else level for level in entry)
        if any(isinstance(level, dict | list) for level in names):
            raise ScenarioError(f"{where}: vary.{key}: levels are numbers, texts or yes/no; vary one entry at a time")
        return Factor(key, levels=names)
    if not isinstance(entry, Mapping):
        raise ScenarioError(
            f'{where}: vary.{key}: give a list, or {{ low = , high = , steps = }}, or {{ from = "bounds" }}, or {{ from = "spread" }}'
        )
    unknown = set(entry) - {"from", "low", "high", "steps"}
    if unknown:
        raise ScenarioError(
            f'{where}: vary.{key}.{min(unknown)}: unknown key; a range has low, high, steps, or from = "bounds" or "spread"'
        )
    own = _value(config, key)
    low, high = entry.get("low"), entry.get("high")
    if "from" in entry:
        low, high = _declared(key, entry["from"], own, low, high, where)
    if not _number(low) or not _number(high) or not low < high:
        raise ScenarioError(f"{where}: vary.{key}: a range needs low < high, both numbers")
    whole = isinstance(own, int) and not isinstance(own, bool)
    if design in SAMPLED:
        return Factor(key, low=low, high=high, whole=whole)
    steps = _whole(entry, "steps", 0, 2, 100_000, f"{where}: vary.{key}")
    values = [low + (high - low) * i / (steps - 1) for i in range(steps)]
    return Factor(key, levels=tuple(dict.fromkeys(round(v) if whole else float(f"{v:.12g}") for v in values)))


def _declared(key: str, source: Any, own: Any, low: Any, high: Any, where: str) -> tuple[Any, Any]:
    """What is declared for a parameter (for each group's value too): its bounds, or its spread around the base's value.

    The ends are kept within the bounds; either may be replaced by ``low`` or ``high``.
    """
    if source not in ("bounds", "spread"):
        raise ScenarioError(f'{where}: vary.{key}.from: must be "bounds" or "spread", as declared for the parameter')
    declared = {p.key: p for p in parameters(Config)}
    found = declared.get(key) or declared.get(key.rpartition(".")[0])
    if found is None or found.low is None or found.high is None:
        raise ScenarioError(f"{where}: vary.{key}: no bounds are declared for it; give low and high")
    ends = (found.low, found.high)
    if source == "spread":
        if found.spread is None:
            raise ScenarioError(f"{where}: vary.{key}: no spread is declared for it; give low and high")
        if not _number(own):
            raise ScenarioError(
                f"{where}: vary.{key}: not one number in the base; name a group, such as {key}.majority"
            )
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


def _arms(levels: Any, path: Path, config: Config) -> dict[str, list]:
    """The policies of each file of ``levels``; "none" is the base without any."""
    arms: dict[str, list] = {}
    for level in levels if isinstance(levels, list) else []:
        if not isinstance(level, str):
            raise ScenarioError(f'{path}: vary.policies: a list of scenario files with policies, or "none"')
        name = Path(level).stem
        if name in arms:
            raise ScenarioError(f"{path}: vary.policies: two files are called {name}; rename one")
        arms[name] = [] if level == "none" else list(read(path.parent / level).get("policies", []))
        configure(to_tree(config) | {"policies": arms[name]}, str(path.parent / level))
    return arms


def _keep(entry: Any, years: int, where: str) -> tuple[int, ...]:
    """Which years are kept: "last", "all", or a list."""
    if entry == "last":
        return (years,)
    if entry == "all":
        return tuple(range(years + 1))
    if isinstance(entry, list) and entry and all(isinstance(y, int) and 0 <= y <= years for y in entry):
        return tuple(sorted(set(entry)))
    raise ScenarioError(f'{where}: keep: must be "last", "all" or a list of years from 0 to {years}')


def _indicators(entry: Any, where: str) -> tuple[str, ...]:
    from abm.indicators import DESCRIPTIONS

    if not isinstance(entry, list) or not entry or not all(isinstance(name, str) for name in entry):
        raise ScenarioError(f'{where}: indicators: a list of names, such as ["dissimilarity", "private:majority"]')
    for name in entry:
        if name.partition(":")[0] not in DESCRIPTIONS:
            raise ScenarioError(
                f"{where}: indicators: no indicator {name.partition(':')[0]!r}; see abm.indicators.DESCRIPTIONS"
            )
    return tuple(dict.fromkeys(entry))


def _whole(tree: Mapping[str, Any], key: str, default: int, low: int, high: int, where: str) -> int:
    value = tree.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ScenarioError(f"{where}: {key} = {value!r}: must be a whole number from {low} to {high}")
    return value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
