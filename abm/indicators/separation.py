"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

import functools
import math

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.compiled import kernel
from abm.indicators.census import Census, against, ratio
from abm.randomness import EVER, FIRST, named, processes, word
from abm.rules import Rules
from abm.segregation.allocation import deal
from abm.segregation.at_once import BY_CHANCE, COLUMNS, GINI, THEIL, figures_of, figures_of_each, within_scopes
from abm.segregation.change import parts_of_change
from abm.segregation.indices import shares_between
from abm.segregation.information import between_and_within
from abm.world import World

INDICES = segregation.Figures._fields
RANDOM_DRAWS = 4  # random tables a year for the expectation of indices that have no closed form under random allocation
_D, _ISOLATION, _H = (INDICES.index(name) for name in ("dissimilarity", "isolation", "theil_h"))
_INDICES = len(INDICES)  # after the indices of a table come the means of the first ones over random deals
_KINDS = ("", "_random", "_nearest", "_residential")
_SHARES = _INDICES * len(_KINDS) + 3  # where two shares of schools stand, which a city of one side alone has not
_SCOPED = ("dissimilarity", "dissimilarity_random", "dissimilarity_nearest", "isolation")
(_SHUFFLE,) = processes("shuffle")


def separation(world: World, rules: Rules, counted: Census, first: np.ndarray) -> list:
    """Rows of segregation: the minority in full, each of several groups, the vulnerable and the detected."""
    schools, city, parts = world.schools, world.city, members(world.groups)
    n, areas, districts = counted.entrants.size, len(counted.areas), len(city.district_names)
    values, of_sectors, of_districts, pupils = _separate(
        counted.heads, parts, counted.homes, counted.local, world.seen.heads, first, schools.sector.astype(np.int64),
        schools.district.astype(np.int64), len(SECTORS), districts,
        *_layout(n, areas, len(parts), len(counted.homes)), word(world.seed * 4099 + world.year),
    )  # fmt: skip
    *values, local, now, entrants = values.tolist()
    rows = list(zip(*_labels(rules.groups, rules.minority), values, strict=True))
    if math.isnan(values[0]):
        del rows[_SHARES : _SHARES + 2]
    scopes = of_sectors.tolist() + of_districts.tolist()
    for labels, figures in zip(_scopes(city.district_names, rules.minority), scopes, strict=True):
        if figures[0]:  # pupils
            rows += zip(*labels, figures, strict=True)
    return [
        *rows,
        ("dissimilarity_zone", rules.minority, "city", local),
        ("opting_out_part", rules.minority, "city", now - local),
        ("rezoned", "all", "city", ratio(_elsewhere(world), pupils)),
        ("dissimilarity_entrants", rules.minority, "city", entrants),
    ]


@functools.cache
def _labels(groups: tuple[str, ...], minority: str) -> tuple[tuple[str, ...], ...]:
    """Indicator, group and scope of the values of :func:`_separate`, a column each.

    Every index of the minority with its three companions, and what stands on them; then M of all groups between and within
    districts and sectors, and its change since the start (Elbers 2021); then the other parts of the pupils in brief.
    """
    rows = [(f"{index}{kind}", minority) for index in INDICES for kind in _KINDS]
    rows += [(name, minority) for name in ("dissimilarity_residential_district", "residence_part", "choice_part")]
    rows += [(name, "all") for name in ("segregated_schools", "balanced_schools")]
    for over in ("districts", "sectors"):
        rows += [(f"mutual_information_{where}_{over}", "all") for where in ("between", "within")]
    rows += [(f"mutual_information_{part}", "all") for part in ("structure", "composition")]
    brief = [f"dissimilarity{kind}" for kind in _KINDS] + ["isolation", "theil_h"]
    others = (*(groups[1:] if len(groups) > 2 else ()), "vulnerable", "detected")
    rows += [(name, other) for other in others for name in brief]
    names, whose = zip(*rows, strict=True)
    return names, whose, ("city",) * len(rows)


@functools.cache
def _scopes(districts: tuple[str, ...], minority: str) -> list[tuple[tuple[str, ...], ...]]:
    """Of each sector and then of each district the indicators, groups and scopes of what is measured within it."""
    scopes = [f"sector:{name}" for name in SECTORS] + [f"district:{name}" for name in districts]
    names, whose = ("pupils", "pupils", *_SCOPED), ("all", *(minority,) * (1 + len(_SCOPED)))
    return [(names, whose, (scope,) * len(names)) for scope in scopes]


def _elsewhere(world: World) -> int:
    """Pupils who have another local school than without an order on zones."""
    city, table = world.city, world.households
    return 0 if city.own is None else np.count_nonzero((city.own.local != city.local)[table.place[table.school >= 0]])


