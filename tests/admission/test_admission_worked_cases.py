"""Cases worked out on paper in the literature."""

import numpy as np
import pytest

from abm.admission import admit, match

# Abdulkadiroglu and Sonmez (2003), appendix: 8 students, 4 schools; students and schools are numbered from 1 there.
LISTS = np.array(
    [[2, 1, 3, 4], [1, 2, 3, 4], [3, 2, 1, 4], [3, 4, 1, 2], [1, 3, 4, 2], [4, 1, 2, 3], [1, 2, 3, 4], [1, 2, 4, 3]]
)
ORDERS = [[1, 2, 3, 4, 5, 6, 7, 8], [3, 5, 4, 8, 7, 2, 1, 6], [5, 3, 1, 7, 2, 8, 6, 4], [6, 8, 7, 4, 2, 3, 5, 1]]


def by_orders(orders, students):
    """(student, school) priorities of orders numbered from 1, best first."""
    priorities = np.zeros((students, len(orders)), int)
    for s, order in enumerate(orders):
        priorities[np.array(order) - 1, s] = np.arange(len(order), 0, -1)
    return priorities


@pytest.mark.parametrize(
    ("mechanism", "expected"),
    [
        ("top_trading_cycles", [2, 1, 3, 3, 1, 4, 2, 4]),
        ("deferred_acceptance", [1, 1, 3, 3, 3, 4, 2, 2]),
        ("immediate_acceptance", [2, 1, 3, 3, 1, 4, 3, 2]),
    ],
)
def test_abdulkadiroglu_sonmez_2003(mechanism, expected):
    school = admit(mechanism, LISTS - 1, by_orders(ORDERS, 8), [2, 2, 3, 3])
    assert (school + 1).tolist() == expected


@pytest.mark.parametrize("mechanism", ["deferred_acceptance", "top_trading_cycles"])
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, [0, 0, 1]),
        ({"quotas": [[1, -1], [-1, -1]]}, [0, 1, 0]),  # the majority's quota leaves the minority student worse off
        ({"reserves": [[-1, 1], [-1, -1]]}, [0, 0, 1]),  # the minority's reserve does not
    ],
    ids=["no action", "quota", "reserve"],
)
def test_quota_against_reserve(mechanism, rules, expected):
    """Hafalir, Yenmez and Yildirim (2013): s1 and s2 majority, s3 minority; c1 has two places, c2 one."""
    lists = np.array([[0, -1], [0, 1], [1, 0]])
    priorities = by_orders([[1, 2, 3], [2, 3, 1]], 3)
    school = admit(mechanism, lists, priorities, [2, 1], types=[0, 0, 1], **rules)
    assert school.tolist() == expected


@pytest.mark.parametrize(("order", "expected"), [("reserve_first", {"m1", "n1"}), ("open_first", {"m1", "m2"})])
@pytest.mark.parametrize("mechanism", ["deferred_acceptance", "immediate_acceptance", "serial_dictatorship"])
def test_order_of_processing(mechanism, order, expected):
    """Dur, Kominers, Pathak and Sonmez (2018): two places, one reserved for m; m1 before n1, n2, m2."""
    school = admit(mechanism, [[0]] * 4, [[4], [3], [2], [1]], [2], types=[0, 1, 1, 0], reserves=[[1, 0]], order=order)
    assert {("m1", "n1", "n2", "m2")[h] for h in np.flatnonzero(school == 0)} == expected


def test_order_of_processing_in_trading_cycles():
    """The rule assumed there gives the same places as a school's choice if there is one school."""
    for order, expected in (("reserve_first", [0, 0, -1, -1]), ("open_first", [0, -1, -1, 0])):
        rules = {"types": [0, 1, 1, 0], "reserves": [[1, 0]], "order": order}
        school = admit("top_trading_cycles", [[0]] * 4, [[4], [3], [2], [1]], [2], **rules)
        assert school.tolist() == expected


def test_unused_reserves_are_soft_and_quotas_are_hard():
    """Three students of type 0 at three places, of which two are kept for type 1."""
    for mechanism in ("deferred_acceptance", "immediate_acceptance", "serial_dictatorship", "top_trading_cycles"):
        for order in ("reserve_first", "open_first"):
            given = {"types": [0, 0, 0], "order": order}
            soft = match(mechanism, [[0]] * 3, None, [3], reserves=[[0, 2]], **given)
            hard = match(mechanism, [[0]] * 3, None, [3], quotas=[[1, -1]], **given)
            assert soft.tolist() == [0, 0, 0]
            assert hard.tolist() == [0, -1, -1]


def test_immediate_acceptance_punishes_truth():
    """A student who asks first for the school that is out of reach loses the one it had priority at."""
    lists = np.array([[0, 1], [0, 1], [1, 0]])
    priorities = np.array([[2, 0], [1, 2], [0, 1]])
    assert admit("immediate_acceptance", lists, priorities, [1, 1]).tolist() == [0, -1, 1]
    lists[1] = [1, 0]
    assert admit("immediate_acceptance", lists, priorities, [1, 1]).tolist() == [0, 1, -1]


def test_a_trade_makes_both_envied_and_glad():
    """Each has priority where the other wants to be: trading cycles swap them, deferred acceptance does not here."""
    lists, priorities = np.array([[1, 0], [0, 1], [1, 0]]), np.array([[3, 1], [1, 3], [2, 2]])
    assert admit("top_trading_cycles", lists, priorities, [1, 1]).tolist() == [1, 0, -1]
    assert admit("deferred_acceptance", lists, priorities, [1, 1]).tolist() == [0, 1, -1]


@pytest.mark.parametrize("lottery", [[1, 2, 3], [[1], [2], [3]]])
def test_lottery_breaks_ties_higher_first(lottery):
    for mechanism in ("deferred_acceptance", "immediate_acceptance", "top_trading_cycles"):
        assert admit(mechanism, [[0]] * 3, [[7], [7], [7]], [1], lottery=lottery).tolist() == [-1, -1, 0]
        assert admit(mechanism, [[0]] * 3, [[7], [7], [7]], [1]).tolist() == [0, -1, -1]
        assert admit(mechanism, [[0]] * 3, [[7], [9], [7]], [1], lottery=lottery).tolist() == [-1, 0, -1]
