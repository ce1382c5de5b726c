"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

import functools
import math

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.compiled import kernel
from abm.indicators.census import Census, against, ratio
from abm.rules import Rules
from abm.segregation import BY_CHANCE, GINI, THEIL
from abm.world import World

INDICES = segregation.Figures._fields
RANDOM_DRAWS = 4  # random tables a year for the expectation of indices that have no closed form under random allocation
_D, _ISOLATION, _H = (INDICES.index(name) for name in ("dissimilarity", "isolation", "theil_h"))
_D_RANDOM = len(INDICES)  # after the indices of a table come the means of the first ones over random deals
_NAMES = [[f"{index}{kind}" for kind in ("", "_random", "_nearest", "_residential")] for index in INDICES]


def separation(world: World, rules: Rules, counted: Census, first: np.ndarray) -> list:
    """Rows of segregation: the minority in full, each of several groups, the vulnerable and the detected."""
    parts, n, areas = members(world.groups), counted.entrants.size, len(counted.areas)
    names = (rules.minority, *(rules.groups[1:] if world.groups > 2 else ()), "vulnerable", "detected")
    tables, by_group = _tables(counted.heads, parts, counted.homes, counted.local, world.seen.heads)
    heads, nearest = tables[:n], tables[n : 2 * n]
    dealt = segregation.tables_at_once(heads, RANDOM_DRAWS, world.seed * 4099 + world.year)
    layout = _layout(n, areas, len(parts), len(counted.homes), dealt.shape[1])
    found = segregation.each(np.concatenate([tables, dealt.reshape(-1, 2)]), *layout)
    homes, local, now, entrants = (figures[_D] for figures in found[3 * len(parts) : 3 * len(parts) + 4])
    rows = _full(*found[:3], found[-RANDOM_DRAWS:], homes, heads, rules.minority)
    rows += _parts(world, by_group, first)
    for k, name in enumerate(names[1:], start=1):
        rows += _brief(*found[3 * k : 3 * k + 3], name)
    rows += _by_scope(world, heads, nearest, rules.minority)
    rows += _zones(world, rules, local, now)
    return [*rows, ("dissimilarity_entrants", rules.minority, "city", entrants)]


@functools.lru_cache
def _layout(schools: int, areas: int, parts: int, districts: int, filled: int) -> tuple[np.ndarray, np.ndarray]:
    """How tables stand in :func:`separation`: of each part the schools, the nearest ones, the areas; others; random ones."""
    full = THEIL + GINI
    main = (schools, full + BY_CHANCE), (schools, full), (areas, full)
    brief = (schools, THEIL + BY_CHANCE), (schools, 0), (areas, 0)
    others = (districts, 0), (schools, 0), (schools, 0), (schools, 0)
    return segregation.layout(*main, *brief * (parts - 1), *others, *[(filled, full)] * RANDOM_DRAWS)


def brief_separation(world: World, rules: Rules, counted: Census) -> list:
    """D, isolation and H of the minority, and D of the vulnerable and the detected."""
    minority, *_, vulnerable, detected = members(world.groups)
    tables = np.concatenate([against(counted.schools, part) for part in (minority, vulnerable, detected)])
    now, vulnerable, detected = segregation.each(tables, *_brief_layout(counted.entrants.size))
    return [
        ("dissimilarity", rules.minority, "city", now[_D]),
        ("isolation", rules.minority, "city", now[_ISOLATION]),
        ("theil_h", rules.minority, "city", now[_H]),
        ("dissimilarity", "vulnerable", "city", vulnerable[_D]),
        ("dissimilarity", "detected", "city", detected[_D]),
    ]


@functools.lru_cache
def _brief_layout(schools: int) -> tuple[np.ndarray, np.ndarray]:
    return segregation.layout((schools, THEIL), (schools, 0), (schools, 0))


@functools.cache
def members(groups: int) -> np.ndarray:
    """(part, group, 2, 2) bool: who is of the minority, of each of several groups but the first, vulnerable, detected."""
    of_group = np.zeros((groups, groups, 2, 2), bool)
    of_group[np.arange(groups), np.arange(groups)] = True
    vulnerable, detected = np.zeros((2, groups, 2, 2), bool)
    vulnerable[:, 1] = detected[:, :, 1] = True
    return np.stack([of_group[1:].any(axis=0), *(of_group[1:] if groups > 2 else ()), vulnerable, detected])


def _full(now: list, near: list, home: list, drawn: list, districts: float, heads: np.ndarray, group: str) -> list:
    """Every index of the city with its three companions, and what stands on them.

    Figures of the schools, the nearest schools, the areas; of random tables, for indices without a mean in closed form; D of
    districts of residence; heads: (school, 2) minority and rest.
    """
    chance = [sum(values) / len(drawn) for values in zip(*drawn, strict=True)]
    chance[: len(now) - _D_RANDOM] = now[_D_RANDOM:]
    rows = [
        (name, group, "city", value)
        for names, *values in zip(_NAMES, now, chance, near, home, strict=False)
        for name, value in zip(names, values, strict=True)
    ]
    rows += [
        ("dissimilarity_residential_district", group, "city", districts),
        ("residence_part", group, "city", near[_D] - now[_D_RANDOM]),
        ("choice_part", group, "city", now[_D] - near[_D]),
    ]
    if not math.isnan(now[_D]):
        heads = heads.astype(float)
        rows += [
            ("segregated_schools", "all", "city", segregation.shares_at_once(heads, 0.2, np.inf)[0]),
            ("balanced_schools", "all", "city", segregation.shares_at_once(heads, -0.1, 0.1)[0]),
        ]
    return rows


