"""Flight: who is outside the local school and where instead, who left, who changed school, which schools tip."""

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.rules import Rules
from abm.world import World

TIPPING = 0.05  # loss of majority share beyond the catchment's own, in a year, that counts as tipping (assumption)


def flight(world: World, rules: Rules, before: World):
    """Rows of flight, by group, and for all, majority and minority by status (above or below the mean)."""
    table = world.households
    has = table.school >= 0
    school = np.maximum(table.school, 0)
    local = school == world.city.local[table.place]
    sector = world.schools.sector[school]
    kinds = {
        "outside_local_school": ~local,
        "private": sector == PRIVATE,
        "subsidised": sector == SUBSIDISED,
        "other_state": ~local & (sector == STATE),
    }
    moved = np.isin(table.id, world.events.moved_id)
    for group, member in groups(world, rules, by_status=True).items():
        rows = member & has
        count = rows.sum()
        yield "pupils", group, "city", float(count)
        for name, hit in kinds.items():
            yield name, group, "city", _share(hit[rows])
        yield "exits", group, "city", _share(moved[rows])
    home = world.city.area_district[world.city.place_area[table.place]]
    for d, name in enumerate(world.city.district_names):
        rows = has & (home == d)
        if rows.any():
            yield "outside_local_school", "all", f"district:{name}", _share(kinds["outside_local_school"][rows])
            majority = rows & (table.group == 0)
            yield "outside_local_school", rules.groups[0], f"district:{name}", _share(~local[majority])
    yield from _leavers(world, rules)
    yield "late_arrivals", "all", "city", float(world.events.late)
    yield "rehomed", "all", "city", float(world.events.rehomed)
    yield "tipping_schools", "all", "city", float(tipping(world, before).sum())


def groups(world: World, rules: Rules, by_status: bool = False) -> dict[str, np.ndarray]:
    """(household,) masks: all, each group, the minority together, the vulnerable; on request split by status."""
    table = world.households
    out = {"all": np.ones(table.id.size, bool)}
    out |= {name: table.group == g for g, name in enumerate(rules.groups)}
    out[rules.minority] = table.group > 0
    out["vulnerable"] = table.vulnerable
    if by_status:
        high = table.status > 0
        for name in ("all", rules.groups[0], rules.minority):
            out[f"{name}, high status"] = out[name] & high
            out[f"{name}, low status"] = out[name] & ~high
    return out


def _share(hits: np.ndarray) -> float:
    return float(hits.mean()) if hits.size else float("nan")


def _leavers(world: World, rules: Rules):
    left = np.bincount(world.events.left_group, minlength=world.groups)
    unhappy = np.bincount(world.events.left_group[world.events.left_unhappy], minlength=world.groups)
    for name, count in (("left_city", left), ("left_unhappy", unhappy)):
        yield name, "all", "city", float(count.sum())
        yield name, rules.groups[0], "city", float(count[0])
        yield name, rules.minority, "city", float(count[1:].sum())


def tipping(world: World, before: World) -> np.ndarray:
    """(school,) bool: the majority's share fell by TIPPING more in a year than in the school's catchment (local places)."""
    n = min(world.schools.open.size, before.schools.open.size)
    change = world.seen.own_share[0, :n] - before.seen.own_share[0, :n]
    return (change - (_catchment(world)[:n] - _catchment(before)[:n]) < -TIPPING) & world.schools.open[:n]


def _catchment(world: World) -> np.ndarray:
    """(school,) majority share of the pupils whose local school it is; 0 for a school that is nobody's local one."""
    local = world.city.local[world.households.place]
    n = world.schools.open.size
    majority = np.bincount(local, world.households.group == 0, minlength=n)
    return majority / np.maximum(np.bincount(local, minlength=n), 1)
