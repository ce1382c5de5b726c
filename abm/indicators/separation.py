"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

from typing import NamedTuple

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.compiled import kernel
from abm.indicators.census import Census, against, ratio
from abm.rules import Rules
from abm.world import World, two_sides

INDICES = segregation.Figures._fields
RANDOM_DRAWS = 4  # random tables a year for the expectation of indices that have no closed form under random allocation


class Heads(NamedTuple):
    """Heads as they are and as they would be; the last axis is (of the group, others)."""

    schools: np.ndarray  # (school, 2)
    nearest: np.ndarray  # (school, 2) everybody at the nearest school with places
    areas: np.ndarray  # (area, 2) homes
    districts: np.ndarray  # (district, 2) homes


def separation(world: World, rules: Rules, counted: Census, first: np.ndarray):
    """Rows of segregation: the minority in full, each of several groups, the vulnerable and the detected."""

    def heads(members):
        areas = against(counted.areas, members)
        districts = np.zeros((len(world.city.district_names), 2), areas.dtype)
        np.add.at(districts, world.city.area_district, areas)
        return Heads(against(counted.schools, members), against(counted.nearest, members), areas, districts)

    members = np.zeros((world.groups, 2, 2), bool)
    members[1:] = True
    main = heads(members)
    yield from _full(main, rules.minority, world)
    yield from _parts(world, first)
    for g, name in enumerate(rules.groups[1:], start=1):
        if world.groups > 2:
            members = np.zeros((world.groups, 2, 2), bool)
            members[g] = True
            yield from _brief(heads(members), name)
    for name, axis in (("vulnerable", 1), ("detected", 2)):
        members = np.zeros((world.groups, 2, 2), bool)
        members[(slice(None),) * axis + (1,)] = True
        yield from _brief(heads(members), name)
    yield from _by_scope(world, main, rules.minority)
    yield from _zones(world, rules)
    yield "dissimilarity_entrants", rules.minority, "city", segregation.at_once(entrants(world)).dissimilarity


def brief_separation(world: World, rules: Rules, counted: Census):
    """D, isolation and H of the minority, and D of the vulnerable and the detected."""
    for name, axis in ((rules.minority, 0), ("vulnerable", 1), ("detected", 2)):
        members = np.zeros((world.groups, 2, 2), bool)
        members[(slice(None),) * axis + (slice(1, None),)] = True
        heads = against(counted.schools, members)
        now = segregation.at_once(heads)
        yield "dissimilarity", name, "city", now.dissimilarity
        if axis == 0:
            yield "isolation", name, "city", now.isolation
            yield "theil_h", name, "city", now.theil_h


def entrants(world: World) -> np.ndarray:
    """(school, 2) pupils of the entry grade, minority and majority."""
    entry = world.seen.heads[:, 0]
    return np.stack([entry[:, 1:].sum(axis=1), entry[:, 0]], axis=1)


def at_local(world: World) -> np.ndarray:
    """(school, 2) minority and majority pupils for whom it is the local school; those without a school are left out."""
    table = world.households
    return _at_local(table.school, table.place, table.group, world.city.local, world.schools.open.size)


def _zones(world: World, rules: Rules):
    """D over local schools, what opting out adds to it, and how many have another local school by order."""
    d = segregation.at_once(at_local(world)).dissimilarity
    yield "dissimilarity_zone", rules.minority, "city", d
    now = segregation.at_once(np.ascontiguousarray(two_sides(world.seen.heads)[:, ::-1])).dissimilarity
    yield "opting_out_part", rules.minority, "city", now - d
    city, table = world.city, world.households
    pupils, elsewhere = int(world.seen.heads.sum()), 0
    if city.own is not None:
        elsewhere = (city.own.local != city.local)[table.place[table.school >= 0]].sum()
    yield "rezoned", "all", "city", ratio(elsewhere, pupils)


