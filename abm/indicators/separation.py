"""Segregation of schools, each figure beside random allocation, nearest schools and residence."""

import functools
import math
from typing import NamedTuple

import numpy as np

from abm import segregation
from abm.city import SECTORS
from abm.indicators.census import Census, against, ratio
from abm.rules import Rules
from abm.world import World, two_sides

INDICES = segregation.Figures._fields
_NAMES = [[f"{index}{kind}" for kind in ("", "_random", "_nearest", "_residential")] for index in INDICES]
RANDOM_DRAWS = 4  # random tables a year for the expectation of indices that have no closed form under random allocation


class Heads(NamedTuple):
    """Heads as they are and as they would be; the last axis is (of the group, others)."""

    schools: np.ndarray  # (school, 2)
    nearest: np.ndarray  # (school, 2) everybody at the nearest school with places
    areas: np.ndarray  # (area, 2) homes

    @classmethod
    def of(cls, counted: Census, members: np.ndarray) -> "Heads":
        """Those who are among the ``members`` (group, 2, 2) bool against all others."""
        n, heads = counted.entrants.size, against(counted.heads, members)
        return cls(heads[:n], heads[n : 2 * n], heads[2 * n :])


def separation(world: World, rules: Rules, counted: Census, first: np.ndarray):
    """Rows of segregation: the minority in full, each of several groups, the vulnerable and the detected."""
    minority, *groups, vulnerable, detected = members(world.groups)
    main = Heads.of(counted, minority)
    yield from _full(main, counted.homes, rules.minority, world)
    yield from _parts(world, first)
    for name, group in zip(rules.groups[1:], groups, strict=True) if world.groups > 2 else ():
        yield from _brief(Heads.of(counted, group), name)
    yield from _brief(Heads.of(counted, vulnerable), "vulnerable")
    yield from _brief(Heads.of(counted, detected), "detected")
    yield from _by_scope(world, main, rules.minority)
    yield from _zones(world, rules, counted)
    yield "dissimilarity_entrants", rules.minority, "city", _d(two_sides(world.seen.heads[:, :1].copy())[:, ::-1])


def brief_separation(world: World, rules: Rules, counted: Census):
    """D, isolation and H of the minority, and D of the vulnerable and the detected."""
    minority, *_, vulnerable, detected = members(world.groups)
    now, weak, known = (
        segregation.at_once(against(counted.schools, m), ranked=False) for m in (minority, vulnerable, detected)
    )
    yield "dissimilarity", rules.minority, "city", now.dissimilarity
    yield "isolation", rules.minority, "city", now.isolation
    yield "theil_h", rules.minority, "city", now.theil_h
    yield "dissimilarity", "vulnerable", "city", weak.dissimilarity
    yield "dissimilarity", "detected", "city", known.dissimilarity


@functools.cache
def members(groups: int) -> tuple[np.ndarray, ...]:
    """(group, 2, 2) bool each: who is of the minority, of each group but the first, vulnerable, detected."""
    among = np.zeros((groups + 2, groups, 2, 2), bool)
    among[0, 1:], among[-2, :, 1], among[-1, :, :, 1] = True, True, True
    for g in range(1, groups):
        among[g, g] = True
    return tuple(among)


def _d(heads: np.ndarray) -> float:
    """D of int64 ``heads`` (unit, 2)."""
    return segregation.at_once(np.ascontiguousarray(heads), ranked=False).dissimilarity


def _zones(world: World, rules: Rules, counted: Census):
    """D over local schools, what opting out adds to it, and how many have another local school by order."""
    d, now = _d(counted.local[:, :, 1]), _d(two_sides(world.seen.heads)[:, ::-1])
    yield "dissimilarity_zone", rules.minority, "city", d
    yield "opting_out_part", rules.minority, "city", now - d
    city, table = world.city, world.households
    pupils, elsewhere = int(world.seen.heads.sum()), 0
    if city.own is not None:
        elsewhere = (city.own.local != city.local)[table.place[table.school >= 0]].sum()
    yield "rezoned", "all", "city", ratio(elsewhere, pupils)


def _full(c: Heads, homes: np.ndarray, group: str, world: World):
    """Every index of the city with its three companions, and what stands on them. homes: as in :class:`Census`."""
    dealt = expectations(c.schools)
    drawn = segregation.tables_at_once(c.schools, RANDOM_DRAWS, world.seed * 4099 + world.year)
    of_random = segregation.mean_at_once(drawn)._replace(**dealt)
    now, near, home = map(segregation.at_once, c)
    for names, values in zip(_NAMES, zip(now, of_random, near, home, strict=True), strict=True):
        for name, value in zip(names, values, strict=True):
            yield name, group, "city", value
    yield "dissimilarity_residential_district", group, "city", _d(homes.sum(axis=2)[:, ::-1])
    yield "residence_part", group, "city", near.dissimilarity - of_random.dissimilarity
    yield "choice_part", group, "city", now.dissimilarity - near.dissimilarity
    if not math.isnan(now.dissimilarity):
        heads = c.schools.astype(float)
        yield "segregated_schools", "all", "city", segregation.shares_at_once(heads, 0.2, np.inf)[0]
        yield "balanced_schools", "all", "city", segregation.shares_at_once(heads, -0.1, 0.1)[0]


def expectations(heads: np.ndarray) -> dict[str, float]:
    """Exact means of indices of ``heads`` (unit, 2) when the same pupils are dealt out at random over the same places.

    Heads of a unit are then hypergeometric, so that the mean of the variance ratio is (units - 1)/(pupils - 1); isolation
    is P + (1 - P) eta^2 and exposure its complement; GS = (1 - P) D.
    """
    (one, rest), units = heads.sum(axis=0).tolist(), np.count_nonzero(heads.any(axis=1))
    total, d = one + rest, segregation.expected_at_once(heads)
    share = one / total if total else math.nan
    ratio = (units - 1) / (total - 1) if total > 1 and 0 < share < 1 else math.nan
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
    now, near, home = (segregation.at_once(heads, ranked=False) for heads in c)
    yield "dissimilarity", group, "city", now.dissimilarity
    yield "dissimilarity_random", group, "city", segregation.expected_at_once(c.schools)
    yield "dissimilarity_nearest", group, "city", near.dissimilarity
    yield "dissimilarity_residential", group, "city", home.dissimilarity
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
