"""The year's pupils counted once, by everything that indicators tell apart; all figures are sums over these tables."""

import functools
import math
from typing import NamedTuple

import numpy as np

from abm.compiled import inlined, kernel
from abm.nearest import nearest_with_places
from abm.ways import way
from abm.world import World

# Where a pupil is: 2 x sector, plus one if that is not its local school.
NOWHERE = 6
STATUS = 1e5  # status is added up in whole hundred-thousandths of a sd, ways in metres: sums that no order of rows can change


class Census(NamedTuple):
    """Heads of pupils; their last three axes are (group, vulnerable, detected): the true and the detected type.

    The units of ``heads`` and ``status`` are the schools, the schools once more, and the small areas of residence.
    """

    heads: np.ndarray  # (unit, group, 2, 2) who sits at a school; who would at the nearest one; who lives in an area
    status: np.ndarray  # (unit,) status added up, in STATUS: at a school; in its entry grade; in an area
    squares: np.ndarray  # (2,) squares of these statuses added up: of all; of the entry grade
    entrants: np.ndarray  # (school,) pupils of the entry grade
    cells: np.ndarray  # (group, vulnerable, status above the mean, 7) pupils by where they are
    metres: np.ndarray  # (group, vulnerable, status above the mean) way to school of those who have one, added up
    local: np.ndarray  # (school, of the majority, has a school) pupils whose local school it is
    homes: np.ndarray  # (district of home, of the majority, not at the local school) pupils who have a school
    zoned: np.ndarray  # (2, group) pupils who have a school and a zone; of these, who is at no school of it

    @property
    def schools(self) -> np.ndarray:
        """(school, group, 2, 2) heads as they are."""
        return self.heads[: self.entrants.size]

    @property
    def nearest(self) -> np.ndarray:
        """(school, group, 2, 2) heads with everybody at the nearest school with places."""
        return self.heads[self.entrants.size : 2 * self.entrants.size]

    @property
    def areas(self) -> np.ndarray:
        """(area, group, 2, 2) heads at home, of pupils who have a school."""
        return self.heads[2 * self.entrants.size :]


def census(world: World, nearest: bool = True) -> Census:
    """Count the pupils of the world. nearest: no leaves the counterfactual out, whose table then repeats ``schools``."""
    table, city, stock = world.households, world.city, world.schools
    counterfactual = table.school
    if nearest:
        counterfactual = nearest_with_places(table, city, stock.places * stock.open[:, None], world.seed)
    heads, status, squares, entrants, cells, metres, local, homes, zoned = _tally(
        table.school, counterfactual, table.place, table.group, table.vulnerable, table.detected, table.status, table.grade,
        city.place_area, city.area_district, city.local, city.zone, city.school_zone, stock.sector, city.ways, world.groups,
        len(city.district_names),
    )  # fmt: skip
    return Census(
        heads.reshape(-1, world.groups, 2, 2), status, squares, entrants, cells.reshape(-1, 2, 2, NOWHERE + 1),
        metres.reshape(-1, 2, 2), local.reshape(-1, 2, 2), homes.reshape(-1, 2, 2), zoned,
    )  # fmt: skip


