"""Inference: regression adjustment against a posterior known in closed form, and the same result however it is come by."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from abm.config.declare import ScenarioError
from experiments.calibration import inference
from experiments.calibration.inference import Simulator, adjusted, infer
from experiments.sweep.factors import Factor

KEY, TOLERANCE, SEEN = "choice.distance", 0.3, 0.4


@pytest.fixture(scope="module")
def toy():
    """A uniform prior from -6 to 6 and a figure that is the parameter plus normal noise: the posterior is N(SEEN, TOLERANCE^2)."""
    rng = np.random.default_rng(5)
    theta = rng.uniform(-6, 6, 60_000)
    figure = theta + TOLERANCE * rng.standard_normal(theta.size)
    distance = np.abs(figure - SEEN) / TOLERANCE
    near = distance < 4.0
    return pd.DataFrame({KEY: theta, "weight": 1.0, "distance": distance, "figure y": figure})[near]


def moments(table):
    mean = np.average(table[KEY], weights=table.weight)
    return mean, math.sqrt(np.average((table[KEY] - mean) ** 2, weights=table.weight))


def test_adjustment_finds_a_posterior_in_closed_form(toy, calibration):
    """Accepted within four tolerances, the raw sets are far too wide; adjusted, they have the exact mean and spread."""
    alone = dataclasses.replace(calibration, free=(Factor(KEY, low=-6.0, high=6.0),))
    found = adjusted(toy.reset_index(drop=True), alone, {"y": SEEN}, {"y": TOLERANCE})
    mean, sd = moments(found)
    assert moments(toy)[1] > 2 * TOLERANCE
    assert mean == pytest.approx(SEEN, abs=0.02)
    assert sd == pytest.approx(TOLERANCE, rel=0.04)
    assert found.weight.sum() == pytest.approx(1)


def test_adjusted_values_stay_within_the_prior(toy, calibration):
    """Published far off the cloud: what extrapolation gives is still inside."""
    alone = dataclasses.replace(calibration, free=(Factor(KEY, low=-6.0, high=6.0),))
    found = adjusted(toy.reset_index(drop=True), alone, {"y": 40.0}, {"y": TOLERANCE})
    assert found[KEY].between(-6.0, 6.0).all()


@pytest.fixture
def published(calibration, monkeypatch):
    """The published figures; a line with noise stands in for the model, so that an inference takes a second."""

    def line(_, values, seed):
        luck = 0.02 * np.random.default_rng(seed).standard_normal(3)
        d, km = 0.1 + 0.05 * values["choice.peers.majority"], 1.6 + 0.5 * values["choice.distance"]
        return {"d": d + luck[0], "km": km + luck[1], "nearest": 0.5 + luck[2]}

    monkeypatch.setattr(inference, "simulate", line)
    return {target.name: target.value for target in calibration.fitted}


def test_parameters_are_found(calibration, published):
    """d = .3 and km = 1 ask for peers = 4 and distance = -1.2."""
    table = infer(dataclasses.replace(calibration, population=60, generations=3, simulations=600), published).table
    assert np.average(table["choice.peers.majority"], weights=table.weight) == pytest.approx(4.0, abs=0.5)
    assert np.average(table[KEY], weights=table.weight) == pytest.approx(-1.2, abs=0.1)


def test_what_was_simulated_is_not_simulated_again(calibration, published, tmp_path, monkeypatch):
    """All on disk: the same posterior without a simulation. Half on disk, as after an interruption: the same again."""
    path = tmp_path / "simulations.jsonl"
    first = infer(calibration, published, path)
    lines = [line for line in path.read_text().splitlines() if line]
    assert len(lines) == first.simulations
    path.write_text("\n".join(lines[: len(lines) // 2]) + '\n["torn')
    again = infer(calibration, published, path)
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    monkeypatch.setattr(inference, "simulate", lambda *_: pytest.fail("was simulated again"))
    once_more = infer(calibration, published, path)
    pd.testing.assert_frame_equal(first.table, once_more.table, check_exact=True)


def test_another_seed_or_value_is_another_posterior(calibration, published):
    one = infer(calibration, published).table
    other = infer(dataclasses.replace(calibration, seed=2), published).table
    assert not np.allclose(one[KEY], other[KEY])
    assert len(one) == calibration.population


def test_figures_come_with_the_tolerance_as_noise(calibration):
    """Spread of repeated simulations less that of the figures themselves: the tolerance, for each target."""
    simulator = Simulator(calibration, ("km",))
    simulator.figures = lambda *_: {"km": 1.0}
    np.random.seed(3)  # noqa: NPY002 (pyABC draws from numpy's common state)
    drawn = [simulator({KEY: -1.0})["km"] for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(1.0, abs=0.01)
    assert np.std(drawn) == pytest.approx(0.1, rel=0.05)


def test_a_set_that_cannot_be_run_has_no_figures(calibration):
    figures = Simulator(calibration, ("d", "km")).figures({KEY: 1e9}, 1)
    assert set(figures) == {"d", "km", "nearest"}
    assert all(math.isnan(value) for value in figures.values())


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyabc", None)
    with pytest.raises(ScenarioError, match=r'pip install "schoolflight\[calibrate\]"'):
        inference.library()
