"""The grid of the published models: exact shares, schools at the centres or on random cells, torus distances."""

import numpy as np
import pytest

from abm import cities
from abm.config.declare import ScenarioError
from abm.scenario import configure
from tests.builders import town


def made(seed=1, **settings):
    config = configure({"city": {"kind": "grid", "shares": [0.5, 0.5]} | settings})
    return config, cities.make(config, seed)


def test_the_city_of_dignum_et_al():
    """50 x 50 cells, density .9, 25 neighbourhoods of 10 x 10, 25 schools at their centres (Dignum et al. 2022)."""
    _, plan = made(cells=50, block=10, density=0.9, side_km=50.0)
    assert plan.place_x.size == 2500
    assert plan.pupils.shape == (25, 2)
    assert plan.pupils.sum() == 2250
    assert plan.pupils.sum(axis=0).tolist() == [1125, 1125]
    assert len(plan.school_names) == 25
    centres = {(x, y) for x in (-20, -10, 0, 10, 20) for y in (-20, -10, 0, 10, 20)}
    assert set(zip(plan.school_x.round(9), plan.school_y.round(9), strict=True)) == centres


def test_the_city_of_sage_and_flache():
    """80 x 80 cells, 5,760 households, 30 schools on random cells of their own (Sage & Flache 2021)."""
    _, plan = made(cells=80, block=5, density=0.9, side_km=80.0, school_sites="random", schools=30, torus=True)
    assert plan.pupils.sum() == 5760
    assert len(set(zip(plan.school_x, plan.school_y, strict=True))) == 30
    assert plan.torus_km == 80


def test_each_school_lies_in_the_district_it_is_said_to():
    for sites in ("centres", "random"):
        _, plan = made(cells=40, block=10, schools=12, school_sites=sites)
        for s in range(len(plan.school_names)):
            gap = np.maximum(np.abs(plan.area_x - plan.school_x[s]), np.abs(plan.area_y - plan.school_y[s]))
            assert gap.argmin() == plan.school_district[s]


@pytest.mark.parametrize("torus", [False, True])
def test_distances_on_a_plane_and_on_a_torus(torus):
    """On a torus the shorter way round, in each direction: never beyond half the diagonal, 56.57 for a side of 80."""
    config, plan = made(cells=80, block=5, side_km=80.0, school_sites="random", schools=30, torus=torus)
    place = town(config, plan)
    rng = np.random.default_rng(1)
    for _ in range(200):
        p, s = rng.integers(plan.place_x.size), rng.integers(30)
        ways = [
            np.hypot(plan.place_x[p] - plan.school_x[s] + i * 80, plan.place_y[p] - plan.school_y[s] + j * 80)
            for i in ((-1, 0, 1) if torus else (0,)) for j in ((-1, 0, 1) if torus else (0,))
        ]  # fmt: skip
        assert place.distance[p, s] == pytest.approx(min(ways), abs=1e-4)
    if torus:
        assert place.distance.max() <= 40 * np.sqrt(2) + 1e-4


def test_shares_are_exact_and_positions_random():
    for shares in ([0.5, 0.5], [0.9, 0.1], [0.2, 0.3, 0.5]):
        names = [f"g{k}" for k in range(len(shares))]
        _, plan = made(cells=20, block=10, shares=shares, groups=names, density=1.0)
        assert plan.pupils.sum(axis=0).tolist() == [round(400 * s) for s in shares]
    _, other = made(2, cells=20, block=10, shares=shares, groups=names, density=1.0, layout=0)
    assert (other.pupils != plan.pupils).any()


def test_blocks_must_tile_the_grid():
    with pytest.raises(ScenarioError, match=r"city.block = 7 does not divide city.cells = 50"):
        made(block=7)