@kernel
def _tally(
    school, nearest, place, group, vulnerable, detected, status, grade, place_area, area_district, local, zone, school_zone,
    sector, ways, groups, districts,
):  # fmt: skip
    """The tables of :class:`Census`, in one pass over the households: by school and by area all that is told apart, folded later.

    Numbers by which tables are looked up are made ones without a sign: numba looks whether a signed one is negative.
    """
    table, home, site, torus_km, felt, knee = ways
    n, areas, kinds = sector.size, area_district.size, 4 * groups
    heads, sums, squares = (
        np.zeros((2 * n + areas, kinds), np.int64),
        np.zeros(2 * n + areas, np.int64),
        np.zeros(2, np.int64),
    )
    cells, metres = np.zeros((kinds, NOWHERE + 1), np.int64), np.zeros(kinds, np.int64)
    at_local, homes = np.zeros((n, 4), np.int64), np.zeros((districts, 4), np.int64)
    entrants, zoned = np.zeros(n, np.int64), np.zeros((2, groups), np.int64)
    at_nearest, status_entry, status_home = heads[n:], sums[n:], sums[2 * n :]
    at_school, at_home = np.zeros((n, 4 * kinds), np.int32), np.zeros((areas, 2 * kinds), np.int32)
    for h in range(school.size):
        p, g = np.uint32(place[h]), np.uint32(group[h])
        near, high, side = np.uint32(local[p]), np.uint32(status[h] > 0), np.uint32(group[h] == 0)
        v = 2 * g + np.uint32(vulnerable[h])
        kind, level = 2 * v + np.uint32(detected[h]), 2 * v + high
        if nearest[h] >= 0:
            at_nearest[np.uint32(nearest[h]), kind] += 1
        at_local[near, 2 * side + np.uint32(school[h] >= 0)] += 1
        if school[h] < 0:
            cells[level, NOWHERE] += 1
            continue
        s, area = np.uint32(school[h]), np.uint32(place_area[p])
        away = np.uint32(s != near)
        at_school[s, 4 * kind + 2 * high + away] += 1
        at_home[area, 2 * kind + away] += 1
        if zone[p] >= 0:
            zoned[np.uint32(school_zone[s] != zone[p]), g] += 1
        km = way(table, home, site, torus_km, felt, knee, p, s)
        metres[level] += np.int64(np.rint(np.float64(km) * 1000.0))
        whole = np.int64(np.rint(np.float64(status[h]) * STATUS))
        sums[s] += whole
        status_home[area] += whole
        squares[0] += whole * whole
        if grade[h] == 0:
            entrants[s] += 1
            status_entry[s] += whole
            squares[1] += whole * whole
    _fold(at_school, at_home, sector, area_district, heads, cells, homes)
    for g in range(groups):
        zoned[0, g] += zoned[1, g]
    return heads, sums, squares, entrants, cells, metres, at_local, homes, zoned


@inlined
def _fold(at_school, at_home, sector, area_district, heads, cells, homes):
    """Into ``heads``, ``cells`` and ``homes`` the pupils of schools and areas; there (group, vulnerable, detected, ...) are one."""
    n = sector.size
    for s in range(n):
        for k in range(at_school.shape[1]):
            heads[s, k // 4] += at_school[s, k]
            cells[k // 8 * 2 + k // 2 % 2, 2 * sector[s] + k % 2] += at_school[s, k]
    for a in range(area_district.size):
        for k in range(at_home.shape[1]):
            heads[2 * n + a, k // 2] += at_home[a, k]
            homes[area_district[a], (0 if k >= 8 else 2) + k % 2] += at_home[a, k]


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


class Parts(NamedTuple):
    """Parts of the pupils that are measured each by itself."""

    names: tuple[str, ...]
    among: np.ndarray  # (part, cell) int64, 1: the cell is of the part, 0: it is not


@functools.cache
def sides(groups: tuple[str, ...], minority: str) -> Parts:
    """All, each group, the minority together; a cell is a group."""
    every = np.eye(len(groups), dtype=np.int64)
    among = {"all": every.sum(axis=0)} | dict(zip(groups, every, strict=True)) | {minority: every[1:].sum(axis=0)}
    return Parts(tuple(among), np.stack(list(among.values())))


@functools.cache
def with_vulnerable(groups: tuple[str, ...], minority: str) -> Parts:
    """The sides, and the vulnerable; a cell is (group, vulnerable)."""
    names, among = sides(groups, minority)
    vulnerable = np.tile([0, 1], len(groups))
    return Parts((*names, "vulnerable"), np.vstack([np.repeat(among, 2, axis=1), vulnerable]))


@functools.cache
def by_level(groups: tuple[str, ...], minority: str) -> Parts:
    """These, and all, majority and minority of high and of low status; a cell is (group, vulnerable, status above the mean)."""
    names, among = with_vulnerable(groups, minority)
    among, high = np.repeat(among, 2, axis=1), np.tile([0, 1], 2 * len(groups))
    for name in ("all", groups[0], minority):
        own = among[names.index(name)]
        names, among = (
            (*names, f"{name}, high status", f"{name}, low status"),
            np.vstack([among, own * high, own * (1 - high)]),
        )
    return Parts(names, among)


def ratio(part, whole) -> float:
    """part / whole; nan where the whole is nothing."""
    return part / whole if whole else math.nan
