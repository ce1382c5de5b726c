"""New families settle: their rows are written into the households' table, every attribute drawn from their ids."""

import math
from typing import NamedTuple

import numpy as np

from abm.city import City
from abm.compiled import apart, in_place
from abm.households import LATE, OFFER, Households, blank, entry_year, intercept, packed
from abm.normal import standardise
from abm.randomness import EVER, FIRST, PROCESSES, mix64, named, processes, uniform64, unit64, word
from abm.rules import Rules

(_DETECTED,) = processes("detected")
_LOW = (np.int64(1) << 50) - 1  # of an id, all but the year of entry


class Newcomers(NamedTuple):
    """First children, those who enter this year and then those who arrive during it."""

    id: np.ndarray  # (family,) int64
    place: np.ndarray  # (family,) int32
    group: np.ndarray  # (family,) int8
    grade: np.ndarray  # (family,) int8
    enter: int  # how many of them enter


def settle(
    table: Households, begin: int, gap: int, new: Newcomers, city: City, rules: Rules, seed: int, detection: float
):
    """Write new families into the ``table`` from row ``begin`` on, with attributes drawn from their ids.

    gap: rows to leave free between those who enter and those who arrive late; detection: share of the vulnerable whom
    the authority finds now.
    """
    settings, share = rules.households, city.minority_share
    numbers = np.array([
        -settings.status_gap * share, settings.status_gap * (1 - share), np.sqrt(1 - settings.status_area),
        settings.information, settings.information_slope, settings.tolerance_spread, settings.tolerant,
        settings.tolerant_prefers, settings.works_elsewhere, len(city.district_names),
        settings.vulnerable_slope, intercept(settings.vulnerable_share, settings.vulnerable_slope), detection,
        settings.false_detection,
    ])  # fmt: skip
    n = new.id.size
    _settle(
        table, begin, gap, *new, word(seed), city.place_area, city.area_status,
        rules.by_group("households.tolerance"), numbers, np.empty(n, np.uint64),
        np.empty((8, n)), np.empty(n, np.int64), np.empty(n), np.empty(n),
    )  # fmt: skip


# What is drawn for a family, and the round of its key; the first three become normal numbers.
_DRAWN = (("status", 0), ("information", 0), ("tolerance", 0), ("tolerance", 1), ("vulnerable", 0), ("workplace", 0), ("workplace", 1), ("detected", 0))  # fmt: skip
_NUMBERED = tuple((PROCESSES[process], k) for process, k in _DRAWN)


@in_place
def _settle(
    table, begin, gap, identity, place, group, grade, enter, seed, place_area, area_status, wanted, numbers, own, luck,
    tail, odds, room,
):  # fmt: skip
    """Write all columns of new families. The last five are room: ``luck`` has a row for each of ``_DRAWN``."""
    for k in range(identity.size):
        own[k] = mix64(np.uint64(identity[k]))
    for row in range(8):
        process, turn = _NUMBERED[row]
        name = named(seed, process, EVER, turn)
        for k in range(identity.size):
            luck[row, k] = unit64(mix64(name ^ own[k]))  # as uniform64 of the id
    for row in range(3):
        standardise(luck[row], tail, odds, room)
    (
        majority, minority, spread, informed, slope, tolerance_spread, share, prefers, works, districts, weak_slope,
        weak_intercept, detection, error,
    ) = numbers  # fmt: skip
    for k in range(identity.size):
        area = area_status[place_area[place[k]]]
        luck[0, k] = (minority if group[k] > 0 else majority) + area + spread * luck[0, k]
    for k in range(identity.size):
        odds[k] = math.exp(weak_slope * luck[0, k] - weak_intercept)
    for k in range(identity.size):  # whatever may be chosen from is worked out: a branch would be mispredicted
        h = np.uint64(begin + k + (gap if k >= enter else 0))
        table.id[h] = table.family[h] = identity[k]
        table.place[h] = place[k]
        table.group[h] = group[k]
        table.status[h] = luck[0, k]
        table.information[h] = min(max(informed + slope * luck[0, k] + 0.15 * luck[1, k], 0.0), 1.0)
        tolerant, usual = luck[3, k] < share, wanted[group[k]] + tolerance_spread * luck[2, k]
        table.tolerant[h] = tolerant
        table.tolerance[h] = min(max(prefers if tolerant else usual, 0.05), 1.0)
        elsewhere = np.int32(np.floor(luck[6, k] * districts))
        table.workplace[h] = elsewhere if luck[5, k] < works else np.int32(-1)
        vulnerable = luck[4, k] < 1 / (1 + odds[k])
        table.vulnerable[h] = vulnerable
        table.detected[h] = luck[7, k] < (detection if vulnerable else error)
        table.grade[h] = grade[k]
        table.way[h] = OFFER if k < enter else LATE
        table.school[h] = table.rank[h] = -1


def kept(table: Households, runs: np.ndarray, rows: int) -> Households:
    """The table with only the rows of ``runs`` (run, 2), from the first to before the second; ``rows`` in all."""
    out = blank(rows)
    carry_over(table, runs, np.empty(0, np.int64), 0, 0, 0, 0.0, 0.0, out)
    return out


@in_place
def carry_over(table, runs, older, begin, seed, year, detection, error, out):
    """To the front of ``out`` the rows of ``runs``; from ``begin`` on younger siblings of the children at the rows ``older``.

    These are of the same family and like the older child, but for their ids, and are detected or not anew.
    """
    _copy(table.id, runs, out.id)
    _copy(table.family, runs, out.family)
    _copy(table.place, runs, out.place)
    _copy(table.group, runs, out.group)
    _copy(table.status, runs, out.status)
    _copy(table.information, runs, out.information)
    _copy(table.tolerance, runs, out.tolerance)
    _copy(table.tolerant, runs, out.tolerant)
    _copy(table.workplace, runs, out.workplace)
    _copy(table.vulnerable, runs, out.vulnerable)
    _copy(table.detected, runs, out.detected)
    _copy(table.grade, runs, out.grade)
    _copy(table.school, runs, out.school)
    _copy(table.way, runs, out.way)
    _copy(table.rank, runs, out.rank)
    known = named(seed, _DETECTED, EVER, FIRST)
    for k in range(older.size):
        h, first = np.uint64(begin + k), np.uint64(older[k])
        identity = packed(year, 0, year - entry_year(table.id[first]), 0, 0) | (table.id[first] & _LOW)
        out.id[h] = identity
        out.family[h] = table.family[first]
        out.place[h] = table.place[first]
        out.group[h] = table.group[first]
        out.status[h] = table.status[first]
        out.information[h] = table.information[first]
        out.tolerance[h] = table.tolerance[first]
        out.tolerant[h] = table.tolerant[first]
        out.workplace[h] = table.workplace[first]
        out.vulnerable[h] = table.vulnerable[first]
        out.detected[h] = uniform64(known, identity) < (detection if table.vulnerable[first] else error)
        out.grade[h] = 0
        out.school[h] = -1
        out.way[h] = OFFER
        out.rank[h] = -1


@apart
@in_place
def _copy(column, runs, out):
    """Run by run: memory is what binds then, where looking rows up one by one would."""
    to = np.uint64(0)
    for run in range(runs.shape[0]):
        at = np.uint64(runs[run, 0])
        for k in range(runs[run, 1] - runs[run, 0]):
            out[to + np.uint64(k)] = column[at + np.uint64(k)]
        to += np.uint64(runs[run, 1]) - at
