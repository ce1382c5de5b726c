"""Measure the figures that a size shows, in the order of the table."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from abm.config.declare import ScenarioError
from experiments.benchmark import choices, long_runs, markets, starts, years
from experiments.benchmark.figures import CITY, CONTINENT, METROPOLIS, SIZES, SMALL, TABLE, Reading, as_json
from experiments.benchmark.rounds import Tick

Part = Callable[[str, Tick], list[Reading]]


def parts(size: str) -> list[Part]:
    """The parts of a size: those of the smaller ones, and its own."""
    since: dict[str, list[Part]] = {
        SMALL: [choices.choices, markets.markets, choices.sequential, years.years, starts.warm],
        CITY: [starts.cold, starts.parallel],
        METROPOLIS: [lambda size, tick: long_runs.thousand_seeds(tick), lambda size, tick: long_runs.fifteen_years(tick)],
        CONTINENT: [lambda size, tick: long_runs.continent(tick)],
    }  # fmt: skip
    return [part for name in SIZES[: SIZES.index(size) + 1] for part in since[name]]


def measure(size: str) -> tuple[list[Reading], list[str]]:
    """All figures of a size, in the order of the table, and what went wrong: a part that fails costs no other part.

    ScenarioError if kernels are not compiled at all: nothing would be worth measuring.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        raise ScenarioError("benchmark: NUMBA_DISABLE_JIT is set, so that nothing is compiled; unset it")
    found: dict[str, Reading] = {}
    faults: list[str] = []
    with tqdm(parts(size), desc="benchmark", unit="part", disable=None) as bar:
        for part in bar:
            try:
                found |= {reading.name: reading for reading in part(size, bar.set_postfix_str)}
            except (ScenarioError, MemoryError) as error:
                faults.append(str(error) or "benchmark: not enough memory")
    return [found[name] for name in TABLE if name in found], faults


def write(readings: list[Reading], path: Path) -> None:
    """The figures for other programs."""
    path.write_text(json.dumps(as_json(readings), indent=2) + "\n", encoding="utf-8")
