"""Places are given: schools outside the match offer first, then pilots, then all others by the general mechanism.

A family whose offer is better than all it could still get leaves; places that fall free are filled once more, in the same
order, by deferred acceptance.
"""

from typing import NamedTuple

import numpy as np

from abm.admission import match_as_given
from abm.compiled import in_place
from abm.reserves import left_by_type
from abm.rules import Rules


class Applications(NamedTuple):
    """The entrants' applications as a mechanism takes them."""

    lists: np.ndarray  # (chooser, rank) int32
    points: np.ndarray  # (chooser, rank) int32
    lottery: np.ndarray  # (chooser,) or (chooser, rank)
    types: np.ndarray  # (chooser,) 1: detected as vulnerable
    outside: np.ndarray  # (school,) bool: it stands outside the match
    accepted: np.ndarray = np.empty(0, np.int64)  # (row,) rows that hold the first of their list before the match


def give(rules: Rules, asked: Applications, places: np.ndarray) -> np.ndarray:
    """(chooser,) rank on its list of the school that each family gets, -1 if none.

    Each part of the schools gives its places in turn; with several parts, what fell free is then given once more.
    """
    held = np.full(len(asked.lists), -1)
    held[asked.accepted] = 0
    parts = _parts(rules, asked, places.size)
    fresh = not asked.accepted.size
    for part, mechanism in parts:
        _round(rules, asked, part, held, places, mechanism, fresh)
        fresh = False
    for part, _ in parts if len(parts) > 1 else ():
        _round(rules, asked, part, held, places, "deferred_acceptance", False)
    return held


def _parts(rules: Rules, asked: Applications, schools: int) -> list[tuple[np.ndarray, str]]:
    """Which schools (school,) bool give places together, and how: outside, pilots, all others; those that anyone lists.

    Assignment by zone is deferred acceptance with the local school guaranteed by its points: both are one part.
    """
    general = _matching(rules.admission.mechanism)
    if not (rules.orders.mechanism or asked.outside.any()):
        return [(np.ones(schools, bool), general)]
    parts = [(asked.outside, "deferred_acceptance")]
    rest = ~asked.outside
    for mechanism in sorted({_matching(own) for own in rules.orders.mechanism.values()} - {general}):
        pilots = [s for s, own in rules.orders.mechanism.items() if _matching(own) == mechanism]
        part = rest & np.isin(np.arange(schools), pilots)
        parts.append((part, mechanism))
        rest = rest & ~part
    listed = np.zeros(schools, bool)
    _mark(asked.lists, listed)
    return [(part, mechanism) for part, mechanism in [*parts, (rest, general)] if (part & listed).any()]


def _matching(mechanism: str) -> str:
    return "deferred_acceptance" if mechanism == "zone_assignment" else mechanism


def _round(rules: Rules, asked: Applications, part: np.ndarray, held, places, mechanism: str, fresh: bool):
    """One round among the schools in ``part``, for what a family ranks above what it holds: ``held`` changes.

    Places held are taken; ``fresh``: none are. Only those take part who like such a school better than what they hold.
    Without rules for types a school without places left is as if it were not listed, but for immediate acceptance, which
    loses a round.
    """
    there, left = np.zeros((places.size, 2), np.int64), places
    if not fresh:
        _seated(asked.lists, held, asked.types, there)
        left = np.maximum(places - there.sum(axis=1), 0)
    ruled = left_by_type(rules, asked, part, there, places)
    able = part if ruled or mechanism == "immediate_acceptance" else part & (left > 0)
    several = asked.lottery.ndim == 2
    size, cut = (len(held), False) if fresh and able.all() else _room(asked.lists, able, held)
    if size == 0:
        return
    rows, lists, points, luck = np.arange(len(held)), asked.lists, asked.points, asked.lottery
    if cut:
        rows, lists = np.empty(size, np.int64), np.empty((size, lists.shape[1]), np.int32)
        points, luck = np.zeros(lists.shape, np.int32), np.zeros(lists.shape if several else (0, 0), np.uint32)
        _better(asked.lists, asked.points, asked.lottery if several else luck, able, held, rows, lists, points, luck)
        luck = luck if several else asked.lottery[rows]
    if ruled:
        ruled["types"] = asked.types[rows]
    got = match_as_given(
        mechanism, lists, points, left, lottery=luck, order=rules.admission.order, **ruled,
    )  # fmt: skip
    _hold(asked.lists, rows, got, held)


@in_place
def _mark(lists, listed):
    """``listed`` (school,) becomes true where somebody lists it."""
    for h in range(lists.shape[0]):
        for r in range(lists.shape[1]):
            if lists[h, r] >= 0:
                listed[lists[h, r]] = True


@in_place
def _seated(lists, held, types, out):
    """Onto ``out`` (school, type) pupils who hold a place."""
    for h in range(held.size):
        if held[h] >= 0:
            out[lists[h, held[h]], types[h]] += 1


@in_place
def _room(lists, able, held):
    """How many families list an ``able`` school above what they hold, and whether any list anything besides."""
    count, cut = 0, False
    for h in range(lists.shape[0]):
        some = False
        cut |= held[h] >= 0
        for r in range(held[h] if held[h] >= 0 else lists.shape[1]):
            if lists[h, r] < 0:
                break
            some |= able[lists[h, r]]
            cut |= not able[lists[h, r]]
        count += some
    return count, cut


@in_place
def _better(lists, points, ties, able, held, rows, out_lists, out_points, out_ties):
    """Those families (row) and the ``able`` schools each ranks above what it holds, at the front of ``out_lists``."""
    k = 0
    for h in range(lists.shape[0]):
        to = 0
        for r in range(held[h] if held[h] >= 0 else lists.shape[1]):
            s = lists[h, r]
            if s >= 0 and able[s]:
                out_lists[k, to], out_points[k, to] = s, points[h, r]
                if ties.size:
                    out_ties[k, to] = ties[h, r]
                to += 1
        if to > 0:
            rows[k] = h
            for r in range(to, lists.shape[1]):
                out_lists[k, r] = -1
            k += 1


@in_place
def _hold(lists, rows, got, held):
    """Note for each of ``rows`` the rank of the school it ``got`` (row,), -1: it keeps what it holds."""
    for k in range(rows.size):
        if got[k] >= 0:
            h, r = np.uint64(rows[k]), np.uint64(0)
            while lists[h, r] != got[k]:
                r += np.uint64(1)
            held[h] = r
