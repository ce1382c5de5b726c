"""Flight: who is outside the local school and where instead, who left, who changed school, which schools tip."""

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.compiled import kernel
from abm.indicators.census import NOWHERE, Census, ratio, sides
from abm.rules import Rules
from abm.world import Past, World, past

TIPPING = 0.05  # loss of majority share beyond the catchment's own, in a year, that counts as tipping (assumption)


def flight(world: World, rules: Rules, counted: Census, before: Past):
    """Rows of flight, by group; for all, majority and minority by status too (above or below the mean); by home district."""
    yield from brief_flight(world, rules, counted)
    yield from _districts(world, rules)
    unhappy = np.bincount(world.events.left_group[world.events.left_unhappy], minlength=world.groups).tolist()
    for name, groups in sides(rules).items():
        yield "left_unhappy", name, "city", float(sum(unhappy[g] for g in groups))
    yield from _outside_zone(world, rules)
    yield "late_arrivals", "all", "city", float(world.events.late)
    yield "rehomed", "all", "city", float(world.events.rehomed)
    yield "tipping_schools", "all", "city", float(tipping(world, before).sum())


def brief_flight(world: World, rules: Rules, counted: Census):
    """Rows of the city: where pupils are, who changed school, who left."""
    for name, cells in _by_group(rules, counted.cells).items():
        yield from _where(name, "city", cells)
    exits = np.bincount(world.events.moved_group, minlength=world.groups).tolist()
    pupils = counted.cells[..., :NOWHERE].sum(axis=(1, 2, 3)).tolist()
    left = np.bincount(world.events.left_group, minlength=world.groups).tolist()
    for name, groups in sides(rules).items():
        yield "exits", name, "city", ratio(sum(exits[g] for g in groups), sum(pupils[g] for g in groups))
        yield "left_city", name, "city", float(sum(left[g] for g in groups))


def _by_group(rules: Rules, cells: np.ndarray) -> dict[str, list[int]]:
    """(where,) heads by name, from (group, vulnerable, high status, where)."""
    named = sides(rules)
    by_status = cells.sum(axis=1).tolist()  # (group, high status, where)
    out = {name: _sum(by_status, groups, (0, 1)) for name, groups in named.items()}
    out["vulnerable"] = cells[:, 1].sum(axis=(0, 1)).tolist()
    for name in ("all", rules.groups[0], rules.minority):
        out[f"{name}, high status"] = _sum(by_status, named[name], (1,))
        out[f"{name}, low status"] = _sum(by_status, named[name], (0,))
    return out


def _sum(heads: list, groups: list[int], kinds: tuple[int, ...]) -> list[int]:
    """(where,) sum of ``heads`` (group, kind, where) over some groups and kinds."""
    return [sum(heads[g][k][where] for g in groups for k in kinds) for where in range(NOWHERE + 1)]


def _where(name: str, scope: str, cells: list[int]):
    """Rows of one group from its heads by where they are: by sector, at the local school or not, and nowhere."""
    pupils = sum(cells[:NOWHERE])
    at = {sector: (cells[2 * sector], cells[2 * sector + 1]) for sector in (STATE, SUBSIDISED, PRIVATE)}
    yield "pupils", name, scope, float(pupils)
    yield "unplaced", name, scope, float(cells[NOWHERE])
    yield "outside_local_school", name, scope, ratio(sum(away for _, away in at.values()), pupils)
    yield "private", name, scope, ratio(sum(at[PRIVATE]), pupils)
    yield "subsidised", name, scope, ratio(sum(at[SUBSIDISED]), pupils)
    yield "other_state", name, scope, ratio(at[STATE][1], pupils)
    yield "other_subsidised", name, scope, ratio(at[SUBSIDISED][1], pupils)
    yield "other_private", name, scope, ratio(at[PRIVATE][1], pupils)


def _districts(world: World, rules: Rules):
    """Share outside the local school by district of home, for all and for the majority."""
    table, city, names = world.households, world.city, world.city.district_names
    count = _by_home(
        table.school, table.place, table.group, city.area_district[city.place_area], city.local, len(names)
    )
    for name, (others, minority) in zip(names, count.tolist(), strict=True):
        everybody = [a + b for a, b in zip(others, minority, strict=True)]
        for group, (at_home, away) in (("all", everybody), (rules.groups[0], others)):
            if at_home + away:
                yield "outside_local_school", group, f"home district:{name}", ratio(away, at_home + away)


def _outside_zone(world: World, rules: Rules):
    """Share not at any school of the own zone, where there are zones (one zone may hold several schools)."""
    table, city = world.households, world.city
    zoned, away = _by_zone(table.school, table.place, table.group, city.zone, city.school_zone, world.groups).tolist()
    if any(zoned):
        for name, groups in sides(rules).items():
            yield "outside_zone", name, "city", ratio(sum(away[g] for g in groups), sum(zoned[g] for g in groups))


def tipping(world: World, before: Past) -> np.ndarray:
    """(school,) bool: the majority's share fell by TIPPING more in a year than in the school's catchment (local places)."""
    now = past(world)
    n = min(now.open.size, before.open.size)
    change = now.seen.own_share[0, :n] - before.seen.own_share[0, :n]
    return (change - (catchment(now)[:n] - catchment(before)[:n]) < -TIPPING) & now.open[:n]


def catchment(of: Past) -> np.ndarray:
    """(school,) majority share of the pupils whose local school it is; 0 for a school that is nobody's local one."""
    return _catchment(of.place, of.group, of.local, of.open.size)


@kernel
def _by_home(school, place, group, district, local, districts):
    """(district of home, side, away) pupils at the local school (0) and at others (1)."""
    count = np.zeros((districts, 2, 2), np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            count[district[place[h]], min(group[h], 1), np.int64(school[h] != local[place[h]])] += 1
    return count


@kernel
def _by_zone(school, place, group, zone, school_zone, groups):
    """(2, group) pupils who have a zone, and of these who are at no school of it."""
    count = np.zeros((2, groups), np.int64)
    for h in range(school.size):
        own = zone[place[h]]
        if school[h] >= 0 and own >= 0:
            count[0, group[h]] += 1
            count[1, group[h]] += school_zone[school[h]] != own
    return count


@kernel
def _catchment(place, group, local, schools):
    pupils, majority = np.zeros(schools, np.int64), np.zeros(schools, np.int64)
    for h in range(place.size):
        s = local[place[h]]
        pupils[s] += 1
        majority[s] += group[h] == 0
    share = np.empty(schools, np.float64)
    for s in range(schools):
        share[s] = majority[s] / max(pupils[s], 1)
    return share
