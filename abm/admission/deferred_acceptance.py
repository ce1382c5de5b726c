"""Deferred acceptance, students proposing (Gale and Shapley 1962; for schools, Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.market import Market
from abm.admission.rounds import in_rounds
from abm.compiled import kernel


def deferred_acceptance(market: Market) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none.

    Each student applies to its best school; each school holds the best applicants it has places for and refuses the
    others, who apply to their next school, until nobody is refused or lists are at their end. Held places are final
    then. Without reserves and quotas the order of proposals is of no matter (McVitie and Wilson 1971), so students
    apply one by one in the order of the lottery, which makes refusals of held students rare. With them see ``rounds``.

    Stable (no justified envy, no wasted places) and best for the students among the stable; strategy-proof for them;
    not Pareto-efficient. Cost: applications times the logarithm of places a school.
    """
    if market.constrained:
        return in_rounds(market, permanent=False)
    return _one_by_one(market.lists, market.points, market.ties, market.order, market.held_from, market.bits)


@kernel
def _one_by_one(lists, points, ties, order, held_from, bits):
    """Deferred acceptance with a heap of merits at each school, the worst on top once the school is full."""
    students, length = order.size, lists.shape[1]
    school = np.full(students, -1, np.int32)  # (student,)
    rank = np.zeros(students, np.int32)  # (position,) where on its list a student is held
    count = np.zeros(held_from.size - 1, np.int64)  # (school,) students held
    held = np.empty(held_from[-1], np.uint64)  # merits, school by school
    shift, mask = np.uint64(bits), (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for turn in range(students):
        i, r = turn, 0
        h = order[i]
        while r < length:
            s = lists[h, r]
            if s < 0:
                break
            merit = np.uint64(points[h, r])
            if ties.size:
                merit = (merit << np.uint64(32)) | np.uint64(ties[h, r])
            merit = (merit << shift) | np.uint64(students - 1 - i)
            heap = held[held_from[s] : held_from[s + 1]]
            if count[s] < heap.size:
                heap[count[s]] = merit
                count[s] += 1
                if count[s] == heap.size:
                    _heapify(heap)
                school[h], rank[i] = s, r
                break
            if heap.size == 0 or merit < heap[0]:
                r += 1
                continue
            worst = heap[0]  # refused now: it goes on from the next school of its list
            _sink(heap, 0, merit)
            school[h], rank[i] = s, r
            i = students - 1 - np.int64(worst & mask)
            h, r = order[i], rank[i] + 1
            school[h] = -1
    return school


@kernel
def _heapify(heap):
    """Order a full school's merits so that each is below the two at 2k + 1 and 2k + 2."""
    for k in range(heap.size // 2 - 1, -1, -1):
        _sink(heap, k, heap[k])


@kernel
def _sink(heap, k, merit):
    """Put ``merit`` at ``k`` or below, where the heap's order wants it."""
    size = heap.size
    child = 2 * k + 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if merit <= heap[child]:
            break
        heap[k] = heap[child]
        k = child
        child = 2 * k + 1
    heap[k] = merit
