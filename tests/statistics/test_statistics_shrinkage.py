"""True effects behind noisy means: probabilities that a simulation with known truth bears out."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics.shrinkage import clear, differ, noise, share_below


def rows(rng, truth, sd, seeds):
    return truth[:, None] + sd * rng.normal(size=(truth.size, seeds))


def test_noise_is_pooled_over_rows():
    """Of 4,000 rows of two seeds with sd 3: 3 / sqrt 2 within 3 %; one seed tells nothing."""
    rng = np.random.default_rng(1)
    error, freedom = noise(rows(rng, rng.normal(size=4000), 3.0, 2))
    assert error == pytest.approx(3 / np.sqrt(2), rel=0.03)
    assert freedom == 4000
    assert np.isnan(noise(np.ones((5, 1)))[0])


def test_the_share_below_is_that_of_the_truth_where_the_plain_share_is_not():
    """Means of 0.5 with sd 0.5 (16 % below 0) under noise of sd 2 from two seeds: the plain share lies far off."""
    rng = np.random.default_rng(2)
    out, plain = [], []
    for _ in range(60):
        values = rows(rng, rng.normal(0.5, 0.5, 200), 1.0, 2)
        error, _ = noise(values)
        out.append(share_below(values.mean(axis=1), error))
        plain.append((values.mean(axis=1) < 0).mean())
    truth = stats.norm.cdf(-1)
    assert np.mean(out) == pytest.approx(truth, abs=0.02)
    assert np.mean(plain) > truth + 0.08


def test_where_all_effects_are_one_all_rows_count_together():
    """Forty noisy views of one effect of -1 standard error of their mean: about Phi(1)."""
    mean = np.linspace(-1, 1, 40)
    mean = (mean - mean.mean()) / mean.std(ddof=1) * 0.9
    error = 1.0
    assert share_below(mean - 1 / np.sqrt(40), error) == pytest.approx(stats.norm.cdf(1), abs=0.01)


def test_without_noise_it_is_the_plain_share():
    mean = np.array([-1.0, -2.0, 3.0, 0.0])
    for error in (0.0, float("nan")):
        assert share_below(mean, error) == 0.5
    assert share_below(mean, 0.0, -1.5) == 0.25


def test_clear_signs_and_differences_hold_their_level():
    """Where nothing is there, one row in twenty is clear; of 400 tables about one in twenty differs."""
    rng = np.random.default_rng(3)
    sure, p = [], []
    for _ in range(400):
        values = rows(rng, np.zeros(40), 1.0, 2)
        error, freedom = noise(values)
        sure.append(np.abs(clear(values.mean(axis=1), error, freedom)).mean())
        p.append(differ(values.mean(axis=1), error, freedom))
    assert np.mean(sure) == pytest.approx(0.05, abs=0.01)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.03)
    assert differ(rng.normal(size=40) * 9, 1.0, 40) < 1e-6
    assert np.isnan(differ(np.zeros(9), 0.0, 9))
    assert (clear(np.array([-1.0, 1.0]), float("nan"), 0) == 0).all()
    assert clear(np.array([-1.0, 1.0, 0.0]), 0.0, 9).tolist() == [-1, 1, 0]