@functools.lru_cache
def _layout(schools: int, areas: int, parts: int, districts: int) -> tuple[np.ndarray, np.ndarray]:
    """How tables stand in :func:`_tables`: of each part the schools, the nearest ones, the areas; then the others."""
    full = THEIL + GINI
    main = (schools, full + BY_CHANCE), (schools, full), (areas, full)
    brief = (schools, THEIL + BY_CHANCE), (schools, 0), (areas, 0)
    return segregation.layout(*main, *brief * (parts - 1), (districts, 0), *((schools, 0),) * 3)


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


@kernel
def _separate(heads, parts, homes, local, seen, first, sector, district, sectors, districts, begin, wanted, seed):
    """The values of :func:`_labels`, then three D; the figures within each sector, and within each district; all pupils.

    D over local schools, of schools as they are seen, of entrants. heads (unit, group, 2, 2), homes and local: as in a
    :class:`Census`; seen (school, grade, group); first (school, group): heads of year 0; sector, district: (school,) int64;
    begin, wanted: see :func:`_layout`.
    """
    tables, by_group, before = _tables(heads, parts, homes, local, seen, first)
    found, now, near = figures_of_each(tables, begin, wanted), tables[: len(seen)], tables[len(seen) : 2 * len(seen)]
    chance = _chance(now, found[0], named(seed, _SHUFFLE, EVER, FIRST))
    out, at, other = np.empty(_SHARES + 11 + 6 * (len(parts) - 1), np.float64), _SHARES + 8, 3 * len(parts)
    for k in range(_INDICES):
        out[4 * k], out[4 * k + 1], out[4 * k + 2], out[4 * k + 3] = found[0, k], chance[k], found[1, k], found[2, k]
    out[_SHARES - 3] = found[other, _D]
    out[_SHARES - 2], out[_SHARES - 1] = found[1, _D] - found[0, _INDICES], found[0, _D] - found[1, _D]
    out[_SHARES], out[_SHARES + 1] = shares_between(now, 0.2, np.inf)[0], shares_between(now, -0.1, 0.1)[0]
    out[at - 6], out[at - 5] = between_and_within(by_group, district, districts)
    out[at - 4], out[at - 3] = between_and_within(by_group, sector, sectors)
    total, _, _, structural = parts_of_change(before, by_group)
    out[at - 2], out[at - 1] = structural, total - structural
    for k in range(3, other, 3):
        out[at], out[at + 1], out[at + 2] = found[k, _D], found[k, _INDICES], found[k + 1, _D]
        out[at + 3], out[at + 4], out[at + 5] = found[k + 2, _D], found[k, _ISOLATION], found[k, _H]
        at += 6
    for k in range(3):
        out[at + k] = found[other + 1 + k, _D]
    of_sectors, of_districts = within_scopes(now, near, sector, sectors), within_scopes(now, near, district, districts)
    return out, of_sectors, of_districts, np.int64(by_group.sum())


@kernel
def _chance(heads, known, name):
    """(COLUMNS,) means of the figures of ``heads`` over random deals: of the first ``known``, of the others by drawing."""
    dealt = deal(heads, RANDOM_DRAWS, name)
    filled = dealt.shape[1]
    drawn, units, out = (
        np.full((RANDOM_DRAWS, COLUMNS), np.nan),
        np.empty((filled, 2), np.float64),
        np.zeros(COLUMNS, np.float64),
    )
    for t in range(RANDOM_DRAWS):
        for u in range(filled):
            units[u, 0], units[u, 1] = dealt[t, u, 0], dealt[t, u, 1]
        if filled > 0:
            figures_of(units, filled, np.int64(THEIL + GINI), drawn[t])
    for k in range(_INDICES):
        for t in range(RANDOM_DRAWS):
            out[k] += drawn[t, k]
        out[k] = known[_INDICES + k] if k < COLUMNS - _INDICES else out[k] / RANDOM_DRAWS
    return out


@kernel
def _tables(heads, parts, homes, local, seen, first):
    """(unit, 2) tables, one under another, of members and others: ``heads`` (unit, group, 2, 2) against each of ``parts``.

    Then minority and majority of ``homes`` by district; of ``local``; of what is ``seen`` (school, grade, group), and of its
    entry grade. And (school, group) float64 what is seen, and the ``first`` heads.
    """
    units, groups, schools = heads.shape[0], heads.shape[1], seen.shape[0]
    out = np.zeros((len(parts) * units + len(homes) + 3 * schools, 2), np.int64)
    by_group, before, row = np.zeros((schools, groups), np.float64), np.zeros((schools, groups), np.float64), 0
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
            if s < first.shape[0]:
                before[s, g] = first[s, g]
    return out, by_group, before
