"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

import functools
import math

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.compiled import kernel
from abm.indicators.census import Census, against, ratio
from abm.rules import Rules
from abm.segregation import BY_CHANCE, GINI
from abm.world import World

INDICES = segregation.Figures._fields
RANDOM_DRAWS = 4  # random tables a year for the expectation of indices that have no closed form under random allocation
_D, _ISOLATION, _H = (INDICES.index(name) for name in ("dissimilarity", "isolation", "theil_h"))
_NAMES = [[f"{index}{kind}" for kind in ("", "_random", "_nearest", "_residential")] for index in INDICES]


def separation(world: World, rules: Rules, counted: Census, first: np.ndarray):
    """Rows of segregation: the minority in full, each of several groups, the vulnerable and the detected."""
    parts = members(world.groups)
    names = (rules.minority, *(rules.groups[1:] if world.groups > 2 else ()), "vulnerable", "detected")
    n, units = counted.entrants.size, len(counted.heads)
    tables = _tables(counted.heads, parts, counted.homes, counted.local, world.seen.heads)
    dealt = segregation.tables_at_once(tables[:n], RANDOM_DRAWS, world.seed * 4099 + world.year)
    sizes = [n, n, units - 2 * n] * len(parts) + [len(counted.homes), n, n, n] + [dealt.shape[1]] * RANDOM_DRAWS
    wanted = [GINI + BY_CHANCE, GINI, GINI, *[BY_CHANCE, 0, 0] * (len(parts) - 1), 0, 0, 0, 0, *[GINI] * RANDOM_DRAWS]
    found = segregation.each(np.concatenate([tables, dealt.reshape(-1, 2)]), sizes, wanted)
    homes, local, now, entrants = (figures[_D] for figures in found[3 * len(parts) : 3 * len(parts) + 4])
    yield from _full(found[:3], found[-RANDOM_DRAWS:], homes, tables[:n], dealt.shape[1], rules.minority)
    yield from _parts(world, first)
    for k, name in enumerate(names[1:], start=1):
        yield from _brief(*found[3 * k : 3 * k + 3], name)
    yield from _by_scope(world, tables[:n], tables[n : 2 * n], rules.minority)
    yield from _zones(world, rules, local, now)
    yield "dissimilarity_entrants", rules.minority, "city", entrants


def brief_separation(world: World, rules: Rules, counted: Census):
    """D, isolation and H of the minority, and D of the vulnerable and the detected."""
    parts, n = members(world.groups)[[0, -2, -1]], counted.entrants.size
    tables = np.concatenate([against(counted.schools, part) for part in parts])
    now, vulnerable, detected = segregation.each(tables, [n, n, n], [0, 0, 0])
    yield "dissimilarity", rules.minority, "city", now[_D]
    yield "isolation", rules.minority, "city", now[_ISOLATION]
    yield "theil_h", rules.minority, "city", now[_H]
    yield "dissimilarity", "vulnerable", "city", vulnerable[_D]
    yield "dissimilarity", "detected", "city", detected[_D]


@functools.cache
def members(groups: int) -> np.ndarray:
    """(part, group, 2, 2) bool: who is of the minority, of each of several groups but the first, vulnerable, detected."""
    of_group = np.zeros((groups, groups, 2, 2), bool)
    of_group[np.arange(groups), np.arange(groups)] = True
    vulnerable, detected = np.zeros((2, groups, 2, 2), bool)
    vulnerable[:, 1] = detected[:, :, 1] = True
    return np.stack([of_group[1:].any(axis=0), *(of_group[1:] if groups > 2 else ()), vulnerable, detected])


def _full(found: list, drawn: list, homes: float, heads: np.ndarray, units: int, group: str):
    """Every index of the city with its three companions, and what stands on them.

    found: figures of the schools, the nearest schools, the areas; drawn: of random tables; homes: D of districts of
    residence; heads: (school, 2) minority and rest; units: schools that have pupils.
    """
    now, near, home = found
    chance = [sum(values) / len(drawn) for values in zip(*drawn, strict=True)]
    chance = (
        dict(zip(INDICES, chance, strict=False)) | expectations(*heads.sum(axis=0).tolist(), units, now[-1])
    ).values()
    for names, *values in zip(_NAMES, now, chance, near, home, strict=False):
        for name, value in zip(names, values, strict=True):
            yield name, group, "city", value
    yield "dissimilarity_residential_district", group, "city", homes
    yield "residence_part", group, "city", near[_D] - now[-1]
    yield "choice_part", group, "city", now[_D] - near[_D]
    if not math.isnan(now[_D]):
        heads = heads.astype(float)
        yield "segregated_schools", "all", "city", segregation.shares_at_once(heads, 0.2, np.inf)[0]
        yield "balanced_schools", "all", "city", segregation.shares_at_once(heads, -0.1, 0.1)[0]


