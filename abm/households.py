"""The households: one row a pupil. ``family`` ties siblings; every attribute is drawn from a stable id."""

import functools
from typing import NamedTuple

import numpy as np

from abm.city import Blueprint, City
from abm.columns import take_rows
from abm.compiled import kernel, shared
from abm.config import Config, HouseholdsConfig
from abm.config.declare import ScenarioError
from abm.randomness import Key, draw, draws, normal, permutation
from abm.rules import Rules

START, OFFER, EX_OFFICIO, LATE, TRANSFER, RELOCATED, PROPOSED = 0, 1, 2, 3, 4, 5, 6
WAYS = ("there at the start", "placed by its list", "placed ex officio", "arrived during the year", "changed school", "moved when its school closed", "accepted the school proposed to it")  # fmt: skip
LATE_MARK = 15  # in the field of an id that otherwise holds the years between siblings
MAX_GAP = 4  # years between siblings, at most
MOST_IN_ID = 1 << 20  # areas, and numbers of serial, that an id has room for
YEAR0 = 1024  # keeps the years before the start above zero in an id


class Households(NamedTuple):
    """One row a pupil."""

    id: np.ndarray  # (household,) int64 (entry year, area, years after sibling, group, serial), stable
    family: np.ndarray  # (household,) int64 id of the family's first child here: keys taste
    place: np.ndarray  # (household,) int32
    group: np.ndarray  # (household,) int8
    status: np.ndarray  # (household,) float32 sd
    information: np.ndarray  # (household,) float32 0 to 1
    tolerance: np.ndarray  # (household,) float32 preferred own-side share f
    tolerant: np.ndarray  # (household,) bool, of the tolerant kind
    workplace: np.ndarray  # (household,) int32 district where a parent works, -1: the own or none
    vulnerable: np.ndarray  # (household,) bool, true
    detected: np.ndarray  # (household,) bool, known to the authority
    grade: np.ndarray  # (household,) int8 from 0
    school: np.ndarray  # (household,) int32, -1: none
    way: np.ndarray  # (household,) int8 START ... PROPOSED: how it came to its school
    rank: np.ndarray  # (household,) int8 place of its school on its list, 0 first, -1: not by list


@shared
def packed(year, area, gap, group, serial):
    """Stable id of (entry year, area, years after an older sibling, group, serial), whole numbers of 64 bits; below 2^62."""
    return ((year + YEAR0) << 50) | (area << 30) | (gap << 26) | (group << 20) | serial


def pack(year, area, gap, group, serial) -> np.ndarray:
    """int64 stable ids, as :func:`packed`, of whole numbers or arrays of them."""
    return packed(*(np.asarray(part, np.int64) for part in (year, area, gap, group, serial)))


@shared
def entry_year(identity):
    """Year in which a child entered the stage (0 and below: before the model's start); of one id, or of an array of them."""
    return (identity >> 50) - YEAR0


@shared
def sibling_gap(identity):
    """Years after the older sibling's entry; 0: a first child, LATE_MARK: a late arrival; of one id, or of an array."""
    return (identity >> 26) & 15


def take(households: Households, rows) -> Households:
    """The table with only ``rows`` (a mask or row numbers)."""
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    return Households(*take_rows(households, rows))


def join(*tables: Households) -> Households:
    """Tables one under another."""
    return Households(*map(np.concatenate, zip(*tables, strict=True)))


def vulnerability(status: np.ndarray, config: HouseholdsConfig) -> np.ndarray:
    """(household,) probability of being vulnerable: a logistic fall with status whose mean over N(0, 1) is the share."""
    if config.vulnerable_share in (0.0, 1.0):
        return np.full(status.shape, config.vulnerable_share)
    return _logistic(_intercept(config.vulnerable_share, config.vulnerable_slope) - config.vulnerable_slope * status)


