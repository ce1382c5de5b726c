"""What an assignment must be, checked from outside: the solution audits itself, whichever mechanism made it.

A blocking pair is a student and a school it likes better than its own, where someone sits whom the student comes before
(justified envy, Abdulkadiroglu and Sonmez 2003) or where a place is free (waste). Deferred acceptance leaves none.
All functions take ``points`` at the listed schools, as ``match`` does; ``at_lists`` gathers them from a full matrix.
"""

import numpy as np

from abm.admission import checks
from abm.admission.market import NO_TIES, lottery_order
from abm.compiled import in_place, inlined, kernel


def at_lists(lists, matrix) -> np.ndarray:
    """(student, rank) values of ``matrix`` (student, school) at the listed schools, 0 behind the end of a list."""
    lists, matrix = np.asarray(lists), np.asarray(matrix)
    if matrix.size == 0:
        return np.zeros(lists.shape, matrix.dtype)
    values = np.take_along_axis(matrix, np.maximum(lists, 0).astype(np.int64), axis=1)
    return np.where(lists >= 0, values, matrix.dtype.type(0))


def justified_envy(assignment, lists, points, places, *, types=None, apart=None, lottery=None) -> int:
    """Students who come before someone at a school they like better than their own; a student is counted once.

    lottery: as in ``match``: it decides between equal points (equal numbers: the lower row comes first); None: equal
        points give no right to envy, which is what an indicator of the priorities as published should say.
    types: (student,) if given, envy counts towards students of the same type only, since reserves and quotas are meant
        to set types before each other; deferred acceptance has none of that either.
    apart: (school,) bool, where types are set apart so, since only some schools reserve; None: at all.
    """
    assignment, lists, places = _checked(assignment, lists, places)
    points = checks.classes("points", points, lists.shape, "(student, rank) like lists")
    lottery = checks.lottery(lottery, lists.shape, "(student, rank)")
    ties, turn = NO_TIES, np.zeros(0, np.int64)
    if lottery is not None:
        ties = lottery if lottery.ndim == 2 else NO_TIES
        turn = np.empty(len(lists), np.int64)
        turn[lottery_order(lottery, len(lists))[0]] = np.arange(len(lists))
    types = np.zeros(len(lists), np.int32) if types is None else checks.types(types, len(lists), True, None)
    apart = np.ones(places.size, np.int32) if apart is None else np.asarray(apart).astype(np.int32)
    return int(_envious(assignment, lists, points, ties, turn, types, apart, int(types.max(initial=0)) + 1))


def envious(held, lists, points, types, apart) -> int:
    """``justified_envy`` by points alone, with two types, of the model's own arrays, which are not checked.

    held: (student,) int64 rank of its school on its list, -1: none.
    """
    last = np.full((apart.size, 2), checks.LARGEST, np.int32)
    return _envious_by_points(held, lists, points, types, apart, last)


def wasted_seats(assignment, lists, places, *, types=None, quotas=None) -> int:
    """Free places that could go, one by one, to students who like the school better than their own.

    Summed over schools, the smaller of its free places and of the students who would rather have one; under ``quotas``
    (school, type) only as many of a type as its quota leaves room for.
    """
    assignment, lists, places = _checked(assignment, lists, places)
    types = checks.types(types, len(lists), None, quotas)
    quotas = checks.by_type("quotas", quotas, places.size, types)
    groups = 1 if quotas is None else max(1, quotas.shape[1])
    size = places.size * groups
    better = np.logical_and.accumulate(lists != assignment[:, None], axis=1) & (lists >= 0)
    rows, ranks = np.nonzero(better)
    wanting = np.bincount(lists[rows, ranks] * groups + types[rows], minlength=size).reshape(places.size, groups)
    placed = assignment >= 0
    there = np.bincount(assignment[placed] * groups + types[placed], minlength=size).reshape(places.size, groups)
    if quotas is not None and groups:
        limit = np.zeros((places.size, groups), np.int64)
        limit[:, : quotas.shape[1]] = np.where(quotas < 0, len(lists), quotas)
        wanting = np.minimum(wanting, np.maximum(limit - there, 0))
    return int(np.minimum(np.maximum(places - there.sum(axis=1), 0), wanting.sum(axis=1)).sum())


