"""Two basins: found where there are two peaks, seldom where there is one, and who switches."""

import numpy as np
import pytest

from experiments.statistics import basins, switched

EXPERIMENTS = 300


@pytest.mark.parametrize("n", [20, 50])
@pytest.mark.parametrize("shape", ["gauss", "lognormal", "exponential"])
def test_one_peak_is_not_taken_for_two(shape, n):
    rng = np.random.default_rng(n)
    draw = {
        "gauss": rng.normal,
        "lognormal": lambda size: rng.lognormal(0.0, 0.5, size),
        "exponential": rng.exponential,
    }
    found = basins(draw[shape](size=(EXPERIMENTS, n)))
    assert found.two.mean() <= 0.05
    assert np.isnan(found.split[~found.two]).all()


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_two_peaks_are_found_and_parted(share):
    """Peaks at 0.3 and 0.5, sd 0.03: found in most of the experiments, parted between, with the right shares and means."""
    rng = np.random.default_rng(3)
    high = rng.random((EXPERIMENTS, 50)) < share
    found = basins(0.3 + 0.2 * high + 0.03 * rng.normal(size=high.shape))
    two = found.two
    assert two.mean() > 0.9
    assert ((found.split[two] > 0.33) & (found.split[two] < 0.47)).all()  # beyond one sd of either peak
    off = np.abs(found.shares[two, 1] - high[two].mean(axis=1))
    assert off.mean() < 0.01
    assert off.max() < 0.1
    assert np.abs(found.centres[two] - [0.3, 0.5]).max() < 0.06
    assert (found.separation[two] > 2).all()


def test_scale_and_place_do_not_matter_nor_do_missing_runs():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(0.0, 1.0, 20), rng.normal(9.0, 1.0, 15)])
    plain, moved = basins(x), basins(1e-3 * np.concatenate([x[::-1], [np.nan] * 4]) - 7)
    assert plain.two
    assert moved.two
    assert moved.split == pytest.approx(1e-3 * plain.split - 7, abs=1e-9)
    assert moved.shares == pytest.approx([20 / 35, 15 / 35])


def test_too_little_to_say():
    for values in ([], [1.0], [1.0, 2.0], np.full(30, 0.2), [np.nan] * 5):
        found = basins(np.asarray(values, dtype=float))
        assert not found.two
        assert np.isnan(found.split)
    assert not basins(np.repeat([0.0, 1.0], [47, 3])).two  # three runs are no basin
    assert basins(np.repeat([0.0, 1.0], [42, 8])).two


def test_switched_by_hand():
    """Split at .4: stays low, falls, rises, rises, missing; one at the split counts as above."""
    found = switched([0.3, 0.5, 0.2, 0.3, np.nan], [0.35, 0.1, 0.9, 0.4, 0.1], 0.4)
    assert (found.share, found.down, found.up) == (0.75, 0.25, 0.5)
    assert switched([0.3, 0.5], [0.5, 0.3], np.nan).share == 0
