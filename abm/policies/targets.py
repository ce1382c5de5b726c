"""Whom a policy treats: schools and districts by name or by need, families by group."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import numpy as np

from abm.households import Households
from abm.rules import Rules
from abm.world import World

Measure = Literal["vulnerable", "detected", "minority", "status"]


class Targets(NamedTuple):
    """The treated schools and districts, by row, first in need first; the authority remembers them."""

    schools: tuple[int, ...] = ()
    districts: tuple[int, ...] = ()
    plan: Any = None  # what else was settled in its first year, such as zones


def share_of(count: int, intensity: float) -> int:
    """How many of ``count`` targets an intensity treats."""
    return int(np.floor(intensity * count + 0.5))


def most(need: np.ndarray, candidates: np.ndarray, count: int) -> tuple[int, ...]:
    """The ``count`` rows of ``candidates`` (row,) bool with greatest ``need`` (row,); of equals the first. Nested in ``count``."""
    rows = np.flatnonzero(candidates)
    order = np.argsort(-np.asarray(need, float)[rows], kind="stable")
    return tuple(int(row) for row in rows[order][:count])


def rows_of(names: Iterable[str], known: tuple[str, ...]) -> tuple[int, ...]:
    """Rows of ``names`` among the ``known`` ones, those that exist."""
    at = {name: row for row, name in reversed(list(enumerate(known)))}
    return tuple(at[name] for name in names if name in at)


def named_districts(policy, world: World) -> np.ndarray:
    """(district,) bool: districts that a policy names; all if it names none."""
    chosen = np.zeros(len(world.city.district_names), bool)
    chosen[list(rows_of(policy.districts, world.city.district_names))] = True
    return chosen if policy.districts else ~chosen


def named_schools(policy, world: World) -> np.ndarray:
    """(school,) bool: schools that a policy names, in districts that it names; all where it names none."""
    chosen = np.zeros(world.schools.open.size, bool)
    chosen[list(rows_of(policy.schools, world.city.school_names))] = True
    return (chosen if policy.schools else ~chosen) & named_districts(policy, world)[world.schools.district]


def group_rows(groups: tuple[str, ...], rules: Rules) -> tuple[int, ...]:
    """Numbers of the groups named, ``majority`` and the minority's names spelt out; empty: all."""
    out: list[int] = []
    for name in groups:
        if name in rules.groups:
            out.append(rules.groups.index(name))
        elif name == "majority":
            out.append(0)
        elif name in ("minority", rules.minority):
            out += range(1, len(rules.groups))
    return tuple(dict.fromkeys(out))


def in_groups(groups: tuple[str, ...], rules: Rules, table: Households) -> np.ndarray:
    """(household,) bool: pupils of the groups named (``detected``: only those detected as vulnerable); all if none is."""
    rows = group_rows(groups, rules)
    inside = np.isin(table.group, rows) if rows else np.ones(table.id.size, bool)
    return inside & table.detected if "detected" in groups else inside


def known_groups(rules: Rules) -> tuple[str, ...]:
    """Every name that ``groups`` of a policy may hold."""
    return tuple(dict.fromkeys((*rules.groups, rules.minority, "majority", "minority", "detected")))


def _lack(world: World, by: Measure) -> np.ndarray:
    """(household,) float: what makes a pupil needy under a measure; ``status`` counts downwards."""
    table = world.households
    if by == "status":
        return -table.status.astype(float)
    return {"vulnerable": table.vulnerable, "detected": table.detected, "minority": table.group > 0}[by].astype(float)


def _mean(values: np.ndarray, unit: np.ndarray, units: int) -> np.ndarray:
    """(unit,) mean of ``values`` (household,) in each unit; -inf in an empty one, which is nobody's target."""
    heads = np.bincount(unit, minlength=units)
    return np.where(heads > 0, np.bincount(unit, values, units) / np.maximum(heads, 1), -np.inf)


def school_need(world: World, by: Measure) -> np.ndarray:
    """(school,) float: share of its pupils who are vulnerable, detected or minority, or minus their mean status."""
    there = world.households.school >= 0
    return _mean(_lack(world, by)[there], world.households.school[there], world.schools.open.size)


def district_need(world: World, by: Measure) -> np.ndarray:
    """(district,) float: the same of the pupils who live there."""
    city = world.city
    district = city.area_district[city.place_area[world.households.place]]
    return _mean(_lack(world, by), district, len(city.district_names))


def deprived_districts(policy, world: World) -> tuple[int, ...]:
    """The districts that a policy names; else the ``share`` of all, at least one, in greatest need under its ``by``."""
    need = district_need(world, policy.by)
    lived_in = np.isfinite(need)
    if policy.districts:
        return most(need, lived_in & named_districts(policy, world), need.size)
    return most(need, lived_in, max(1, share_of(int(lived_in.sum()), policy.share)))


def live_in(world: World, districts: tuple[int, ...]) -> np.ndarray:
    """(household,) bool: pupils who live in these districts."""
    return np.isin(world.city.area_district[world.city.place_area[world.households.place]], districts)


def handed_out(world: World, euro: float, weight: dict[int, float]) -> dict[int, float]:
    """{school: 1000 euro a pupil} if ``euro`` are split over schools by ``weight``; schools without pupils get none."""
    pupils = world.seen.heads.sum(axis=(1, 2))
    weight = {s: w for s, w in weight.items() if w > 0 and pupils[s] > 0}
    total = sum(weight.values())
    return {s: euro * w / total / int(pupils[s]) / 1000 for s, w in weight.items()}