def expectations(one: int, rest: int, units: int, d: float) -> dict[str, float]:
    """Exact means of indices when pupils of ``one`` group and the ``rest`` are dealt at random over the same places of ``units``.

    Heads of a unit are then hypergeometric, so that the mean of the variance ratio is (units - 1)/(pupils - 1); isolation
    is P + (1 - P) eta^2 and exposure its complement; GS = (1 - P) D. d: that of D.
    """
    total = one + rest
    share = one / total if total else math.nan
    ratio = (units - 1) / (total - 1) if one and rest else math.nan
    isolation = share + (1 - share) * ratio
    return {
        "dissimilarity": d,
        "gorard": (1 - share) * d,
        "eta_squared": ratio,
        "isolation": isolation,
        "exposure": 1 - isolation,
    }


def _brief(now: list, near: list, home: list, group: str):
    """D with its companions, isolation and H, from the figures of the schools, the nearest schools, the areas."""
    yield "dissimilarity", group, "city", now[_D]
    yield "dissimilarity_random", group, "city", now[-1]
    yield "dissimilarity_nearest", group, "city", near[_D]
    yield "dissimilarity_residential", group, "city", home[_D]
    yield "isolation", group, "city", now[_ISOLATION]
    yield "theil_h", group, "city", now[_H]


def _zones(world: World, rules: Rules, local: float, now: float):
    """D over local schools, what opting out adds to it, and how many have another local school by order."""
    yield "dissimilarity_zone", rules.minority, "city", local
    yield "opting_out_part", rules.minority, "city", now - local
    city, table = world.city, world.households
    pupils, elsewhere = int(world.seen.heads.sum()), 0
    if city.own is not None:
        elsewhere = np.count_nonzero((city.own.local != city.local)[table.place[table.school >= 0]])
    yield "rezoned", "all", "city", ratio(elsewhere, pupils)


_SCOPED = ("dissimilarity", "dissimilarity_random", "dissimilarity_nearest", "isolation")


def _by_scope(world: World, heads: np.ndarray, nearest: np.ndarray, group: str):
    """The minority within each sector and among the schools of each district."""
    schools, districts = world.schools, world.city.district_names
    for word, names, scope in (("sector", SECTORS, schools.sector), ("district", districts, schools.district)):
        figures = segregation.within_scopes(heads, nearest, scope.astype(np.int64), len(names)).tolist()
        for name, (pupils, minority, *values) in zip(names, figures, strict=True):
            if pupils:
                where = f"{word}:{name}"
                yield "pupils", "all", where, pupils
                yield "pupils", group, where, minority
                for indicator, value in zip(_SCOPED, values, strict=True):
                    yield indicator, group, where, value


def _parts(world: World, first: np.ndarray):
    """M of all groups between and within districts and sectors, and its change since the start (Elbers 2021)."""
    heads, schools = world.seen.heads.sum(axis=1, dtype=float), world.schools
    clusters = (
        ("districts", schools.district, len(world.city.district_names)),
        ("sectors", schools.sector, len(SECTORS)),
    )
    for word, cluster, count in clusters:
        between, within = segregation.decompose_at_once(heads, cluster.astype(np.int64), count)
        yield f"mutual_information_between_{word}", "all", "city", between
        yield f"mutual_information_within_{word}", "all", "city", within
    start = np.zeros_like(heads)
    start[: len(first)] = first
    change = segregation.change_at_once(start, heads)
    yield "mutual_information_structure", "all", "city", change.structural
    yield "mutual_information_composition", "all", "city", change.total - change.structural


@kernel
def _tables(heads, parts, homes, local, seen):
    """(unit, 2) tables, one under another, of members and others: ``heads`` (unit, group, 2, 2) against each of ``parts``.

    Then minority and majority of ``homes`` by district; of ``local``; of what is ``seen`` (school, grade, group), and of its
    entry grade.
    """
    units, groups, schools = heads.shape[0], heads.shape[1], seen.shape[0]
    out = np.zeros((len(parts) * units + len(homes) + 3 * schools, 2), np.int64)
    row = 0
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
    return out
