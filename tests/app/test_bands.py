"""Bands: the same runs as the screen plays, paired by seed; what nobody asks for rests; verdicts as the statistics say them."""

import json
import time

import numpy as np
import pytest

from abm.config.declare import ScenarioError
from abm.scenario import to_tree
from experiments import statistics as stats
from experiments.app import bands
from experiments.app.futures import Future, with_policies
from experiments.app.verdict import CODES, outcome
from experiments.app.workers import ASKED, Batch, Workers
from experiments.compare import sets
from experiments.compare.measures import MEASURES
from tests.builders import ROOT, scenario

SMALL = ("city.pupils=200", "city.schools=4", "run.years=3")
D = bands.NAMES.index("D")
FILE = ROOT / "configs" / "classroom.toml"
RESERVE = [{"kind": "reserved_places", "share": 0.3, "cost_pupil": 100.0}]


@pytest.fixture(scope="module")
def base():
    return scenario("classroom", *SMALL)


def text(config):
    return json.dumps(to_tree(config))


def test_a_run_of_the_bands_is_the_future_on_the_map(base):
    future = Future(base, 1, 3)
    future.play()
    shown = np.array([future.lines[name] for name in MEASURES]).T
    bands._begun.clear()
    cold = bands.run(text(base), 1, "{}", 3)
    np.testing.assert_array_equal(cold, shown)
    np.testing.assert_array_equal(bands.run(text(base), 1, "{}", 3), shown, "from the start that was kept")


def test_policies_start_from_the_city_that_was_kept(base):
    config = with_policies(base, RESERVE)
    bands._begun.clear()
    cold = bands.run(text(config), 2, "{}", 3)
    bands._begun.clear()
    bands.run(text(base), 2, "{}", 3)
    assert len(bands._begun) == 1
    np.testing.assert_array_equal(bands.run(text(config), 2, "{}", 3), cold)
    assert len(bands._begun) == 1


def test_kept_starts_are_bounded(base, monkeypatch):
    monkeypatch.setattr(bands, "REMEMBERED", 500)
    bands._begun.clear()
    for seed in range(4):
        bands.run(text(base), seed, "{}", 0)
    assert len(bands._begun) == 2


def test_a_policy_that_does_not_fit_is_an_error_from_a_kept_start_too(base):
    wrong = with_policies(base, [{"kind": "fees_covered", "districts": ["Nowhere"]}])
    bands.run(text(base), 1, "{}", 0)
    with pytest.raises(ScenarioError, match="Nowhere"):
        bands.run(text(wrong), 1, "{}", 0)


def test_parameters_of_a_run_are_those_of_its_set(base):
    values = sets.drawn(base, 3)[0]
    other = bands.run(text(base), 1, json.dumps(values), 2)
    assert not np.array_equal(other[:, D], bands.run(text(base), 1, "{}", 2)[:, D])


def test_sets_come_from_the_spreads_or_from_a_posterior_beside_the_scenario(base, tmp_path):
    drawn, source = bands.draw(base, tmp_path / "town.toml", 4)
    assert source == "spreads"
    assert drawn == list(sets.drawn(base, 4))
    path = bands.posterior_of(tmp_path / "town.toml")
    path.parent.mkdir(parents=True)
    path.write_text("choice.alpha,weight\n0.2,3\n0.4,1\n")
    drawn, source = bands.draw(base, tmp_path / "town.toml", 4)
    assert source == "posterior"
    assert [values["choice.alpha"] for values in drawn] == [0.2, 0.2, 0.2, 0.4]


def test_both_futures_get_the_same_seeds_and_the_baseline_is_run_once(base, monkeypatch):
    monkeypatch.setattr(bands, "RUNS", 5)
    workers = Workers(1)
    try:
        asked = bands.Bands(workers, base, with_policies(base, RESERVE), FILE, 1, 3, False)
        told = asked.told()
        assert told["total"] == 5
        until(lambda: min(asked.told()["done"]) == 5)
        told = asked.told()
        again = bands.Bands(workers, base, base, FILE, 1, 3, False).told()
    finally:
        workers.close()
    assert told["error"] == ""
    rows = [bands.run(text(base), seed, "{}", 3)[3, D] for seed in range(1, 6)]
    assert told["bands"][0]["D"]["mid"][3] == pytest.approx(np.median(rows), abs=1e-6)
    assert told["bands"][0]["D"]["low"][3] == pytest.approx(np.quantile(rows, 0.1), abs=1e-6)
    other = [bands.run(text(with_policies(base, RESERVE)), seed, "{}", 3)[3, D] for seed in range(1, 6)]
    assert told["effects"]["D"]["mean"] == pytest.approx(np.mean(np.subtract(other, rows)), abs=1e-7)
    assert "gap" not in told["bands"][0], "outcomes are off"
    assert again["done"] == [5, 5]
    assert again["effects"] == {}, "one future has no effect"
    json.dumps(told, allow_nan=False)


