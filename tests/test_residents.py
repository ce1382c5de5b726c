"""Year 0: who lives where, in which grade and at which school, against a twin that deals pupil by pupil."""

import numpy as np
import pytest

from abm import residents
from abm.households import pack
from abm.randomness import Key, permutation
from tests.builders import STATE, blueprint, hand_config, town

SITES, AREA = [0.0, 1.0, 2.0, 5.0, 6.0, 9.0], [0, 0, 0, 1, 1, 2]  # places in three areas
PUPILS = np.array([[7, 2], [0, 5], [3, 0]])


def dealt(city, seed, grades, flows=None):
    """(id, place, group, grade, school) of each pupil, area by area, group by group, as :func:`residents.populate` says."""
    order = permutation(Key(seed, "start"), np.arange(len(SITES)))
    seated, rows = {}, []
    for area in range(len(PUPILS)):
        homes = [p for p in order if AREA[p] == area]
        pupils = [(g, k) for g in range(2) for k in range(PUPILS[area, g])]
        for turn, (g, serial) in enumerate(pupils):
            school, grade = -1, (serial + 2 * area + g) % grades
            if flows is not None:
                school = np.repeat(np.arange(flows.shape[1]), flows[area, :, g])[serial]
                grade = seated.get(school, 0) % grades
                seated[school] = seated.get(school, 0) + 1
            identity = int(pack(-grade, area, 0, g, serial))
            rows.append((identity, homes[turn % len(homes)], g, grade, school))
    return [tuple(map(int, row)) for row in rows]


def columns(table):
    return list(
        zip(*(c.tolist() for c in (table.id, table.place, table.group, table.grade, table.school)), strict=True)
    )


@pytest.mark.parametrize("together", [1, 8, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_pupils_are_dealt_as_by_hand_in_however_many_parts(seed, together, monkeypatch):
    monkeypatch.setattr(residents, "_TOGETHER", together)
    config = hand_config(city={"grades": 3})
    plan = blueprint(config, [(0.0, STATE, 9)], SITES, area=AREA, pupils=PUPILS)
    city = town(config, plan)
    assert columns(residents.populate(plan, city, config, seed)) == dealt(city, seed, 3)


def test_an_observed_city_seats_them_as_its_flows_say():
    config = hand_config(city={"grades": 2})
    flows = np.zeros((3, 2, 2), int)
    flows[:, 1] = PUPILS // 2
    flows[:, 0] = PUPILS - flows[:, 1]
    plan = blueprint(config, [(0.0, STATE, 9), (5.0, STATE, 9)], SITES, area=AREA, pupils=PUPILS, flows=flows)
    city = town(config, plan)
    assert columns(residents.populate(plan, city, config, 4, True)) == dealt(city, 4, 2, flows)
