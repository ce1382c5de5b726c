"""Outlines, points inside them, coordinates in kilometres."""

import numpy as np
import pytest

from abm.cities.geography import degrees, inside, kilometres, middle, scatter, thin
from tests.cities.conftest import mercator

SQUARE = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]])
HOLE = np.array([[1.0, 1], [3, 1], [3, 3], [1, 3]])
HORSESHOE = np.array([[0.0, 0], [5, 0], [5, 5], [4, 5], [4, 1], [1, 1], [1, 5], [0, 5]])


def test_inside_with_holes_and_islands():
    island = HOLE / 4 + 1.5
    x, y = np.array([0.5, 2.0, 1.2, 5.0, -1.0]), np.array([0.5, 2.0, 1.2, 2.0, 0.0])
    assert inside(x, y, (SQUARE, HOLE)).tolist() == [True, False, False, False, False]
    assert inside(x, y, (SQUARE, HOLE, island)).tolist() == [True, True, False, False, False]


@pytest.mark.parametrize("rings", [(SQUARE,), (SQUARE, HOLE), (HORSESHOE,), (SQUARE + 9, HOLE - 5)])
def test_the_middle_and_scattered_points_lie_inside_or_near(rings):
    point = middle(rings)
    if len(rings) == 1:
        assert inside(point[:1], point[1:], rings)[0]
    area, x, y = scatter(np.array([50]), point[:1], point[1:], np.zeros(1), (rings,), 3)
    assert inside(x, y, rings).all() and len(set(x)) == 50 and (area == 0).all()


def test_thinned_outlines_keep_their_area():
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    less = thin(ring, 0.05)
    x, y = less.T
    area = abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
    assert len(less) < 200 and area == pytest.approx(np.pi, rel=0.01)


def test_web_metres_and_degrees_are_one_place():
    lon, lat = np.array([4.9, 4.75]), np.array([52.37, 52.3])
    again = degrees(*mercator(lon, lat), 3857, "test")
    assert again[0] == pytest.approx(lon) and again[1] == pytest.approx(lat)


def test_kilometres_are_those_of_the_ellipsoid():
    """A degree of longitude at 60 north is 55.80 km, a degree of latitude there 111.41 km (WGS 84)."""
    x, y = kilometres(np.array([10.0, 10.1, 10.0]), np.array([60.0, 60.0, 60.1]), (10.0, 60.0))
    assert (x[0], y[0]) == pytest.approx((0, 0), abs=1e-9)
    assert np.hypot(x[1], y[1]) == pytest.approx(5.580, rel=1e-3)
    assert np.hypot(x[2], y[2]) == pytest.approx(11.141, rel=1e-3)


def test_a_place_depends_on_its_area_alone():
    count, x, y = np.array([3, 4, 5]), np.arange(3.0), np.zeros(3)
    area, px, py = scatter(count, x, y, np.ones(3), ((), (SQUARE,), ()), 9)
    _, qx, qy = scatter(np.array([1, 4, 7]), x, y, np.ones(3), ((), (SQUARE,), ()), 9)
    assert area.tolist() == [0] * 3 + [1] * 4 + [2] * 5
    np.testing.assert_array_equal(px[[0, 3, 4, 5, 6, 7, 8]], qx[[0, 1, 2, 3, 4, 5, 6]])
    np.testing.assert_array_equal(py[[0, 3, 4, 5, 6, 7, 8]], qy[[0, 1, 2, 3, 4, 5, 6]])
