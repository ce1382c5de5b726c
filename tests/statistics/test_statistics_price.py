"""Euro per point: Fieller's interval by hand, its coverage, where it is undefined; the efficient frontier."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import SEQUENTIAL, frontier, paired, ratio

EXPERIMENTS = 1000


def test_constant_cost_is_cost_over_the_ends_of_the_effect():
    """With no spread in cost Fieller's interval is (cost / high, cost / low)."""
    effects = np.random.default_rng(1).normal(2.0, 0.5, size=20)
    found, effect = ratio(3e6, effects), paired(effects)
    assert found.defined
    assert [found.value, found.low, found.high] == pytest.approx(
        [3e6 / e for e in (effect.mean, effect.high, effect.low)]
    )


def test_ends_are_where_the_test_rejects():
    """theta is inside exactly where a t test of cost - theta effect = 0 does not reject."""
    rng = np.random.default_rng(2)
    effects = rng.normal(2.0, 1.0, size=15)
    costs = 10 + 3 * effects + rng.normal(size=15)
    found = ratio(costs, effects)
    for end in (found.low, found.high):
        assert stats.ttest_1samp(costs - end * effects, 0.0).pvalue == pytest.approx(0.05, abs=1e-9)
    assert found.low < found.value < found.high


@pytest.mark.parametrize("method", ["student", "sequential"])
def test_undefined_exactly_where_the_effect_may_be_zero(method):
    options = {} if method == "student" else {"method": SEQUENTIAL}
    x = np.random.default_rng(3).normal(0.5, 1.0, size=(2000, 20))
    effect, found = paired(x, **options), ratio(5.0, x, **options)
    np.testing.assert_array_equal(found.defined, (effect.low > 0) | (effect.high < 0))
    assert 0 < found.defined.sum() < 2000
    assert np.isnan([part[~found.defined] for part in found[:3]]).all()
    assert np.isfinite([part[found.defined] for part in found[:3]]).all()


def test_degenerate_ratios():
    assert not ratio(1.0, [0.0, 0.0, 0.0]).defined
    assert not ratio(1.0, [2.0]).defined
    sure = ratio(6.0, [2.0, 2.0, 2.0])
    assert (sure.value, sure.low, sure.high, sure.defined) == (3.0, 3.0, 3.0, True)
    assert ratio([10.0, 11.0, 12.0, np.nan], [10.0, 11.0, 12.0, 5.0]).value == pytest.approx(
        1.0
    )  # a pair with a gap is left out
    assert ratio(6.0, [-2.0, -2.1, -1.9]).high < 0


@pytest.mark.parametrize("n", [10, 30])
@pytest.mark.parametrize("cost_sd", [0.0, 2.0])
def test_fieller_covers(n, cost_sd):
    """Mean cost 10, mean effect 2: the true ratio 5 in 93 to 97 % of 1,000 experiments; costs that rise with effects."""
    rng = np.random.default_rng(n)
    effects = rng.normal(2.0, 1.0, size=(EXPERIMENTS, n))
    costs = 10 + cost_sd * (0.6 * (effects - 2) + 0.8 * rng.normal(size=(EXPERIMENTS, n)))
    found = ratio(costs, effects)
    assert found.defined.mean() > 0.99
    held = (found.low <= 5) & (found.high >= 5)
    assert 0.93 <= held[found.defined].mean() <= 0.97


def test_frontier_by_hand():
    """B is dearer than A and gains less; D costs as C and gains less; E equals C; F is unknown; G costs least."""
    cost = [2.0, 3.0, 5.0, 5.0, 5.0, np.nan, 0.0]
    gain = [4.0, 3.0, 6.0, 5.0, 6.0, 9.0, 0.0]
    assert frontier(cost, gain).tolist() == [True, False, True, False, True, False, True]


def test_frontier_rises():
    """Along the frontier who pays more gains more, and everybody else is beaten by someone on it."""
    cost, gain = np.random.default_rng(4).normal(size=(2, 60))
    on = frontier(cost, gain)
    order = np.argsort(cost[on])
    assert (np.diff(gain[on][order]) > 0).all()
    beaten = (cost[on][:, None] <= cost) & (gain[on][:, None] >= gain)
    assert beaten.any(axis=0).all()
