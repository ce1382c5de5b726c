"""The year's pupils counted once, by everything that indicators tell apart; all figures are sums over these tables."""

from typing import NamedTuple

import numpy as np

from abm.compiled import in_place, kernel
from abm.nearest import nearest_with_places
from abm.rules import Rules
from abm.ways import way
from abm.world import World

# Where a pupil is: 2 x sector, plus one if that is not its local school.
NOWHERE = 6


class Census(NamedTuple):
    """Heads by group and by the true and the detected type, in schools, in the nearest schools with places, in areas.

    The last three axes are (group, vulnerable, detected). ``cells`` counts (group, vulnerable, status above the mean, where).
    """

    schools: np.ndarray  # (school, group, 2, 2)
    nearest: np.ndarray  # (school, group, 2, 2)
    areas: np.ndarray  # (area, group, 2, 2), of pupils who have a school
    cells: np.ndarray  # (group, 2, 2, 7) pupils by where they are
    metres: np.ndarray  # (group, 2, 2) way to school of those who have one, added up


def census(world: World, nearest: bool = True) -> Census:
    """Count the pupils of the world. nearest: no leaves the counterfactual out, whose table then repeats ``schools``."""
    table, city = world.households, world.city
    places = world.schools.places * world.schools.open[:, None]
    counterfactual = nearest_with_places(table, city, places, world.seed) if nearest else table.school
    n, groups = world.schools.open.size, world.groups
    counted = Census(
        np.zeros((n, groups, 2, 2), np.int64), np.zeros((n, groups, 2, 2), np.int64),
        np.zeros((len(city.area_names), groups, 2, 2), np.int64), np.zeros((groups, 2, 2, NOWHERE + 1), np.int64),
        np.zeros((groups, 2, 2), np.int64),
    )  # fmt: skip
    _tally(
        table.school, counterfactual, table.place, table.group, table.vulnerable, table.detected, table.status, city.place_area,
        city.local, city.ways, world.schools.sector, *counted,
    )  # fmt: skip
    return counted


@in_place
def _tally(
    school, nearest, place, group, vulnerable, detected, status, place_area, local, ways, sector, at_school, at_nearest,
    at_home, cells, metres,
):  # fmt: skip
    """Into the tables of :class:`Census`, in one pass over the households."""
    table, home, site, torus_km, felt, knee = ways
    for h in range(school.size):
        s, p, g, v, d = school[h], place[h], group[h], int(vulnerable[h]), int(detected[h])
        high = int(status[h] > 0)
        if nearest[h] >= 0:
            at_nearest[nearest[h], g, v, d] += 1
        if s < 0:
            cells[g, v, high, NOWHERE] += 1
            continue
        at_school[s, g, v, d] += 1
        at_home[place_area[p], g, v, d] += 1
        cells[g, v, high, 2 * sector[s] + int(s != local[p])] += 1
        km = way(table, home, site, torus_km, felt, knee, p, s)
        metres[g, v, high] += np.int64(np.rint(np.float64(km) * 1000.0))


def against(heads: np.ndarray, members: np.ndarray) -> np.ndarray:
    """(unit, 2) heads of (members, others) from (unit, group, 2, 2); ``members`` (group, 2, 2) bool says who counts."""
    return _against(heads, members)


@kernel
def _against(heads, members):
    units, groups = heads.shape[:2]
    out = np.zeros((units, 2), np.int64)
    for u in range(units):
        for g in range(groups):
            for v in range(2):
                for d in range(2):
                    out[u, 0 if members[g, v, d] else 1] += heads[u, g, v, d]
    return out


def sides(rules: Rules) -> dict[str, list[int]]:
    """Group numbers by name: all, each group, the minority together."""
    every = list(range(len(rules.groups)))
    return {"all": every} | {name: [g] for g, name in enumerate(rules.groups)} | {rules.minority: every[1:]}


def ratio(part, whole) -> float:
    """part / whole; nan where the whole is nothing."""
    return float(part / whole) if whole else float("nan")