def check_validity(assignment, lists, places, *, types=None, quotas=None) -> None:
    """Raise ValueError if someone sits at a school off its list, or a school is above its places or its quotas."""
    assignment, lists, places = _checked(assignment, lists, places)
    placed = np.flatnonzero(assignment >= 0)
    off = placed[~(lists[placed] == assignment[placed, None]).any(axis=1)]
    if off.size:
        h = off[0]
        raise ValueError(f"student {h} is placed at school {assignment[h]}, which is not on its list.")
    heads = np.bincount(assignment[placed], minlength=places.size)
    over = np.flatnonzero(heads > places)
    if over.size:
        s = over[0]
        raise ValueError(f"school {s} has {heads[s]} students and {places[s]} places.")
    types = checks.types(types, len(lists), None, quotas)
    quotas = checks.by_type("quotas", quotas, places.size, types)
    if quotas is None:
        return
    for g in range(quotas.shape[1]):
        heads = np.bincount(assignment[placed[types[placed] == g]], minlength=places.size)
        over = np.flatnonzero((heads > quotas[:, g]) & (quotas[:, g] >= 0))
        if over.size:
            s = over[0]
            raise ValueError(f"school {s} has {heads[s]} students of type {g} and a quota of {quotas[s, g]}.")


def _checked(assignment, lists, places) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Assignment, lists and places as int32 arrays that fit each other."""
    places = checks.places(places)
    lists = checks.lists(lists, places.size)
    assignment = checks.whole("assignment", assignment, lists.shape[:1], "(student,)")
    if assignment.size and not (assignment.min() >= -1 and assignment.max() < places.size):
        raise ValueError(f"assignment names a school that does not exist: give 0 to {places.size - 1}, or -1 for none.")
    return assignment, lists, places


@kernel
def _envious(assignment, lists, points, ties, turn, types, apart, groups):
    """Students who come before the last admitted at a school they like better than their own.

    Where types are not ``apart`` (school,) all count as type 0. No ``ties``, no ``turn``: equal points are equal.
    """
    nobody = np.iinfo(np.int64).max
    last = np.full((apart.size, groups), nobody, np.int64)  # (school, type) points of the last admitted
    whose = np.full((apart.size, groups), -1, np.int64)  # (school, type) lottery number of the last admitted
    when = np.full((apart.size, groups), -1, np.int64)  # (school, type) turn of the last admitted
    exact = ties.size + turn.size > 0
    for h in range(lists.shape[0]):
        s = assignment[h]
        if s < 0:
            continue
        r = 0
        while r < lists.shape[1] and lists[h, r] != s:
            r += 1
        if r == lists.shape[1]:
            continue
        g = types[h] * apart[s]
        if exact:
            tie, own = np.int64(ties[h, r]) if ties.size else 0, turn[h]
            if last[s, g] == nobody or _before(last[s, g], whose[s, g], when[s, g], np.int64(points[h, r]), tie, own):
                last[s, g], whose[s, g], when[s, g] = points[h, r], tie, own
        else:
            last[s, g] = min(last[s, g], np.int64(points[h, r]))
    count = 0
    for h in range(lists.shape[0]):
        for r in range(lists.shape[1]):
            s = lists[h, r]
            if s < 0 or s == assignment[h]:
                break
            g = types[h] * apart[s]
            before = points[h, r] > last[s, g]
            if exact and last[s, g] != nobody:
                tie = np.int64(ties[h, r]) if ties.size else 0
                before = _before(np.int64(points[h, r]), tie, turn[h], last[s, g], whose[s, g], when[s, g])
            if before:
                count += 1
                break
    return count


@in_place
def _envious_by_points(held, lists, points, types, apart, last):
    """As :func:`_envious`; ``last`` (school, type) is to become the points of the last admitted."""
    for k in range(held.size):
        h = np.uint64(k)
        if held[h] >= 0:
            r = np.uint64(held[h])
            s = np.uint64(lists[h, r])
            g = np.uint64(types[h] if apart[s] else 0)
            last[s, g] = min(last[s, g], points[h, r])
    count = 0
    for k in range(held.size):
        h = np.uint64(k)
        envies = False
        for j in range(held[h] if held[h] >= 0 else lists.shape[1]):
            r, s = np.uint64(j), lists[h, np.uint64(j)]
            if s < 0:
                break
            envies |= points[h, r] > last[np.uint64(s), np.uint64(types[h] if apart[np.uint64(s)] else 0)]
        count += envies
    return count


@inlined
def _before(points, tie, turn, other_points, other_tie, other_turn):
    """Whether the first comes before the other: more points, else the higher lottery number, else the earlier turn."""
    if points != other_points:
        return points > other_points
    if tie != other_tie:
        return tie > other_tie
    return turn < other_turn