@functools.cache
def _intercept(share: float, slope: float) -> float:
    """The log odds at mean status that give the wanted share, by bisection over a Gauss-Hermite rule."""
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    weight = weight / weight.sum()
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        if weight @ _logistic(middle - slope * node) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _logistic(x):
    return 1 / (1 + np.exp(-x))


def make(identity, family, place, group, grade, city: City, rules: Rules, seed: int, detection: float) -> Households:
    """New rows with attributes drawn from their ids. ``detection``: share of the vulnerable whom the authority finds now."""
    from scipy.special import ndtri

    settings, n = rules.households, identity.size
    families, place, group = np.asarray(family, np.int64), np.asarray(place, np.int32), np.asarray(group, np.int8)
    luck = draws([Key(seed, process, 0, k) for process, k in _DRAWN], families)
    luck[:3] = ndtri(luck[:3])  # standard normal numbers, by inversion
    share, spread = city.minority_share, np.sqrt(1 - settings.status_area)
    numbers = np.array([
        -settings.status_gap * share, settings.status_gap * (1 - share), spread, settings.information,
        settings.information_slope, settings.tolerance_spread, settings.tolerant, settings.tolerant_prefers,
        settings.works_elsewhere, len(city.district_names),
    ])  # fmt: skip
    wanted = rules.by_group("households.tolerance")
    exact, status, information, tolerance, tolerant, workplace = _attributes(
        luck, group, city.area_status[city.place_area[place]], wanted, numbers
    )
    vulnerable = luck[_VULNERABLE] < vulnerability(exact, settings)
    known = draw(Key(seed, "detected"), identity) < np.where(vulnerable, detection, settings.false_detection)
    return Households(
        id=np.asarray(identity, np.int64),
        family=families,
        place=place,
        group=group,
        status=status,
        information=information,
        tolerance=tolerance,
        tolerant=tolerant,
        workplace=workplace,
        vulnerable=vulnerable,
        detected=known,
        grade=np.asarray(grade, np.int8),
        school=np.full(n, -1, np.int32),
        way=np.full(n, OFFER, np.int8),
        rank=np.full(n, -1, np.int8),
    )


# What is drawn for a family, and the round of its key; the first three become normal numbers.
_DRAWN = (("status", 0), ("information", 0), ("tolerance", 0), ("tolerance", 1), ("vulnerable", 0), ("workplace", 0), ("workplace", 1))  # fmt: skip
_VULNERABLE = 4


@kernel
def _attributes(luck, group, area_status, wanted, numbers):
    """Status in full, and the columns status to workplace of new families. luck: a row for each of ``_DRAWN``."""
    n = group.size
    exact, status, information = np.empty(n, np.float64), np.empty(n, np.float32), np.empty(n, np.float32)
    tolerance, tolerant, workplace = np.empty(n, np.float32), np.empty(n, np.bool_), np.empty(n, np.int32)
    majority, minority, spread, informed, slope, tolerance_spread, share, prefers, works, districts = numbers
    for h in range(n):
        own = (minority if group[h] > 0 else majority) + area_status[h] + spread * luck[0, h]
        exact[h], status[h] = own, own
        information[h] = min(max(informed + slope * own + 0.15 * luck[1, h], 0.0), 1.0)
        tolerant[h] = luck[3, h] < share
        own = prefers if tolerant[h] else wanted[group[h]] + tolerance_spread * luck[2, h]
        tolerance[h] = min(max(own, 0.05), 1.0)
        workplace[h] = np.int32(np.floor(luck[6, h] * districts)) if luck[5, h] < works else -1
    return exact, status, information, tolerance, tolerant, workplace


def attainment_rank(households: Households, config: HouseholdsConfig, seed: int) -> np.ndarray:
    """(household,) float64 0 to 1: rank of each child's earlier attainment, for good, on a standard normal scale.

    So nobody's rank depends on who else is there. Attainment: r · status + sqrt(1 - r^2) · N(0, 1).
    """
    from scipy.special import ndtr

    r = config.attainment_status
    own = normal(Key(seed, "attainment"), households.id)
    return ndtr(r * households.status.astype(float) + np.sqrt(1 - r**2) * own)


