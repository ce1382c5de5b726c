"""Scores against closed forms and against scoringrules."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from experiments.forecast.scores import QUANTILES, by_case, crps, pit, quantile_score, summary


def test_crps_of_one_draw_is_the_absolute_error():
    assert crps(np.array([[3.0, 8.0]]), np.array([5.0, 8.0])).tolist() == [2.0, 0.0]


def test_crps_of_two_draws_by_hand():
    # E|X - y| = (1 + 3) / 2, E|X - X'| = 4 / 2: each of the four pairs of draws counts
    assert crps(np.array([[0.0], [4.0]]), np.array([1.0]))[0] == pytest.approx(2.0 - 1.0)


def test_crps_of_many_normal_draws_is_the_closed_form():
    draws = norm.ppf((np.arange(4000) + 0.5) / 4000)[:, None]
    for y in (0.0, 0.7, -2.0):
        exact = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
        assert crps(draws, np.array([y]))[0] == pytest.approx(exact, abs=2e-3)


def test_quantile_score_is_the_weighted_interval_score():
    q, y = np.array([2.0, 5.0, 7.0, 8.0, 12.0]), 13.0
    interval_90 = (12 - 2) + 2 / 0.1 * (y - 12)
    interval_50 = (8 - 5) + 2 / 0.5 * (y - 8)
    by_intervals = (0.5 * abs(y - 7) + 0.1 / 2 * interval_90 + 0.5 / 2 * interval_50) / 2.5
    assert quantile_score(q[:, None], np.array([y]))[0] == pytest.approx(by_intervals)


def test_scores_agree_with_scoringrules():
    rules = pytest.importorskip("scoringrules")
    rng = np.random.default_rng(3)
    draws, actual = rng.normal(30, 6, (40, 12)), rng.normal(30, 8, 12)
    assert crps(draws, actual) == pytest.approx(rules.crps_ensemble(actual, draws.T, estimator="nrg"))
    q = np.quantile(draws, QUANTILES, axis=0)
    assert quantile_score(q, actual) == pytest.approx(rules.crps_quantile(actual, q.T, np.array(QUANTILES)))


def test_pit_of_a_calibrated_forecast_is_even():
    rng = np.random.default_rng(7)
    draws, actual = rng.poisson(20, (500, 4000)), rng.poisson(20, 4000)
    share, _ = np.histogram(pit(draws, actual), 5, (0, 1))
    assert np.abs(share / 4000 - 0.2).max() < 0.03


def test_skill_is_relative_to_persistence_with_centres_as_units():
    draws = {"model": np.full((2, 4), 10.0), "persistence": np.full((2, 4), 12.0)}
    actual = np.array([11.0, 11.0, 14.0, 14.0])
    cases = pd.concat(
        [
            by_case(name, values, actual).assign(code=["a", "a", "b", "b"], year=[1, 2, 1, 2])
            for name, values in draws.items()
        ]
    )
    row = summary(cases).set_index("forecaster").loc["model"]
    assert row["crps"] == 2.5
    assert row["skill"] == pytest.approx(1 - 2.5 / 1.5)
    assert row["skill_se"] == pytest.approx(np.std([0.0, -2.0], ddof=1) / np.sqrt(2) / 1.5)
    assert row["within_90"] == 0 and row["bias"] == pytest.approx(-2.5)
