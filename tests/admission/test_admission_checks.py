"""Bad input is refused with a message that says what to do; empty input works."""

import numpy as np
import pytest

from abm.admission import MECHANISMS, admit, match

GOOD = dict(mechanism="deferred_acceptance", lists=[[0, 1], [1, -1]], priorities=[[1, 2], [3, 4]], places=[1, 1])
BAD = [
    ({"mechanism": "defered_acceptance"}, "did you mean 'deferred_acceptance'"),
    ({"mechanism": 7}, "choose one of"),
    ({"lists": [[0, 0], [1, -1]]}, "student 0.*twice"),
    ({"lists": [[0, 1], [2, -1]]}, "student 1.*does not exist: schools are 0 to 1"),
    ({"lists": [[0, 1], [-2, -1]]}, "student 1.*does not exist"),
    ({"lists": [[0, 1], [-1, 1]]}, "move the padding"),
    ({"lists": [0, 1]}, "lists has shape"),
    ({"lists": [[0.0, 1.0], [1.0, -1.0]]}, "lists must hold whole numbers.*astype"),
    ({"lists": [[0, 2**40], [1, -1]]}, "2\\^31"),
    ({"priorities": [[1, 2]]}, "priorities has shape .* here \\(2, 2\\)"),
    ({"priorities": [[1, np.nan], [3, 4]]}, "priorities is nan at \\(0, 1\\)"),
    ({"priorities": [["a", "b"], ["c", "d"]]}, "priorities must hold numbers"),
    ({"places": [1, -1]}, "places of school 1 are -1"),
    ({"places": [[1, 1]]}, "places has shape"),
    ({"places": [1.5, 1]}, "places must hold whole numbers"),
    ({"reserves": [[1], [1]]}, "without types"),
    ({"quotas": [[1], [1]]}, "without types"),
    ({"reserves": [[1, 1], [0, 0]], "types": [0, 1]}, "school 0 reserves 2 of its 1 places"),
    ({"reserves": [[1]], "types": [0, 0]}, "reserves has shape"),
    ({"reserves": [[1], [1]], "types": [0, 1]}, "type 1, but reserves has 1 columns"),
    ({"quotas": [[-2], [1]], "types": [0, 0]}, "below -1"),
    ({"quotas": [[1], [1]], "types": [0, -1]}, "type of student 1 is -1"),
    ({"quotas": [[1], [1]], "types": [0]}, "types has shape"),
    ({"order": "reserves_first"}, "unknown order"),
    ({"lottery": [1, 2, 3]}, "lottery has shape"),
    ({"lottery": [[1], [2]]}, "lottery has shape"),
    ({"lottery": [1, np.nan]}, "lottery is nan at \\(1,\\)"),
    ({"mechanism": "serial_dictatorship", "lottery": [[1, 2], [3, 4]]}, "one common order"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=range(len(BAD)))
def test_bad_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message) as error:
        admit(**{**GOOD, **change})
    assert str(error.value).count("\n") < 2


def test_bad_points_are_refused():
    with pytest.raises(ValueError, match="points are negative"):
        match("deferred_acceptance", [[0, 1], [1, -1]], [[1, -2], [0, 0]], [1, 1])
    with pytest.raises(ValueError, match="points has shape"):
        match("deferred_acceptance", [[0, 1], [1, -1]], [1, 2], [1, 1])
    school = match("deferred_acceptance", [[0, 1], [1, -1]], [[1, 2], [0, -9]], [1, 1])  # -9 is behind the list's end
    assert school.tolist() == [0, 1]


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("rules", [{}, {"reserves": 0}, {"quotas": 0}])
def test_empty_markets(mechanism, rules):
    def school(students, schools, places, length):
        lists = np.tile(np.arange(length), (students, 1))
        types = np.zeros(students, int) if rules else None
        tables = {name: np.full((schools, 1), value) for name, value in rules.items()}
        return admit(mechanism, lists, np.zeros((students, schools)), places, types=types, **tables).tolist()

    assert school(0, 2, [1, 1], 2) == []
    assert school(0, 0, [], 0) == []
    assert school(3, 0, [], 0) == [-1, -1, -1]
    assert school(3, 2, [1, 1], 0) == [-1, -1, -1]
    assert school(3, 2, [0, 0], 2) == [-1, -1, -1]
    assert school(1, 1, [10**9], 1) == [-1 if "quotas" in rules else 0]
    assert admit(mechanism, [], [], []).tolist() == []


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_one_school_and_more_students_than_places(mechanism):
    lottery = [3, 9, 5, 1]
    school = admit(mechanism, [[0]] * 4, [[0]] * 4, [2], lottery=lottery)
    assert school.tolist() == [-1, 0, 0, -1]
    assert school.dtype == np.int32


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_inputs_are_left_alone(mechanism):
    lists, points = np.array([[0, 1], [0, 1]], np.int32), np.array([[1, 0], [2, 0]], np.int32)
    places, reserves = np.array([1, 1], np.int32), np.array([[1], [0]], np.int32)
    given = [lists, points, places, reserves]
    before = [array.copy() for array in given]
    match(mechanism, lists, points, places, types=np.zeros(2, np.int32), reserves=reserves)
    assert all((a == b).all() for a, b in zip(given, before, strict=True))
