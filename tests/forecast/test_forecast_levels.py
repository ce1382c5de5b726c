"""Demand behind first choices that places cut off; futures; the table of assignments."""

import dataclasses

import numpy as np
import pytest

from abm.config.declare import ScenarioError
from experiments.forecast import spec
from experiments.forecast.futures import cohorts, cut, future_places, gather, naive
from experiments.forecast.levels import from_z, sample, to_z
from experiments.forecast.observed import Panel, read_panel

COLUMNS = {"places": "places_offered", "first": "assigned_first_choice", "other": "assigned_other_choice"}


def panel(first, places):
    first, places = np.array(first, float), np.array(places, float)
    n, years = first.shape
    return Panel(
        tuple(map(str, range(n))), tuple(range(2018, 2018 + years)), ("Public",) * n, places, first, first * 0, ""
    )


def test_the_scale_goes_back_and_forth():
    counts = np.array([0.0, 1, 7, 40])
    assert from_z(to_z(counts)) == pytest.approx(counts)


def test_demand_of_a_full_centre_is_bounded_below_and_open_above():
    rng = np.random.default_rng(1)
    demand = rng.poisson(np.repeat(np.linspace(15, 60, 120), 3).reshape(120, 3))
    places = np.full(demand.shape, 40)
    seen = panel(np.minimum(demand, places), places)
    levels = sample(seen, 200, 1)
    level = from_z(levels.level).mean(axis=0)
    true = np.linspace(15, 60, 120)
    full = seen.full.all(axis=1)
    assert full.sum() > 30 and level[full].min() > 38
    free = ~seen.full.any(axis=1)
    assert np.abs(level[free] - true[free]).mean() < 3.5
    assert 0.6 < levels.chance.mean() < 1.5  # Poisson was planted: 1
    assert levels.drift.mean() < 0.25


def test_a_falling_cohort_is_no_drift_of_centres():
    rng = np.random.default_rng(4)
    size = np.array([1.4, 1.3, 1.2, 1.1, 1.0])
    seen = panel(rng.poisson(np.linspace(20, 60, 150)[:, None] * size), np.full((150, 5), 500))
    still, moving = sample(seen, 100, 1), sample(seen, 100, 1, cohort=size)
    assert moving.drift.mean() < 0.1 < 0.2 < still.drift.mean()
    assert np.abs(from_z(moving.level).mean(axis=0) - np.linspace(20, 60, 150)).mean() < 3.2


def test_a_missing_year_is_no_zero():
    first = np.full((40, 3), 30.0)
    first[:20, 0] = np.nan
    levels = sample(panel(first, np.where(np.isfinite(first), 60.0, np.nan)), 100, 1)
    assert np.abs(from_z(levels.level).mean(axis=0) - 30).max() < 4


def test_futures_are_whole_and_cut_at_the_places():
    assert cut(np.array([-2.0, 3.4, 99.0]), np.array([10, 10, 10])).tolist() == [0, 3, 10]


def test_places_are_held_or_change_as_they_did(made_up):
    plan = spec.load(made_up / "forecast.toml", made_up)
    seen = panel([[1, 1], [1, 1]], [[25, 50], [25, 25]])
    held = dataclasses.replace(plan, places="held")
    rng = np.random.default_rng(1)
    assert (future_places(held, seen, 4, rng) == np.array([50, 25])).all()
    drawn = future_places(plan, seen, 400, rng)[:, 0, 1]
    assert set(drawn.tolist()) == {25.0, 50.0}


def test_the_cohort_follows_what_is_told_then_the_mean_of_the_changes_before(made_up):
    plan = spec.load(made_up / "forecast.toml", made_up)
    seen = panel([[100, 98, 96]], [[200, 200, 200]])
    size = np.log(cohorts(plan, seen, 20000, np.random.default_rng(1))).mean(axis=0)
    known = [*np.diff(np.log([100, 98, 96])), np.log(0.9)]
    assert size[0] == pytest.approx(np.log(0.9), abs=1e-3)
    assert size[2] - size[1] == pytest.approx(np.mean(known), abs=2e-3)


def test_naive_rivals_are_centred_on_what_they_say():
    seen = panel([[10, 14, 12], [30, 28, 32]], [[50] * 3] * 2)
    rng = np.random.default_rng(1)
    assert naive(seen, "persistence", 1, 40000, rng).mean(axis=0) == pytest.approx([12 + 1, 32 + 1], abs=0.05)
    assert naive(seen, "persistence", 5, 40000, rng).mean(axis=0) == pytest.approx([12 + 2, 32 + 2], abs=0.05)
    assert naive(seen, "mean", 1, 40000, rng).mean(axis=0) == pytest.approx([12, 30], abs=0.05)


def test_chance_of_the_runs_is_shrunk_out_of_the_mean_gaps():
    rng = np.random.default_rng(2)
    seen = panel(np.full((200, 3), 30), np.full((200, 3), 60))
    levels = sample(seen, 8, 1)
    wanted = from_z(levels.level)
    members = [{"codes": list(seen.codes), "wanted": [rng.poisson(w)], "nearest": [np.full(200, 30)]} for w in wanted]
    fit = gather(members, levels, seen.codes)
    assert fit.own[0] == pytest.approx(1, abs=0.15) and fit.news[0] < 0.35 and fit.missed == 0


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("assigned_first_choice", "first", "no column 'assigned_first_choice'"),
        ("2019,103,25", "2019,103,many", "line 11: places = 'many'"),
        ("2019,103,", "2018,103,", "centre 103 stands twice"),
        ("2020,", "2030,", "no row of 2020"),
    ],
)
def test_faults_of_the_table_are_told(made_up, old, new, match):
    path = made_up / "assignments.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ScenarioError, match=match):
        read_panel(path, COLUMNS, (2018, 2019, 2020))
