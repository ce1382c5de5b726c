"""A calibration file: a base scenario, targets with tolerances and sources, free parameters with priors, and how long to try."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure, over, parse, read, to_tree
from abm.values import with_values
from experiments.calibration import measures
from experiments.sweep.factors import Factor, factor_of, flat, whole_number

KEYS = ("title", "base", "real", "scenario", "settle", "pool", "population", "generations", "simulations", "predictive", "seed", "free", "targets", "cities")  # fmt: skip
FITTED_BY = ("name", "measure", "value", "tolerance", "held_out")  # what of a target changes a fit
TARGET_KEYS = ("measure", "value", "tolerance", "source", "note", "held_out", "follows", "persistence", "persistence_source", "copy", "copy_source")  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Target:
    """A published figure and how near the model should come."""

    name: str
    measure: str
    value: float
    tolerance: float  # standard deviation of the gap between figure and model that is taken for nothing
    source: str
    note: str = ""
    held_out: bool = False  # not in the fit: kept to judge by
    follows: str = ""  # the targets it follows from, so that it is no further information
    persistence: float | None = None  # an older figure of the same quantity
    persistence_source: str = ""
    copy: float | None = None  # the same quantity of another city
    copy_source: str = ""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """A calibration file, resolved."""

    title: str
    base: dict[str, Any]  # the whole scenario as a tree
    scenario: str  # path of the base
    free: tuple[Factor, ...]  # priors are uniform between low and high
    targets: tuple[Target, ...]
    settle: int  # years before cohorts are pooled
    pool: int  # years of entry cohorts that are pooled
    population: int  # particles of a generation
    generations: int
    simulations: int  # about the most runs
    seed: int
    predictive: int = 100  # sets of the posterior that are simulated anew to see what it predicts

    @property
    def fitted(self) -> tuple[Target, ...]:
        """Targets of the fit."""
        return tuple(target for target in self.targets if not target.held_out)

    @property
    def held_out(self) -> tuple[Target, ...]:
        """Targets kept to judge by."""
        return tuple(target for target in self.targets if target.held_out)

    @cached_property
    def config(self) -> Config:
        """The base scenario."""
        return configure(self.base)

    def identity(self) -> str:
        """Twelve digits of everything the fit depends on but the code and the tables: no texts, no paths, no rivals."""
        tree = dataclasses.asdict(self)
        for name in ("title", "scenario", "predictive"):
            del tree[name]
        tree["base"] = portable(self.base)
        tree["targets"] = [{key: target[key] for key in FITTED_BY} for target in tree["targets"]]
        return hashlib.blake2b(json.dumps(tree, sort_keys=True).encode(), digest_size=6).hexdigest()


def portable(tree: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's tree without title, description and the place of its tables, which no result depends on."""
    city = {key: value for key, value in tree["city"].items() if key != "tables"}
    tables = {key: value for key, value in tree["city"].get("tables", {}).items() if key != "folder"}
    rest = {key: value for key, value in tree.items() if key not in ("title", "description", "city")}
    return rest | {"city": city | {"tables": tables}}


def load(path: Path, data: Path | None = None) -> Calibration:
    """The calibration in a TOML file; with a folder of real tables it is of the base called ``real``.

    ScenarioError names the file, the key and the remedy.
    """
    if not path.is_file():
        raise ScenarioError(
            f"{path}: no such calibration file; name an existing one, such as configs/calibration/milan.toml"
        )
    tree, where = parse(path), str(path)
    for key in tree:
        if key not in KEYS:
            raise ScenarioError(f"{where}: {key}: unknown key; a calibration has {', '.join(KEYS)}")
    named = _base(tree, data, where)
    base = over(read(path.parent / named), tree.get("scenario", {}))
    if data is not None:
        base = over(base, {"city": {"tables": {"folder": str(data)}}})
    config = configure(base, where)
    free = _free(tree, config, where)
    targets = _targets(tree, config, where)
    grades = config.city.grades
    calibration = Calibration(
        title=str(tree.get("title", config.title)), base=to_tree(config), scenario=str(path.parent / named), free=free,
        targets=targets, settle=whole_number(tree, "settle", grades, 0, 200, where),
        pool=whole_number(tree, "pool", grades, 1, 200, where),
        population=whole_number(tree, "population", 500, 20, 100_000, where),
        generations=whole_number(tree, "generations", 3, 1, 100, where),
        simulations=whole_number(tree, "simulations", 3000, 40, 10_000_000, where),
        seed=whole_number(tree, "seed", 1, 0, 2**31, where),
        predictive=whole_number(tree, "predictive", 100, 20, 100_000, where),
    )  # fmt: skip
    _enough(calibration, where)
    return calibration


