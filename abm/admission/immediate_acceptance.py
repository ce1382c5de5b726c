"""Immediate acceptance, known as the Boston mechanism (Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.market import NOBODY, Market, merit_at
from abm.admission.rounds import in_rounds
from abm.compiled import in_place, inlined


def immediate_acceptance(market: Market) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none.

    In round k each student without a place applies to the k-th school on its list; each school takes for good, by
    priority, as many of them as it has places left. A school that is full is applied to all the same: the round is
    lost. Reserves are soft in every round (an assumption): a reserved place that nobody of the type asks for in a round
    goes to another applicant of that round, for good.

    Pareto-efficient by the lists handed in and, without reserves and quotas, the most first choices of all mechanisms;
    neither stable nor strategy-proof. Cost without reserves and quotas: the number of applications; no school looks at
    merits more than once, in the round that fills it. With them see ``rounds``.
    """
    if market.constrained:
        return in_rounds(market, permanent=True)
    students, schools = market.order.size, market.places.size
    school = np.full(students, -1, np.int32)
    _take(
        market.lists, market.points, market.ties, market.turn, market.places.astype(np.int64), market.bits,
        *np.empty((2, students), np.int32), *np.empty((2, students + 1), np.uint64), *np.zeros((2, schools + 1), np.int64),
        np.empty(schools, np.uint64), school,
    )  # fmt: skip
    return school


@in_place
def _take(lists, points, ties, turn, left, bits, seeking, wanted, merit, dealt, asked, start, cut, school):
    """Immediate acceptance; fills ``school`` (student,), all -1 so far. ``left`` (school,) places change.

    seeking, wanted, merit: (applicant,) of a round, the school and the merit there, so that lists and points, all over
    the memory of a large city, are read once a round. dealt: merits, school by school.
    asked: (school,) applicants of a round, all 0 so far; start: (school,) where the next merit is dealt, of a school
    that has room for all, or none, where nobody looks; cut: (school,) the lowest merit that is taken in the round.
    """
    behind = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)  # the part of a merit that is the same at all schools
    for h in range(turn.size):
        seeking[h], merit[h] = h, turn[h]
    remaining = turn.size
    for rank in range(lists.shape[1]):
        r, applying, left_over = np.uint64(rank), np.uint64(0), np.uint64(0)
        for k in range(remaining):  # those at the end of their list leave
            h = np.uint64(seeking[k])
            s = lists[h, r]
            seeking[applying], wanted[applying] = h, s
            merit[applying] = merit_at(points, ties, h, r, merit[k] & behind, bits)
            applying += np.uint64(s >= 0)
            asked[np.uint64(max(s, 0))] += s >= 0
        end = 0
        for s in range(left.size):
            start[s], end = end, end + (asked[s] if asked[s] > left[s] > 0 else 0)
        for s in range(left.size):
            start[s] = start[s] if asked[s] > left[s] > 0 else end
        for k in range(applying):
            s = np.uint64(wanted[k])
            dealt[np.uint64(start[s])] = merit[k]
            start[s] += asked[s] > left[s] > 0
        for s in range(left.size):
            cut[s] = np.uint64(0) if asked[s] <= left[s] else NOBODY
            if asked[s] > left[s] > 0:
                cut[s] = _nth_best(dealt, np.uint64(start[s] - asked[s]), asked[s], left[s])
            left[s], asked[s] = max(0, left[s] - asked[s]), 0
        for k in range(applying):
            h, s = seeking[k], wanted[k]
            taken = merit[k] >= cut[np.uint64(s)]
            school[np.uint64(h)] = s if taken else -1
            seeking[left_over], merit[left_over] = h, merit[k]
            left_over += np.uint64(not taken)
        remaining = np.int64(left_over)
        if remaining == 0:
            break


@inlined
def _nth_best(values, first, count, n):
    """The ``n``-th largest of ``count`` different ``values`` from ``first`` on, which are moved about.

    Bit by bit from the highest in which they differ: where n of them have it, the others are dropped, else those.
    """
    differ, bit = np.uint64(0), np.uint64(63)
    for k in range(count):
        differ |= values[first + np.uint64(k)] ^ values[first]
    while count > 1:
        while (differ >> bit) & np.uint64(1) == 0:
            bit -= np.uint64(1)
        having = np.uint64(0)
        for k in range(count):
            having += (values[first + np.uint64(k)] >> bit) & np.uint64(1)
        wanted, kept = np.uint64(np.int64(having) >= n), first
        n -= 0 if wanted else np.int64(having)
        for k in range(count):
            value = values[first + np.uint64(k)]
            values[kept] = value
            kept += np.uint64((value >> bit) & np.uint64(1) == wanted)
        count, bit = np.int64(kept - first), bit - np.uint64(1)
    return values[first]
