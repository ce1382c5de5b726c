"""Whom a policy treats: schools and districts by name or by need, families by group."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from abm.households import Households
from abm.rules import Rules
from abm.world import World


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
