"""Immediate acceptance, known as the Boston mechanism (Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.market import Market, merit_at
from abm.admission.rounds import in_rounds
from abm.compiled import inlined, inside, kernel


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
    students = market.order.size
    school, seeking = np.full(students, -1, np.int32), np.arange(students, dtype=np.int32)
    merits = np.empty(students, np.uint64)
    _take(
        market.lists, market.points, market.ties, market.turn, market.places.astype(np.int64), market.bits, seeking,
        merits, school,
    )  # fmt: skip
    return school


@kernel
def _take(lists, points, ties, turn, left, bits, seeking, merits, school):
    """Immediate acceptance; fills ``school`` (student,). ``left`` (school,) places and ``seeking`` (student,) change."""
    remaining = seeking.size
    asked = np.zeros(left.size, np.int64)  # (school,) applicants of this round
    cut = np.empty(left.size, np.uint64)  # (school,) the lowest merit that is taken in this round
    start = np.empty(left.size, np.int64)
    for r in range(lists.shape[1]):
        applying = 0
        for k in range(remaining):  # those at the end of their list leave
            h = seeking[k]
            s = lists[h, r]
            if s >= 0:
                asked[s] += 1
                seeking[applying] = h
                applying += 1
        _cut_offs(lists, points, ties, turn, left, bits, seeking[:applying], r, merits, asked, start, cut)
        remaining = 0
        for k in range(applying):
            h = seeking[k]
            s = lists[h, r]
            if left[s] > 0 and (asked[s] <= left[s] or merit_at(points, ties, h, r, turn[h], bits) >= cut[s]):
                school[h] = s
            else:
                seeking[remaining] = h
                remaining += 1
        for s in range(left.size):
            left[s] = max(0, left[s] - asked[s])
            asked[s] = 0
        if remaining == 0:
            break


@inside
@kernel
def _cut_offs(lists, points, ties, turn, left, bits, applying, r, merits, asked, start, cut):
    """Where more apply than places are left, write into ``cut`` the merit of the last who gets one."""
    end = 0
    for s in range(left.size):
        start[s] = end
        if asked[s] > left[s] > 0:
            end += asked[s]
    for h in applying:
        s = lists[h, r]
        if asked[s] > left[s] > 0:
            merits[start[s]] = merit_at(points, ties, h, r, turn[h], bits)
            start[s] += 1
    for s in range(left.size):
        if asked[s] > left[s] > 0:
            cut[s] = _nth_best(merits[start[s] - asked[s] : start[s]], left[s])


@inlined
def _nth_best(values, n):
    """The ``n``-th largest of ``values``, which are moved about (Hoare 1961), pivots being medians of three."""
    low, high, wanted = np.int64(0), values.size - 1, n - 1
    while low < high:
        a, b, c = values[low], values[(low + high) // 2], values[high]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return values[wanted]
