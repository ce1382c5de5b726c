"""Flight: who is outside the local school and where instead, who left, who changed school, which schools tip."""

import functools

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.compiled import inlined, kernel
from abm.indicators.census import NOWHERE, Census, by_level, ratio, sides
from abm.rules import Rules
from abm.world import Past, World, past

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


@functools.cache
def _labels(parts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Row and part of the pupils, part by part."""
    return [(row, part) for part in parts for row in _ROWS]


def flight(world: World, rules: Rules, counted: Census, before: Past) -> list:
    """Rows of flight, by group; for all, majority and minority by status too (above or below the mean); by home district."""
    names, sums = sides(rules).names, _by_side(world, rules, counted)
    rows = _where(rules, counted) + _left(names, sums) + _districts(world, rules, counted)
    rows += [("left_unhappy", name, "city", unhappy) for name, (*_, unhappy, _, _) in zip(names, sums, strict=True)]
    if sums[0][-2]:  # one zone may hold several schools
        shares = zip(names, sums, strict=True)
        rows += [("outside_zone", name, "city", ratio(away, zoned)) for name, (*_, zoned, away) in shares]
    rows += [
        ("late_arrivals", "all", "city", float(world.events.late)),
        ("rehomed", "all", "city", float(world.events.rehomed)),
        ("tipping_schools", "all", "city", float(np.count_nonzero(tipping(world, before, counted)))),
    ]
    return rows


def brief_flight(world: World, rules: Rules, counted: Census) -> list:
    """Rows of the city: where pupils are, who changed school, who left."""
    return _where(rules, counted) + _left(sides(rules).names, _by_side(world, rules, counted))


def _where(rules: Rules, counted: Census) -> list:
    """Rows of where pupils are."""
    parts = by_level(rules)
    values = _located(counted.cells.reshape(-1, NOWHERE + 1), parts.among).tolist()
    return [(row, part, "city", value) for (row, part), value in zip(_labels(parts.names), values, strict=True)]


def _left(names: tuple[str, ...], sums: list) -> list:
    """Rows of who changed school and who left; sums: see :func:`_by_side`."""
    rows = []
    for name, (pupils, exits, left, *_) in zip(names, sums, strict=True):
        rows += [("exits", name, "city", ratio(exits, pupils)), ("left_city", name, "city", left)]
    return rows


def _by_side(world: World, rules: Rules, counted: Census) -> list:
    """[side]: pupils with a school, who changed school, who left, who left unhappy, who has a zone, who is not in it."""
    events = world.events
    cells = counted.cells.reshape(-1, NOWHERE + 1)
    moved, left, unhappy = events.moved_group, events.left_group, events.left_unhappy
    return _sums(cells, moved, left, unhappy, counted.zoned, sides(rules).among).tolist()


def _districts(world: World, rules: Rules, counted: Census) -> list:
    """Share outside the local school by district of home, for all and for the majority."""
    rows = []
    for name, ((near, away), (own_near, own_away)) in zip(
        world.city.district_names, counted.homes.tolist(), strict=True
    ):
        where, pupils, majority = f"home district:{name}", near + away + own_near + own_away, own_near + own_away
        if pupils:
            rows.append(("outside_local_school", "all", where, (away + own_away) / pupils))
        if majority:
            rows.append(("outside_local_school", rules.groups[0], where, own_away / majority))
    return rows


def tipping(world: World, before: Past, counted: Census | None = None) -> np.ndarray:
    """(school,) bool: the majority's share fell by TIPPING more in a year than in the school's catchment (local places)."""
    now = past(world)
    homes = _catchment(now.place, now.group, now.local, now.open.size) if counted is None else counted.local
    homes_before = _catchment(before.place, before.group, before.local, before.open.size)
    return _tipping(now.seen.own_share, before.seen.own_share, homes, homes_before, now.open)


def catchment(of: Past) -> np.ndarray:
    """(school,) majority share of the pupils whose local school it is; 0 for a school that is nobody's local one."""
    homes = _catchment(of.place, of.group, of.local, of.open.size)
    return np.array([_majority(homes, s) for s in range(len(homes))])


@kernel
def _tipping(now, before, homes, homes_before, is_open):
    """(school,) bool: see :func:`tipping`; now, before: (side, school) shares; homes: (school, of the majority, any) pupils."""
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
def _located(cells, among):
    """(part x row,) of ``_ROWS`` from ``cells`` (cell, where); among: the cells of each part."""
    heads, out = np.empty(NOWHERE + 1, np.float64), np.full((among.shape[0], _WHERE.shape[1]), np.nan)
    for part in range(among.shape[0]):
        for where in range(NOWHERE + 1):
            heads[where] = 0.0
            for cell in range(among.shape[1]):
                heads[where] += among[part, cell] * cells[cell, where]
        for row in range(_WHERE.shape[1]):
            pupils = 0.0
            for where in range(NOWHERE + 1):
                pupils += _WHERE[where, row] * heads[where]
            if row < _COUNTS:
                out[part, row] = pupils
            elif out[part, 0] > 0.0:
                out[part, row] = pupils / out[part, 0]
    return out.ravel()


@kernel
def _sums(cells, moved, left, unhappy, zoned, among):
    """(side, 6) float64: see :func:`_by_side`."""
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
