"""Distances, nearest schools, zones and local schools."""

import numpy as np
import pytest

from abm.catchments import compact_zones
from abm.city import PRIVATE, rezone
from abm.geometry import REACH, distances, nearest_in_table
from tests.builders import CLOSING, STATE, blueprint, hand_config, town


def test_distances_by_hand():
    """3-4-5; on a torus of side 10 the way from 1 to 9 is 2."""
    assert distances([0.0], [0.0], [3.0], [4.0]).tolist() == [[5.0]]
    assert distances([1.0], [0.0], [9.0], [0.0], 10.0).tolist() == [[2.0]]
    assert distances([1.0], [1.0], [9.0], [9.0], 10.0)[0, 0] == pytest.approx(np.sqrt(8))


@pytest.mark.parametrize("schools", [1, 5, REACH, REACH + 40])
def test_nearest_schools_of_a_table_are_a_stable_sort(schools):
    """The first open ones by (distance, number), also where ties abound and where there are more than are kept."""
    rng = np.random.default_rng(schools)
    distance = rng.integers(0, 12, (40, schools)).astype(np.float32)
    is_open = rng.random(schools) < 0.8
    is_open[0] = True
    got = nearest_in_table(distance, is_open)
    for p in range(40):
        order = sorted(np.flatnonzero(is_open), key=lambda s: (distance[p, s], s))[:REACH]
        assert got[p].tolist() == order


STOCK = [(1.0, STATE, 10), (4.0, STATE, 10), (9.0, PRIVATE, 10)]


def zones(kind, sites=(0.0, 2.0, 5.0, 8.0), **extra):
    config = hand_config(city={"zones": kind, "sectors": 2})
    plan = blueprint(config, STOCK, sites, **({"pupils": [[5, 0]] * len(sites)} | extra))
    return town(config, plan)


def test_without_zones_the_local_school_is_the_nearest_public_one():
    """The private school at 9 km is nobody's local school as long as it takes a fee."""
    city = zones("none")
    assert city.local.tolist() == [0, 0, 1, 1]
    assert (city.zone == -1).all() and (city.school_zone == -1).all()


def test_zones_of_one_school_each_share_residents_out_by_places():
    """Equal places, four places of equal weight: two each, by short ways first; the private school has no zone."""
    city = zones("nearest")
    assert city.zone.tolist() == city.local.tolist() == [0, 0, 1, 1]
    assert city.school_zone.tolist() == [0, 1, -1]


def test_a_small_school_has_a_small_zone():
    """All live nearest to school 0, which has a quarter of the places: about a quarter of the residents are its own."""
    config = hand_config(city={"zones": "nearest"})
    sites = np.linspace(0, 2, 40)
    plan = blueprint(config, [(1.0, STATE, 10), (30.0, STATE, 30)], sites, pupils=[[5, 0]] * 40)
    share = (town(config, plan).zone == 0).mean()
    assert 0.25 <= share <= 0.25 * 1.02 + 2 / 40


def test_zones_of_districts():
    city = zones("district", district=[0, 1, 1], area_district=np.array([0, 0, 1, 1]), district_names=("west", "east"))
    assert city.zone.tolist() == [0, 0, 1, 1]
    assert city.school_zone.tolist() == [0, 1, 1]
    assert city.local.tolist() == [0, 0, 1, 1]


def test_a_zone_without_a_public_school_falls_back_on_the_nearest():
    city = zones("district", district=[0, 0, 1], area_district=np.array([0, 0, 1, 1]), district_names=("west", "east"))
    assert city.local.tolist() == [0, 0, 1, 1]


def test_sectors_are_compact():
    """Two clusters of places fall into two zones; each school belongs to the zone of the place nearest to it."""
    city = zones("sectors", (0.0, 1.0, 8.0, 9.0))
    assert city.zone[0] == city.zone[1] != city.zone[2] == city.zone[3]
    assert city.school_zone.tolist() == [city.zone[0], city.zone[1], city.zone[3]]


def test_every_place_is_nearest_to_its_own_zone_s_middle():
    """Lloyd's algorithm converged: no place is nearer to the mean of another zone, on 500 random places."""
    x, y = np.random.default_rng(1).random((2, 500))
    zone = compact_zones(x, y, 7)
    middle = np.array([[x[zone == z].mean(), y[zone == z].mean()] for z in range(7)])
    own = np.hypot(x[:, None] - middle[:, 0], y[:, None] - middle[:, 1])
    gap = own[np.arange(500), zone] - own.min(axis=1)
    assert np.unique(zone).size == 7
    assert (gap > 1e-9).mean() < 0.02  # thirty rounds: the last few places may still waver


def test_caches_follow_a_closing():
    city = zones("nearest")
    is_open = np.array([False, True, True])
    after = rezone(city, is_open, np.array([True, True, False]), np.array([0, 10, 10]))
    assert 0 not in after.nearest
    assert after.local.tolist() == [1] * 4
    assert after.school_zone.tolist() == [-1, 1, -1]


def test_every_place_of_a_shipped_city_has_an_open_local_school(history):
    run = history("classroom", *CLOSING)
    assert not run.worlds[-1].schools.open.all()
    for world in run.worlds:
        assert world.schools.open[world.city.local].all()
        assert world.schools.open[world.city.nearest[world.city.nearest >= 0]].all()
