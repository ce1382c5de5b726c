"""The command ``benchmark``. Heavy imports wait until it runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Size(StrEnum):
    """How much is measured: each size shows the figures of the smaller ones and more."""

    small = "small"
    city = "city"
    metropolis = "metropolis"
    continent = "continent"


def benchmark(
    size: Annotated[Size, typer.Option(help="How much is measured; see above.")] = Size.city,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write name, value, unit, must and aim of each figure to this file too.")] = None,
) -> None:  # fmt: skip
    """Measure how fast the model is, as ratios to references measured in the same rounds, and say which bounds it keeps.

    small, half a minute: choice, also against Mesa objects and numpy;
    markets of 10,000 and 100,000 students; sequential choice; a year of
    5,000 households without Observe, and Observe; a warm start.

    city, some minutes: the same with more rounds; markets of a million
    students by all mechanisms; all compiling; seeds on two processors.

    metropolis: also 1,000 seeds x 5,000 households x 10 years, and 15 years
    of a million pupils, by sum of CPU time.

    continent: also a year of ten million households, and its memory.

    F is the time of one hash, logarithm, exponential and maximum here.
    Values are medians of interleaved rounds of CPU time, beside them the
    quartiles. Ratios are added to results/benchmark.jsonl.
    """
    from abm.config.declare import ScenarioError

    if json is not None and (json.is_dir() or not json.absolute().parent.is_dir()):
        raise ScenarioError(f"--json {json}: give a file in a folder that exists")
    from experiments.benchmark import conduct, history
    from experiments.benchmark.figures import as_text

    readings, faults = conduct.measure(size.value)
    print(as_text(readings))
    if json is not None:
        conduct.write(readings, json)
    history.keep(readings, size.value)
    if faults:
        raise ScenarioError("\n".join([*faults, "benchmark: what else was measured is above"]))
