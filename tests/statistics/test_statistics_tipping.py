"""The search for tipping points: worked cases, a planted break recovered, and how often a jump is found where none is."""

import numpy as np
import pytest

from experiments.statistics.tipping import SEARCHES, discontinuity, fixed_point, split, structural_break

EXPERIMENTS = 600  # a rejection rate of 5 % then has a standard error of .9 points
UNITS = 120


def units(seed, planted=None, jump=-0.15, slope=0.0, curve=0.0):
    """(share, change) of a city: shares skewed to the low side, errors that grow with the share, a break if planted."""
    rng = np.random.default_rng(seed)
    share = rng.beta(1.2, 3.5, UNITS)
    change = slope * share + curve * share**2 + rng.normal(0, 0.03 + 0.05 * share)
    return share, change if planted is None else change + jump * (share > planted)


def experiment(seed, search, **world):
    """(point, fair test on the units left out, naive test on those searched) in one made-up city."""
    share, change = units(seed, **world)
    searched = split(UNITS, seed)
    at = SEARCHES[search](share[searched], change[searched])
    naive = discontinuity(share, change, SEARCHES[search](share, change))
    return at, discontinuity(share[~searched], change[~searched], at), naive


def test_a_break_by_hand():
    """Six units that stand still up to .3 and lose a tenth past it: the point lies half-way between .3 and .4."""
    share, change = np.array([0.5, 0.1, 0.2, 0.3, 0.6, 0.4]), np.array([-0.1, 0.0, 0.0, 0.0, -0.1, -0.1])
    assert structural_break(share, change) == pytest.approx(0.35)
    assert structural_break(share, -change) == pytest.approx(0.35)  # the search does not know which way it should go
    assert np.isnan(structural_break(share[:5], change[:5]))  # three units on either side at least


def test_the_break_explains_most_of_the_squares():
    """As a loop over all splits that fits two means each time."""
    share, change = units(3, 0.25)
    inside = share <= 0.6
    x, y = share[inside], change[inside]
    least = int(np.ceil(0.05 * x.size))
    left = {}
    for low, high in zip(np.sort(x)[:-1], np.sort(x)[1:], strict=True):
        up = x >= high
        if min(up.sum(), (~up).sum()) >= least:
            left[(low + high) / 2] = ((y[up] - y[up].mean()) ** 2).sum() + ((y[~up] - y[~up].mean()) ** 2).sum()
    assert structural_break(share, change) == pytest.approx(min(left, key=left.get))


def test_a_fixed_point_by_hand():
    """y = .3 - m on an even grid up to .5, with mean .05 there: the line crosses the mean at .25, and not where y is 0."""
    share = np.linspace(0, 0.5, 51)
    assert fixed_point(share, 0.3 - share) == pytest.approx(0.25, abs=1e-6)
    assert np.isnan(fixed_point(share, share))  # the only crossing rises
    assert np.isnan(fixed_point(share[:8], 0.3 - share[:8]))  # too few units for the curve


def test_the_fixed_point_falls_most_steeply():
    """sin crosses its mean 0 at 0, 1/4 and 1/2 of its period; of the falling crossings inside there is one, at the middle."""
    share = np.linspace(0.001, 0.5, 400)
    assert fixed_point(share, np.sin(4 * np.pi * share)) == pytest.approx(0.25, abs=0.005)


def test_the_jump_by_hand():
    """Without a polynomial the jump is the difference of the two means; its HC3 error that of the two samples.

    HC3 gives each side the sum of ((y - mean) / (1 - 1/n))^2 / n^2: with changes 0, .2 and -.4, -.6, -.5.
    """
    share, change = np.array([0.1, 0.2, 0.6, 0.7, 0.8]), np.array([0.0, 0.2, -0.4, -0.6, -0.5])
    got = discontinuity(share, change, 0.4, degree=0)
    assert got.jump == pytest.approx(-0.6)
    below, above = 2 * (0.1 / 0.5) ** 2 / 4, 2 * (0.1 / (2 / 3)) ** 2 / 9
    assert got.error == pytest.approx(np.sqrt(below + above))
    assert got.units == 5
    assert got.low < -0.6 < got.high


def test_a_polynomial_is_no_jump():
    """A curve of the fourth degree is taken up whole; with a break on top, the break is given back exactly."""
    share = np.linspace(0, 0.6, 40)
    curve = 0.1 - share + 2 * share**2 - 3 * share**4
    assert discontinuity(share, curve, 0.2).jump == pytest.approx(0, abs=1e-9)
    assert discontinuity(share, curve - 0.2 * (share > 0.2), 0.2).jump == pytest.approx(-0.2)


def test_cities_have_constants_of_their_own_and_points_of_their_own():
    """Two cities of which one grows by .5, points at .2 and .4, a jump of -.1 in both: found exactly; a city without a point is left out."""
    share = np.tile(np.linspace(0.02, 0.6, 30), 3)
    city = np.repeat([7, 8, 9], 30)
    at = np.repeat([0.2, 0.4, np.nan], 30)
    change = 0.5 * (city == 8) + (city == 9) - 0.1 * (share > np.nan_to_num(at, nan=2.0))
    got = discontinuity(share, change, at, city)
    assert got.jump == pytest.approx(-0.1)
    assert got.units == 60


def test_where_nothing_can_be_said():
    share, change = units(1)
    for at in (np.nan, -0.1, 2.0):  # no point; all units past it; none
        assert np.isnan(discontinuity(share, change, at).jump)


def test_the_split_is_of_two_thirds_and_repeats():
    assert split(120, 4).sum() == 80
    assert (split(120, 4) == split(120, 4)).all()
    assert (split(120, 4) != split(120, 5)).any()


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("planted", [0.1, 0.2, 0.3])
def test_a_planted_break_is_recovered(search, planted):
    """In a hundred cities: the median point within a point, nine in ten within three; the interval covers the jump.

    The interval holds for the jump at the point tried: where the search errs, units between the two are on the wrong side and
    the jump shrinks (most for the fixed point at .1, which the polynomial smears), so coverage is asked of the break only.
    """
    runs = [experiment(seed, search, planted=planted, slope=0.05) for seed in range(100)]
    at = np.array([run[0] for run in runs])
    assert np.median(at) == pytest.approx(planted, abs=0.015)
    assert (abs(at - planted) < 0.03).mean() >= 0.9
    jumps = np.array([run[1].jump for run in runs])
    assert -0.19 < np.nanmean(jumps) < -0.07
    if search == "structural break":
        covered = [run[1].low <= -0.15 <= run[1].high for run in runs]
        assert np.mean(covered) >= 0.85


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("world", [{}, {"slope": -0.3, "curve": 0.3}], ids=["flat", "a smooth fall"])
def test_split_samples_keep_the_level_and_one_sample_does_not(search, world):
    """Without any break the fair test finds a jump in 5 % of cities, within three standard errors; the naive one in far more.

    Measured: fair .03 to .05 (HC3 errs on the safe side), naive .35 to .45 after the structural break, .10 to .14 after
    the fixed point, which looks for a crossing and not for a jump.
    """
    runs = [experiment(seed, search, **world) for seed in range(EXPERIMENTS)]
    fair, naive = (np.array([run[k].p for run in runs]) for k in (1, 2))
    assert 0.023 <= (fair[~np.isnan(fair)] < 0.05).mean() <= 0.077
    assert (naive < 0.05).mean() >= (0.3 if search == "structural break" else 0.08)
