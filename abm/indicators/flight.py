"""Flight: who is outside the local school and where instead, who left, who changed school, which schools tip."""

import functools
import math

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.compiled import inlined, kernel
from abm.indicators.census import NOWHERE, Census, by_level, sides
from abm.rules import Rules
from abm.world import Past, World

TIPPING = 0.05  # loss of majority share beyond the catchment's own, in a year, that counts as tipping (assumption)

# The places where a pupil may be (see NOWHERE) that make up each row: first heads, then shares of the first.
_HEADS = {"pupils": range(NOWHERE), "unplaced": (NOWHERE,)}
_SHARES = {
    "outside_local_school": (1, 3, 5),
    "private": (2 * PRIVATE, 2 * PRIVATE + 1),
    "subsidised": (2 * SUBSIDISED, 2 * SUBSIDISED + 1),
    "other_state": (2 * STATE + 1,),
    "other_subsidised": (2 * SUBSIDISED + 1,),
    "other_private": (2 * PRIVATE + 1,),
}
_ROWS, _COUNTS = _HEADS | _SHARES, len(_HEADS)
_WHERE = np.array(
    [[where in places for places in _ROWS.values()] for where in range(NOWHERE + 1)], np.int64
)  # (where, row)


def flight(world: World, rules: Rules, counted: Census, before: Past) -> list:
    """Rows of flight, by group; for all, majority and minority by status too (above or below the mean); by home district."""
    city, homes, unhappy, away = (
        list(zip(*labels, values.tolist(), strict=True))
        for labels, values in zip(
            _labels(rules.groups, rules.minority, world.city.district_names),
            _counts(world, rules, counted),
            strict=True,
        )
    )
    tips = tipping(world, before, counted)
    return [
        *city,
        *(row for row in homes if not math.isnan(row[-1])),
        *unhappy,
        *(away if counted.zoned[0].any() else ()),  # one zone may hold several schools
        ("late_arrivals", "all", "city", float(world.events.late)),
        ("rehomed", "all", "city", float(world.events.rehomed)),
        ("tipping_schools", "all", "city", float(np.count_nonzero(tips))),
    ]


def brief_flight(world: World, rules: Rules, counted: Census) -> list:
    """Rows of the city: where pupils are, who changed school, who left."""
    labels = _labels(rules.groups, rules.minority, world.city.district_names)[0]
    return list(zip(*labels, _counts(world, rules, counted)[0].tolist(), strict=True))


@functools.lru_cache
def _labels(groups: tuple[str, ...], minority: str, districts: tuple[str, ...]) -> list[tuple[tuple[str, ...], ...]]:
    """Indicator, group and scope, a column each, of the values of :func:`_counts`."""
    parts, names = by_level(groups, minority).names, sides(groups, minority).names
    city = [(row, part, "city") for part in parts for row in _ROWS]
    city += [(row, name, "city") for name in names for row in ("exits", "left_city")]
    homes = [("outside_local_school", who, f"home district:{d}") for d in districts for who in ("all", groups[0])]
    unhappy, away = ([(row, name, "city") for name in names] for row in ("left_unhappy", "outside_zone"))
    return [tuple(zip(*rows, strict=True)) for rows in (city, homes, unhappy, away)]


def _counts(world: World, rules: Rules, counted: Census) -> tuple[np.ndarray, ...]:
    """Values of the city, by home district, of who left unhappy, of who is at no school of its zone; nan: of nobody."""
    events, cells = world.events, counted.cells.reshape(-1, NOWHERE + 1)
    moved, left, unhappy = events.moved_group, events.left_group, events.left_unhappy
    return _located(
        cells,
        by_level(rules.groups, rules.minority).among,
        moved,
        left,
        unhappy,
        counted.zoned,
        sides(rules.groups, rules.minority).among,
        counted.homes,
    )


def tipping(world: World, before: Past, counted: Census | None = None) -> np.ndarray:
    """(school,) bool: the majority's share fell by TIPPING more in a year than in the school's catchment (local places)."""
    table, size = world.households, world.schools.open.size
    homes = _catchment(table.place, table.group, world.city.local, size) if counted is None else counted.local
    shares = world.seen.own_share, before.seen.own_share
    return _tipping(*shares, homes, before.place, before.group, before.local, before.open.size, world.schools.open)


def catchment(of: Past) -> np.ndarray:
    """(school,) majority share of the pupils whose local school it is; 0 for a school that is nobody's local one."""
    homes = _catchment(of.place, of.group, of.local, of.open.size)
    return np.array([_majority(homes, s) for s in range(len(homes))])


