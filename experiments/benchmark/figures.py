"""The figures of the benchmark, declared once: name, unit, what must be reached and what is aimed at, which sizes show it.

A figure in "x F" is a time over that of the floor kernel of the same round, one in "x as long" or "x as fast" a ratio to
another reference of the same round: such figures hold on any machine. The others are this machine's.
"""

import operator
import statistics
from collections.abc import Sequence
from typing import NamedTuple

SMALL, CITY, METROPOLIS, CONTINENT = SIZES = ("small", "city", "metropolis", "continent")
RATIOS = ("x F", "x as long", "x as fast", "exponent")  # units that hold on any machine: these go into the history

_SIGNS = {"<=": operator.le, ">=": operator.ge}


class Wanted(NamedTuple):
    """One declared figure. Bounds are a sign and a number, "" where there is none."""

    unit: str
    must: str = ""
    aim: str = ""
    since: str = SMALL  # the smallest size that shows it; the larger ones do too


class Reading(NamedTuple):
    """One figure as measured: a value of each round, or one only."""

    name: str
    values: tuple[float, ...]

    @property
    def value(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float] | None:
        """Between which half of the rounds lie; None with fewer than three."""
        if len(self.values) < 3:
            return None
        low, _, high = statistics.quantiles(self.values, method="inclusive")
        return low, high


DA = "deferred acceptance, per proposal, {} students"
AT_MILLION = "{}, 1M students, beside deferred acceptance"
GROWTH = "{}, growth exponent to 1M students"
MECHANISMS = ("immediate acceptance", "top trading cycles", "serial dictatorship")

TABLE: dict[str, Wanted] = {
    "yardstick F": Wanted("ns"),
    "perceive and rank, per utility evaluation": Wanted("x F", "<= 8", "<= 4"),
    "rank alone, per utility evaluation": Wanted("x F"),
    "considered schools per family": Wanted("schools"),
    "perceive and rank, against Mesa objects": Wanted("x as fast", ">= 250", ">= 600"),
    "lists alike, Mesa objects": Wanted("share", ">= 0.999"),
    "perceive and rank, against numpy float32": Wanted("x as fast", ">= 8", ">= 18"),
    "lists alike, numpy float32": Wanted("share", ">= 0.999"),
    DA.format("10k"): Wanted("x F", "<= 150", "<= 85"),
    DA.format("100k"): Wanted("x F", "<= 180", "<= 100"),
    DA.format("1M"): Wanted("x F", "<= 300", "<= 170", CITY),
    GROWTH.format("deferred acceptance"): Wanted("exponent", since=CITY),
    **{AT_MILLION.format(name): Wanted("x as long", "<= 3", "", CITY) for name in MECHANISMS},
    **{GROWTH.format(name): Wanted("exponent", "<= 1.2", "", CITY) for name in MECHANISMS},
    "sequential re-choice of schools, per household": Wanted("x F", "<= 250", "<= 120"),
    "sequential moves of home, per household": Wanted("x F", "<= 250", "<= 120"),
    "whole year without Observe, 5,000 households, per entrant": Wanted("x F", "<= 600", "<= 340"),
    "Observe, 5,000 households, per entrant": Wanted("x F"),
    "import and first year, warm cache, above numpy, numba, mesa": Wanted("s CPU", "<= 0.8", "<= 0.3"),
    "first run after installing, all compiling": Wanted("s CPU", "<= 20", "<= 8", CITY),
    "seeds in parallel on 2 cores": Wanted("x as fast", ">= 1.9", ">= 1.98", CITY),
    "1,000 seeds x 5,000 households x 10 years": Wanted("s CPU", "<= 20", "", METROPOLIS),
    "15 years of a city of 1M pupils": Wanted("s CPU", "<= 60", "", METROPOLIS),
    "of these, making the city of 1M pupils": Wanted("s CPU", since=METROPOLIS),
    "making a city of 10M households": Wanted("s CPU", since=CONTINENT),
    "one year of 10M households, with Observe": Wanted("s CPU", since=CONTINENT),
    "peak memory of that year": Wanted("GB", "<= 24", "", CONTINENT),
    "peak memory per household, 10M households": Wanted("bytes", "<= 250", "<= 160", CONTINENT),
    "rate at 10M households, beside that at 10k": Wanted("x as fast", ">= 0.7", ">= 1", CONTINENT),
    "the same in a first year, when memory is fetched": Wanted("x as fast", since=CONTINENT),
}


def shown(size: str) -> list[str]:
    """Names of the figures that a size shows, in the order of the table."""
    return [name for name, wanted in TABLE.items() if SIZES.index(wanted.since) <= SIZES.index(size)]


def holds(value: float, bound: str) -> bool:
    """Whether a value keeps a bound such as "<= 8"; any value keeps none."""
    if not bound:
        return True
    sign, number = bound.split()
    return _SIGNS[sign](value, float(number))


def verdict(reading: Reading) -> str:
    """In words: not met, met, or better than aimed at; nothing where there is no bound."""
    wanted = TABLE[reading.name]
    if not wanted.must:
        return ""
    if not holds(reading.value, wanted.must):
        return "NOT MET"
    return "aim met" if wanted.aim and holds(reading.value, wanted.aim) else "met"


def as_json(readings: Sequence[Reading]) -> list[dict]:
    """The figures for other programs; bounds null where there are none."""
    return [
        {
            "name": reading.name,
            "value": reading.value,
            "unit": TABLE[reading.name].unit,
            "must": TABLE[reading.name].must or None,
            "aim": TABLE[reading.name].aim or None,
        }
        for reading in readings
    ]


def as_text(readings: Sequence[Reading]) -> str:
    """The table as it is printed: value, the quartiles of the rounds, unit, bounds, verdict."""
    rows = [("figure", "value", "half of the rounds", "unit", "must", "aim", "")]
    for reading in readings:
        wanted, between = TABLE[reading.name], reading.quartiles
        spread = f"{_short(between[0])} to {_short(between[1])}" if between else ""
        cells = (reading.name, _short(reading.value), spread, wanted.unit, wanted.must, wanted.aim, verdict(reading))
        rows.append(cells)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(w) if k in (1, 2) else cell.ljust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    )  # fmt: skip


def _short(value: float) -> str:
    """Three digits, no powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if 0.99 <= value <= 1 else f"{value:.3g}"
