"""Sage & Flache 2021: the corners of their table in the default run, the whole of it under the marker slow."""

import pytest

from experiments.replications.lab import Lab
from experiments.replications.sage_flache import MAPS, TABLE, _case, play, surface_cells


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path, jobs=1, bar=False)


@pytest.mark.parametrize(
    ("alpha", "tolerant", "low", "high"), [(0.0, 0.0, 0.02, 0.1), (0.2, 0.0, 0.85, 1.0), (0.2, 1.0, 0.03, 0.15)]
)
def test_the_corners_of_the_table(lab, alpha, tolerant, low, high):
    """One seed each: nearness alone does not segregate; with intolerant parents all tips, with tolerant ones nothing does."""
    case = _case(lab, 0, alpha, tolerant, 1)
    assert low < play(case.config, case.seed)["school_d"] < high


def test_moves_segregate_homes_and_schools_start_at_the_nearest(lab):
    """Ten ticks of moves raise residential D from that of random homes; the start follows homes."""
    few = ("run.years=0",)
    there = {fm: play(lab.scenario("sage_flache", f"moving.settle={fm}", *few), 1) for fm in (0, 10, 40)}
    assert there[0]["residential_d"] < there[10]["residential_d"] - 0.03 < there[40]["residential_d"] - 0.2
    assert there[0]["start_d"] < 0.12 < there[40]["start_d"]
    assert there[0]["start_d"] == there[0]["school_d"]


def test_the_surface_holds_both_readings_of_its_grid():
    cells = surface_cells()
    assert len(cells) == len(set(cells)) == 101
    assert {(0.25, 0.1), (0.1, 0.25), (1.0, 1.0)} <= set(cells)
    assert MAPS == (0, 10, 20, 40, 60)
    assert len(TABLE) == 18
