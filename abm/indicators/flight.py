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
    yield from _districts(world, rules, counted)
    unhappy = np.bincount(world.events.left_group[world.events.left_unhappy], minlength=world.groups).tolist()
    for name, groups in sides(rules).items():
        yield "left_unhappy", name, "city", float(sum(unhappy[g] for g in groups))
    zoned, away = counted.zoned.tolist()
    if any(zoned):  # one zone may hold several schools
        for name, groups in sides(rules).items():
            yield "outside_zone", name, "city", ratio(sum(away[g] for g in groups), sum(zoned[g] for g in groups))
    yield "late_arrivals", "all", "city", float(world.events.late)
    yield "rehomed", "all", "city", float(world.events.rehomed)
    yield "tipping_schools", "all", "city", float(tipping(world, before, counted).sum())


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


def _districts(world: World, rules: Rules, counted: Census):
    """Share outside the local school by district of home, for all and for the majority."""
    for name, (minority, majority) in zip(world.city.district_names, counted.homes.tolist(), strict=True):
        everybody = [a + b for a, b in zip(minority, majority, strict=True)]
        for group, (at_home, away) in (("all", everybody), (rules.groups[0], majority)):
            if at_home + away:
                yield "outside_local_school", group, f"home district:{name}", ratio(away, at_home + away)


def tipping(world: World, before: Past, counted: Census | None = None) -> np.ndarray:
    """(school,) bool: the majority's share fell by TIPPING more in a year than in the school's catchment (local places)."""
    now = past(world)
    n = min(now.open.size, before.open.size)
    change = now.seen.own_share[0, :n] - before.seen.own_share[0, :n]
    majority = catchment(now) if counted is None else _share(counted.local.sum(axis=2))
    return (change - (majority[:n] - catchment(before)[:n]) < -TIPPING) & now.open[:n]


def catchment(of: Past) -> np.ndarray:
    """(school,) majority share of the pupils whose local school it is; 0 for a school that is nobody's local one."""
    return _share(_catchment(of.place, of.group, of.local, of.open.size))


def _share(heads: np.ndarray) -> np.ndarray:
    """(school,) share of the majority, the second column of ``heads`` (school, 2); 0 where nobody is."""
    return heads[:, 1] / np.maximum(heads.sum(axis=1), 1)


@kernel
def _catchment(place, group, local, schools):
    """(school, of the majority) pupils whose local school it is."""
    heads = np.zeros((schools, 2), np.int64)
    for h in range(place.size):
        heads[np.uint32(local[place[h]]), np.uint32(group[h] == 0)] += 1
    return heads
