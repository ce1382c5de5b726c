"""The numbers of a run, read once, and how they are written.

Ranges run from the 10 % to the 90 % quantile over seeds: they show chance, not how wrong the assumptions may be.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from abm import cities
from abm.city import Blueprint
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.results import Run

NOT_DEFINED = "not defined"
ZERO = 5e-4  # a part of D smaller than this counts as none


class Range(NamedTuple):
    """Quantiles of a figure over seeds, and how many seeds have it."""

    low: float
    median: float
    high: float
    seeds: int


def spread(values: np.ndarray) -> Range:
    """10 % quantile, median and 90 % quantile of the finite values; not-a-number where there are none."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if not values.size:
        return Range(np.nan, np.nan, np.nan, 0)
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return Range(float(low), float(middle), float(high), values.size)


def words(name: str) -> str:
    """The name of a group as one reads it."""
    return " ".join("SES" if part == "ses" else part for part in name.split("_"))


def index(value: float, digits: int = 3) -> str:
    """An index between 0 and 1."""
    return f"{value + 0.0:.{digits}f}".replace("-0.000", "0.000") if np.isfinite(value) else NOT_DEFINED


def percent(value: float) -> str:
    """A share in per cent, with a decimal below ten."""
    if not np.isfinite(value):
        return NOT_DEFINED
    return f"{100 * value:.1f} %" if abs(value) < 0.0995 and value else f"{100 * value:.0f} %"


def count(value: float) -> str:
    """A number of pupils or schools."""
    return f"{value:,.0f}" if np.isfinite(value) else NOT_DEFINED


def kilometres(value: float) -> str:
    """A distance."""
    return f"{value:.2f} km" if np.isfinite(value) else NOT_DEFINED


def between(r: Range, form=index) -> str:
    """The range in words; nothing to say with fewer than two seeds."""
    return f"{form(r.low).removesuffix(' %').removesuffix(' km')} to {form(r.high)}" if r.seeds > 1 else "-"


class Numbers:
    """The figures of a run, read once: by indicator, group, scope and year over seeds."""

    def __init__(self, run: Run, config: Config):
        self.run, self.config = run, config
        self.sets = run.sets()  # of parameters by seed; None where all seeds share the scenario's
        table = run.table("indicators")
        self.seeds = sorted(int(s) for s in table.seed.unique())
        self.first, self.last = int(table.year.min()), int(table.year.max())
        table = table[~table.scope.str.startswith("district:")]
        self._rows = dict(tuple(table.groupby(["indicator", "group", "scope"], sort=False)))
        self.majority, self.minority = config.city.groups[0], config.city.minority
        self.sides = (words(self.majority), words(self.minority))

    def values(self, name: str, group: str = "", scope: str = "city", year: int | None = None) -> np.ndarray:
        """(seed,) values in a year (default: the last); empty if not measured. ``group`` defaults to the minority."""
        rows = self._rows.get((name, group or self.minority, scope))
        if rows is None:
            return np.empty(0)
        rows = rows[rows.year == (self.last if year is None else year)]
        return rows.set_index("seed").value.reindex(self.seeds).to_numpy(float)

    def range(self, name: str, group: str = "", scope: str = "city", year: int | None = None) -> Range:
        """Quantiles over seeds in a year (default: the last)."""
        return spread(self.values(name, group, scope, year))

    def series(self, name: str, group: str = "", scope: str = "city") -> tuple[np.ndarray, np.ndarray]:
        """Years (n,) and quantiles (3, n) of an indicator; years without a value are left out."""
        rows = self._rows.get((name, group or self.minority, scope))
        if rows is None:
            return np.empty(0), np.empty((3, 0))
        bands = [(year, spread(part)) for year, part in rows.groupby("year").value if part.notna().any()]
        return np.array([year for year, _ in bands]), np.array([band[:3] for _, band in bands]).reshape(-1, 3).T

    @cached_property
    def typical(self) -> int:
        """The seed whose D at the end is nearest to the median: the run that maps and single schools are taken from."""
        gap = np.abs(self.values("dissimilarity") - self.range("dissimilarity").median)
        return self.seeds[int(np.nanargmin(gap))] if np.isfinite(gap).any() else self.seeds[0]

    def of(self, seed: int) -> Config:
        """The scenario as the seed was run: under its own set of parameters, if it has one."""
        return self.sets.of(self.config, seed) if self.sets else self.config

    @cached_property
    def two_sides(self) -> bool:
        """Whether there are pupils of both sides at the end: without them nothing can be segregated."""
        some, whole = self.range("pupils", self.minority).median, self.range("pupils", "all").median
        return len(self.config.city.groups) > 1 and 0 < some < whole

    @property
    def present(self) -> list[tuple[str, str]]:
        """The sides that have pupils: their names in the tables and in words."""
        pairs = zip((self.majority, self.minority), self.sides, strict=True)
        return [(group, words) for group, words in pairs if self.range("pupils", group).high > 0]

    @cached_property
    def schools(self):
        """schools.csv at the start and the end, with ``pupils``; schools without pupils are left out."""
        table = self.run.table("schools")
        table = table[table.year.isin([self.first, self.last])]
        heads = [name for name in table.columns if name.startswith("heads_")]
        table = table.assign(pupils=table[heads].sum(axis=1))
        return table[table.pupils > 0]

    @cached_property
    def plan(self) -> Blueprint | None:
        """Homes and outlines of the city at the start; None where its tables are not at hand."""
        try:
            return cities.make(self.of(self.typical), self.typical)
        except (ScenarioError, OSError):
            return None

    @property
    def moments(self) -> tuple[tuple[int, str], ...]:
        """The years that are compared, with their names: the start and the end."""
        start = (self.first, "at the start")
        return (start, (self.last, f"after {self.last - self.first} years")) if self.last > self.first else (start,)

    @property
    def resolution(self) -> str:
        """On which units residential figures rest."""
        if self.plan is None:
            return "small areas"
        areas = len(self.plan.area_names)
        return f"{areas:,} small areas of about {self.plan.pupils.sum() / max(areas, 1):,.0f} pupils"


def own_set(n: Numbers) -> str:
    """Under which parameters the seeds of a run were run, each under its own set."""
    return f"{'each ' if len(n.seeds) > 1 else ''}under its own set of parameters from {n.sets.file}"


class Parts(NamedTuple):
    """D in a year, what is there by chance, what residence adds, what choice adds; per cent only if none is negative."""

    total: Range
    chance: Range
    residence: Range
    choice: Range
    shares: tuple[float, float, float] | None


def parts(n: Numbers, year: int | None = None) -> Parts:
    """The parts of D: random D; D of nearest schools with places minus random D; D minus D of nearest schools."""
    d, random, near = (n.values(f"dissimilarity{kind}", year=year) for kind in ("", "_random", "_nearest"))
    if not d.size == random.size == near.size:
        random = near = np.full(d.size, np.nan)
    pieces = [spread(random), spread(near - random), spread(d - near)]
    total = spread(d)
    defined = all(np.isfinite(p.median) for p in pieces) and total.median > ZERO
    if not defined or any(p.low < -ZERO for p in pieces):
        return Parts(total, *pieces, None)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = tuple(spread(piece / d).median for piece in (random, near - random, d - near))
    return Parts(total, *pieces, shares)


def change(n: Numbers, name: str = "dissimilarity", group: str = "") -> int:
    """1: the figure rises in at least nine seeds of ten, -1: it falls, 0: neither."""
    before, after = n.values(name, group, year=n.first), n.values(name, group)
    if before.size != after.size:
        return 0
    step = spread(after - before)
    return int(step.low > ZERO) - int(step.high < -ZERO)