def _full(c: Heads, group: str, world: World):
    """Every index of the city with its three companions."""
    dealt = expectations(c.schools)
    expected = dealt["dissimilarity"]
    drawn = segregation.random_tables(c.schools, RANDOM_DRAWS, world.seed * 4099 + world.year)
    of_random = segregation.mean_at_once(drawn)._asdict() | dealt
    now, near, home = (segregation.at_once(heads)._asdict() for heads in c[:3])
    for name in INDICES:
        yield name, group, "city", now[name]
        yield f"{name}_random", group, "city", of_random[name]
        yield f"{name}_nearest", group, "city", near[name]
        yield f"{name}_residential", group, "city", home[name]
    d, d_near = now["dissimilarity"], near["dissimilarity"]
    yield "dissimilarity_residential_district", group, "city", segregation.at_once(c.districts).dissimilarity
    yield "residence_part", group, "city", d_near - expected
    yield "choice_part", group, "city", d - d_near
    share = c.schools[:, 0].sum() / max(c.schools.sum(), 1)
    if 0 < share < 1:
        yield "segregated_schools", "all", "city", segregation.shares_within(c.schools, 0.2, np.inf)[0]
        yield "balanced_schools", "all", "city", segregation.shares_within(c.schools, -0.1, 0.1)[0]


def expectations(heads: np.ndarray) -> dict[str, float]:
    """Exact means of indices of ``heads`` (unit, 2) when the same pupils are dealt out at random over the same places.

    Heads of a unit are then hypergeometric, so that the mean of the variance ratio is (units - 1)/(pupils - 1); isolation
    is P + (1 - P) eta^2 and exposure its complement; GS = (1 - P) D.
    """
    total, units = heads.sum(), int((heads.sum(axis=1) > 0).sum())
    share = heads[:, 0].sum() / total if total else float("nan")
    ratio = (units - 1) / (total - 1) if total > 1 and 0 < share < 1 else float("nan")
    d = segregation.expected_at_once(heads)
    isolation = share + (1 - share) * ratio
    return {
        "dissimilarity": d,
        "gorard": (1 - share) * d,
        "eta_squared": ratio,
        "isolation": isolation,
        "exposure": 1 - isolation,
    }


def _brief(c: Heads, group: str):
    """D with its companions, isolation and H."""
    now = segregation.at_once(c.schools)
    yield "dissimilarity", group, "city", now.dissimilarity
    yield "dissimilarity_random", group, "city", segregation.expected_at_once(c.schools)
    yield "dissimilarity_nearest", group, "city", segregation.at_once(c.nearest).dissimilarity
    yield "dissimilarity_residential", group, "city", segregation.at_once(c.areas).dissimilarity
    yield "isolation", group, "city", now.isolation
    yield "theil_h", group, "city", now.theil_h


_SCOPED = ("dissimilarity", "dissimilarity_random", "dissimilarity_nearest", "isolation")


def _by_scope(world: World, c: Heads, group: str):
    """The minority within each sector and among the schools of each district."""
    schools, districts = world.schools, world.city.district_names
    for word, names, scope in (("sector", SECTORS, schools.sector), ("district", districts, schools.district)):
        figures = segregation.within_scopes(c.schools, c.nearest, scope.astype(np.int64), len(names)).tolist()
        for name, (pupils, minority, *values) in zip(names, figures, strict=True):
            if pupils:
                yield "pupils", "all", f"{word}:{name}", pupils
                yield "pupils", group, f"{word}:{name}", minority
                for indicator, value in zip(_SCOPED, values, strict=True):
                    yield indicator, group, f"{word}:{name}", value


def _parts(world: World, first: np.ndarray):
    """M of all groups between and within districts and sectors, and its change since the start (Elbers 2021)."""
    heads = world.seen.heads.sum(axis=1)
    for word, cluster in (("districts", world.schools.district), ("sectors", world.schools.sector)):
        parts = segregation.decompose(heads, cluster)
        yield f"mutual_information_between_{word}", "all", "city", parts.between
        yield f"mutual_information_within_{word}", "all", "city", parts.within
    start = np.zeros_like(heads)
    start[: len(first)] = first
    change = segregation.decompose_change(start, heads)
    yield "mutual_information_structure", "all", "city", change.structural
    yield "mutual_information_composition", "all", "city", change.total - change.structural


@kernel
def _at_local(school, place, group, local, schools):
    heads = np.zeros((schools, 2), np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            heads[local[place[h]], np.int64(group[h] == 0)] += 1
    return heads
