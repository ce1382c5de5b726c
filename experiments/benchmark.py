"""How fast the model is, as ratios to a reference measured in the same run: medians of interleaved rounds, CPU time.

The yardstick F is the time of one hash, two logarithms and a maximum in a loop that touches no memory: a floor for one
utility evaluation on this machine. Every other figure is of the model's own functions, not of copies.
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.choice import perceive, rank
from abm.compiled import kernel
from abm.demography import demography
from abm.enrolment import enrol
from abm.floats import ln
from abm.model import SchoolChoiceModel
from abm.offers import admit
from abm.randomness import bits32, uniform32
from abm.rules import Rules
from abm.scenario import configure, load
from abm.transfers import transfer
from abm.world import World, new_year

ROUNDS = 7
SIZES = {"small": 5_000, "city": 50_000, "metropolis": 500_000}


class Figure(NamedTuple):
    """One line of the table; ``must`` is the bound a figure is held to, None where there is none."""

    name: str
    value: float
    unit: str
    must: str | None = None


@kernel
def _floor(n):
    highest = np.int32(0)
    for i in range(n):
        race = -ln(uniform32(bits32(np.uint32(i), np.uint32(7)))) - ln(uniform32(np.uint32(i)))
        highest = max(highest, np.float32(race).view(np.int32))  # positive floats compare as integers
    return highest


def timed(*tasks: Callable[[], object]) -> list[float]:
    """Median CPU seconds of each task over interleaved rounds, after one that does not count."""
    seconds: list[list[float]] = [[] for _ in tasks]
    for turn in range(ROUNDS + 1):
        for k, task in enumerate(tasks):
            began = time.thread_time()
            task()
            if turn:
                seconds[k].append(time.thread_time() - began)
    return [statistics.median(part) for part in seconds]


def measure(size: str) -> list[Figure]:
    """All figures for a synthetic city of the size, default model with 16 considered schools and lists of 8."""
    pupils = SIZES[size]
    city = {"pupils": pupils, "schools": max(8, pupils // 250), "side_km": 12.0, "district_count": 9}
    tree = {"city": city, "perception": {"uninformed": 1.0}}  # all families know as many schools as fit
    model = SchoolChoiceModel(configure(tree), 1, collect=False)
    rules = Rules.of(model.config)
    stages: list[World] = [demography(new_year(model.world), rules)]
    verbs = (perceive, rank, admit, enrol, transfer)
    for verb in verbs:
        stages.append(verb(stages[-1], rules))
    count = 2_000_000
    tasks = [lambda: _floor(count), *(lambda v=v, w=w: v(w, rules) for v, w in zip(verbs, stages, strict=False))]
    floor, *seconds = timed(*tasks, lambda: model.step())
    yardstick = floor / count
    turn = stages[1].round
    looks = int((turn.considered >= 0).sum())
    entrants = turn.rows.size
    chosen = seconds[0] + seconds[1]
    out = [
        Figure("yardstick F", yardstick * 1e9, "ns"),
        Figure("perceive and rank, per utility evaluation", chosen / looks / yardstick, "x F"),
        Figure("perceive and rank, utility evaluations per CPU second", looks / chosen / 1e6, "million/s", ">= 60"),
        Figure("rank alone, utility evaluations per CPU second", looks / seconds[1] / 1e6, "million/s"),
        Figure("considered schools per family", looks / entrants, "schools"),
    ]
    for verb, spent in zip(verbs[2:], seconds[2:], strict=False):
        out.append(Figure(f"{verb.__name__}, per entrant", spent / entrants / yardstick, "x F"))
    out.append(Figure("whole year with Observe, per pupil", seconds[-1] / pupils / yardstick, "x F"))
    return [*out, *milan()]


def milan() -> list[Figure]:
    """CPU seconds of one seed of Milan over fifteen years, compiled; only where the scenario is at hand."""
    path = Path("configs/milan.toml")
    if not path.exists():
        return []
    model = SchoolChoiceModel(load(path), 1, collect=False)
    model.step()
    began = time.process_time()
    SchoolChoiceModel(load(path), 2, collect=False).run()
    return [Figure("Milan, one seed, 15 years", time.process_time() - began, "CPU s", "<= 0.5")]


def report(size: str, path: Path | None) -> str:
    """Measure, write JSON if a path is given, and return the table."""
    figures = measure(size)
    if path is not None:
        path.write_text(json.dumps([figure._asdict() for figure in figures], indent=2) + "\n")
    width = max(len(figure.name) for figure in figures)
    return "\n".join(f"{f.name:{width}}  {f.value:10.3g} {f.unit:10} {f.must or ''}".rstrip() for f in figures)
