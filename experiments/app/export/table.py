"""All figures of both futures as one tidy table: a row for each future, year and figure."""

import csv
import io
import math
from collections.abc import Mapping
from typing import Any

from abm import __version__
from experiments.app.export.asked import BASELINE, POLICIES, Asked
from experiments.compare.measures import MEASURES

HEAD = (
    "future", "year", "figure", "unit", "value", "low", "middle", "high",
    "label", "assumption", "scenario", "seed", "version",
)  # fmt: skip


def table(of: Asked, bands: list[Mapping[str, Any]] | None = None) -> str:
    """The table as CSV. ``bands``: by future, the low, middle (mid) and high of figures over many runs, where they are known."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(HEAD)
    for side, (name, future) in enumerate(zip((BASELINE, POLICIES), of.futures, strict=True)):
        known = bands[side] if bands and side < len(bands) else {}
        for year in range(of.session.years + 1):
            for figure, measure in MEASURES.items():
                value = future.lines[figure][year]
                reach = [_of(known, figure, end, year) for end in ("low", "mid", "high")]
                if math.isfinite(value) or any(reach):
                    about = (measure.label, "yes" if measure.assumed else "no")
                    origin = (of.session.scenario, of.session.seed, __version__)
                    write.writerow((name, year, figure, measure.unit, _cell(value), *reach, *about, *origin))
    return text.getvalue()


def _of(known: Mapping[str, Any], figure: str, end: str, year: int) -> str:
    """A band's end in a year; empty where there is none."""
    line = known.get(figure, {}).get(end) or []
    return _cell(line[year]) if year < len(line) and line[year] is not None else ""


def _cell(value: float) -> str:
    """A number in full, empty where there is none."""
    return repr(round(float(value), 6)) if math.isfinite(value) else ""
