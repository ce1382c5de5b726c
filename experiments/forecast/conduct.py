"""Fit, forecast and write: runs of the model over processes, kept one by one; then the files and the line in the ledger."""

import functools
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.cache_folder import DIGEST
from abm.cities.rows import read_areas, read_schools
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure, to_tree
from experiments import posterior
from experiments.compare.sets import drawn
from experiments.engine import alone
from experiments.forecast.appeals import run
from experiments.forecast.futures import Fit, futures, gather
from experiments.forecast.levels import Levels, from_z, sample
from experiments.forecast.observed import Panel, read_panel
from experiments.forecast.residents import write_residents
from experiments.forecast.spec import Forecast
from experiments.posterior import with_values
from experiments.processes import spread
from experiments.shelf import Shelf

PILOT = 3  # times the years of a member: a first run, from whose appeals the members set out
NUMBERS = ("appeals", "conduct", "futures", "levels", "observed", "residents", "spec")  # files of the forecast
FREE = ("choice.", "perception.", "households.", "demography.")  # sections whose declared spreads are drawn from


class Made(NamedTuple):
    """A forecast before it is written."""

    plan: Forecast
    panel: Panel  # of the centres that are forecast
    whole: Panel  # of all centres of the table
    levels: Levels
    fit: Fit
    draws: dict  # name of the model or a rival -> (draw, target, centre)


def code_digest() -> str:
    """Twelve digits of the code that numbers depend on: the model's and the forecast's."""
    own = b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in NUMBERS)
    return hashlib.blake2b(own + DIGEST.encode(), digest_size=6).hexdigest()


def make(plan: Forecast, data: Path, folder: Path, jobs: int, sets: Path | None = None, bar: bool = True) -> Made:
    """The forecast; finished runs are kept in ``folder``, so that the same call goes on after an interruption."""
    whole = read_panel(data / plan.assignments["file"], plan.assignments, plan.years)
    with vintage(plan, data) as config, alone(_made(folder)):
        codes = covered(config, whole)
        panel = whole.only(codes)
        config = with_values(config, {"city.tables.pupils": _pupils(panel, config.city.grades)})
        levels = sample(panel, plan.members, plan.seed, cohort=_cohort(panel) if plan.levels == "cohort" else 1.0)
        values = _values(plan, config, sets)
        wants = [
            dict(zip(codes, from_z(z).round(4).tolist(), strict=True))
            for z in [*levels.level, levels.level.mean(axis=0)]
        ]
        kept = _Kept(folder, f"{plan.identity(_text(sets))}-{code_digest()}-{panel.digest}", jobs, bar)
        tree = to_tree(config)
        middle = (plan.seed, {}, wants[-1])
        pilot = kept(functools.partial(member, tree, PILOT * plan.settle, 1, None), [middle], "pilot")[0]
        begin = dict(zip(pilot["codes"], pilot["appeal"], strict=True))
        items = [(plan.seed + i, values[i], wants[i]) for i in range(plan.members)]
        members = kept(functools.partial(member, tree, plan.settle, plan.hold, begin), items, "member")
    fit = gather(members, levels, panel.codes)
    return Made(plan, panel, whole, levels, fit, futures(plan, panel, levels, fit))


def member(tree: dict, settle: int, hold: int, begin: dict | None, item: tuple) -> dict:
    """One run: ``item`` holds its seed, parameters and the demand to meet by code; ``begin`` appeals to set out from."""
    seed, values, wanted = item
    return {"seed": seed} | run(with_values(configure(tree), values), seed, wanted, settle, hold, begin)


class _Kept(NamedTuple):
    """Runs of items, in their order; those that the folder's shelf has are not run again."""

    folder: Path
    mark: str
    jobs: int
    bar: bool

    def __call__(self, task, items: list, kind: str) -> list[dict]:
        from tqdm import tqdm

        shelf = Shelf(self.folder / "runs.jsonl")
        names = {item[0]: self._name(kind, item) for item in items}
        missing = [item for item in items if names[item[0]] not in shelf.results]
        done = len(items) - len(missing)
        with tqdm(
            total=len(items), initial=done, unit="run", desc=kind, disable=not self.bar, file=sys.stderr
        ) as shown:
            for result in spread(task, missing, self.jobs, self.folder):
                shelf.keep(names[result["seed"]], result)
                shown.update()
        return [shelf.results[names[item[0]]] for item in items]

    def _name(self, kind: str, item: tuple) -> str:
        return hashlib.blake2b(json.dumps([self.mark, kind, item]).encode(), digest_size=12).hexdigest()


@contextmanager
def vintage(plan: Forecast, data: Path) -> Iterator[Config]:
    """The scenario with the residents of the last fitted year; their table is there as long as the context is."""
    tree = to_tree(plan.config)
    tree["city"]["tables"]["folder"] = str(data.resolve())
    with tempfile.TemporaryDirectory(prefix="schoolflight-") as place:
        if plan.residents:
            table = Path(place) / f"residents_{plan.fit_until}.csv"
            write_residents(data / plan.residents, plan.fit_until, table)
            tree["city"]["tables"]["areas"]["file"] = str(table)
        yield configure(tree)


def covered(config: Config, panel: Panel) -> list[str]:
    """Codes of the model's schools that the last fitted year has figures of, in the model's order."""
    schools = read_schools(config.city, read_areas(config.city))
    column = schools.table.columns[config.city.tables.schools.id]
    there = set(pd.Series(panel.first[:, -1], panel.codes).dropna().index)
    codes = [code for code in (str(column[i]).strip() for i in schools.kept) if code in there]
    if len(codes) < 2:
        raise ScenarioError("assignments.code: fewer than two centres are in the table of schools too; check the codes")
    return codes


def _pupils(panel: Panel, grades: int) -> int:
    """Pupils of the stage that bring as many families to choose as are placed in a year of the fit, on average."""
    total = (panel.first + panel.other)[:, -1].sum()
    return int(total) * grades


def _cohort(panel: Panel) -> np.ndarray:
    """(year,) families placed, first choices and others, over those of the last year; of centres that are in all years."""
    whole = np.isfinite(panel.first).all(axis=1)
    both = panel.first + panel.other
    total = both[whole].sum(axis=0) if whole.any() else np.nansum(both, axis=0)
    return total / total[-1]


def _values(plan: Forecast, config: Config, sets: Path | None) -> list[dict]:
    """Parameters of each run: of a posterior file, drawn within the declared spreads, or the scenario's."""
    if sets is not None:
        return posterior.draws(posterior.read(sets, config), plan.members)
    if plan.parameters == "scenario":
        return [{}] * plan.members
    free = drawn(config, plan.members, plan.seed)
    return [{key: value for key, value in values.items() if key.startswith(FREE)} for values in free]


def _text(sets: Path | None) -> str:
    return sets.read_text(encoding="utf-8") if sets else ""


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
