"""Deferred acceptance, students proposing (Gale and Shapley 1962; for schools, Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.market import NOBODY, Market
from abm.admission.rounds import in_rounds
from abm.compiled import kernel

AHEAD = 64  # students whose lists are fetched together


def deferred_acceptance(market: Market) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none.

    Each student applies to its best school; each school holds the best applicants it has places for and refuses the
    others, who apply to their next school, until nobody is refused or lists are at their end. Held places are final
    then. Without reserves and quotas the order of proposals is of no matter (McVitie and Wilson 1971), so as long as
    many apply at once they are dealt to the schools first: a school's held students then stay at hand in fast memory
    while it answers, which in a large city is worth a factor of two. With reserves and quotas see ``rounds``.

    Stable (no justified envy, no wasted places) and best for the students among the stable; strategy-proof for them;
    not Pareto-efficient. Cost: applications times the logarithm of places a school.
    """
    if market.constrained:
        return in_rounds(market, permanent=False)
    students, held_from = market.order.size, market.held_from
    school, held = np.full(students, -1, np.int32), np.empty(held_from[-1], np.uint64)
    merits, schools = market.turn.astype(np.uint64), np.full(students, -1, np.int32)
    _propose(
        market.lists, market.points, market.ties, market.order, held, held_from, market.bits,
        merits, schools, np.empty_like(merits), school,
    )  # fmt: skip
    return school


@kernel
def _propose(lists, points, ties, order, held, held_from, bits, merits, schools, dealt, school):
    """Deferred acceptance in rounds; fills ``school`` (student,).

    held: merits of the students held, school by school; of a full school as a heap with the worst on top.
    merits, schools: (application,) who was refused where, -1: nowhere yet; then who applies where, and so on.
    """
    size = held_from.size - 1
    count = np.zeros(size, np.int64)  # (school,) students held
    bar = np.zeros(size, np.uint64)  # (school,) merit to beat: the worst held
    for s in range(size):
        if held_from[s + 1] == held_from[s]:
            bar[s] = NOBODY
    refused = order.size
    while refused > 0:
        asking = _apply(lists, points, ties, order, merits, schools, refused, bar, bits)
        if asking > 2 * size:
            _deal(merits, schools, asking, dealt, size)
        refused = _answer(merits, schools, asking, held, held_from, count, bar)
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for s in range(size):
        for k in range(held_from[s], held_from[s] + count[s]):
            school[order[order.size - 1 - np.int64(held[k] & mask)]] = s


@kernel
def _apply(lists, points, ties, order, merits, schools, refused, bar, bits):
    """Write the next applications over the ``refused``: to the best school left that would hold the student now."""
    asking, length = 0, lists.shape[1]
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    rows, ahead = np.empty(AHEAD, np.int64), np.empty(AHEAD, np.int32)
    for k in range(refused):
        if k % AHEAD == 0:  # the next students' lists are all asked for before one is read, as memory is slow
            for j in range(min(AHEAD, refused - k) if length > 0 else 0):
                rows[j] = order[order.size - 1 - np.int64(merits[k + j] & mask)]
                ahead[j] = lists[rows[j], 0] + points[rows[j], 0]
        h, r, behind = rows[k % AHEAD], 0, merits[k] & mask
        if schools[k] >= 0:
            while lists[h, r] != schools[k]:
                r += 1
            r += 1
        while r < length and lists[h, r] >= 0:
            merit = np.uint64(points[h, r])
            if ties.size:
                merit = (merit << np.uint64(32)) | np.uint64(ties[h, r])
            merit = (merit << np.uint64(bits)) | behind
            if merit >= bar[lists[h, r]]:
                merits[asking], schools[asking] = merit, lists[h, r]
                asking += 1
                break
            r += 1
    return asking


@kernel
def _answer(merits, schools, asking, held, held_from, count, bar):
    """Each school holds its best; write the refused over the first ``asking`` applications and return their number."""
    refused = 0
    for k in range(asking):
        s, merit = schools[k], merits[k]
        first = held_from[s]
        size = held_from[s + 1] - first
        if count[s] < size:
            held[first + count[s]] = merit
            count[s] += 1
            if count[s] == size:
                _heapify(held, first, size)
                bar[s] = held[first]
            continue
        worst = merit
        if merit > bar[s]:
            worst = bar[s]
            _sink(held, first, size, 0, merit)
            bar[s] = held[first]
        merits[refused], schools[refused] = worst, s
        refused += 1
    return refused


@kernel
def _deal(merits, schools, asking, dealt, size):
    """Sort the first ``asking`` applications by school, by counting; ``dealt`` is room to do so."""
    start = np.zeros(size + 1, np.int64)
    for k in range(asking):
        start[schools[k] + 1] += 1
    for s in range(size):
        start[s + 1] += start[s]
    for k in range(asking):
        s = schools[k]
        dealt[start[s]] = merits[k]
        start[s] += 1
    for k in range(asking):
        merits[k] = dealt[k]
    k = 0
    for s in range(size):
        while k < start[s]:
            schools[k] = s
            k += 1


@kernel
def _heapify(held, first, size):
    """Order a full school's merits, from ``first`` on, so that each is below the two at 2k + 1 and 2k + 2."""
    for k in range(size // 2 - 1, -1, -1):
        _sink(held, first, size, k, held[first + k])


@kernel
def _sink(held, first, size, k, merit):
    """Put ``merit`` at ``k`` of the heap at ``first`` or below, where the heap's order wants it."""
    child = 2 * k + 1
    while child < size:
        if child + 1 < size and held[first + child + 1] < held[first + child]:
            child += 1
        if merit <= held[first + child]:
            break
        held[first + k] = held[first + child]
        k = child
        child = 2 * k + 1
    held[first + k] = merit