def _brief(now: list, near: list, home: list, group: str) -> list:
    """D with its companions, isolation and H, from the figures of the schools, the nearest schools, the areas."""
    return [
        ("dissimilarity", group, "city", now[_D]),
        ("dissimilarity_random", group, "city", now[_D_RANDOM]),
        ("dissimilarity_nearest", group, "city", near[_D]),
        ("dissimilarity_residential", group, "city", home[_D]),
        ("isolation", group, "city", now[_ISOLATION]),
        ("theil_h", group, "city", now[_H]),
    ]


def _zones(world: World, rules: Rules, local: float, now: float) -> list:
    """D over local schools, what opting out adds to it, and how many have another local school by order."""
    city, table = world.city, world.households
    pupils, elsewhere = int(world.seen.heads.sum()), 0
    if city.own is not None:
        elsewhere = np.count_nonzero((city.own.local != city.local)[table.place[table.school >= 0]])
    return [
        ("dissimilarity_zone", rules.minority, "city", local),
        ("opting_out_part", rules.minority, "city", now - local),
        ("rezoned", "all", "city", ratio(elsewhere, pupils)),
    ]


_SCOPED = ("dissimilarity", "dissimilarity_random", "dissimilarity_nearest", "isolation")


def _by_scope(world: World, heads: np.ndarray, nearest: np.ndarray, group: str) -> list:
    """The minority within each sector and among the schools of each district."""
    schools, districts, rows = world.schools, world.city.district_names, []
    for word, names, scope in (("sector", SECTORS, schools.sector), ("district", districts, schools.district)):
        figures = segregation.within_scopes(heads, nearest, scope.astype(np.int64), len(names)).tolist()
        for name, (pupils, minority, *values) in zip(names, figures, strict=True):
            if pupils:
                where = f"{word}:{name}"
                rows += [("pupils", "all", where, pupils), ("pupils", group, where, minority)]
                rows += [(indicator, group, where, value) for indicator, value in zip(_SCOPED, values, strict=True)]
    return rows


def _parts(world: World, heads: np.ndarray, first: np.ndarray) -> list:
    """M of all groups between and within districts and sectors, and its change since the start (Elbers 2021)."""
    schools = world.schools
    of_district = segregation.decompose_at_once(
        heads, schools.district.astype(np.int64), len(world.city.district_names)
    )
    of_sector = segregation.decompose_at_once(heads, schools.sector.astype(np.int64), len(SECTORS))
    start = np.zeros_like(heads)
    start[: len(first)] = first
    change = segregation.change_at_once(start, heads)
    return [
        ("mutual_information_between_districts", "all", "city", of_district[0]),
        ("mutual_information_within_districts", "all", "city", of_district[1]),
        ("mutual_information_between_sectors", "all", "city", of_sector[0]),
        ("mutual_information_within_sectors", "all", "city", of_sector[1]),
        ("mutual_information_structure", "all", "city", change.structural),
        ("mutual_information_composition", "all", "city", change.total - change.structural),
    ]


@kernel
def _tables(heads, parts, homes, local, seen):
    """(unit, 2) tables, one under another, of members and others: ``heads`` (unit, group, 2, 2) against each of ``parts``.

    Then minority and majority of ``homes`` by district; of ``local``; of what is ``seen`` (school, grade, group), and of its
    entry grade. And (school, group) float64 what is seen.
    """
    units, groups, schools = heads.shape[0], heads.shape[1], seen.shape[0]
    out = np.zeros((len(parts) * units + len(homes) + 3 * schools, 2), np.int64)
    by_group, row = np.zeros((schools, groups), np.float64), 0
    for k in range(len(parts)):
        for u in range(units):
            for g in range(groups):
                for v in range(2):
                    for d in range(2):
                        out[row, 0 if parts[k, g, v, d] else 1] += heads[u, g, v, d]
            row += 1
    for u in range(len(homes)):
        for side in range(2):
            out[row, side] = homes[u, side, 0] + homes[u, side, 1]
        row += 1
    for s in range(schools):
        for side in range(2):
            out[row + s, side] = local[s, side, 1]
        for g in range(groups):
            side = 0 if g > 0 else 1
            out[row + 2 * schools + s, side] += seen[s, 0, g]
            for d in range(seen.shape[1]):
                out[row + schools + s, side] += seen[s, d, g]
                by_group[s, g] += seen[s, d, g]
    return out, by_group