def populate(plan: Blueprint, city: City, config: Config, seed: int, observed: bool = False) -> Households:
    """The pupils of year 0: grades dealt evenly, places of an area dealt round in a keyed order.

    observed: they sit where the blueprint's flows say, and grades are dealt within each school; else they have no school.
    Large cities are made in parts, area by area, since making takes several times the memory of what is made.
    """
    areas, heads = len(plan.pupils), plan.pupils.max(initial=0)
    if max(areas, heads) > MOST_IN_ID:
        raise ScenarioError(
            f"a city has at most {MOST_IN_ID:,} small areas, each with at most as many pupils of a group; this one has "
            f"{areas:,} areas, the largest with {heads:,} pupils of a group"
        )
    order = permutation(Key(seed, "start"), np.arange(city.place_area.size))
    order = order[np.argsort(city.place_area[order], kind="stable")]
    if observed:
        return _residents(plan, city, config, seed, order, slice(0, len(plan.pupils)), True)
    pupils = np.cumsum(plan.pupils.sum(axis=1))
    total = max(pupils.max(initial=0), 1)  # an empty city is one part
    ends = np.searchsorted(pupils, np.arange(_TOGETHER, total + _TOGETHER, _TOGETHER)) + 1
    ends = np.minimum(ends, pupils.size)
    if len(ends) == 1:
        return _residents(plan, city, config, seed, order, slice(0, ends[0]))
    table, begin = None, 0
    for area, end in zip([0, *ends], ends, strict=False):
        part = _residents(plan, city, config, seed, order, slice(area, end))
        table = table or Households(*[np.empty(pupils[-1], column.dtype) for column in part])
        for whole, column in zip(table, part, strict=True):
            whole[begin : begin + column.size] = column
        begin += part.id.size
    return table


_TOGETHER = 100_000  # pupils made at a time, about


def _residents(
    plan: Blueprint, city: City, config: Config, seed: int, order, part: slice, observed=False
) -> Households:
    """The pupils of some areas, ``part``; ``order`` has all places, area by area as they are dealt."""
    areas, groups = np.arange(part.start, part.stop), plan.pupils.shape[1]
    heads = plan.pupils[part].ravel().astype(np.int64)
    area = np.repeat(np.repeat(areas, groups), heads)
    group = np.repeat(np.tile(np.arange(groups), areas.size), heads)
    serial = np.arange(heads.sum()) - np.repeat(np.cumsum(heads) - heads, heads)
    school = np.full(serial.size, -1, np.int32)
    turn = serial + np.repeat(np.arange(part.start * groups, part.stop * groups), heads)
    if observed:
        flows = plan.flows.transpose(0, 2, 1).reshape(heads.size, -1)
        school = np.repeat(np.tile(np.arange(flows.shape[1], dtype=np.int32), heads.size), flows.ravel())
        turn = _running(school)
    grade = turn % config.city.grades
    identity = pack(-grade, area, 0, group, serial)
    turn = np.arange(area.size) - np.searchsorted(area, area)
    count = np.diff(city.place_first)[area]
    place = order[city.place_first[area] + turn % np.maximum(count, 1)] if area.size else area
    table = make(identity, identity, place, group, grade, city, Rules.of(config), seed, config.households.detection)
    return table._replace(school=school, way=np.full(area.size, START, np.int8))


def _running(unit: np.ndarray) -> np.ndarray:
    """(n,) how many rows before this one have the same ``unit``."""
    order = np.argsort(unit, kind="stable")
    first = np.searchsorted(unit[order], unit[order])
    out = np.empty(unit.size, np.int64)
    out[order] = np.arange(unit.size) - first
    return out