def until(done, patience=120.0):
    """Wait for the background."""
    end = time.monotonic() + patience
    while not done():
        assert time.monotonic() < end, "the background does not finish"
        time.sleep(0.05)


def test_what_nobody_asks_for_rests():
    batch = Batch(abs, [(1,), (2,)])
    assert batch.wanted(batch.asked)
    assert not batch.wanted(batch.asked + ASKED + 1)
    patient = Batch(abs, [(1,)], patient=True)
    assert patient.wanted(patient.asked + 1000)
    patient.begun.add(0)
    assert not patient.wanted(patient.asked)


def test_the_most_urgent_batch_comes_first_and_a_process_keeps_to_its_own_seeds():
    workers = Workers(2)
    workers.threads = [None]  # nobody works
    late = workers.ask("late", lambda: Batch(abs, [(k,) for k in range(4)], rank=1, patient=True))
    soon = workers.ask("soon", lambda: Batch(abs, [(k,) for k in range(4)]))
    taken = [workers._next(own) for own in (1, 0, 1, 1, 0)]
    assert [(batch is soon, job) for batch, job in taken] == [(True, 1), (True, 0), (True, 3), (True, 2), (False, 0)]
    assert workers.ask("late", lambda: None) is late


def test_no_job_is_begun_while_a_future_is_played():
    looks = iter([True, True, False])
    workers = Workers(1, busy=lambda: next(looks))
    workers.threads = [None]  # nobody works
    batch = workers.ask("bands", lambda: Batch(abs, [(1,)], patient=True))
    assert workers._next(0) == (batch, 0)
    assert next(looks, None) is None, "it waited until the future was played"


def test_a_fault_in_the_background_is_told():
    workers = Workers(1)
    try:
        batch = workers.ask("bad", lambda: Batch(int, [("no number",)], patient=True))
        until(lambda: batch.error)
        good = workers.ask("good", lambda: Batch(int, [("3",)], patient=True))
        until(lambda: good.done)
    finally:
        workers.close()
    assert "no number" in batch.error
    assert good.results == [3]


@pytest.mark.parametrize(
    ("mean", "sd", "code"),
    [
        (-0.05, 0.01, "lowers"),
        (0.05, 0.01, "raises"),
        (0.001, 0.002, "small"),
        (0.02, 0.2, "either"),
        (0.009, 0.01, "open"),
    ],
)
def test_codes_are_the_verdicts_of_the_statistics(mean, sd, code):
    gap = mean + sd * np.tile([-1.0, 1.0], 15)
    told = outcome(gap, "D")
    own = stats.paired(gap)
    assert told["said"] == code
    assert (told["low"], told["high"]) == pytest.approx((own.low, own.high), abs=1e-7)
    said = stats.verdict(float(own.mean), float(own.low), float(own.high))
    assert said == {"lowers": stats.LOWERS, "raises": stats.RAISES, "small": stats.SMALL}.get(code, stats.UNKNOWN)
    assert told["tenth"] <= told["mean"] <= told["ninetieth"]


def test_other_figures_are_told_by_their_interval_alone():
    assert outcome(np.array([0.001, 0.002, 0.0015]), "flight")["said"] == "raises"
    assert outcome(np.array([0.001, -0.002, 0.0015]), "flight")["said"] == "either"


def test_over_parameter_sets_a_direction_needs_most_of_them():
    gap = np.r_[np.full(20, -0.06), np.full(10, 0.02)] + 0.001 * np.tile([-1, 0, 1], 10)
    assert outcome(gap, "D")["said"] == "lowers"
    assert outcome(gap, "D", wrong=True)["said"] == "assumptions"


def test_no_difference_at_all_and_too_few_runs_have_words_of_their_own():
    assert outcome(np.zeros(5), "D", still=True)["said"] == "still"
    assert outcome(np.array([0.1]), "D")["said"] == "few"
    assert {"still", "few", "lowers"} <= set(CODES)


def test_effects_wait_for_pairs_and_tell_only_what_is_measured():
    rows = np.zeros((4, len(MEASURES)))
    rows[:, bands.NAMES.index("gap")] = np.nan
    assert bands.effects([(rows, rows)] * 2, False) == {}
    told = bands.effects([(rows, rows)] * 3, False)
    assert told["D"]["said"] == "still"
    assert "gap" not in told


def test_a_figure_that_no_pair_changes_is_told_as_unchanged():
    """Such as the cost of a policy that costs nothing; of segregation it is that the change is too small to matter."""
    assert outcome(np.zeros(5), "cost")["said"] == "still"
    assert outcome(np.zeros(5), "D")["said"] == "small"
    assert outcome(np.array([0.0, 0.0, 1e-9]), "cost")["said"] == "either"