def _base(tree: Mapping[str, Any], data: Path | None, where: str) -> str:
    """Path of the base scenario, relative to the file."""
    key = "real" if data is not None and "real" in tree else "base"
    if not isinstance(tree.get(key), str):
        raise ScenarioError(f'{where}: {key}: name the scenario to calibrate, such as {key} = "../milan.toml"')
    if not isinstance(tree.get("scenario", {}), Mapping):
        raise ScenarioError(f"{where}: scenario: a table of sections laid over the base, such as [scenario.choice]")
    return tree[key]


def _free(tree: Mapping[str, Any], config: Config, where: str) -> tuple[Factor, ...]:
    free = tree.get("free")
    if not isinstance(free, Mapping) or not free:
        raise ScenarioError(
            f'{where}: free: give a table [free] with ranges, such as "choice.distance" = {{ low = -3.0, high = 0.0 }}'
        )
    factors = tuple(
        factor_of(key, entry, config, "latin_hypercube", where, "free")
        for key, entry in flat(free).items()
        if _is_range(key, entry, where)
    )
    for factor in factors:
        for end in (factor.low, factor.high):
            with_values(config, {factor.key: end}, f"{where}: free")
    return factors


def _is_range(key: str, entry: Any, where: str) -> bool:
    if not isinstance(entry, Mapping):
        raise ScenarioError(
            f'{where}: free.{key}: a prior is a range: {{ low = , high = }} or {{ from = "bounds" }} (or "spread")'
        )
    return True


def _targets(tree: Mapping[str, Any], config: Config, where: str) -> tuple[Target, ...]:
    entries = tree.get("targets")
    if not isinstance(entries, Mapping) or not entries:
        raise ScenarioError(f"{where}: targets: give tables such as [targets.dissimilarity] with value and tolerance")
    return tuple(_target(name, entry, config, f"{where}: targets.{name}") for name, entry in entries.items())


def _target(name: str, entry: Any, config: Config, where: str) -> Target:
    if not isinstance(entry, Mapping):
        raise ScenarioError(f"{where}: a target is a table with value, tolerance and source")
    for key in entry:
        if key not in TARGET_KEYS:
            raise ScenarioError(f"{where}.{key}: unknown key; a target has {', '.join(TARGET_KEYS)}")
    out = {"measure": name, "tolerance": None, "value": None, "source": ""} | dict(entry)
    for key in ("value", "tolerance", "persistence", "copy"):
        number = out.get(key)
        missing = number is None and key in ("persistence", "copy")
        if not missing and (not isinstance(number, int | float) or isinstance(number, bool) or not abs(number) < 1e300):
            raise ScenarioError(f"{where}.{key} = {number!r}: must be a number")
    if out["tolerance"] <= 0:
        raise ScenarioError(f"{where}.tolerance = {out['tolerance']}: must be above 0")
    for key in ("measure", "source", "note", "follows", "persistence_source", "copy_source"):
        if not isinstance(out.get(key, ""), str):
            raise ScenarioError(f"{where}.{key}: must be a text in quotes")
    if not isinstance(out.get("held_out", False), bool):
        raise ScenarioError(f"{where}.held_out: must be true or false")
    if not out["source"].strip():
        raise ScenarioError(f"{where}.source: say where the figure comes from")
    measures.check(out["measure"], config.city, where)
    return Target(name, **out)


def _enough(calibration: Calibration, where: str) -> None:
    """No more free parameters than independent targets of the fit."""
    own = [target for target in calibration.fitted if not target.follows]
    if len(calibration.free) > len(own):
        raise ScenarioError(
            f"{where}: free: {len(calibration.free)} free parameters for {len(own)} independent targets; free fewer, or "
            "add targets"
        )
