"""A trial file: a city, a plan with its calendar, the years before and after, the pupils of those years, what was published."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from abm.cache_folder import DIGEST, source_digest
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure, over, parse, read, to_tree
from experiments.sweep.factors import whole_number
from experiments.trials.measures import INDICES

KEYS = (
    "title", "description", "base", "real", "scenario", "policies", "start", "first", "before", "after", "burn_in", "seed",
    "seeds", "grades", "demography", "published", "levels",
)  # fmt: skip
DETECTION = "detection"  # kind of the policies whose effect is told apart
WHOLE = "all grades"
YEARS = (1900, 2200)


@dataclasses.dataclass(frozen=True)
class Cohort:
    """Pupils of an entry grade in one calendar year."""

    entrants: float  # pupils
    minority_share: float


@dataclasses.dataclass(frozen=True)
class Figure:
    """A published figure: a ``change`` from before to after, or a level ``value`` of ``index`` in the years before."""

    grades: str  # which grades, as named in the file; empty: not in the model
    title: str
    value: float  # a share for a change, such as -0.23
    source: str
    note: str = ""
    index: str = ""  # empty: not known which


@dataclasses.dataclass(frozen=True)
class Trial:
    """A trial file, resolved. Years are calendar years; a school year bears the year of its admission."""

    title: str
    description: str
    base: dict[str, Any]  # the scenario as a tree, without the plan
    plan: tuple[dict[str, Any], ...]  # its policies as trees, year 1 is ``start``
    scenario: str  # path of the base
    policies: str  # path of the plan
    start: int
    first: int  # first year followed; the years of burn-in lie before it
    before: tuple[int, ...]
    after: tuple[int, ...]
    burn_in: int
    seed: int
    seeds: int
    grades: dict[str, tuple[int, ...]]  # by name; the first is the main one
    reference: Cohort  # the entry cohort that the base stands for
    cohorts: dict[int, Cohort]  # by year, from ``first`` to the last of ``after``
    published: tuple[Figure, ...]
    levels: tuple[Figure, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years that are followed."""
        return tuple(range(self.first, max(self.after) + 1))

    @cached_property
    def config(self) -> Config:
        """The base scenario."""
        return configure(self.base)

    def identity(self) -> str:
        """Twelve digits of everything that a run depends on: the file but for its words and its choice of years, code, tables."""
        words = {
            "title",
            "description",
            "scenario",
            "policies",
            "before",
            "after",
            "seed",
            "seeds",
            "published",
            "levels",
        }
        about = {key: value for key, value in dataclasses.asdict(self).items() if key not in words}
        here = {name: Path(__file__).with_name(name).read_bytes() for name in ("simulation.py", "measures.py")}
        about |= {"last": max(self.after), "code": DIGEST + source_digest(here), "tables": _tables(self.config)}
        return hashlib.blake2b(json.dumps(about, sort_keys=True).encode(), digest_size=6).hexdigest()


def load(path: Path, data: Path | None = None) -> Trial:
    """The trial in a TOML file; with a folder of real tables it is of the base called ``real``.

    ScenarioError names the file, the key and the remedy.
    """
    if not path.is_file():
        raise ScenarioError(
            f"{path}: no such trial file; name an existing one, such as configs/trials/barcelona_shock_plan.toml"
        )
    tree, where = parse(path), str(path)
    for key in tree:
        if key not in KEYS:
            raise ScenarioError(f"{where}: {key}: unknown key; a trial has {', '.join(KEYS)}")
    scenario = path.parent / _name(tree, "real" if data is not None and "real" in tree else "base", where)
    base = over(read(scenario), _table(tree, "scenario", where, {}))
    if data is not None:
        base = over(base, {"city": {"tables": {"folder": str(data)}}})
    config = configure(base, where)
    plan_path = path.parent / _name(tree, "policies", where)
    first = whole_number(tree, "first", 0, *YEARS, where)
    before, after = _years(tree, "before", first, where), _years(tree, "after", first, where)
    start = whole_number(tree, "start", 0, first, YEARS[1], where)
    if not max(before) < start <= min(after):
        raise ScenarioError(f"{where}: start = {start}: the plan's first year lies after all of before and not after any of after")  # fmt: skip
    grades = _grades(tree, config, where)
    reference, cohorts = _demography(tree, range(first, max(after) + 1), where)
    return Trial(
        title=str(tree.get("title", config.title)), description=str(tree.get("description", "")), base=to_tree(config),
        plan=_plan(plan_path, config), scenario=os.path.normpath(scenario), policies=os.path.normpath(plan_path), start=start, first=first, before=before,
        after=after, burn_in=whole_number(tree, "burn_in", config.city.grades, 0, 200, where),
        seed=whole_number(tree, "seed", 1, 0, 2**31, where), seeds=whole_number(tree, "seeds", 20, 2, 100_000, where),
        grades=grades, reference=reference, cohorts=cohorts, published=_figures(tree, "published", "change", grades, where),
        levels=_figures(tree, "levels", "value", grades, where),
    )  # fmt: skip


def _plan(path: Path, config: Config) -> tuple[dict[str, Any], ...]:
    """The policies of the plan. ScenarioError where there are none, or nothing but detection, or no detection."""
    entries = {"city": to_tree(config)["city"], "policies": parse(path).get("policies", [])}
    policies = to_tree(configure(entries, str(path)))["policies"]
    kinds = {policy["kind"] for policy in policies}
    if DETECTION not in kinds or kinds == {DETECTION}:
        raise ScenarioError(
            f"{path}: a trial tells detection apart from the rest of a plan: give a policy of kind detection and another one"
        )
    return tuple(policies)


