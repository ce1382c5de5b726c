"""A forecast file: what is fitted and until when, which years are forecast, and with how many runs."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure, over, parse, read, to_tree
from experiments.forecast.observed import COLUMNS
from experiments.sweep.factors import whole_number

KEYS = ("title", "like", "base", "fit_from", "fit_until", "targets", "members", "draws", "settle", "seed", "places", "levels", "parameters", "after", "assignments", "residents", "cohort", "scenario")  # fmt: skip
PARTS = {"assignments": ("file", *COLUMNS), "residents": ("file",), "cohort": ("change", "sd", "source")}


@dataclasses.dataclass(frozen=True)
class Forecast:
    """A forecast file, resolved."""

    title: str
    base: dict[str, Any]  # the scenario as a tree
    fit_from: int
    fit_until: int
    targets: tuple[int, ...]
    members: int  # runs of the model, each with its own parameters, seed, demand to meet and appeals
    draws: int  # futures drawn from each run
    settle: int  # years in which appeals are fitted
    seed: int
    places: str  # held: those of the last fitted year; drawn: they change as they did within the fitted years
    levels: str  # still: centres' levels know nothing of the cohort; cohort: they rise and fall with it within the fit
    parameters: str  # scenario: its values; spread: drawn within the declared spreads
    after: tuple[int, ...]  # years that must have been scored before, since the fit looks at them
    assignments: dict[str, str]
    residents: str  # table of residents by year, "" for those of the scenario
    change: dict[int, float]  # known relative change of the cohort from the year before
    change_sd: float
    change_source: str

    @property
    def years(self) -> tuple[int, ...]:
        """Fitted years."""
        return tuple(range(self.fit_from, self.fit_until + 1))

    @property
    def hold(self) -> int:
        """Years run with appeals held: from the first after the fit to the last target."""
        return max(self.targets) - self.fit_until

    @property
    def config(self) -> Config:
        """The scenario."""
        return configure(self.base)

    def identity(self, posterior: str = "") -> str:
        """Twelve digits of everything a forecast depends on but the code and the tables; ``posterior``: text of that file."""
        tree = dataclasses.asdict(self)
        tree["base"]["city"]["tables"]["folder"] = ""
        text = json.dumps([tree, posterior], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def load(path: Path, data: Path) -> Forecast:
    """The forecast in a TOML file with the folder of real tables. ScenarioError names the file, the key and the remedy."""
    tree, where = _tree(path), str(path)
    if not isinstance(tree.get("base"), str):
        raise ScenarioError(f'{where}: base: name the scenario, such as base = "../real/barcelona.toml"')
    part = {name: _part(tree, name, where) for name in PARTS}
    until = whole_number(tree, "fit_until", 0, 1900, 2200, where)
    since = whole_number(tree, "fit_from", until - 2, 1900, until, where)
    base = over(read(path.parent / tree["base"]), _dated(tree.get("scenario", {}), until))
    config = configure(over(base, {"city": {"tables": {"folder": str(data)}}}), where)
    if config.city.kind != "tables" or config.reputation.memory != 1:
        raise ScenarioError(
            f"{where}: scenario: appeals are reputations of the schools of real tables, and are held: the base must have "
            '[city] kind = "tables", and [scenario.reputation] memory = 1'
        )
    if not isinstance(part["assignments"].get("file"), str):
        raise ScenarioError(f"{where}: assignments.file: name the table of assignments, in the folder of --data")
    return Forecast(
        title=str(tree.get("title", config.title)), base=to_tree(config), fit_from=since, fit_until=until,
        targets=_targets(tree, until, where), members=whole_number(tree, "members", 32, 2, 100_000, where),
        draws=whole_number(tree, "draws", 20, 1, 1000, where), settle=whole_number(tree, "settle", 24, 2, 1000, where),
        seed=whole_number(tree, "seed", 1, 0, 2**31, where),
        places=_one_of(tree, "places", ("drawn", "held"), where),
        levels=_one_of(tree, "levels", ("still", "cohort"), where),
        parameters=_one_of(tree, "parameters", ("spread", "scenario"), where),
        after=tuple(tree.get("after", ())), assignments=part["assignments"], residents=part["residents"].get("file", ""),
        change={int(year): float(by) for year, by in part["cohort"].get("change", {}).items()},
        change_sd=float(part["cohort"].get("sd", 0.02)), change_source=str(part["cohort"].get("source", "")),
    )  # fmt: skip


def _tree(path: Path) -> dict[str, Any]:
    """The file, laid over the one it names as ``like``."""
    if not path.is_file():
        raise ScenarioError(
            f"{path}: no such forecast file; name an existing one, such as configs/forecast/barcelona.toml"
        )
    tree = parse(path)
    for key in tree:
        if key not in KEYS:
            raise ScenarioError(f"{path}: {key}: unknown key; a forecast has {', '.join(KEYS)}")
    like = tree.pop("like", None)
    return over(_tree(path.parent / str(like)), tree) if like else tree


def _part(tree: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    part = tree.get(name, {})
    if not isinstance(part, Mapping):
        raise ScenarioError(f"{where}: {name}: must be a table [{name}]")
    for key in part:
        if key not in PARTS[name]:
            raise ScenarioError(f"{where}: {name}.{key}: unknown key; [{name}] has {', '.join(PARTS[name])}")
    return dict(part)


def _dated(value: Any, until: int) -> Any:
    """The tree with {fit_until} in its texts replaced by the year, so that no later column can be named by oversight."""
    if isinstance(value, Mapping):
        return {key: _dated(part, until) for key, part in value.items()}
    return value.replace("{fit_until}", str(until)) if isinstance(value, str) else value


def _targets(tree: Mapping[str, Any], until: int, where: str) -> tuple[int, ...]:
    years = tree.get("targets", [until + 1])
    if (
        not isinstance(years, list)
        or not years
        or not all(isinstance(y, int) and until < y <= until + 20 for y in years)
    ):
        raise ScenarioError(f"{where}: targets = {years!r}: a list of years after fit_until = {until}, 20 at most")
    return tuple(sorted(set(years)))


def _one_of(tree: Mapping[str, Any], key: str, words: tuple[str, ...], where: str) -> str:
    word = tree.get(key, words[0])
    if word not in words:
        raise ScenarioError(f"{where}: {key} = {word!r}: must be one of {', '.join(words)}")
    return word
