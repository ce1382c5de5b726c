"""Serial dictatorship: the lottery alone decides (Abdulkadiroglu and Sonmez 1998)."""

import numpy as np

from abm.admission.market import Market
from abm.admission.rounds import in_rounds
from abm.compiled import kernel

AHEAD = 64  # students whose lists are fetched together


def serial_dictatorship(market: Market) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none.

    In the order of the lottery (of the rows if there is none), each student takes the best school on its list that has
    a place left. Points are not read. With reserves or quotas this is deferred acceptance in which every school's
    priority is the order of the lottery: whom a reserved place goes to is known only when all have applied.

    Raises ValueError if each school draws its own lottery: there is no common order then.
    Strategy-proof and Pareto-efficient (without reserves and quotas). Cost: one pass.
    """
    if not market.single:
        raise ValueError("serial dictatorship needs one common order: give a lottery of shape (student,).")
    if market.constrained:
        return in_rounds(market._replace(points=np.zeros_like(market.points)), permanent=False)
    return _in_turn(market.lists, market.order, market.places)


@kernel
def _in_turn(lists, order, places):
    school = np.full(order.size, -1, np.int32)  # (student,)
    left = places.copy()  # (school,) places
    ahead = np.empty(AHEAD, np.int32)
    for i in range(order.size):
        if i % AHEAD == 0:  # the next students' lists are all asked for before one is read, as memory is slow
            for j in range(min(AHEAD, order.size - i) if lists.shape[1] > 0 else 0):
                ahead[j] = lists[order[i + j], 0]
        h = order[i]
        for r in range(lists.shape[1]):
            s = lists[h, r]
            if s < 0:
                break
            if left[s] > 0:
                left[s] -= 1
                school[h] = s
                break
    return school