def _name(tree: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(tree.get(key), str):
        raise ScenarioError(f'{where}: {key}: name a file, such as {key} = "../barcelona.toml"')
    return tree[key]


def _table(tree: Mapping[str, Any], key: str, where: str, default: Any = None) -> dict[str, Any]:
    value = tree.get(key, default)
    if not isinstance(value, dict):
        raise ScenarioError(f"{where}: {key}: must be a table; write [{key}]")
    return value


def _years(tree: Mapping[str, Any], key: str, first: int, where: str) -> tuple[int, ...]:
    """A list of calendar years."""
    value = tree.get(key)
    whole = isinstance(value, list) and value and all(isinstance(y, int) and not isinstance(y, bool) for y in value)
    if not whole or not all(first <= year <= YEARS[1] for year in value):
        raise ScenarioError(f"{where}: {key} = {value!r}: give calendar years from first = {first} on, such as {key} = [2018]")  # fmt: skip
    return tuple(sorted(set(value)))


def _grades(tree: Mapping[str, Any], config: Config, where: str) -> dict[str, tuple[int, ...]]:
    """Named sets of grades, 0 is the entry grade; all grades are always there, last."""
    named = _table(tree, "grades", where, {"entry": [0]})
    for name, value in named.items():
        whole = isinstance(value, list) and value and all(isinstance(g, int) and not isinstance(g, bool) for g in value)
        if not whole or not all(0 <= g < config.city.grades for g in value):
            raise ScenarioError(f"{where}: grades.{name} = {value!r}: give grades from 0 (entry) to {config.city.grades - 1}")  # fmt: skip
    return {name: tuple(sorted(set(value))) for name, value in named.items()} | {
        WHOLE: tuple(range(config.city.grades))
    }


def _demography(tree: Mapping[str, Any], years: range, where: str) -> tuple[Cohort, dict[int, Cohort]]:
    """The entry cohort that the base stands for, and that of each year."""
    table = _table(tree, "demography", where)
    by_year = _table(table, "years", f"{where}: demography")
    for year in years:
        if str(year) not in by_year:
            raise ScenarioError(f"{where}: demography.years: no year {year}; give each from {years[0]} to {years[-1]}")
    cohorts = {year: _cohort(by_year[str(year)], f"{where}: demography.years.{year}") for year in years}
    return _cohort(table.get("base"), f"{where}: demography.base"), cohorts


def _cohort(entry: Any, where: str) -> Cohort:
    if not isinstance(entry, Mapping) or set(entry) != {"entrants", "minority_share"}:
        raise ScenarioError(f"{where}: write {{ entrants = 12000, minority_share = 0.2 }}")
    entrants, share = entry["entrants"], entry["minority_share"]
    if not _number(entrants) or not 0 < entrants < 1e9:
        raise ScenarioError(f"{where}.entrants = {entrants!r}: must be a number above 0")
    if not _number(share) or not 0 < share < 1:
        raise ScenarioError(f"{where}.minority_share = {share!r}: must lie between 0 and 1")
    return Cohort(float(entrants), float(share))


def _figures(tree: Mapping[str, Any], key: str, what: str, grades: Mapping, where: str) -> tuple[Figure, ...]:
    """The published figures of a list of tables; ``what`` is the key of the number."""
    entries = tree.get(key, [])
    if not isinstance(entries, list) or (key == "published" and not entries):
        raise ScenarioError(f"{where}: {key}: write [[{key}]] with {what}, grades, title and source")
    return tuple(_figure(entry, what, grades, f"{where}: {key}[{i}]") for i, entry in enumerate(entries))


def _figure(entry: Any, what: str, grades: Mapping, where: str) -> Figure:
    known = {"grades", "title", what, "source", "note", "index"}
    if not isinstance(entry, Mapping) or not set(entry) <= known:
        raise ScenarioError(f"{where}: a table with {', '.join(sorted(known))}")
    texts = {name: entry.get(name, "") for name in known - {what}}
    if not all(isinstance(text, str) for text in texts.values()) or not texts["title"] or not texts["source"]:
        raise ScenarioError(f"{where}: title and source: texts in quotes that say what it is and where it comes from")
    if texts["grades"] and texts["grades"] not in grades:
        raise ScenarioError(
            f"{where}.grades = {texts['grades']!r}: one of {', '.join(grades)}; empty: not in the model"
        )
    if texts["index"] and texts["index"] not in INDICES:
        raise ScenarioError(f"{where}.index = {texts['index']!r}: one of {', '.join(INDICES)}; empty: not known")
    if not _number(entry.get(what)):
        raise ScenarioError(f"{where}.{what} = {entry.get(what)!r}: must be a number, such as -0.23")
    return Figure(value=float(entry[what]), **texts)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _tables(config: Config) -> str:
    """Digest of the real tables that a city is made of; empty where there are none."""
    tables = config.city.tables
    names = {c.file for c in (tables.areas, tables.schools, tables.zones, tables.origins)} | {tables.areas.polygons}
    paths = [Path(tables.folder) / name for name in sorted(names) if name]
    files = {path.name: path.read_bytes() for path in paths if path.is_file()}
    return source_digest(files) if files else ""
