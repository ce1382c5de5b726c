"""Priority points of families at the schools they list: what each can claim there, and the guaranteed local school."""

from typing import NamedTuple

import numpy as np

from abm.compiled import in_place, inlined
from abm.households import attainment_rank
from abm.rules import Rules
from abm.schools import gives_by
from abm.world import World

GUARANTEED = 1_000_000  # points of a zone's school under zone assignment: above any sum of declared points


class Entrants(NamedTuple):
    """The columns of the households' table that admission looks at; that table itself will do as well."""

    id: np.ndarray  # (chooser,) int64
    place: np.ndarray  # (chooser,) int32
    detected: np.ndarray  # (chooser,) bool
    status: np.ndarray  # (chooser,) float32 sd
    workplace: np.ndarray  # (chooser,) int32


def entrants(world: World) -> Entrants:
    """Those who choose this year."""
    return Entrants(*(getattr(world.round.families, name) for name in Entrants._fields))


def points(world: World, rules: Rules, table: Entrants, lists: np.ndarray, sibling: np.ndarray) -> np.ndarray:
    """(chooser, rank) int32 priority points at the listed schools: the sum of what the family can claim there."""
    p, city = rules.admission.points, world.city
    total, looked = np.zeros(lists.shape, np.int32), np.full(world.schools.open.size + 1, -1, np.int64)
    _claims(
        lists, table.place, table.workplace, table.detected, sibling, city.place_area, city.area_district, city.zone,
        city.nearest, world.schools.district, city.school_zone, p.zone, p.district, p.workplace, p.near,
        p.near_schools, p.proximity == "best", p.sibling, p.low_income, looked, total,
    )  # fmt: skip
    if not (p.relative or p.attainment or any_guaranteed(rules)):
        return total
    total = total + relative_proximity(world, rules, table, lists)
    if p.attainment:
        total = total + np.floor(p.attainment * attainment_rank(table, rules.households, world.seed))[:, None]
    total = total + GUARANTEED * (lists == local_if_guaranteed(world, rules, table)[:, None])
    return np.where(lists >= 0, total, 0).astype(np.int32)


def relative_proximity(world: World, rules: Rules, table: Entrants, lists: np.ndarray) -> np.ndarray | int:
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


def any_guaranteed(rules: Rules) -> bool:
    """Whether any school assigns by zone, and so guarantees places."""
    return "zone_assignment" in (rules.admission.mechanism, *rules.orders.mechanism.values())


def local_if_guaranteed(world: World, rules: Rules, table: Entrants) -> np.ndarray:
    """(chooser,) int32 local school where that assigns by zone and so guarantees a place, else -1."""
    local = world.city.local[table.place]
    return np.where(gives_by("zone_assignment", rules, world.schools.open.size)[local], local, -1).astype(np.int32)


@in_place
def _claims(
    lists, place, workplace, detected, sibling, place_area, area_district, zone, nearest, school_district, school_zone,
    of_zone, of_district, of_workplace, of_near, near_schools, best, of_sibling, of_low_income, looked, out,
):  # fmt: skip
    """Into ``out`` (chooser, rank), all 0, points by zone, district, workplace and nearness (their sum, or the ``best``), and the others.

    looked: (school + 1,) room to note for whom a school is one of the nearest; the last entry is for no school.
    """
    near, further = of_near > 0, of_district > 0 or of_workplace > 0 or of_near > 0
    for i in range(lists.shape[0]):
        h = np.uint64(i)
        at = np.uint64(place[h])
        own, older, always = zone[at], sibling[h], of_low_income if detected[h] else 0
        mine = of_zone if own >= 0 else 0
        for k in range(min(near_schools, nearest.shape[1]) if near else 0):
            looked[nearest[at, k]] = i
        for k in range(lists.shape[1]):
            r, s = np.uint64(k), lists[h, np.uint64(k)]
            if s < 0:
                break
            by_place = _if(mine, school_zone[np.uint64(s)] == own)
            if further:
                by_district = _if(of_district, school_district[s] == area_district[place_area[at]])
                by_workplace = _if(of_workplace, of_workplace > 0 and school_district[s] == workplace[h])
                by_nearness = _if(of_near, looked[s] == i)
                together = by_place + by_district + by_workplace + by_nearness
                by_place = max(max(by_place, by_district), max(by_workplace, by_nearness)) if best else together
            out[h, r] = by_place + _if(of_sibling, s == older) + always


@inlined
def _if(points, holds):
    """The points if ``holds``, else 0, without a branch, which would be mispredicted: twice the points less the points, or none."""
    return (points << np.int64(holds)) - points
