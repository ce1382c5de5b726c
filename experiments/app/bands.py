"""Bands: both futures under many seeds, the same for both, computed in the background while people talk.

With ``wrong`` each run has a set of parameters of its own ("what if we are wrong?"): drawn from the declared spreads, or from
``calibration/<scenario>/posterior.csv`` beside the scenario where there is one.
"""

import json
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from abm.authority import check
from abm.config import Config
from abm.indicators import headlines, observe
from abm.model import SchoolChoiceModel, State
from abm.scenario import configure, to_tree
from experiments.app.frames import digest
from experiments.app.verdict import outcome
from experiments.app.workers import Batch, Workers
from experiments.compare import sets
from experiments.compare.measures import MEASURES, figures
from experiments.engine import forget
from experiments.posterior import draws, read, with_values
from experiments.statistics import quantiles

RUNS = 30
SHOWN = ("D", "flight", "first_choice", "gap", "distance", "cost")
PERCENT = (10, 50, 90)
NAMES = list(MEASURES)
REMEMBERED = 1_000_000  # pupils in the cities whose first year a process keeps: about 150 MB

_begun: OrderedDict[tuple, State] = OrderedDict()


def run(text: str, seed: int, values: str, years: int) -> np.ndarray:
    """(year, measure) figures of one run of the scenario ``text`` (JSON) under ``values`` of parameters (JSON)."""
    config, bare = _configs(text, values)
    measure = observe if any(policy.when.indicator for policy in config.policies) else headlines
    key = (bare, seed, measure.__name__)
    model = SchoolChoiceModel(config, seed, collect=False, measure=measure, state=_begun.get(key))
    if key in _begun:
        check(config, model.world)
    _remember(key, model.state)
    rows = [figures(model, None)]
    for _ in range(years):
        model.step()
        rows.append(figures(model, None))
    forget(model)
    return np.array(rows)


@lru_cache(maxsize=64)
def _configs(text: str, values: str) -> tuple[Config, str]:
    """The configuration of a run, and its digest without policies: all that its first moment depends on."""
    config = with_values(configure(json.loads(text)), json.loads(values))
    return config, digest(to_tree(config) | {"policies": ()})


def _remember(key: tuple, state: State) -> None:
    """Keep the start of a run: another choice of policies starts from the same city."""
    _begun[key] = state
    _begun.move_to_end(key)
    while len(_begun) > 1 and len(_begun) * state.world.households.id.size > REMEMBERED:
        _begun.popitem(last=False)


def posterior_of(scenario: Path) -> Path:
    """Where the sets of parameters of a calibrated scenario are kept."""
    return scenario.parent / "calibration" / scenario.stem / "posterior.csv"


def draw(config: Config, scenario: Path, count: int) -> tuple[list[dict[str, Any]], str]:
    """``count`` sets of parameters for "what if we are wrong?", and where they come from: "posterior" or "spreads"."""
    path = posterior_of(scenario)
    if path.is_file():
        return draws(read(path, config), count), "posterior"
    return list(sets.drawn(config, count)), "spreads"


class Bands:
    """The runs of both futures behind one question of the page."""

    def __init__(
        self, workers: Workers, base: Config, config: Config, scenario: Path, seed: int, years: int, wrong: bool
    ):
        self.workers, self.years, self.wrong = workers, years, wrong
        self.sets, self.source = draw(base, scenario, RUNS) if wrong else ([{}] * RUNS, "")
        self.seeds = [seed + k for k in range(RUNS)]
        self.sides = [self._side(base), self._side(config)]
        self.key = digest(*(key for key, _ in self.sides))

    def _side(self, config: Config) -> tuple[str, str]:
        text = json.dumps(to_tree(config))
        return digest(text, self.seeds, self.sets, self.years), text

    def told(self) -> dict[str, Any]:
        """Runs done, bands and median by figure of either side, and what the policies did, from the pairs that are whole."""
        batches = [self.workers.ask(key, lambda text=text: self._batch(text)) for key, text in self.sides]
        rows = [[result for result in batch.results if result is not None] for batch in batches]
        pairs = [
            (a, b)
            for a, b in zip(batches[0].results, batches[1].results, strict=True)
            if a is not None and b is not None
        ]
        return {
            "key": self.key, "wrong": self.wrong, "source": self.source, "total": RUNS, "done": [len(side) for side in rows],
            "error": next((batch.error for batch in batches if batch.error), ""),
            "bands": [_bands(side) for side in rows],
            "effects": {} if self.sides[0][0] == self.sides[1][0] else effects(pairs, self.wrong),
        }  # fmt: skip

    def _batch(self, text: str) -> Batch:
        jobs = zip(self.seeds, self.sets, strict=True)
        return Batch(run, [(text, seed, json.dumps(values), self.years) for seed, values in jobs])


def _bands(rows: list[np.ndarray]) -> dict[str, dict[str, list[float | None]]]:
    """Low, middle and high by year of each figure that is shown and known; nothing before three runs are there."""
    if len(rows) < 3:
        return {}
    table = np.moveaxis(np.stack(rows), 0, -1)  # (year, measure, run)
    out = {}
    for name in SHOWN:
        values = quantiles(table[:, NAMES.index(name)], PERCENT)
        if np.isfinite(values).any():
            out[name] = {end: plain(values[:, k]) for k, end in enumerate(("low", "mid", "high"))}
    return out


def effects(pairs: list[tuple[np.ndarray, np.ndarray]], wrong: bool) -> dict[str, dict[str, Any]]:
    """What the policies did to each figure by the last year; empty before there are pairs."""
    if len(pairs) < 3:
        return {}
    gap = np.stack([policy - base for base, policy in pairs])  # (run, year, measure)
    still = not np.nan_to_num(gap).any()
    last = {name: gap[:, -1, NAMES.index(name)] for name in SHOWN}
    return {name: outcome(values, name, wrong, still) for name, values in last.items() if np.isfinite(values).any()}


def plain(values: np.ndarray) -> list[float | None]:
    """Numbers as JSON has them."""
    return [None if not np.isfinite(v) else round(float(v), 6) for v in values]
