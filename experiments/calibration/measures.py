"""What targets measure: figures of pooled entry cohorts. To add one, write a function and name it in MEASURES."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from abm.city import PRIVATE, SECTORS, STATE, SUBSIDISED
from abm.config import CityConfig
from abm.config.declare import ScenarioError
from abm.geometry import distances
from abm.segregation import dissimilarity, eta_squared
from experiments.calibration.cohorts import Cohort


class View(NamedTuple):
    """Pooled cohorts with what a measure needs to know of the schools."""

    cohort: Cohort
    sector: np.ndarray  # (school,)
    x: np.ndarray  # (school,) km
    y: np.ndarray  # (school,) km
    label: tuple[str, ...]  # (school,) the source's own word for its kind, such as a denomination; () if there is none
    groups: tuple[str, ...]
    minority: str


def _dissimilarity(view: View, sector: str) -> float:
    heads = view.cohort.heads[_schools(view, sector)]
    return _number(lambda: dissimilarity(np.stack([heads[:, 1:].sum(axis=1), heads[:, 0]], axis=1)))


def _in_sector(number: int) -> Callable[[View, str], float]:
    return lambda view, group: _share(
        view.cohort.heads * (view.sector == number)[:, None], view.cohort.heads, view, group
    )


def _local(view: View, group: str) -> float:
    return _share(view.cohort.local, view.cohort.heads, view, group)


def _other_state(view: View, group: str) -> float:
    away = (view.cohort.heads - view.cohort.local) * (view.sector == STATE)[:, None]
    return _share(away, view.cohort.heads, view, group)


def _nearest(view: View, group: str) -> float:
    return _share(view.cohort.nearest, view.cohort.heads, view, group)


def _distance(view: View, label: str) -> float:
    rows = _schools(view, label)
    return _ratio(view.cohort.metres[rows].sum() / 1000, view.cohort.heads[rows].sum())


def _first_choice(view: View, sector: str) -> float:
    """Private schools are outside the pre-registration; who is placed there is not counted."""
    rows = _schools(view, sector) if sector else view.sector != PRIVATE
    return _ratio(view.cohort.first[rows].sum(), view.cohort.listed[rows].sum())


def _near_first(view: View, _: str) -> float:
    rows = view.sector != PRIVATE
    return _ratio(view.cohort.near[rows].sum(), view.cohort.wished[rows].sum())


def _above(view: View, share: str) -> float:
    minority, _ = _shares(view)
    return _ratio((minority > float(share)).sum(), minority.size)


def _below(view: View, share: str) -> float:
    minority, _ = _shares(view)
    return _ratio((minority < float(share)).sum(), minority.size)


def _minority_share(view: View, sector: str) -> float:
    heads = view.cohort.heads[_schools(view, sector)]
    return _ratio(heads[:, 1:].sum(), heads.sum())


def _doubles(number: int) -> Callable[[View, str], float]:
    """Share of state schools with more than double the minority share of the nearest school of sector ``number``."""

    def measure(view: View, _: str) -> float:
        share, rows = _shares(view)
        mine, others = rows[view.sector[rows] == STATE], rows[view.sector[rows] == number]
        if not mine.size or others.size < 1 + (number == STATE):
            return math.nan
        of = np.full(view.sector.size, np.nan)
        of[rows] = share
        way = distances(view.x[mine], view.y[mine], view.x[others], view.y[others]).astype(float)
        way[mine[:, None] == others[None, :]] = np.inf
        return float((of[mine] > 2 * of[others[way.argmin(axis=1)]]).mean())

    return measure


def _eta_squared(view: View, _: str) -> float:
    heads = view.cohort.heads
    return _number(lambda: eta_squared(np.stack([heads[:, 1:].sum(axis=1), heads[:, 0]], axis=1)))


MEASURES: dict[str, tuple[Callable[[View, str], float], str]] = {
    "dissimilarity": (_dissimilarity, "D of the minority against the rest over schools (of a sector or kind)"),
    "eta_squared": (_eta_squared, "variance ratio of the minority share over schools"),
    "minority_share": (_minority_share, "share of the minority among pupils (of a sector or kind of school)"),
    "private": (_in_sector(PRIVATE), "share of a group at private schools"),
    "subsidised": (_in_sector(SUBSIDISED), "share of a group at subsidised private schools"),
    "local": (_local, "share of a group at its local (catchment) school"),
    "other_state": (_other_state, "share of a group at a state school other than the local one"),
    "nearest": (_nearest, "share of a group at the nearest school of any kind"),
    "distance_km": (_distance, "mean way from home to school, km (of a sector or kind of school)"),
    "first_choice": (_first_choice, "share of those placed by their list who are at the first school on it, private schools apart"),
    "near_first": (_near_first, "share of families whose first listed school is among the three nearest of its sector, private schools apart"),
    "schools_above": (_above, "share of schools with a minority share above the one named"),
    "schools_below": (_below, "share of schools with a minority share below the one named"),
    "double_nearest_subsidised": (_doubles(SUBSIDISED), "share of state schools with over double the minority share of the nearest subsidised school"),
    "double_nearest_state": (_doubles(STATE), "share of state schools with over double the minority share of the nearest other state school"),
}  # fmt: skip


def measure(view: View, name: str) -> float:
    """The measure "name" or "name:of whom", such as ``private:majority``; not a number where nobody is concerned."""
    head, _, rest = name.partition(":")
    return float(MEASURES[head][0](view, rest))


def check(name: str, city: CityConfig, where: str) -> None:
    """ScenarioError where a target's measure is not there, or names nobody of this city."""
    head, _, rest = name.partition(":")
    if head not in MEASURES:
        raise ScenarioError(f"{where}: measure: no measure {head!r}; one of {', '.join(MEASURES)}")
    if head in ("schools_above", "schools_below"):
        try:
            right = 0 <= float(rest) <= 1
        except ValueError:
            right = False
        if not right:
            raise ScenarioError(f"{where}: measure: {name!r}: give a share from 0 to 1, such as {head}:0.5")
    whose = ("private", "subsidised", "local", "other_state", "nearest")
    if head in whose and rest not in ("", "all", "majority", "minority", city.minority, *city.groups):
        known = ", ".join(("all", "majority", "minority", *city.groups))
        raise ScenarioError(f"{where}: measure: no group {rest!r}; one of {known}")


