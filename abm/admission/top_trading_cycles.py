"""Top trading cycles (Shapley and Scarf 1974; for schools, Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.market import Market, Standing, fit_in_64_bits
from abm.compiled import in_place, inlined, kernel


def top_trading_cycles(market: Market) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none.

    Each student without a place points to the best school on its list that has room; each school with room points to
    the student of highest priority who has no place yet, whether it listed the school or not. Wherever the pointing
    closes a cycle, each student in it gets the school it points to. A student whose list is at its end leaves.

    Quotas: a school has no room for a type at its quota (controlled choice, Abdulkadiroglu and Sonmez 2003).
    Reserves: a school points to the best student of the types whose reserve is not yet filled, if any is left, else to
    the best of all (Hafalir, Yenmez and Yildirim 2013). Reserve-first, the first students of a type fill its reserve;
    open-first (an assumption: the literature has no such rule) a school points to the best of all while open places
    are left, whoever comes takes an open place, and only those who come after fill reserves.

    Without a ``standing`` in the market, a school off the list counts as 0 points: a school's own queue then holds its
    listed students with points (or lottery numbers of their own) only, and behind it comes one queue common to all.

    Pareto-efficient and strategy-proof; not stable. Cost: sorting the queues, then one pass.
    """
    queue, start = _queues(market)
    order, groups = market.types[market.order], market.reserves.shape[1]
    common = np.argsort(order, kind="stable").astype(np.int32)  # positions, type by type
    students = market.order.size
    school = np.full(students, -1, np.int32)
    common_start = np.searchsorted(order[common], np.arange(groups + 1))
    _trade(
        market.lists, market.order, market.places.copy(), market.opens.copy(), market.types, market.reserves.copy(),
        market.quotas.copy(), market.open_first, queue, start, start[:-1].copy(), common, common_start,
        common_start[:-1].copy(), market.bits, np.zeros(students, np.bool_), np.zeros(students, np.int32), np.empty(students, np.int64), np.zeros(students, np.bool_), school)
    return school


def _queues(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Merits of those with priority, best first within (school, type), and where each such queue starts."""
    schools, points, ties = market.standing or Standing(market.lists, market.points, market.ties)
    students, groups, bits = market.order.size, market.reserves.shape[1], market.bits
    if ties.size:
        points, ties = fit_in_64_bits(points, ties, students)
    lengths = np.zeros(market.places.size * groups, np.int64)
    highest = int(_survey(schools, points, ties, market.types, groups, lengths))
    start = np.append(0, np.cumsum(lengths))
    merit, queue = np.empty(start[-1], np.uint64), np.empty(start[-1], np.uint64)
    _note(schools, points, ties, market.types, groups, market.turn, bits, merit, queue)
    below = highest.bit_length() + bits
    if below + int(start.size).bit_length() > 64:
        return merit[np.lexsort((~merit, queue))], start
    top = np.uint64((1 << below) - 1)  # sorting one packed number is much the fastest: first the queue, then the merit
    queue <<= np.uint64(below)
    queue |= top - merit
    queue.sort()
    queue &= top
    return np.subtract(top, queue, out=queue), start


@kernel
def _survey(schools, points, ties, types, groups, lengths):
    """Count into ``lengths`` (school and type,) those with priority; the highest of points and lottery number together."""
    highest = np.uint64(0)
    for h in range(schools.shape[0]):
        for r in range(schools.shape[1]):
            value = np.uint64(points[h, r])
            if ties.size:
                value = (value << np.uint64(32)) | np.uint64(ties[h, r])
            if schools[h, r] >= 0 and value > 0:
                lengths[schools[h, r] * groups + types[h]] += 1
                highest = max(highest, value)
    return highest


@kernel
def _note(schools, points, ties, types, groups, turn, bits, merit, queue):
    """Write the merit of each of those with priority, and the queue it stands in."""
    k = 0
    for h in range(schools.shape[0]):
        for r in range(schools.shape[1]):
            value = np.uint64(points[h, r])
            if ties.size:
                value = (value << np.uint64(32)) | np.uint64(ties[h, r])
            if schools[h, r] >= 0 and value > 0:
                merit[k] = (value << np.uint64(bits)) | np.uint64(turn[h])
                queue[k] = schools[h, r] * groups + types[h]
                k += 1


@in_place
def _trade(
    lists, order, left, open_left, types, reserve_left, quota_left, open_first, queue, start, next_own, common,
    common_start, next_common, bits, gone, rank, path, on_path, school,
):  # fmt: skip
    """All cycles, one after another, into ``school`` (student,)."""
    for first in range(order.size):
        depth = 0
        if not gone[first]:
            path[0], on_path[first], depth = first, True, 1
        while depth > 0:
            i = path[depth - 1]
            s = _favourite(lists, order[i], rank, i, types[order[i]], left, quota_left)
            if s < 0:
                gone[i], on_path[i] = True, False
                depth -= 1
                continue
            only = not (open_first and open_left[s] > 0)
            j = _pointed(s, only, reserve_left, gone, queue, start, next_own, common, common_start, next_common, bits)
            if not on_path[j]:
                path[depth], on_path[j] = j, True
                depth += 1
                continue
            while on_path[j]:  # the cycle: all from the end of the path down to j
                depth -= 1
                i = path[depth]
                h = order[i]
                school[h], gone[i], on_path[i] = lists[h, rank[i]], True, False
                _seat(school[h], types[h], open_first, left, open_left, reserve_left, quota_left)


@inlined
def _favourite(lists, h, rank, i, g, left, quota_left):
    """Best school on the list with room for type ``g``, -1 if none; room never comes back, so ``rank`` only grows."""
    while rank[i] < lists.shape[1] and lists[h, rank[i]] >= 0:
        s = lists[h, rank[i]]
        if left[s] > 0 and quota_left[s, g] > 0:
            return s
        rank[i] += 1
    return np.int32(-1)


@inlined
def _pointed(s, only, reserve_left, gone, queue, start, next_own, common, common_start, next_common, bits):
    """Position of the student school ``s`` points to; ``only``: types with unfilled reserves before all others."""
    groups, students = reserve_left.shape[1], gone.size
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for attempt in range(2):
        found, best = False, np.uint64(0)
        for g in range(groups):
            if attempt == 0 and (not only or reserve_left[s, g] <= 0):
                continue
            q = s * groups + g
            while next_own[q] < start[q + 1] and gone[students - 1 - np.int64(queue[next_own[q]] & mask)]:
                next_own[q] += 1
            if next_own[q] < start[q + 1]:
                best = max(best, queue[next_own[q]])
                found = True
            while next_common[g] < common_start[g + 1] and gone[common[next_common[g]]]:
                next_common[g] += 1
            if next_common[g] < common_start[g + 1]:
                best = max(best, np.uint64(students - 1 - common[next_common[g]]))
                found = True
        if found:
            break
    return students - 1 - np.int64(best & mask)


@inlined
def _seat(s, g, open_first, left, open_left, reserve_left, quota_left):
    """A student of type ``g`` takes a place at school ``s``."""
    left[s] -= 1
    quota_left[s, g] -= 1
    if open_first and open_left[s] > 0:
        open_left[s] -= 1
    elif reserve_left[s, g] > 0:
        reserve_left[s, g] -= 1