@kernel
def _tipping(now, before, homes, place, group, local, schools, is_open):
    """(school,) bool: see :func:`tipping`; now, before: (side, school) shares; homes: (school, of the majority, any) pupils.

    place, group, local: those of last year, when there were so many ``schools``.
    """
    homes_before = _catchment(place, group, local, schools)
    tips = np.zeros(min(now.shape[1], before.shape[1]), np.bool_)
    for s in range(tips.size):
        at_home = _majority(homes, s) - _majority(homes_before, s)
        tips[s] = is_open[s] and np.float64(now[0, s] - before[0, s]) - at_home < -TIPPING
    return tips


@inlined
def _majority(homes, s):
    """Share of the majority among the pupils whose local school is ``s``; 0 if there is nobody."""
    pupils, majority = 0, 0
    for k in range(homes.shape[2]):
        pupils += homes[s, 0, k] + homes[s, 1, k]
        majority += homes[s, 1, k]
    return majority / max(pupils, 1)


@kernel
def _catchment(place, group, local, schools):
    """(school, of the majority, 1) pupils whose local school it is."""
    heads = np.zeros((schools, 2, 1), np.int64)
    for h in range(place.size):
        heads[np.uint32(local[np.uint32(place[h])]), np.uint32(group[h] == 0), 0] += 1
    return heads


@kernel
def _located(cells, among, moved, left, unhappy, zoned, side, homes):
    """See :func:`_counts`; ``cells`` (cell, where); ``among``: the cells of each part, ``side``: the groups of each side."""
    many, at = side.shape[0], among.shape[0] * _WHERE.shape[1]
    city, by_home = np.full(at + 2 * many, np.nan), np.full(2 * homes.shape[0], np.nan)
    angry, away = np.empty(many, np.float64), np.full(many, np.nan)
    _by_where(cells, among, np.empty(NOWHERE + 1, np.float64), city)
    sums = _by_side(cells, moved, left, unhappy, zoned, side)
    for k in range(many):
        if sums[k, 0] > 0.0:
            city[at + 2 * k] = sums[k, 1] / sums[k, 0]
        city[at + 2 * k + 1], angry[k] = sums[k, 2], sums[k, 3]
        if sums[k, 4] > 0.0:
            away[k] = sums[k, 5] / sums[k, 4]
    for d in range(homes.shape[0]):
        outside, own = homes[d, 0, 1] + homes[d, 1, 1], homes[d, 1, 0] + homes[d, 1, 1]
        pupils = homes[d, 0, 0] + homes[d, 0, 1] + own
        if pupils > 0:
            by_home[2 * d] = outside / pupils
        if own > 0:
            by_home[2 * d + 1] = homes[d, 1, 1] / own
    return city, by_home, angry, away


@inlined
def _by_where(cells, among, heads, out):
    """Into ``out`` (part x row,) the ``_ROWS`` of each part; heads (where,) is room."""
    rows = _WHERE.shape[1]
    for part in range(among.shape[0]):
        for where in range(NOWHERE + 1):
            heads[where] = 0.0
            for cell in range(among.shape[1]):
                heads[where] += among[part, cell] * cells[cell, where]
        for row in range(rows):
            pupils = 0.0
            for where in range(NOWHERE + 1):
                pupils += _WHERE[where, row] * heads[where]
            if row < _COUNTS:
                out[part * rows + row] = pupils
            elif out[part * rows] > 0.0:
                out[part * rows + row] = pupils / out[part * rows]


@kernel
def _by_side(cells, moved, left, unhappy, zoned, among):
    """(side, 6) pupils with a school, who changed school, who left, who left unhappy, who has a zone, who is not in it."""
    groups = zoned.shape[1]
    count, out = np.zeros((groups, 6), np.float64), np.zeros((among.shape[0], 6), np.float64)
    for k in range(moved.size):
        count[moved[k], 1] += 1.0
    for k in range(left.size):
        count[left[k], 2] += 1.0
        count[left[k], 3] += unhappy[k]
    for g in range(groups):
        for level in range(4 * g, 4 * g + 4):
            for where in range(NOWHERE):
                count[g, 0] += cells[level, where]
        count[g, 4], count[g, 5] = zoned[0, g], zoned[1, g]
        for side in range(among.shape[0]):
            for k in range(6):
                out[side, k] += among[side, g] * count[g, k]
    return out
