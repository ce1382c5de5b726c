"""Scores, starts and which targets are met together, against numbers worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from experiments.calibration.predictive import FITTED, NEAREST, OBSERVED, RIVAL, Predicted, against_targets, starts
from experiments.calibration.scores import crps, scored, skill
from experiments.calibration.together import best, pairs, sentences


def test_crps_of_few_members_by_hand():
    """E|X - y| less half E|X - X'|; of one member, the absolute error."""
    assert crps(0.0, [0.0, 1.0]) == pytest.approx(0.5 - 0.25)
    assert crps(2.0, [5.0]) == pytest.approx(3.0)
    assert crps(1.0, [0.0, 1.0, 2.0, math.nan]) == pytest.approx(2 / 3 - 0.5 * 8 / 9)
    assert math.isnan(crps(1.0, [math.nan]))


@pytest.mark.parametrize("y", [-1.0, 0.3, 2.5])
def test_crps_of_a_normal_forecast_in_closed_form(y):
    """The closed form of Gneiting, Raftery, Westveld & Goldman 2005."""
    mean, sd = 0.5, 1.5
    z = (y - mean) / sd
    exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))
    ensemble = norm.ppf((np.arange(4000) + 0.5) / 4000, mean, sd)
    assert crps(y, ensemble) == pytest.approx(exact, rel=1e-3)


def test_skill():
    assert skill(0.5, 1.0) == 0.5
    assert skill(2.0, 1.0) == -1.0
    assert math.isnan(skill(1.0, 0.0))


def predicted(**arms):
    """Predictions by arm from values of d; km and nearest are right."""
    tables = {arm: pd.DataFrame({"d": values, "km": 1.0, "nearest": 0.6}, dtype=float) for arm, values in arms.items()}
    return Predicted(tables, {arm: [] for arm in tables})


def test_rivals_and_what_they_score(calibration):
    """Held out: nearest is 0.6; persistence says 0.65, another city 0.4, nearest school 0.6."""
    rows = scored(calibration, calibration.held_out, predicted(**{FITTED: [0.3] * 200, RIVAL: [0.1] * 5}))
    score = rows.set_index("rival")
    assert score.rival_crps["persistence"] == pytest.approx(0.05)
    assert score.rival_crps["another city"] == pytest.approx(0.2)
    assert score.rival_crps["nearest school"] == pytest.approx(0.0)
    # the model's draws are 0.6 with noise of the tolerance, 0.05: the score of a normal forecast at its mean
    assert score.crps["persistence"] == pytest.approx(0.05 * (2 * norm.pdf(0) - 1 / math.sqrt(math.pi)), rel=0.15)
    assert score.skill["persistence"] == pytest.approx(1 - score.crps["persistence"] / 0.05)
    fitted = scored(calibration, calibration.fitted, predicted(**{FITTED: [0.3] * 20, RIVAL: [0.1] * 5}))
    assert set(fitted.target) == {"d", "km"}
    assert set(fitted.rival) == {"nearest school"}


def test_a_target_is_met_within_two_tolerances(calibration):
    near = against_targets(calibration, predicted(**{FITTED: [0.38, 0.4]}).figures[FITTED]).set_index("target")
    assert near.met["d"] == near.met["km"] == "met"
    assert near.gap["d"] == pytest.approx(1.8)
    assert near.z["d"] == pytest.approx(-0.09 / math.hypot(0.05, np.std([0.38, 0.4], ddof=1)))
    far = against_targets(calibration, predicted(**{FITTED: [0.42, 0.42]}).figures[FITTED]).set_index("target")
    assert far.met["d"] == "not met"
    assert far.use["nearest"] == "held out"


@pytest.mark.parametrize(
    ("shift", "verdict"),
    [
        (0.01, "the starts agree"),
        (0.09, "hysteresis: they differ by 0.09"),
        (0.048, "not known: they differ by 0.048, whether by more than the tolerance is open"),
    ],
)
def test_both_starts_agree_or_do_not(calibration, shift, verdict):
    """The tolerance of d is 0.05; pairs share a seed, so chance common to both goes out."""
    rng = np.random.default_rng(1)
    common, own = 0.1 * rng.standard_normal(30), 0.01 * rng.standard_normal(30)
    own -= own.mean()
    found = starts(calibration, predicted(**{FITTED: common, NEAREST: common, OBSERVED: common + shift + own}))
    row = found.set_index("target").loc["d"]
    assert row.difference == pytest.approx(shift)
    assert row.verdict == verdict
    assert starts(calibration, predicted(**{FITTED: common})) is None


def test_targets_that_are_never_met_together(calibration):
    """d (.3 +- .05) and km (1 +- .1) are each met, but where one is, the other is off."""
    tried = pd.DataFrame({"d": [0.3, 0.5, 0.45], "km": [1.5, 1.0, 1.25], "nearest": 0.5})
    rows = pairs(calibration, tried).set_index(["target", "with"])
    assert rows.distance["d", "d"] == pytest.approx(0.0)
    assert rows.distance["d", "km"] == pytest.approx(3.0)
    told = sentences(calibration, tried)
    assert told[0].startswith(
        "d and km are each met, but never together within 2 tolerances: at the nearest, d is 0.45"
    )
    assert "by 0 of 3 simulations" in told[-1]
    assert best(calibration, tried).d == 0.45  # 9 + 6.25 against 16 and 25

    tried.loc[3] = [0.31, 1.05, 0.5]
    assert "Every pair" in sentences(calibration, tried)[0]
    assert "by 1 of 4 simulations" in sentences(calibration, tried)[-1]


def test_a_target_that_is_never_met(calibration):
    """A simulation without a figure is infinitely far."""
    tried = pd.DataFrame({"d": [0.3, math.nan], "km": [1.5, 1.0], "nearest": 0.5})
    told = sentences(calibration, tried.iloc[:1])
    assert told[0] == "km is never met within 2 tolerances: the nearest figure is 1.5, published is 1."
    assert pairs(calibration, tried).set_index(["target", "with"]).distance["d", "km"] == pytest.approx(5.0)
