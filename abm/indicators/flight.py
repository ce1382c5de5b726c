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
_ROWS = _HEADS | _SHARES
_WHERE = np.array(
    [[where in places for places in _ROWS.values()] for where in range(NOWHERE + 1)], np.int64
)  # (where, row)


@functools.cache
def _labels(parts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Row and part of the pupils, part by part."""
    return [(row, part) for part in parts for row in _ROWS]


def flight(world: World, rules: Rules, counted: Census, before: Past) -> list:
    """Rows of flight, by group; for all, majority and minority by status too (above or below the mean); by home district."""
    events, parts = world.events, sides(rules)
    unhappy = np.bincount(events.left_group[events.left_unhappy], minlength=world.groups)
    rows = brief_flight(world, rules, counted) + _districts(world, rules, counted)
    rows += [("left_unhappy", name, "city", float(n)) for name, n in zip(parts.names, parts.sums(unhappy), strict=True)]
    if counted.zoned[0].any():  # one zone may hold several schools
        sums = zip(parts.names, parts.sums(counted.zoned.T), strict=True)
        rows += [("outside_zone", name, "city", ratio(away, zoned)) for name, (zoned, away) in sums]
    rows += [
        ("late_arrivals", "all", "city", float(events.late)),
        ("rehomed", "all", "city", float(events.rehomed)),
        ("tipping_schools", "all", "city", float(np.count_nonzero(tipping(world, before, counted)))),
    ]
    return rows


def brief_flight(world: World, rules: Rules, counted: Census) -> list:
    """Rows of the city: where pupils are, who changed school, who left."""
    parts, events = by_level(rules), world.events
    heads = (parts.among @ (counted.cells.reshape(-1, NOWHERE + 1) @ _WHERE)).astype(float)  # (part, row)
    with np.errstate(invalid="ignore"):  # of nobody
        heads[:, len(_HEADS) :] /= heads[:, :1]
    values = zip(_labels(parts.names), heads.ravel().tolist(), strict=True)
    rows = [(name, part, "city", value) for (name, part), value in values]
    moved, left = (np.bincount(who, minlength=world.groups) for who in (events.moved_group, events.left_group))
    parts, heads = sides(rules), counted.cells[..., :NOWHERE].sum(axis=(1, 2, 3))
    for name, (exits, pupils, gone) in zip(parts.names, parts.sums(np.array([moved, heads, left]).T), strict=True):
        rows += [("exits", name, "city", ratio(exits, pupils)), ("left_city", name, "city", float(gone))]
    return rows


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
