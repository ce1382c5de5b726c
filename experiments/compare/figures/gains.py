"""Who gains and who loses: by home district and side, what changes for the pupils who live there."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.figures.style import INK, MAJORITY, MINORITY, grid, look, picture, sheet
from experiments import statistics as stats
from experiments.compare.figures.look import short, wrapped
from experiments.compare.result import Result
from experiments.compare.rows import strongest

POLICIES, DISTRICTS, TALLEST = 6, 12, 9.0  # policies and districts at most; inches of a sheet
PANELS = (  # column of districts.csv, heading, factor
    ("km", "way to school,\nkm", 1), ("quality", "true quality of\nown school, sd", 1),
    ("minority_share", "minority met at\nschool, points", 100), ("elsewhere", "pupils at another\nschool, number", 1),
)  # fmt: skip
SIDES = ((0, MAJORITY, "o", -0.17), (1, MINORITY, "s", 0.17))


class Cell(NamedTuple):
    """A mean paired difference with its interval."""

    mean: float
    low: float
    high: float


def changes(districts: pd.DataFrame, arm: str, year: int) -> dict[tuple[str, int, int], Cell]:
    """(column, district, side): policy minus baseline by seed, of the scenario's own parameters; elsewhere: the number."""
    part = districts[(districts.set == 0) & (districts.year == year) & districts.arm.isin(["baseline", arm])]
    out = {}
    for column, *_ in PANELS:
        wide = part.pivot_table(column, ["home_district", "side"], ["arm", "seed"], sort=True)
        if arm not in wide or "baseline" not in wide:
            continue
        gap = wide[arm] if column == "elsewhere" else wide[arm] - wide["baseline"]
        own = stats.paired(gap.to_numpy(float))
        for (d, side), *cell in zip(gap.index, own.mean, own.low, own.high, strict=True):
            out[column, int(d), int(side)] = Cell(*map(float, cell))
    return out


def gains(r: Result) -> list:
    """Pictures with as many policies each as fit on a sheet: of more than POLICIES those with the largest effects."""
    if not len(r.districts):
        return []
    pool = strongest(r.full, POLICIES)
    tables = {row.arm: changes(r.districts, row.arm, r.plan.years) for row in pool}
    where = _districts(tables)
    if not where:
        return []
    tall = 0.3 + 0.2 * len(where)
    each = max(1, int((TALLEST - 1.2) / tall))
    groups = [pool[k : k + each] for k in range(0, len(pool), each)]
    return [_sheet(r, rows, tables, where, k, len(groups)) for k, rows in enumerate(groups)]


def _districts(tables: dict) -> list[int]:
    """Districts in their order; of many, those where most pupils sit elsewhere."""
    moved: dict[int, float] = {}
    for table in tables.values():
        for (column, d, _), cell in table.items():
            if column == "elsewhere":
                moved[d] = moved.get(d, 0.0) + (cell.mean if np.isfinite(cell.mean) else 0.0)
    return sorted(sorted(moved, key=lambda d: (-moved[d], d))[:DISTRICTS])


def _sheet(r: Result, rows: list, tables: dict, where: list[int], number: int, of: int):
    title = f"Who gains and who loses, by home district, year {r.plan.years}" + (
        f" ({number + 1} of {of})" if of > 1 else ""
    )
    name = "gains" + (f"-{number + 1}" if number else "")
    height = 1.25 + len(rows) * (0.3 + 0.2 * len(where))
    key = tuple((x, sign, f"{side} pupils", colour) for x, sign, side, colour in zip(
        (0.012, 0.4), "●■", r.sides, (MAJORITY, MINORITY), strict=True))  # fmt: skip
    with look(name):
        figure, axes = sheet(title, height, len(rows), len(PANELS), key=key, sharex="col", sharey=True)
        for line, row in zip(axes, rows, strict=True):
            for ax, (column, _, factor) in zip(line, PANELS, strict=True):
                _panel(ax, tables[row.arm], column, factor, where)
            line[0].set_title(wrapped(r.title(row), 70, 1), fontsize=8.5, fontweight="bold")
            line[0].set_yticks(range(len(where)), [short(_name(r, d), 22) for d in where])
            line[0].set_ylim(len(where) - 0.5, -0.5)
        for ax, (_, heading, _) in zip(axes[-1], PANELS, strict=True):
            ax.set_xlabel(heading)
        return picture(name, title, _caption(r, len(where)), figure)


def _name(r: Result, district: int) -> str:
    names = district_names(r)
    return names[district] if district < len(names) else f"District {district + 1}"


def district_names(r: Result) -> tuple[str, ...]:
    """Names of the home districts."""
    if "names" not in r.about:
        from abm.start import start

        r.about["names"] = start(r.plan.base, r.plan.seed).city.district_names
    return r.about["names"]


def _panel(ax, table: dict, column: str, factor: float, where: list[int]) -> None:
    ax.axvline(0, color=INK, linewidth=0.8)
    for side, colour, marker, shift in SIDES:
        for y, d in enumerate(where):
            cell = table.get((column, d, side))
            if cell is None or not np.isfinite(cell.mean):
                continue
            if np.isfinite([cell.low, cell.high]).all():
                ax.plot([factor * cell.low, factor * cell.high], [y + shift] * 2, color=colour, linewidth=1, alpha=0.6)
            ax.plot([factor * cell.mean], [y + shift], marker, color=colour, markersize=3.6)
    if column == "elsewhere":
        ax.set_xlim(left=0)
    grid(ax, "x")
    ax.tick_params(axis="both", labelsize=7.5)


def _caption(r: Result, shown: int) -> str:
    total = len(district_names(r))
    few = f" Of {total} districts the {shown} where most pupils sit elsewhere are drawn." if shown < total else ""
    more = f" The {POLICIES} policies with the largest effects are drawn." if len(r.full) > POLICIES else ""
    return (
        f"Policy minus baseline for the pupils who live in a district, mean of {r.plan.seeds} paired seeds with 95 % interval: the "
        f"mean way to school, the true quality of the school attended, the share of {r.sides[1]} pupils in it (percentage "
        "points), and how many pupils sit at another school than they would without the policy. Longer ways and lower quality are "
        f"losses; more or fewer {r.sides[1]} schoolmates is for the reader to judge.{few}{more} Source: paired runs of the model."
    )
