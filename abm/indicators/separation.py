"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

from typing import NamedTuple

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.rules import Rules
from abm.start import nearest_with_places
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
RANDOM_DRAWS = 8  # random tables for the expectation of indices other than D, whose expectation is exact


class Counterfactual(NamedTuple):
    """Heads as they are and as they would be; the last axis is (of the group, others)."""

    schools: np.ndarray  # (school, 2)
    nearest: np.ndarray  # (school, 2) everybody at the nearest school with places
    areas: np.ndarray  # (area, 2) homes
    districts: np.ndarray  # (district, 2) homes


def counterfactual(world: World, member: np.ndarray, nearest: np.ndarray) -> Counterfactual:
    """Heads of ``member`` (household,) bool against the rest; only pupils who have a school count."""
    city, table = world.city, world.households
    has = table.school >= 0
    n = world.schools.open.size
    area = city.place_area[table.place]

    def heads(unit, size, rows):
        cell = unit[rows].astype(np.int64) * 2 + ~member[rows]
        return np.bincount(cell, minlength=size * 2).reshape(size, 2)

    return Counterfactual(
        heads(table.school, n, has),
        heads(nearest, n, nearest >= 0),
        heads(area, len(city.area_names), has),
        heads(city.area_district[area], len(city.district_names), has),
    )


def separation(world: World, rules: Rules, first: np.ndarray):
    """Rows of segregation: the minority in full, each of several groups, the vulnerable and the detected."""
    table = world.households
    nearest = nearest_with_places(table, world.city, world.schools.places * world.schools.open[:, None], world.seed)
    minority = table.group > 0
    main = counterfactual(world, minority, nearest)
    yield from _full(main, rules.minority, world)
    yield from _parts(world, rules, first)
    groups = {name: table.group == g for g, name in enumerate(rules.groups) if g > 0 and len(rules.groups) > 2}
    groups |= {"vulnerable": table.vulnerable, "detected": table.detected}
    for name, member in groups.items():
        yield from _brief(counterfactual(world, member, nearest), name, "city")
    yield from _by_scope(world, main, rules.minority)
    entry = (table.grade == 0) & (table.school >= 0)
    heads = np.bincount(table.school[entry].astype(np.int64) * 2 + ~minority[entry], minlength=main.schools.size)
    yield "dissimilarity_entrants", rules.minority, "city", segregation.dissimilarity(heads.reshape(-1, 2))


def _full(c: Counterfactual, group: str, world: World):
    """Every index of the city with its three companions."""
    tables = segregation.random_tables(c.schools, RANDOM_DRAWS, world.seed * 4099 + world.year)
    for name, index in INDICES.items():
        yield name, group, "city", index(c.schools)
        if name == "dissimilarity":
            yield f"{name}_random", group, "city", segregation.expected_dissimilarity(c.schools)
        else:
            yield f"{name}_random", group, "city", float(np.mean([index(t) for t in tables]))
        yield f"{name}_nearest", group, "city", index(c.nearest)
        yield f"{name}_residential", group, "city", index(c.areas)
    d, near = segregation.dissimilarity(c.schools), segregation.dissimilarity(c.nearest)
    yield "dissimilarity_residential_district", group, "city", segregation.dissimilarity(c.districts)
    yield "residence_part", group, "city", near - segregation.expected_dissimilarity(c.schools)
    yield "choice_part", group, "city", d - near
    share = c.schools[:, 0].sum() / max(c.schools.sum(), 1)
    if 0 < share < 1:
        yield "segregated_schools", "all", "city", segregation.shares_within(c.schools, 0.2, np.inf)[0]
        yield "balanced_schools", "all", "city", segregation.shares_within(c.schools, -0.1, 0.1)[0]


def _brief(c: Counterfactual, group: str, scope: str):
    """D with its companions, isolation and H."""
    yield "dissimilarity", group, scope, segregation.dissimilarity(c.schools)
    yield "dissimilarity_random", group, scope, segregation.expected_dissimilarity(c.schools)
    yield "dissimilarity_nearest", group, scope, segregation.dissimilarity(c.nearest)
    yield "dissimilarity_residential", group, scope, segregation.dissimilarity(c.areas)
    yield "isolation", group, scope, segregation.isolation(c.schools)
    yield "theil_h", group, scope, segregation.theil_h(c.schools)


def _by_scope(world: World, c: Counterfactual, group: str):
    """The minority within each sector and among the schools of each district."""
    scopes = {f"sector:{name}": world.schools.sector == k for k, name in enumerate(SECTORS)}
    scopes |= {f"district:{name}": world.schools.district == d for d, name in enumerate(world.city.district_names)}
    for scope, rows in scopes.items():
        if c.schools[rows].sum() == 0:
            continue
        heads = c.schools[rows]
        yield "pupils", "all", scope, float(heads.sum())
        yield "pupils", group, scope, float(heads[:, 0].sum())
        yield "dissimilarity", group, scope, segregation.dissimilarity(heads)
        yield "dissimilarity_random", group, scope, segregation.expected_dissimilarity(heads)
        yield "dissimilarity_nearest", group, scope, segregation.dissimilarity(c.nearest[rows])
        yield "isolation", group, scope, segregation.isolation(heads)


def _parts(world: World, rules: Rules, first: np.ndarray):
    """M of all groups between and within districts and sectors, and its change since the start (Elbers 2021)."""
    heads = world.seen.heads.sum(axis=1)
    for word, cluster in (("districts", world.schools.district), ("sectors", world.schools.sector)):
        yield f"mutual_information_between_{word}", "all", "city", segregation.decompose(heads, cluster).between
    change = segregation.decompose_change(first, heads[: len(first)])
    yield "mutual_information_structure", "all", "city", change.structural
    yield "mutual_information_composition", "all", "city", change.total - change.structural
