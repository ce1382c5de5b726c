"""The year's pupils counted once, by everything that indicators tell apart; all figures are sums over these tables."""

from typing import NamedTuple

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.rules import Rules
from abm.start import nearest_with_places
from abm.world import World

# Where a pupil is, seen from its local school.
LOCAL, OTHER_STATE, AT_SUBSIDISED, AT_PRIVATE, NOWHERE = range(5)


class Census(NamedTuple):
    """Heads by group and by the true and the detected type, in schools, in the nearest schools with places, in areas.

    The last three axes are (group, vulnerable, detected). ``cells`` counts (group, vulnerable, status above the mean, where).
    """

    schools: np.ndarray  # (school, group, 2, 2)
    nearest: np.ndarray  # (school, group, 2, 2)
    areas: np.ndarray  # (area, group, 2, 2), of pupils who have a school
    cells: np.ndarray  # (group, 2, 2, LOCAL ... NOWHERE) pupils
    metres: np.ndarray  # (group, 2, 2) way to school of those who have one, added up


def census(world: World) -> Census:
    """Count the pupils of the world."""
    table, city = world.households, world.city
    groups, n = world.groups, world.schools.open.size
    has = table.school >= 0
    school = np.maximum(table.school, 0)
    kind = (table.group.astype(np.int64) * 2 + table.vulnerable) * 2 + table.detected
    places = world.schools.places * world.schools.open[:, None]
    nearest = nearest_with_places(table, city, places, world.seed)

    def count(unit, size, among):
        cell = np.where(among, unit * np.int64(groups * 4) + kind, size * groups * 4)
        return np.bincount(cell, minlength=size * groups * 4 + 1)[:-1].reshape(size, groups, 2, 2)

    where = np.where(school == city.local[table.place], LOCAL, _AWAY[world.schools.sector[school]])
    where = np.where(has, where, NOWHERE)
    person = (table.group.astype(np.int64) * 2 + table.vulnerable) * 2 + (table.status > 0)
    metres = np.where(has, np.rint(city.distance[table.place, school] * np.float32(1000)), 0)
    return Census(
        schools=count(school, n, has),
        nearest=count(nearest, n, nearest >= 0),
        areas=count(city.place_area[table.place], len(city.area_names), has),
        cells=np.bincount(person * 5 + where, minlength=groups * 20).reshape(groups, 2, 2, 5),
        metres=np.bincount(person, metres, minlength=groups * 4).reshape(groups, 2, 2),
    )


_AWAY = np.zeros(3, np.int64)
_AWAY[[STATE, SUBSIDISED, PRIVATE]] = OTHER_STATE, AT_SUBSIDISED, AT_PRIVATE


def against(heads: np.ndarray, members: np.ndarray) -> np.ndarray:
    """(unit, 2) heads of (members, others) from (unit, group, 2, 2); ``members`` (group, 2, 2) bool says who counts."""
    of = heads[:, members].sum(axis=1)
    return np.stack([of, heads.sum(axis=(1, 2, 3)) - of], axis=1)


def sides(rules: Rules) -> dict[str, list[int]]:
    """Group numbers by name: all, each group, the minority together."""
    every = list(range(len(rules.groups)))
    return {"all": every} | {name: [g] for g, name in enumerate(rules.groups)} | {rules.minority: every[1:]}


def ratio(part, whole) -> float:
    """part / whole; nan where the whole is nothing."""
    return float(part / whole) if whole else float("nan")
