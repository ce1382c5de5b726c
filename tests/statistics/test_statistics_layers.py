"""Two layers of uncertainty: by hand, and in worlds with a known spread between parameter sets."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import layers, paired


def test_layers_by_hand():
    """Three sets of two seeds: (1, 3), (4, 6), (9, 7). Means 2, 5, 8; variance within 2 each.

    Overall mean 5; variance of means 9, so 5 +- t(2) sqrt(9/3) over sets, t(.975, 2) = 4.302653.
    Seeds alone: 3 x (2/2) / 9 = 1/3, degrees of freedom 3^2 / (3 x 1^2/1) = 3: 5 +- 3.182446 sqrt(1/3).
    tau^2 = 9 - 2/2 = 8; a further set: 5 +- t(2) sqrt(9 + 3).
    Effects without noise: 5 + (-3, 0, 3) sqrt(8)/3.
    """
    found = layers([[1.0, 3.0], [4.0, 6.0], [9.0, 7.0]])
    assert (found.overall.mean, found.overall.sd, found.overall.n) == (5.0, 3.0, 3)
    assert found.overall.high - 5 == pytest.approx(4.302653 * np.sqrt(3), abs=1e-5)
    assert (found.seeds_low, found.seeds_high) == pytest.approx(
        (5 - 3.182446 / 3**0.5, 5 + 3.182446 / 3**0.5), abs=1e-5
    )
    assert (found.between, found.within) == pytest.approx((np.sqrt(8), np.sqrt(2)))
    assert found.highest - 5 == pytest.approx(4.302653 * np.sqrt(12), abs=1e-5)
    assert found.quantiles[2] == 5.0
    assert found.quantiles[4] == pytest.approx(5 + 0.9 * np.sqrt(8))


def test_ragged_seeds():
    """Sets of 3, 1 and 0 pairs: means 2 and 6; the single seed borrows the variance 1 of the other."""
    found = layers([[1.0, 2.0, 3.0], [6.0, np.nan], []])
    assert (found.overall.mean, found.overall.n, found.within) == (4.0, 2, 1.0)
    assert found.between == pytest.approx(np.sqrt(8 - (1 / 3 + 1) / 2))
    radius = stats.t.isf(0.025, 2) * np.sqrt(
        (1 / 3 + 1) / 4
    )  # two degrees of freedom of the first set, (1/3)^2 / ((1/3)^2 / 2)
    assert found.seeds_high == pytest.approx(4 + radius)


def test_one_seed_a_set_and_one_set():
    single = layers([[1.0], [2.0], [4.0]])
    assert single.between == pytest.approx(np.std([1, 2, 4], ddof=1))  # noise not told apart
    assert np.isnan([single.within, single.seeds_low, single.seeds_high]).all()
    assert np.isfinite(single.highest)
    alone = layers([[1.0, 2.0, 4.0]])
    seeds = paired([1.0, 2.0, 4.0])
    assert (alone.seeds_low, alone.seeds_high) == (pytest.approx(seeds.low), pytest.approx(seeds.high))
    assert np.isnan([alone.overall.low, alone.overall.high, alone.between, alone.highest]).all()


def worlds(rng, tau, sets=15, seeds=8, experiments=1000):
    """(experiments, sets, seeds) differences of mean 1, sd ``tau`` between sets and 1 within."""
    return 1 + tau * rng.normal(size=(experiments, sets, 1)) + rng.normal(size=(experiments, sets, seeds))


def test_coverage_over_sets_and_of_a_further_set():
    rng = np.random.default_rng(1)
    x, further = worlds(rng, 0.5), 1 + 0.5 * rng.normal(size=1000)
    found = [layers(one) for one in x]
    assert 0.93 <= np.mean([f.overall.low <= 1 <= f.overall.high for f in found]) <= 0.97
    shown = further + rng.normal(size=1000) / np.sqrt(8)  # what the further set shows with as many seeds
    assert 0.93 <= np.mean([f.lowest <= e <= f.highest for f, e in zip(found, shown, strict=True)]) <= 0.97
    assert np.mean([f.lowest <= e <= f.highest for f, e in zip(found, further, strict=True)]) >= 0.95
    assert np.mean([f.seeds_low <= 1 <= f.seeds_high for f in found]) < 0.85  # seeds alone do not know the parameters
    assert np.mean([f.between**2 for f in found]) == pytest.approx(0.25, abs=0.02)
    assert np.mean([f.within for f in found]) == pytest.approx(1.0, abs=0.02)


def test_seeds_alone_cover_the_mean_of_these_sets():
    """The sets given, their own mean effect is covered in 93 to 97 %, also with unequal spread and numbers of seeds."""
    rng = np.random.default_rng(2)
    effects, spreads, counts = rng.normal(size=8), np.linspace(0.5, 2.0, 8), [4, 9, 5, 8, 6, 7, 10, 5]
    held = []
    for _ in range(1000):
        found = layers([e + s * rng.normal(size=n) for e, s, n in zip(effects, spreads, counts, strict=True)])
        held.append(found.seeds_low <= effects.mean() <= found.seeds_high)
    assert 0.93 <= np.mean(held) <= 0.97


def test_opposite_sets_are_not_counted_from_noise():
    """All sets have the effect .5, seeds are noisy: raw means of the other sign are common, effects are not."""
    x = 0.5 + 3 * np.random.default_rng(3).normal(size=(300, 20, 8))
    raw = (np.sign(x.mean(axis=2)) * np.sign(x.mean(axis=(1, 2)))[:, None] < 0).mean()
    found = np.mean([layers(one).overall.opposite for one in x])
    assert raw > 0.25
    assert found < 0.6 * raw


def test_equal_sets_have_no_spread():
    found = layers(np.full((4, 3), 0.2))
    assert (found.between, found.within, found.overall.low, found.overall.high) == (0.0, 0.0, 0.2, 0.2)
    assert (found.lowest, found.seeds_high, found.quantiles[0]) == (0.2, 0.2, 0.2)
