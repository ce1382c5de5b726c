"""Top trading cycles (Shapley and Scarf 1974; for schools, Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.deferred_acceptance import AHEAD
from abm.admission.market import Market, Standing, fit_in_64_bits
from abm.compiled import in_place, inlined, kernel

WAITS, ON_PATH, GONE = range(3)  # states of a student; GONE: it has a place, or none to hope for


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
    students = market.order.size
    school = np.full(students, -1, np.int32)
    _trade(
        market.lists, market.order, market.types, market.open_first, queue, _students(queue, market.order, market.bits),
        start, start[:-1].copy(), market.places.copy(), market.opens.copy(), market.reserves.copy(), market.quotas.copy(),
        np.full(students, WAITS, np.int8), np.zeros(students, np.int32), np.empty(students, np.int32),
        np.empty(AHEAD, np.int32), school,
    )  # fmt: skip
    return school


def _queues(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Merits, best first within each queue, and where the queues start: of (school, type), those with priority; of types, all."""
    schools, points, ties = market.standing or Standing(market.lists, market.points, market.ties)
    students, groups, bits = market.order.size, market.reserves.shape[1], market.bits
    if ties.size:
        points, ties = fit_in_64_bits(points, ties, students)
    lengths = np.zeros((market.places.size + 1) * groups, np.int64)
    highest = int(_survey(schools, points, ties, market.types, groups, lengths))
    start = np.append(0, np.cumsum(lengths))
    queues = np.empty(start[-1], np.uint64)
    own = queues[: start[-1 - groups]]
    merit, queue = np.empty_like(own), np.empty_like(own)
    _note(schools, points, ties, market.types, groups, market.turn, bits, merit, queue)
    below = highest.bit_length() + bits
    if below + int(start.size).bit_length() > 64:
        own[:] = merit[np.lexsort((~merit, queue))]
    else:  # sorting one packed number is much the fastest: first the queue, then the merit
        top = np.uint64((1 << below) - 1)
        queue <<= np.uint64(below)
        queue |= top - merit
        queue.sort()
        queue &= top
        np.subtract(top, queue, out=own)
    _line_up(market.order, market.types, start[-1 - groups : -1].copy(), queues)
    return queues, start


@inlined
def _value(points, ties, h, r):
    """uint64 of points and lottery number together."""
    value = np.uint64(points[h, r])
    return (value << np.uint64(32)) | np.uint64(ties[h, r]) if ties.size else value


@kernel
def _survey(schools, points, ties, types, groups, lengths):
    """Count into ``lengths`` (queue,) who stands there; the highest of points and lottery number together."""
    highest = np.uint64(0)
    for h in range(schools.shape[0]):
        lengths[lengths.size - groups + types[h]] += 1
        for r in range(schools.shape[1]):
            value = _value(points, ties, h, r)
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
            value = _value(points, ties, h, r)
            if schools[h, r] >= 0 and value > 0:
                merit[k] = (value << np.uint64(bits)) | np.uint64(turn[h])
                queue[k] = schools[h, r] * groups + types[h]
                k += 1


@kernel
def _line_up(order, types, end, queues):
    """Write the merits of all without priority, by type; ``end`` (type,) is where each type's queue goes on."""
    for i in range(order.size):
        g = types[order[i]] if end.size > 1 else 0
        queues[end[g]] = order.size - 1 - i
        end[g] += 1


@kernel
def _students(queue, order, bits):
    """(entry,) int32 whose merit stands in each entry of the queues."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    out = np.empty(queue.size, np.int32)
    for k in range(queue.size):
        out[k] = order[order.size - 1 - np.int64(queue[k] & mask)]
    return out


@in_place
def _trade(
    lists, order, types, open_first, queue, student, start, head, left, open_left, reserve_left, quota_left, state, rank,
    path, ahead, school,
):  # fmt: skip
    """All cycles, one after another, into ``school`` (student,).

    Memory binds: lists and states of students are all over the place, but near each other for those who live near.

    queue, student: (entry,) merit, and whose it is; head: (queue,) the first in each who may be left. left ... quota_left:
    places, (school,) or (school, type). state: (student,) WAITS, ON_PATH or GONE; rank: (student,) the school pointed to,
    by rank. path: students, each one's school points to the next.
    """
    for i in range(order.size):
        if i % AHEAD == 0 and lists.shape[1] > 0:  # the next students' rows are all asked for before one is read
            for k in range(i, min(i + AHEAD, order.size)):
                h = order[k]
                ahead[k - i] = lists[h, 0] + state[h] + rank[h] + school[h]
        depth = 0
        if state[order[i]] == WAITS:
            path[0], state[order[i]], depth = order[i], ON_PATH, 1
        while depth > 0:
            h = path[depth - 1]
            s = _favourite(lists, h, rank, _type(h, types, quota_left), left, quota_left)
            if s < 0:
                state[h] = GONE
                depth -= 1
                continue
            only = not (open_first and open_left[s] > 0)
            other = _pointed(s, only, reserve_left, state, queue, student, start, head)
            if state[other] == WAITS:
                path[depth], state[other] = other, ON_PATH
                depth += 1
                continue
            while state[other] == ON_PATH:  # the cycle: all from the end of the path down to the other
                depth -= 1
                h = path[depth]
                school[h], state[h] = lists[h, rank[h]], GONE
                _seat(school[h], _type(h, types, quota_left), open_first, left, open_left, reserve_left, quota_left)


@inlined
def _type(h, types, quota_left):
    """Type of a student; where there is but one it need not be looked up."""
    return types[h] if quota_left.shape[1] > 1 else np.int32(0)


@inlined
def _favourite(lists, h, rank, g, left, quota_left):
    """Best school on the list with room for type ``g``, -1 if none; room never comes back, so ``rank`` only grows."""
    while rank[h] < lists.shape[1] and lists[h, rank[h]] >= 0:
        s = lists[h, rank[h]]
        if left[s] > 0 and quota_left[s, g] > 0:
            return s
        rank[h] += 1
    return np.int32(-1)


@inlined
def _pointed(s, only, reserve_left, state, queue, student, start, head):
    """The student whom school ``s`` points to; ``only``: types with unfilled reserves before all others.

    Of a type those with priority come before all without; so merits are compared between types only.
    """
    groups, best, found = reserve_left.shape[1], np.uint64(0), np.int32(-1)
    for attempt in range(2):
        for g in range(groups):
            if attempt == 0 and (not only or reserve_left[s, g] <= 0):
                continue
            q = s * groups + g
            if not _any_left(q, state, student, start, head):
                q = start.size - 1 - groups + g
                if not _any_left(q, state, student, start, head):
                    continue
            if found < 0 or (groups > 1 and queue[head[q]] > best):
                found = student[head[q]]
                best = queue[head[q]] if groups > 1 else best
        if found >= 0:
            break
    return found


@inlined
def _any_left(q, state, student, start, head):
    """Whether anybody is left in queue ``q``, whose head is brought up to date."""
    while head[q] < start[q + 1] and state[student[head[q]]] == GONE:
        head[q] += 1
    return head[q] < start[q + 1]


@inlined
def _seat(s, g, open_first, left, open_left, reserve_left, quota_left):
    """A student of type ``g`` takes a place at school ``s``."""
    left[s] -= 1
    quota_left[s, g] -= 1
    if open_first and open_left[s] > 0:
        open_left[s] -= 1
    elif reserve_left[s, g] > 0:
        reserve_left[s, g] -= 1
