"""Immediate acceptance, known as the Boston mechanism (Abdulkadiroglu and Sonmez 2003)."""

import numpy as np

from abm.admission.market import Market
from abm.admission.rounds import in_rounds


def immediate_acceptance(market: Market) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none.

    In round k each student without a place applies to the k-th school on its list; each school takes for good, by
    priority, as many of them as it has places left. A school that is full is applied to all the same: the round is
    lost. Reserves are soft in every round (an assumption): a reserved place that nobody of the type asks for in a round
    goes to another applicant of that round, for good.

    Pareto-efficient by the lists handed in and, without reserves and quotas, the most first choices of all mechanisms;
    neither stable nor strategy-proof. Cost: the number of applications, times the logarithm of applicants a school.
    """
    return in_rounds(market, permanent=True)
