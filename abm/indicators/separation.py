"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

from typing import NamedTuple

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.indicators.census import Census, against, ratio
from abm.rules import Rules
from abm.world import World

INDICES = {
    "dissimilarity": segregation.dissimilarity,
    "gorard": segregation.gorard,
    "isolation": segregation.isolation,
    "exposure": segregation.exposure,
    "eta_squared": segregation.eta_squared,
    "theil_h": segregation.theil_h,
    "mutual_information": segregation.mutual_information,
    "gini": segregation.gini,
    "hutchens": segregation.hutchens,
}
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
    yield "dissimilarity_entrants", rules.minority, "city", segregation.dissimilarity(entrants(world))


def brief_separation(world: World, rules: Rules, counted: Census):
    """D, isolation and H of the minority, and D of the vulnerable and the detected."""
    for name, axis in ((rules.minority, 0), ("vulnerable", 1), ("detected", 2)):
        members = np.zeros((world.groups, 2, 2), bool)
        members[(slice(None),) * axis + (slice(1, None),)] = True
        heads = against(counted.schools, members)
        yield "dissimilarity", name, "city", segregation.dissimilarity(heads)
        if axis == 0:
            yield "isolation", name, "city", segregation.isolation(heads)
            yield "theil_h", name, "city", segregation.theil_h(heads)


def entrants(world: World) -> np.ndarray:
    """(school, 2) pupils of the entry grade, minority and majority."""
    entry = world.seen.heads[:, 0]
    return np.stack([entry[:, 1:].sum(axis=1), entry[:, 0]], axis=1)


def at_local(world: World) -> np.ndarray:
    """(school, 2) minority and majority pupils for whom it is the local school; those without a school are left out."""
    table, n = world.households, world.schools.open.size
    local = world.city.local[table.place].astype(np.int64) * 2 + (table.group == 0)
    return np.bincount(local[table.school >= 0], minlength=n * 2).reshape(-1, 2)


def _zones(world: World, rules: Rules):
    """D over local schools, what opting out adds to it, and how many have another local school by order."""
    d = segregation.dissimilarity(at_local(world))
    yield "dissimilarity_zone", rules.minority, "city", d
    heads = world.seen.heads.sum(axis=1)
    now = segregation.dissimilarity(np.stack([heads[:, 1:].sum(axis=1), heads[:, 0]], axis=1))
    yield "opting_out_part", rules.minority, "city", now - d
    city, table = world.city, world.households
    other = np.zeros(city.local.size, bool) if city.own is None else city.own.local != city.local
    placed = table.place[table.school >= 0]
    yield "rezoned", "all", "city", ratio(other[placed].sum(), placed.size)


def _full(c: Heads, group: str, world: World):
    """Every index of the city with its three companions."""
    dealt = expectations(c.schools)
    expected = dealt["dissimilarity"]
    tables = segregation.random_tables(c.schools, RANDOM_DRAWS, world.seed * 4099 + world.year)
    for name, index in INDICES.items():
        yield name, group, "city", index(c.schools)
        mean = dealt[name] if name in dealt else float(np.mean([index(t) for t in tables]))
        yield f"{name}_random", group, "city", mean
        yield f"{name}_nearest", group, "city", index(c.nearest)
        yield f"{name}_residential", group, "city", index(c.areas)
    d, near = segregation.dissimilarity(c.schools), segregation.dissimilarity(c.nearest)
    yield "dissimilarity_residential_district", group, "city", segregation.dissimilarity(c.districts)
    yield "residence_part", group, "city", near - expected
    yield "choice_part", group, "city", d - near
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
    d = segregation.expected_dissimilarity(heads)
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
    yield "dissimilarity", group, "city", segregation.dissimilarity(c.schools)
    yield "dissimilarity_random", group, "city", segregation.expected_dissimilarity(c.schools)
    yield "dissimilarity_nearest", group, "city", segregation.dissimilarity(c.nearest)
    yield "dissimilarity_residential", group, "city", segregation.dissimilarity(c.areas)
    yield "isolation", group, "city", segregation.isolation(c.schools)
    yield "theil_h", group, "city", segregation.theil_h(c.schools)


def _by_scope(world: World, c: Heads, group: str):
    """The minority within each sector and among the schools of each district."""
    scopes = {f"sector:{name}": world.schools.sector == k for k, name in enumerate(SECTORS)}
    scopes |= {f"district:{name}": world.schools.district == d for d, name in enumerate(world.city.district_names)}
    for scope, rows in scopes.items():
        heads = c.schools[rows]
        if heads.sum() == 0:
            continue
        yield "pupils", "all", scope, float(heads.sum())
        yield "pupils", group, scope, float(heads[:, 0].sum())
        yield "dissimilarity", group, scope, segregation.dissimilarity(heads)
        yield "dissimilarity_random", group, scope, segregation.expected_dissimilarity(heads)
        yield "dissimilarity_nearest", group, scope, segregation.dissimilarity(c.nearest[rows])
        yield "isolation", group, scope, segregation.isolation(heads)


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
