"""The audit finds what is wrong with an assignment."""

import numpy as np
import pytest

from abm.admission.audit import at_lists, check_validity, justified_envy, wasted_seats

LISTS = np.array([[0, 1], [0, 1], [1, 0]])
POINTS = np.array([[5, 0], [3, 0], [0, 0]])
PLACES = np.array([1, 2])


def test_envy_counts_students_once():
    assert justified_envy([0, 1, 1], LISTS, POINTS, PLACES) == 0
    assert justified_envy([1, 0, 1], LISTS, POINTS, PLACES) == 1  # 5 points lost to 3
    assert justified_envy([-1, -1, 0], LISTS, POINTS, PLACES) == 2


def test_equal_points_give_no_right_without_a_lottery():
    equal = np.zeros_like(POINTS)
    assert justified_envy([1, 0, 1], LISTS, equal, PLACES) == 0
    assert justified_envy([1, 0, 1], LISTS, equal, PLACES, lottery=[3, 2, 1]) == 1
    assert justified_envy([1, 0, 1], LISTS, equal, PLACES, lottery=[1, 2, 3]) == 0
    assert justified_envy([1, 0, 1], LISTS, equal, PLACES, lottery=np.array([[9, 0], [8, 0], [0, 0]])) == 1


def test_envy_within_a_type_only():
    assert justified_envy([1, 0, 1], LISTS, POINTS, PLACES, types=[0, 1, 0]) == 0


def test_waste():
    assert wasted_seats([0, 1, 1], LISTS, PLACES) == 0
    assert wasted_seats([1, 1, -1], LISTS, PLACES) == 1  # the place of school 0; school 1 is full
    assert wasted_seats([0, -1, -1], LISTS, PLACES) == 2
    assert wasted_seats([0, -1, -1], LISTS, PLACES, types=[0, 0, 1], quotas=[[-1, -1], [-1, 0]]) == 1


@pytest.mark.parametrize(
    ("school", "message"),
    [
        ([0, 0, 1], "school 0 has 2 students and 1 places"),
        ([0, 1, 2], "does not exist"),
        ([0, 1], "assignment has shape"),
    ],
)
def test_invalid_assignments_are_refused(school, message):
    with pytest.raises(ValueError, match=message):
        check_validity(school, LISTS, PLACES)


def test_invalid_by_list_or_quota():
    check_validity([0, 1, 1], LISTS, PLACES)
    check_validity([-1, -1, -1], LISTS, PLACES)
    with pytest.raises(ValueError, match=r"student 2 .* not on its list"):
        check_validity([0, 1, 1], [[0, 1], [0, 1], [0, -1]], PLACES)
    with pytest.raises(ValueError, match="quota of 1"):
        check_validity([0, 1, 1], LISTS, PLACES, types=[0, 0, 0], quotas=[[-1], [1]])


def test_nobody_is_in_order():
    nobody = np.zeros((0, 2), int)
    assert justified_envy([], nobody, nobody, [1, 1]) == 0
    assert wasted_seats([], nobody, [1, 1]) == 0
    check_validity([], nobody, [1, 1])


def test_at_lists():
    assert at_lists([[1, -1], [0, 1]], [[5, 6], [7, 8]]).tolist() == [[6, 0], [7, 8]]
