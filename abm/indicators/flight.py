"""Flight: who is outside the local school and where instead, who left, who changed school, which schools tip."""

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.indicators.census import NOWHERE, Census, ratio, sides
from abm.rules import Rules
from abm.world import World

TIPPING = 0.05  # loss of majority share beyond the catchment's own, in a year, that counts as tipping (assumption)


def flight(world: World, rules: Rules, counted: Census, before: World):
    """Rows of flight, by group; for all, majority and minority by status too (above or below the mean); by home district."""
    yield from brief_flight(world, rules, counted)
    yield from _districts(world, rules)
    unhappy = np.bincount(world.events.left_group[world.events.left_unhappy], minlength=world.groups)
    for name, groups in sides(rules).items():
        yield "left_unhappy", name, "city", float(unhappy[groups].sum())
    yield from _outside_zone(world, rules)
    yield "late_arrivals", "all", "city", float(world.events.late)
    yield "rehomed", "all", "city", float(world.events.rehomed)
    yield "tipping_schools", "all", "city", float(tipping(world, before).sum())


def brief_flight(world: World, rules: Rules, counted: Census):
    """Rows of the city: where pupils are, who changed school, who left."""
    for name, cells in _by_group(rules, counted.cells).items():
        yield from _where(name, "city", cells)
    exits = np.bincount(world.events.moved_group, minlength=world.groups)
    pupils = counted.cells[..., :NOWHERE].sum(axis=(1, 2, 3))
    left = np.bincount(world.events.left_group, minlength=world.groups)
    for name, groups in sides(rules).items():
        yield "exits", name, "city", ratio(exits[groups].sum(), pupils[groups].sum())
        yield "left_city", name, "city", float(left[groups].sum())


def _by_group(rules: Rules, cells: np.ndarray) -> dict[str, np.ndarray]:
    """(where,) heads by name, from (group, vulnerable, high status, where)."""
    out = {name: cells[groups].sum(axis=(0, 1, 2)) for name, groups in sides(rules).items()}
    out["vulnerable"] = cells[:, 1].sum(axis=(0, 1))
    named = sides(rules)
    for name in ("all", rules.groups[0], rules.minority):
        out[f"{name}, high status"] = cells[named[name], :, 1].sum(axis=(0, 1))
        out[f"{name}, low status"] = cells[named[name], :, 0].sum(axis=(0, 1))
    return out


def _where(name: str, scope: str, cells: np.ndarray):
    """Rows of one group from its heads by where they are (where,)."""
    pupils = cells[:NOWHERE].sum()
    at = cells[:NOWHERE].reshape(3, 2)  # (sector, not the local school)
    yield "pupils", name, scope, float(pupils)
    yield "unplaced", name, scope, float(cells[NOWHERE])
    yield "outside_local_school", name, scope, ratio(at[:, 1].sum(), pupils)
    yield "private", name, scope, ratio(at[PRIVATE].sum(), pupils)
    yield "subsidised", name, scope, ratio(at[SUBSIDISED].sum(), pupils)
    yield "other_state", name, scope, ratio(at[STATE, 1], pupils)
    yield "other_subsidised", name, scope, ratio(at[SUBSIDISED, 1], pupils)
    yield "other_private", name, scope, ratio(at[PRIVATE, 1], pupils)


def _districts(world: World, rules: Rules):
    """Share outside the local school by district of home, for all and for the majority."""
    table, names = world.households, world.city.district_names
    home = world.city.area_district[world.city.place_area[table.place]].astype(np.int64)
    away = table.school != world.city.local[table.place]
    cell = np.where(table.school >= 0, (home * 2 + (table.group > 0)) * 2 + away, len(names) * 4)
    count = np.bincount(cell, minlength=len(names) * 4 + 1)[:-1].reshape(-1, 2, 2)
    for name, heads in zip(names, count, strict=True):
        for group, part in (("all", heads.sum(axis=0)), (rules.groups[0], heads[0])):
            if part.sum():
                yield "outside_local_school", group, f"home district:{name}", ratio(part[1], part.sum())


def _outside_zone(world: World, rules: Rules):
    """Share not at any school of the own zone, where there are zones (one zone may hold several schools)."""
    table, city = world.households, world.city
    zone = city.zone[table.place]
    rows = (table.school >= 0) & (zone >= 0)
    if rows.any():
        away = city.school_zone[table.school[rows]] != zone[rows]
        size = np.bincount(table.group[rows], minlength=world.groups)
        out = np.bincount(table.group[rows], away, minlength=world.groups)
        for name, groups in sides(rules).items():
            yield "outside_zone", name, "city", ratio(out[groups].sum(), size[groups].sum())


def tipping(world: World, before: World) -> np.ndarray:
    """(school,) bool: the majority's share fell by TIPPING more in a year than in the school's catchment (local places)."""
    n = min(world.schools.open.size, before.schools.open.size)
    change = world.seen.own_share[0, :n] - before.seen.own_share[0, :n]
    return (change - (catchment(world)[:n] - catchment(before)[:n]) < -TIPPING) & world.schools.open[:n]


def catchment(world: World) -> np.ndarray:
    """(school,) majority share of the pupils whose local school it is; 0 for a school that is nobody's local one."""
    local = world.city.local[world.households.place].astype(np.int64) * 2 + (world.households.group == 0)
    count = np.bincount(local, minlength=world.schools.open.size * 2).reshape(-1, 2)
    return count[:, 1] / np.maximum(count.sum(axis=1), 1)
