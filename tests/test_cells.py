"""Searches by cells against looking at every point: nearest points, also where ties abound, and the nearest that fits."""

import numpy as np
import pytest

from abm.catchments import share_out
from abm.cells import fitting, in_cells, nearest_point, nearest_points
from abm.geometry import REACH, distances, nearest_in_table

SHAPES = ("square", "lattice", "line", "one spot", "far apart")


def scattered(shape, count, seed):
    """(count, 2) km: at random, on a lattice with many equal ways, on a line, all at one spot, or in two towns."""
    rng = np.random.default_rng(seed)
    points = rng.random((count, 2)) * 10
    if shape == "lattice":
        return np.floor(points * 2) / 2
    if shape == "line":
        return points * [1, 0]
    if shape == "one spot":
        return points * 0 + 5
    return points + [500, 0] * (rng.random((count, 1)) < 0.1) if shape == "far apart" else points


@pytest.mark.parametrize("torus", [0.0, 10.0])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("places", "schools", "reach"), [(1, 1, 1), (30, 5, REACH), (300, 150, REACH), (5000, 37, 3)])
def test_nearest_points_are_a_stable_sort_of_all_ways(shape, torus, places, schools, reach):
    if torus and shape == "far apart":
        return  # on a torus all lie within its side
    home, site = scattered(shape, places, 1), scattered(shape, schools, 2)
    rows = np.flatnonzero(np.random.default_rng(3).random(schools) < 0.8) if schools > 1 else np.array([0])
    km, reach = distances(*home.T, *site.T, torus), min(reach, rows.size)
    wanted = rows[np.argsort(km[:, rows], axis=1, kind="stable")[:, :reach]]
    cells = in_cells(site[rows], rows, torus)
    assert (nearest_points(home, cells, reach) == wanted).all()
    assert (nearest_point(home, cells) == wanted[:, 0]).all()
    assert (nearest_in_table(km, np.isin(np.arange(schools), rows))[:, :reach] == wanted).all()


@pytest.mark.parametrize("torus", [0.0, 10.0])
@pytest.mark.parametrize("shape", SHAPES[:4])
def test_the_nearest_that_fits_is_that_of_a_search_of_all(shape, torus):
    """Within the zone of the place, or anywhere; among points with room; -1 where there is none."""
    home, site = scattered(shape, 200, 1), scattered(shape, 60, 2)
    rng = np.random.default_rng(4)
    room, zone, own = rng.integers(0, 3, 60).astype(float), rng.integers(0, 9, 60), rng.integers(-1, 11, 200)
    fits = (room >= 2)[None, :] & ((own < 0)[:, None] | (own[:, None] == zone))
    km = np.where(fits, distances(*home.T, *site.T, torus), np.inf)
    wanted = np.where(fits.any(axis=1), km.argmin(axis=1), -1)
    got = fitting(home, room, 2.0, zone.astype(np.int32), own.astype(np.int32), *in_cells(site, np.arange(60), torus))
    assert got.tolist() == wanted.tolist()
    assert (got < 0).any() and (got >= 0).any()


def shared_by_looking_at_all(km, weight, capacity):
    """Pairs by rising way, then place, then school."""
    taken, room = np.full(weight.size, -1), capacity.copy()
    for pair in np.argsort(km, axis=None, kind="stable"):
        p, s = divmod(int(pair), room.size)
        if taken[p] < 0 and room[s] >= weight[p]:
            taken[p] = s
            room[s] -= weight[p]
    return np.where(taken >= 0, taken, km.argmin(axis=1))


@pytest.mark.parametrize("torus", [0.0, 10.0])
@pytest.mark.parametrize("shape", SHAPES[:4])
@pytest.mark.parametrize("seed", range(4))
def test_shares_are_those_of_all_ways_in_order(shape, torus, seed):
    """Uneven weights and places; schools without eligibility are nobody's."""
    rng = np.random.default_rng(seed)
    home, site = scattered(shape, 150, seed), scattered(shape, 25, seed + 9)
    rows = np.flatnonzero(rng.random(25) < 0.7)
    weight, places = rng.random(150) ** 3, rng.integers(1, 40, 25)
    capacity = places[rows] * (weight.sum() / places[rows].sum()) * 1.02 + weight.max()
    wanted = rows[shared_by_looking_at_all(distances(*home.T, *site[rows].T, torus), weight, capacity)]
    got = share_out(home, in_cells(site[rows], rows, torus), weight, places)
    assert got.tolist() == wanted.tolist()
    if shape != "one spot":
        assert (got != nearest_point(home, in_cells(site[rows], rows, torus))).any()
