"""Priority points of families at the schools they list: what each can claim there, and the guaranteed local school."""

import numpy as np

from abm.households import Households, attainment_rank
from abm.rules import Rules
from abm.schools import gives_by
from abm.world import World

GUARANTEED = 1_000_000  # points of a zone's school under zone assignment: above any sum of declared points


def points(world: World, rules: Rules, table: Households, lists: np.ndarray, sibling: np.ndarray) -> np.ndarray:
    """(chooser, rank) int32 priority points at the listed schools: the sum of what the family can claim there."""
    p, city = rules.admission.points, world.city
    district = world.schools.district[lists]
    home = city.area_district[city.place_area[table.place]]
    zone = city.zone[table.place]
    claims = [
        p.zone * ((zone[:, None] >= 0) & (city.school_zone[lists] == zone[:, None])),
        p.district * (district == home[:, None]),
        p.workplace * (district == table.workplace[:, None]),
    ]
    if p.near:
        near = city.nearest[table.place, : p.near_schools]
        claims.append(p.near * (lists[:, :, None] == near[:, None, :]).any(axis=2))
    total = np.max(claims, axis=0) if p.proximity == "best" else np.sum(claims, axis=0)
    total = total + p.sibling * (lists == sibling[:, None]) + p.low_income * table.detected[:, None]
    total = total + relative_proximity(world, rules, table, lists)
    if p.attainment:
        total = total + np.floor(p.attainment * attainment_rank(table, rules.households, world.seed))[:, None]
    total = total + GUARANTEED * (lists == local_if_guaranteed(world, rules, table)[:, None])
    return np.where(lists >= 0, total, 0).astype(np.int32)


def relative_proximity(world: World, rules: Rules, table: Households, lists: np.ndarray) -> np.ndarray | int:
    """(chooser, rank) int64 points for the km that a refusal would cost: way to the nearest other school minus way to this.

    The city's longest way is added to all, so that none is negative: only differences between families count.
    """
    each, city = rules.admission.points.relative, world.city
    if not each or not lists.size:
        return 0

    def way(schools):  # float64 km; no school: infinitely far
        return np.where(schools >= 0, city.km(table.place[:, None], np.maximum(schools, 0)).astype(float), np.inf)

    near = np.column_stack([city.nearest, np.full(len(city.nearest), -1)])[table.place, :2]
    other = np.where(lists == near[:, :1], way(near[:, 1:]), way(near[:, :1]))
    longest = city.ways.longest()
    gain = np.minimum(other, longest) - way(lists) + longest
    return np.where(lists >= 0, np.rint(each * np.maximum(gain, 0)).clip(0, GUARANTEED - 1), 0).astype(np.int64)


def local_if_guaranteed(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(chooser,) int32 local school where that assigns by zone and so guarantees a place, else -1."""
    local = world.city.local[table.place]
    return np.where(gives_by("zone_assignment", rules, world.schools.open.size)[local], local, -1).astype(np.int32)
