"""The households: one row a pupil. ``family`` ties siblings; every attribute is drawn from a stable id."""

import functools
import math
from typing import NamedTuple

import numpy as np

from abm.city import Blueprint, City
from abm.columns import take_rows
from abm.compiled import kernel, shared
from abm.config import Config, HouseholdsConfig
from abm.config.declare import ScenarioError
from abm.normal import standardise
from abm.randomness import PROCESSES, Key, named, normal, permutation, uniform64, word
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


_KINDS = (np.int64, np.int64, np.int32, np.int8, np.float32, np.float32, np.float32, np.bool_, np.int32, np.bool_, np.bool_, np.int8, np.int32, np.int8, np.int8)  # fmt: skip


def blank(rows: int) -> Households:
    """A table of so many rows in which nothing is written yet."""
    return Households(*[np.empty(rows, kind) for kind in _KINDS])


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
    return 1 / (1 + odds_against(status, config))


def odds_against(status: np.ndarray, config: HouseholdsConfig) -> np.ndarray:
    """(household,) odds against being vulnerable, in the floats that ``status`` is of."""
    odds = config.vulnerable_slope * status
    odds -= _intercept(config.vulnerable_share, config.vulnerable_slope)
    return np.exp(odds, out=odds)


@functools.cache
def _intercept(share: float, slope: float) -> float:
    """The log odds at mean status that give the wanted share, by bisection over a Gauss-Hermite rule."""
    if share in (0.0, 1.0):
        return float("inf") if share else float("-inf")
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


def settle(table: Households, rows, identity, place, group, grade, city: City, rules: Rules, seed: int, detection: float):
    """Write new families into ``rows`` of the ``table``: first children, with attributes drawn from their ids.

    detection: share of the vulnerable whom the authority finds now.
    """
    settings, share = rules.households, city.minority_share
    numbers = np.array([
        -settings.status_gap * share, settings.status_gap * (1 - share), np.sqrt(1 - settings.status_area),
        settings.information, settings.information_slope, settings.tolerance_spread, settings.tolerant,
        settings.tolerant_prefers, settings.works_elsewhere, len(city.district_names),
        settings.vulnerable_slope, _intercept(settings.vulnerable_share, settings.vulnerable_slope), detection,
        settings.false_detection,
    ])  # fmt: skip
    _settle(
        table, rows, identity, place, group, grade, word(seed), city.place_area, city.area_status,
        rules.by_group("households.tolerance"), numbers,
    )  # fmt: skip


# What is drawn for a family, and the round of its key; the first three become normal numbers.
_DRAWN = (("status", 0), ("information", 0), ("tolerance", 0), ("tolerance", 1), ("vulnerable", 0), ("workplace", 0), ("workplace", 1), ("detected", 0))  # fmt: skip
_NUMBERED = tuple((PROCESSES[process], k) for process, k in _DRAWN)


@kernel
def _settle(table, rows, identity, place, group, grade, seed, place_area, area_status, wanted, numbers):
    """Write all columns of new families."""
    n = rows.size
    luck = np.empty((8, n), np.float64)  # a row for each of ``_DRAWN``
    for k in range(8):
        process, turn = _NUMBERED[k]
        name = named(seed, process, 0, turn)
        for i in range(n):
            luck[k, i] = uniform64(name, identity[i])
    tail, log = np.empty(n, np.int64), np.empty((2, n), np.float64)
    for k in range(3):
        standardise(luck[k], tail, log)
    majority, minority, spread, informed, slope, tolerance_spread, share, prefers, works, districts = numbers[:10]
    weak_slope, weak_intercept, detection, error = numbers[10:]
    for k in range(n):
        h = rows[k]
        own = (minority if group[k] > 0 else majority) + area_status[place_area[place[k]]] + spread * luck[0, k]
        table.id[h], table.family[h], table.place[h], table.group[h] = identity[k], identity[k], place[k], group[k]
        table.status[h] = own
        table.information[h] = min(max(informed + slope * own + 0.15 * luck[1, k], 0.0), 1.0)
        table.tolerant[h] = luck[3, k] < share
        prefer = prefers if table.tolerant[h] else wanted[group[k]] + tolerance_spread * luck[2, k]
        table.tolerance[h] = min(max(prefer, 0.05), 1.0)
        table.workplace[h] = np.int32(np.floor(luck[6, k] * districts)) if luck[5, k] < works else -1
        table.vulnerable[h] = luck[4, k] < 1 / (1 + math.exp(weak_slope * own - weak_intercept))
        table.detected[h] = luck[7, k] < (detection if table.vulnerable[h] else error)
        table.grade[h], table.school[h], table.way[h], table.rank[h] = grade[k], -1, OFFER, -1


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
    table = blank(int(plan.pupils.sum()))
    if observed:
        _reside(table, 0, plan, city, config, seed, order, slice(0, len(plan.pupils)), True)
        return table
    pupils = np.cumsum(plan.pupils.sum(axis=1))
    total = max(pupils.max(initial=0), 1)  # an empty city is one part
    ends = np.searchsorted(pupils, np.arange(_TOGETHER, total + _TOGETHER, _TOGETHER)) + 1
    ends = np.minimum(ends, pupils.size)
    begin = 0
    for area, end in zip([0, *ends], ends, strict=False):
        begin = _reside(table, begin, plan, city, config, seed, order, slice(area, end))
    return table


_TOGETHER = 100_000  # pupils made at a time, about


def _reside(
    table: Households, begin: int, plan: Blueprint, city: City, config: Config, seed: int, order, part: slice, observed=False
) -> int:
    """Write the pupils of some areas, ``part``, into ``table`` from row ``begin`` on; the row behind them.

    order: all places, area by area as they are dealt.
    """
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
    rows = np.arange(begin, begin + area.size)
    settle(
        table, rows, identity, place.astype(np.int32), group.astype(np.int8), grade.astype(np.int8), city, Rules.of(config),
        seed, config.households.detection,
    )  # fmt: skip
    table.school[rows], table.way[rows] = school, START
    return begin + area.size


def _running(unit: np.ndarray) -> np.ndarray:
    """(n,) how many rows before this one have the same ``unit``."""
    order = np.argsort(unit, kind="stable")
    first = np.searchsorted(unit[order], unit[order])
    out = np.empty(unit.size, np.int64)
    out[order] = np.arange(unit.size) - first
    return out
