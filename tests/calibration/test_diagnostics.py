"""What a calibration says that it learnt, against closed forms."""

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import diagnostics
from tests.calibration import toy

SLOPES = np.array([[2.0, 0.0], [0.0, 0.5], [1.0, 0.5]])  # (target, parameter)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_contraction_is_that_of_the_closed_form(rng):
    """Of a flat prior of width w and normal figures it is 1 - [inv(A'A) tolerance^2]_kk / (w^2 / 12)."""
    draws = toy.exact(SLOPES, 1.0, np.zeros(3), 20_000, rng)
    found = diagnostics.parameters(toy.calibration(2, 3), toy.posterior(draws))
    variance = np.diag(np.linalg.inv(SLOPES.T @ SLOPES))
    assert found["contraction"].to_numpy() == pytest.approx(1 - variance / (20**2 / 12), abs=0.003)
    assert found["sd"].to_numpy() == pytest.approx(np.sqrt(variance), rel=0.02)


def test_weights_count():
    """A set of double weight counts like two sets."""
    twice = toy.posterior(np.array([[0.0], [1.0], [1.0]]))
    once = pd.DataFrame({toy.KEYS[0]: [0.0, 1.0], "weight": [1.0, 2.0]})
    one, other = (diagnostics.parameters(toy.calibration(1, 1), t) for t in (twice, once))
    pd.testing.assert_frame_equal(one, other)
    assert diagnostics.effective([1, 1, 1, 1]) == pytest.approx(4)
    assert diagnostics.effective([1, 0, 0]) == pytest.approx(1)
    assert diagnostics.effective([2, 1]) == pytest.approx(9 / 5)


def test_strengths_are_singular_values_of_the_slopes_in_prior_sd(rng):
    """Without chance, in tolerances of 1."""
    c = toy.calibration(2, 3)
    draws = toy.exact(SLOPES, 1.0, np.zeros(3), 400, rng)
    found = diagnostics.directions(c, toy.posterior(draws), toy.simulations(SLOPES, draws))
    expected = np.linalg.svd(SLOPES * 20 / np.sqrt(12))[1]
    assert found["strength"].to_numpy() == pytest.approx(expected[::-1], rel=1e-6)
    assert (found["strength"] > 1).all()


def test_a_parameter_without_effect_is_not_learnt_and_its_direction_is_open(rng):
    """Its contraction is about 0, its direction has no strength, and the sentences say so."""
    slopes = np.array([[2.0, 0.0], [1.0, 0.0]])
    c = toy.calibration(2, 2)
    draws = np.stack([rng.normal(0, 1 / np.sqrt(5), 4000), rng.uniform(-10, 10, 4000)], axis=1)
    told = diagnostics.told(c, toy.posterior(draws), toy.simulations(slopes, rng.uniform(-10, 10, (500, 2))))
    assert told.parameters["contraction"].to_numpy() == pytest.approx([1 - 0.2 / (400 / 12), 0], abs=0.03)
    assert told.directions["strength"].iloc[0] == pytest.approx(0, abs=1e-6)
    assert abs(told.directions[toy.KEYS[1]].iloc[0]) == pytest.approx(1)
    assert any(s.startswith(f"{toy.KEYS[1]} is hardly learnt") for s in told.sentences)
    assert any(s.startswith(f"The targets leave {toy.KEYS[1]} open") for s in told.sentences)
    assert any(s.startswith(f"{toy.KEYS[0]} is pinned down") for s in told.sentences)


def test_parameters_that_only_count_together_are_named_together(rng):
    """Figures that depend on the sum of two parameters leave their difference open."""
    slopes = np.array([[1.0, 1.0], [2.0, 2.0]])
    c = toy.calibration(2, 2)
    total, gap = rng.normal(0, 0.45, 3000), rng.uniform(-8, 8, 3000)
    draws = np.stack([total + gap, total - gap], axis=1) / 2
    told = diagnostics.told(c, toy.posterior(draws), toy.simulations(slopes, rng.uniform(-10, 10, (500, 2))))
    assert told.directions.loc[0, list(toy.KEYS[:2])].abs().to_numpy(float) == pytest.approx([0.5**0.5] * 2, abs=1e-6)
    assert told.correlations.iloc[0, 1] < -0.95
    (sentence,) = (s for s in told.sentences if s.startswith("What the targets cannot tell apart"))
    assert all(key in sentence for key in toy.KEYS[:2])
    assert "higher" in sentence and "lower" in sentence


def test_chance_of_a_city_hides_figures(rng):
    """Chance as large as the tolerance makes a direction weaker by the root of 2."""
    c, values = toy.calibration(1, 1), rng.uniform(-10, 10, (20_000, 1))
    table = toy.simulations(np.array([[0.3]]), values)
    table["figure t0"] += rng.normal(size=len(table))
    found = diagnostics.directions(c, toy.posterior(values[:500]), table)
    assert found["strength"].iloc[0] == pytest.approx(0.3 * 20 / np.sqrt(12) / np.sqrt(2), rel=0.03)


def test_few_or_empty_simulations_are_said(rng):
    c, draws = toy.calibration(2, 3), rng.normal(size=(50, 2))
    table = toy.simulations(SLOPES, draws[:3])
    told = diagnostics.told(c, toy.posterior(draws), table)
    assert told.directions.empty
    assert any("Too few simulations" in s for s in told.sentences)
    table = toy.simulations(SLOPES, draws).assign(**{"figure t0": np.nan})
    assert diagnostics.directions(c, toy.posterior(draws), table).empty


def test_a_posterior_at_the_edge_of_its_prior_is_told(rng):
    draws = rng.uniform(-10, -9, (200, 1))
    sentences = diagnostics.told(toy.calibration(1, 1), toy.posterior(draws), pd.DataFrame(columns=[toy.KEYS[0], "figure t0"])).sentences  # fmt: skip
    assert any("piles up at the lower end of its prior, -10" in s for s in sentences)
