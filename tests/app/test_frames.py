"""What the map draws of a year: the layout read back, flags against worlds by hand, keys that stay."""

import numpy as np
import pytest

from abm.world import NOTHING
from experiments.app.frames import AWAY, ENTERED, MARK, MINORITY, MOVED, families, keys, standing, town, zones
from tests.builders import blueprint, hand_config, scenario, table, world
from tests.builders import town as city_of


def columns(frame: bytes) -> dict[str, np.ndarray]:
    """The frame as page/frames.js reads it."""
    mark, n, year, nothing = np.frombuffer(frame, "<u4", 4)
    assert (mark, nothing) == (MARK, 0)
    assert len(frame) == 16 + 13 * n
    kinds = {"key": "<u4", "place": "<u4", "school": "<i4"}
    out = {name: np.frombuffer(frame, kind, n, 16 + 4 * n * k) for k, (name, kind) in enumerate(kinds.items())}
    return out | {"flags": np.frombuffer(frame, "u1", n, 16 + 12 * n), "year": year}


def test_a_frame_read_back_is_the_year_s_table(classroom):
    for year in (0, 3, 10):
        made, households = columns(families(classroom.worlds[year])), classroom.worlds[year].households
        assert made["year"] == year
        np.testing.assert_array_equal(made["place"], households.place)
        np.testing.assert_array_equal(made["school"], households.school)
        np.testing.assert_array_equal(made["key"], keys(households.id))
        np.testing.assert_array_equal(made["flags"] & MINORITY > 0, households.group > 0)
        np.testing.assert_array_equal(made["flags"] & ENTERED > 0, households.grade == 0)


def test_flags_by_hand():
    """Two schools at 0 and 10 km, homes beside them: who is away, who changed, who is of the minority, who has no school."""
    config = hand_config(city={"grades": 2})
    plan = blueprint(config, [(0, 0, 9), (10, 0, 9)], [0.1, 9.9])
    rows = table([0, 0, 1, 1], [0, 1, 0, 1], school=[0, 1, 1, -1], grade=[0, 1, 1, 0])
    made = world(config, plan, rows)
    made = made._replace(events=NOTHING._replace(moved_id=rows.id[[2]]))
    frame = columns(families(made))
    assert frame["flags"].tolist() == [ENTERED, MINORITY + AWAY, MOVED, MINORITY + ENTERED]
    assert frame["school"].tolist() == [0, 1, 1, -1]
    assert np.frombuffer(zones(made), "<i4").tolist() == city_of(config, plan).local.tolist() == [0, 1]


def test_a_family_keeps_its_key(classroom):
    """A pupil of two years has one key in both; within a year keys differ, so that dots do not hide one another."""
    before, after = classroom.worlds[4].households.id, classroom.worlds[5].households.id
    both = np.intersect1d(before, after)
    assert both.size > 200
    for ids in (before, after):
        key = dict(zip(ids.tolist(), keys(ids).tolist(), strict=True))
        assert [key[i] for i in both.tolist()] == keys(both).tolist()
        assert len(set(key.values())) == ids.size


def test_standing_counts_pupils_and_shares(classroom):
    made = classroom.worlds[6]
    told, households = standing(made), made.households
    for s in range(made.schools.open.size):
        inside = households.school == s
        assert told["pupils"][s] == inside.sum()
        if inside.any():
            assert told["share"][s] == pytest.approx((households.group[inside] > 0).mean(), abs=1e-4)
    assert told["zones"] == standing(made)["zones"]


def test_zones_that_change_are_told():
    config = hand_config()
    made = world(config, blueprint(config, [(0, 0, 9), (10, 0, 9)], [0.1, 9.9]), table([0, 1], school=[0, 1]))
    moved = made._replace(city=made.city._replace(local=made.city.local[::-1].copy()))
    assert standing(made)["zones"] != standing(moved)["zones"]


def test_a_town_bears_pseudonyms_unless_names_are_asked_for(classroom):
    start, config = classroom.worlds[0], scenario("classroom")
    assert town(start, config)["schools"]["name"][:2] == ["School 1", "School 2"]
    assert town(start, config, names=True)["schools"]["name"] == list(start.city.school_names)
