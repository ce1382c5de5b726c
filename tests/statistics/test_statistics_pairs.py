"""Paired effects: against scipy, by hand, and how often their intervals cover a known effect."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import SEQUENTIAL, STUDENT, correlation, interaction, paired, quantiles

EXPERIMENTS = 1000


def coverage(differences, effect, **options):
    """Share of experiments, the rows of ``differences``, whose interval holds the effect."""
    estimate = paired(differences, **options)
    return ((estimate.low <= effect) & (effect <= estimate.high)).mean()


def twins(rng, n, effect, shape):
    """(EXPERIMENTS, n) baseline and policy of one seed: shared luck, shocks of their own, a policy that adds an effect."""
    draw = {
        "gauss": lambda size: rng.normal(size=size),
        "skewed": lambda size: rng.gamma(4.0, 0.5, size=size) - 2.0,  # skewness 1, sd 1
    }[shape]
    city = draw((EXPERIMENTS, n))
    base = 0.4 + 0.03 * city + 0.01 * draw((EXPERIMENTS, n))
    return base, 0.4 + effect + 0.03 * city + 0.015 * draw((EXPERIMENTS, n))


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_paired_is_the_t_interval_of_scipy(level):
    x = np.random.default_rng(1).normal(0.3, 1.0, size=17)
    found, theirs = paired(x, level), stats.ttest_1samp(x, 0.0)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(level)), abs=1e-12)
    assert (found.p, found.n) == (pytest.approx(theirs.pvalue, abs=1e-12), 17)
    assert (found.mean, found.sd) == (pytest.approx(x.mean()), pytest.approx(x.std(ddof=1)))


def test_opposite_signs_and_missing_pairs_by_hand():
    """-3, -1, 1, nan: mean -1, deviations -2, 0, 2, variance 8/2 = 4; one of three is positive. t(.975, 2) = 4.302653."""
    found = paired([-3.0, -1.0, 1.0, np.nan])
    assert (found.mean, found.sd, found.n, found.opposite) == (-1.0, 2.0, 3, pytest.approx(1 / 3))
    assert found.high - found.mean == pytest.approx(4.302653 * 2 / np.sqrt(3), abs=1e-5)
    assert paired([0.0, 1.0, 2.0]).opposite == 0.0  # zero is not the opposite sign


@pytest.mark.parametrize("method", [STUDENT, SEQUENTIAL])
def test_degenerate_samples(method):
    same = paired(np.full(12, 0.1), method=method)
    assert (same.low, same.high, same.mean, same.sd) == (0.1, 0.1, 0.1, 0.0)
    assert same.p < 0.01
    nothing = paired(np.zeros(12), method=method)
    assert (nothing.low, nothing.high, nothing.p) == (0.0, 0.0, 1.0)
    for few in ([], [0.2], [0.2, np.nan]):
        found = paired(few, method=method)
        assert np.isnan([found.low, found.high, found.p, found.sd]).all()
        assert found.n == np.sum(~np.isnan(few))


def test_rows_are_estimated_apart():
    x = np.random.default_rng(2).normal(size=(3, 4, 9))
    x[1, 2, 3:] = np.nan
    whole, one = paired(x), paired(x[1, 2, :3])
    assert whole.mean.shape == (3, 4)
    assert [part[1, 2] for part in whole] == pytest.approx(list(one))


@pytest.mark.parametrize("method", [STUDENT, SEQUENTIAL])
def test_interval_and_p_value_agree(method):
    """Zero is outside the interval at level 1 - a exactly where p is at most a."""
    rng = np.random.default_rng(3)
    x = rng.normal(0.6, 1.0, size=(4000, 15))
    for level in (0.8, 0.95, 0.999):
        found = paired(x, level, method)
        outside = (found.low > 0) | (found.high < 0)
        assert 0 < outside.sum() < 4000
        np.testing.assert_array_equal(outside, found.p <= 1 - level)


@pytest.mark.parametrize("n", [10, 20, 50])
@pytest.mark.parametrize("shape", ["gauss", "skewed"])
def test_coverage_of_a_known_effect(n, shape):
    """The promise of compare: 93 to 97 % of 1,000 artificial experiments, baseline and policy correlated by their seed."""
    base, policy = twins(np.random.default_rng(n), n, -0.02, shape)
    assert correlation(base, policy).correlation.mean() > 0.7
    assert 0.93 <= coverage(policy - base, -0.02) <= 0.97


@pytest.mark.parametrize("n", [10, 20, 50])
@pytest.mark.parametrize("shape", ["gauss", "skewed"])
def test_coverage_of_plain_samples(n, shape):
    """The same where the differences themselves are skewed (gamma with skewness 1), not only what they are made of."""
    rng = np.random.default_rng(100 + n)
    size = (EXPERIMENTS, n)
    x = rng.normal(2.0, 1.0, size) if shape == "gauss" else rng.gamma(4.0, 0.5, size)
    assert 0.93 <= coverage(x, 2.0) <= 0.97


def test_coverage_is_nominal_at_every_level():
    """With 20,000 Gaussian experiments: within four standard errors of the level."""
    x = np.random.default_rng(5).normal(1.0, 3.0, size=(20_000, 12))
    for level in (0.5, 0.8, 0.95, 0.99):
        assert coverage(x, 1.0, level=level) == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 20_000))


def test_quantiles_are_numpys_and_skip_missing_pairs():
    x = np.random.default_rng(6).normal(size=(5, 11))
    x[2, 4:9], x[4] = np.nan, np.nan
    np.testing.assert_allclose(quantiles(x)[:4], np.nanpercentile(x[:4], (5, 25, 50, 75, 95), axis=1).T, atol=1e-12)
    assert np.isnan(quantiles(x)[4]).all()
    assert quantiles([1.0, 3.0], (50,)) == pytest.approx([2.0])


def test_correlation_and_what_pairing_gained():
    """Base 1, 2, 3, policy 2, 2, 5: covariance 1.5, sd 1 and sqrt(3); differences 1, 0, 2 of variance 1: 4 times fewer."""
    found = correlation([1.0, 2.0, 3.0, np.nan, 9.0], [2.0, 2.0, 5.0, 7.0, np.nan])
    assert found.correlation == pytest.approx(1.5 / np.sqrt(3))
    assert found.reduction == pytest.approx(4.0)
    assert np.isnan(correlation([1.0, 1.0], [1.0, 2.0]).correlation)
    assert correlation([1.0, 2.0], [3.0, 4.0]).reduction == np.inf
    assert correlation([1.0, 2.0, 4.0], [-1.0, -2.0, -4.0]).reduction == pytest.approx(0.5)  # pairing can harm


def test_interaction_is_bundle_minus_parts_seed_by_seed():
    """Bundle -5, -6, -9; parts -2, -3, -4 and -1, -1, -2: what is over is -2, -2, -3."""
    found = interaction([-5.0, -6.0, -9.0], [[-2.0, -3.0, -4.0], [-1.0, -1.0, -2.0]])
    assert [*found] == pytest.approx([*paired([-2.0, -2.0, -3.0])])
    assert interaction([1.0, 2.0, 4.0], [[np.nan, 1.0, 1.0]]).n == 2