def _schools(view: View, name: str) -> np.ndarray:
    """(school,) bool of a sector, or of the kind that the source calls ``name``; all where it is empty."""
    if not name or name == "all":
        return np.ones(view.sector.size, bool)
    if name in SECTORS:
        return view.sector == SECTORS.index(name)
    return np.array([label == name for label in view.label], bool) if view.label else np.zeros(view.sector.size, bool)


def _columns(view: View, name: str) -> list[int]:
    """Numbers of the groups that ``name`` stands for."""
    every = list(range(len(view.groups)))
    if name in view.groups:
        return [view.groups.index(name)]
    return {"majority": every[:1], "minority": every[1:], view.minority: every[1:]}.get(name, every)


def _share(part: np.ndarray, whole: np.ndarray, view: View, group: str) -> float:
    columns = _columns(view, group)
    return _ratio(part[:, columns].sum(), whole[:, columns].sum())


def _shares(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Minority share of each school that has pupils, and their rows."""
    heads = view.cohort.heads
    rows = np.flatnonzero(heads.sum(axis=1) > 0)
    return heads[rows, 1:].sum(axis=1) / heads[rows].sum(axis=1), rows


def _ratio(part, whole) -> float:
    return float(part / whole) if whole else math.nan


def _number(of: Callable[[], float]) -> float:
    try:
        return float(of())
    except (ValueError, ZeroDivisionError):
        return math.nan
