"""Home-by-school flows: identities of the fit, whole pupils, a slow twin."""

from itertools import pairwise

import numpy as np
import pytest

from abm.cities.flows import calibrate, fit, kernel, split, spread, whole


def twin(homes, heads, weight, rounds=4000):
    """Biproportional fitting, one cell at a time: scale rows to the homes, then columns to the heads, again and again."""
    areas, schools = len(weight), len(weight[0])
    flows = [[[float(weight[a][s]) for s in range(schools)] for a in range(areas)] for _ in range(len(heads[0]))]
    for g, flow in enumerate(flows):
        for _ in range(rounds):
            for a in range(areas):
                total = sum(flow[a])
                flow[a] = [cell * homes[a][g] / total if total else 0.0 for cell in flow[a]]
            for s in range(schools):
                total = sum(row[s] for row in flow)
                for row in flow:
                    row[s] = row[s] * heads[s][g] / total if total else 0.0
    return np.moveaxis(np.array(flows), 0, -1)


@pytest.fixture(params=range(6))
def case(request):
    """homes (area, group) float, heads (school, group) int, distance (place, school), first (area,)."""
    rng = np.random.default_rng(request.param)
    areas, schools = rng.integers(1, 12), rng.integers(1, 9)
    heads = rng.integers(0, 60, (schools, 2))
    heads[0] += 1
    homes = rng.random((areas, 2)) * (rng.random((areas, 1)) < 0.8)
    homes[0] += 0.1
    homes *= heads.sum(axis=0) / homes.sum(axis=0)
    count = rng.integers(1, 5, areas)
    distance = rng.random((count.sum(), schools)).astype(np.float32) * 5
    return homes, heads, distance, np.cumsum(count) - count


def test_fit_is_the_twin(case):
    homes, heads, distance, first = case
    weight = kernel(distance, first, 1.0)
    assert fit(homes, heads, weight) == pytest.approx(twin(homes, heads, weight), abs=2e-3)


def test_fit_keeps_both_margins(case):
    homes, heads, distance, first = case
    flows = fit(homes, heads, kernel(distance, first, 0.5))
    assert flows.sum(axis=0) == pytest.approx(heads, abs=1e-9)
    assert flows.sum(axis=1) == pytest.approx(homes, abs=1e-3)


def test_whole_pupils_keep_every_school_and_stay_near(case):
    homes, heads, distance, first = case
    flows = fit(homes, heads, kernel(distance, first, 0.5))
    out = whole(flows, heads)
    assert out.dtype == np.int64 and (out >= 0).all()
    assert (out.sum(axis=0) == heads).all()
    assert np.abs(out - flows).max() < 1 + 1e-6
    assert np.abs(out.sum(axis=1) - homes).max() < 2
    assert (out[homes.sum(axis=1) == 0] == 0).all()


def test_shorter_decay_shorter_ways(case):
    homes, heads, distance, first = case
    way = np.add.reduceat(distance, first, axis=0) / np.diff(np.append(first, len(distance)))[:, None]
    means = [
        (fit(homes, heads, kernel(way, np.arange(len(way)), d)).sum(axis=2) * way).sum() for d in (0.2, 0.5, 1, 3, 30)
    ]
    assert all(a <= b + 1e-6 for a, b in pairwise(means))


def test_fit_of_a_group_that_is_nowhere():
    flows = fit(np.array([[3.0, 0], [1, 0]]), np.array([[2, 0], [2, 0]]), np.ones((2, 2)))
    assert flows[:, :, 1].sum() == 0
    assert flows[:, :, 0] == pytest.approx(np.array([[1.5, 1.5], [0.5, 0.5]]))


def test_far_schools_stay_in_reach():
    weight = kernel(np.array([[0.0, 90.0], [90.0, 0.0]]), np.array([0, 1]), 0.05)
    assert (weight > 0).all()
    assert fit(np.array([[10.0], [2.0]]), np.array([[6], [6]]), weight)[0, 1, 0] == pytest.approx(4, abs=1e-3)


def test_calibration_meets_observed_ways():
    rng = np.random.default_rng(3)
    x, y = rng.random((2, 60)) * 6
    sx, sy = rng.random((2, 8)) * 6
    distance = np.hypot(x[:, None] - sx, y[:, None] - sy)
    homes, heads = np.full((60, 1), 8.0), np.full((8, 1), 60)
    true = rng.uniform(0.5, 3, 8)
    first = np.arange(60)
    seen = (fit(homes, heads, kernel(distance, first, true))[:, :, 0] * distance).sum(axis=0) / 60
    found = calibrate(
        homes, heads, distance, first, distance, np.where(np.arange(8) == 5, np.nan, seen), np.full(8, 1.0)
    )
    again = (fit(homes, heads, kernel(distance, first, found))[:, :, 0] * distance).sum(axis=0) / 60
    known = np.arange(8) != 5
    assert again[known] == pytest.approx(seen[known], rel=0.03)
    assert found[5] == 1.0


def test_split_by_origin_keeps_flows_and_homes():
    rng = np.random.default_rng(1)
    minority = rng.integers(0, 6, (40, 7))
    homes = rng.random((40, 3)) * np.array([5, 1, 0.05])
    homes[3] = 0
    out = split(minority, homes, 7)
    assert (out.sum(axis=2) == minority).all()
    expected = minority.sum(axis=1, keepdims=True) * homes / np.maximum(homes.sum(axis=1, keepdims=True), 1e-9)
    expected[3] = np.nan
    assert np.nanmax(np.abs(out.sum(axis=1) - expected)) < 2.5
    assert np.abs(out.sum(axis=(0, 1)) - np.nansum(expected, axis=0)).max() < minority[3].sum() + 2
    assert (split(minority, homes, 7) == out).all() and (split(minority, homes, 8) != out).any()


def test_spread_rounds_small_groups_too():
    expected = np.full((100, 2), [0.3, 10.2])
    out = spread(expected, np.array([30, 1020]))
    assert out.sum(axis=0).tolist() == [30, 1020]
    assert np.abs(np.cumsum(out - expected, axis=0)).max() <= 0.5 + 1e-9
