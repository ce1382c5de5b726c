"""Checks by planted parameters: right posteriors pass, wrong ones fail, and the inference is among the right ones."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from typer.testing import CliRunner

from abm.config.declare import ScenarioError
from experiments.calibration import inference, planted, ranks
from experiments.calibration.checked import checked
from experiments.calibration.planted_page import told, write_check
from experiments.command_line import app
from tests.builders import ROOT
from tests.calibration import toy
from tests.pages import sound

FILE = ROOT / "configs" / "calibration" / "planted.toml"
SLOPES = np.array([[2.0, 0.0], [0.0, 0.5], [1.0, 0.5]])


def rows(cities: int, wider: float = 1.0, shift: float = 0.0, draws: int = 200, seed: int = 3) -> pd.DataFrame:
    """Cities with exact posteriors, of which sd and place may be falsified. The prior is so wide as to count for flat."""
    rng, out = np.random.default_rng(seed), {}
    for number in range(1, cities + 1):
        truth = rng.uniform(-10, 10, 2)
        observed = SLOPES @ truth + rng.normal(size=3)
        found = toy.exact(SLOPES, 1.0, observed, draws, rng)
        found = found.mean(axis=0) + (found - found.mean(axis=0)) * wider + shift * found.std(axis=0)
        each = {
            key: planted.summary(found[:, k], np.ones(draws), truth[k], rng.random())
            for k, key in enumerate(toy.KEYS[:2])
        }
        out[number] = {"city": {}, "effective": draws, "simulations": draws, "epsilon": 1.0, "parameters": each}
    return planted.table(out)


def check(**how):
    return checked(toy.calibration(2, 3), rows(**how))


def test_right_posteriors_rarely_fail():
    """Of 40 checks of right posteriors, about 5 % fail for some parameter, and some are in doubt."""
    verdicts = [list(check(cities=50, seed=seed).uniform.verdict) for seed in range(40)]
    assert sum("fails" in both for both in verdicts) <= 5
    assert sum("in doubt" in both for both in verdicts) <= 14


def test_right_posteriors_pass():
    """Coverage as told, contraction of the closed form."""
    found = check(cities=400)
    assert "fails" not in set(found.uniform.verdict)
    assert (found.coverage.p > 0.01).all()
    variance = np.diag(np.linalg.inv(SLOPES.T @ SLOPES))
    assert found.contraction.contraction_mean.to_numpy() == pytest.approx(1 - variance / (400 / 12), abs=0.01)
    assert found.contraction.rmse_prior_sd.to_numpy() == pytest.approx(
        found.contraction.expected_rmse_prior_sd, rel=0.1
    )


@pytest.mark.parametrize(
    ("how", "words"),
    [({"wider": 0.6}, "too narrow"), ({"wider": 2.0}, "too wide"), ({"shift": -0.8}, "lie too low"), ({"shift": 0.8}, "lie too high")],
)  # fmt: skip
def test_wrong_posteriors_fail(how, words):
    found = check(cities=100, **how)
    assert list(found.uniform.verdict) == ["fails", "fails"]
    assert any(words in sentence for sentence in told(found))


def test_a_posterior_that_is_the_prior_passes_and_learns_nothing():
    """Ranks alone say nothing of learning; contraction does."""
    rng = np.random.default_rng(6)
    out = {
        n: {"city": {}, "effective": 99, "simulations": 99, "epsilon": 1.0,
            "parameters": {toy.KEYS[0]: planted.summary(rng.uniform(-10, 10, 99), np.ones(99), rng.uniform(-10, 10), rng.random())}}
        for n in range(1, 201)
    }  # fmt: skip
    found = checked(toy.calibration(1, 1), planted.table(out))
    assert list(found.uniform.verdict) == ["passes"]
    assert found.contraction.contraction_mean[0] == pytest.approx(0, abs=0.03)
    assert abs(found.contraction.correlation[0]) < 0.2


@pytest.mark.parametrize("draws", [4, 30, 99])
def test_ranks_are_uniform_however_few_the_draws(draws):
    """The planted value and the draws are exchangeable, so the rank is uniform; without its own step it would not be."""
    rng = np.random.default_rng(1)
    found = [ranks.rank(x[1:], np.ones(draws), x[0], rng.random()) for x in rng.normal(size=(4000, draws + 1))]
    assert stats.chisquare(np.bincount(np.array(found) // 10, minlength=10)).pvalue > 0.01


def test_ranks_of_weighted_draws_are_uniform():
    """Draws of a wider distribution with importance weights."""
    rng, found = np.random.default_rng(2), []
    for _ in range(2000):
        values = rng.normal(0, 2, 200)
        weights = stats.norm.pdf(values) / stats.norm.pdf(values, 0, 2)
        found.append(ranks.rank(values, weights, rng.normal(), rng.random()))
    assert stats.chisquare(np.bincount(np.array(found) // 10, minlength=10)).pvalue > 0.01


def test_rank_counts_draws_below():
    values = np.arange(1, 1000) / 1000
    assert ranks.rank(values, np.ones(999), -1, 0.5) == 0
    assert ranks.rank(values, np.ones(999), 2, 0.5) == ranks.DRAWS
    assert ranks.rank(values, np.ones(999), 0.5, 0.5) == 50


def test_the_band_holds_the_whole_curve_as_often_as_it_says():
    """Over fresh uniform samples, 95 % of curves stay within; the p-value falls below .05 in as many as leave it."""
    low, high = ranks.band(100)
    samples = np.random.default_rng(9).integers(0, ranks.RANKS, (600, 100))
    curves = np.array([ranks.ecdf(s) for s in samples])
    out = ((curves < low) | (curves > high)).any(axis=1)
    assert out.mean() == pytest.approx(0.05, abs=0.025)
    p = np.array([ranks.uniformity(s).ecdf for s in samples[:150]])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.04)


def test_bins_hold_at_least_five_cities():
    assert [ranks.uniformity(np.zeros(n, int)).bins.size for n in (3, 10, 30, 100)] == [1, 2, 5, 20]


def test_residuals_are_widened_to_the_error_of_a_prediction():
    """With 40 particles and 10 targets plain residuals have a third less variance than a new value has around a fit."""
    rng, plain, wide, due = np.random.default_rng(5), [], [], []
    slope = rng.normal(size=10)
    for _ in range(400):
        gap, weight = rng.normal(size=(40, 10)), rng.uniform(0.2, 1, 40)
        weight /= weight.sum()
        values = gap @ slope + rng.normal(size=40)
        root = np.sqrt(weight)[:, None]
        design = np.concatenate([np.ones((40, 1)), gap], axis=1)
        solve = np.linalg.pinv(root * design) * root.T
        out = inference._regressed(values[:, None], gap, weight)[:, 0]
        plain.append(np.average((values - design @ solve @ values) ** 2, weights=weight))
        wide.append(np.average((out - np.average(out, weights=weight)) ** 2, weights=weight))
        due.append(1 + (solve[0] ** 2).sum())
    assert np.mean(wide) == pytest.approx(np.mean(due), rel=0.05)
    assert np.mean(plain) < 0.8 * np.mean(wide)


def test_too_few_particles_are_left_as_they_are():
    values = np.arange(6.0)[:, None]
    assert inference._regressed(values, np.ones((6, 3)), np.full(6, 1 / 6)) is values


@pytest.fixture
def linear(monkeypatch):
    """The shipped plan with a simulator of figures that are linear in the parameters' places within their priors."""
    what = planted.plan(FILE)
    free, names = what.calibration.free, [t.name for t in what.calibration.targets]
    slopes = np.random.default_rng(8).normal(size=(len(names), len(free))) * 0.1

    def simulate(calibration, values, seed, start=""):
        place = [(values[f.key] - f.low) / (f.high - f.low) for f in free]
        noise = 0.01 * np.random.default_rng(seed).normal(size=len(names))
        return dict(zip(names, slopes @ place + noise, strict=True))

    monkeypatch.setattr(inference, "simulate", simulate)
    return what._replace(calibration=dataclasses.replace(what.calibration, population=60, simulations=100))


def test_cities_differ_and_can_be_sown_again(linear):
    one, again, other = (planted.sow(linear, n) for n in (1, 1, 2))
    assert (one.truth, one.observed, one.city) == (again.truth, again.observed, again.city)
    assert one.calibration.config.city.layout != other.calibration.config.city.layout
    assert one.truth != other.truth
    assert one.calibration.config.city.pupils == one.city["city.pupils"]
    assert all(f.low <= one.truth[f.key] <= f.high for f in linear.calibration.free)


def test_noise_of_the_tolerance_is_planted(linear):
    """Over many cities the observed figures are off by the tolerance, beside the simulator's own chance of .01."""
    gaps = []
    for number in range(1, 81):
        sown = planted.sow(linear, number)
        clean = inference.simulate(sown.calibration, sown.truth, 0)
        gaps.append(
            [
                (sown.observed[t.name] - clean[t.name]) / np.hypot(t.tolerance, 0.0141)
                for t in linear.calibration.targets
            ]
        )
    assert np.std(gaps) == pytest.approx(1, abs=0.08)
    assert np.mean(gaps) == pytest.approx(0, abs=0.1)


def test_finished_cities_are_taken_and_missing_ones_found(linear, tmp_path, monkeypatch):
    pytest.importorskip("pyabc")
    first = planted.conduct(linear, 2, tmp_path, 1)
    whole = inference.simulate
    monkeypatch.setattr(inference, "simulate", None)  # a call of it would fail
    pd.testing.assert_frame_equal(planted.conduct(linear, 2, tmp_path, 1), first)
    monkeypatch.setattr(inference, "simulate", whole)
    ticks = []
    more = planted.conduct(linear, 3, tmp_path, 1, ticks.append)
    assert ticks == [2, 1]
    pd.testing.assert_frame_equal(more.iloc[: len(first)], first)
    assert sorted(more.number.unique()) == [1, 2, 3]


def test_a_city_without_figures_is_drawn_again(linear, monkeypatch):
    inner, calls = inference.simulate, []

    def often_nothing(*args):
        calls.append(1)
        return {name: math.nan if len(calls) < 4 else value for name, value in inner(*args).items()}

    monkeypatch.setattr(inference, "simulate", often_nothing)
    assert all(math.isfinite(v) for v in planted.sow(linear, 1).observed.values())
    assert len(calls) == 4
    monkeypatch.setattr(inference, "simulate", lambda *_: {t.name: math.nan for t in linear.calibration.targets})
    with pytest.raises(ScenarioError, match="gave no figures"):
        planted.sow(linear, 1)


def test_a_site_is_made_once_and_changes_nothing():
    """Figures are the same with the blueprint kept, to the bit."""
    sown = planted.sow(planted.plan(FILE), 1)
    plain = inference.simulate(sown.calibration, sown.truth, 5)
    with planted.same_site():
        kept = [inference.simulate(sown.calibration, sown.truth, seed) for seed in (4, 5)]
    assert kept[1] == plain


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('"city.layout" = { low = 1, high = 9 }', "cities.city.layout"),
        ('"choice.zone" = { low = 0, high = 1 }', "is a free parameter"),
        ('"city.pupils" = 500', "give a range"),
        ('"city.pupils" = { low = 9, high = 1 }', "low < high"),
    ],
)
def test_bad_ranges_of_cities_are_named(tmp_path, lines, words):
    text = FILE.read_text().replace('base = "', f'base = "{FILE.parent.as_posix()}/')
    head, _, tail = text.partition("[cities]")
    path = tmp_path / "bad.toml"
    path.write_text(f"{head}[cities]\n{lines}\n\n[free]{tail.partition('[free]')[2]}")
    with pytest.raises(ScenarioError, match=words):
        planted.plan(path)


def test_a_missing_file_ends_with_code_2(tmp_path):
    result = CliRunner().invoke(app, ["planted", str(tmp_path / "none.toml")])
    assert result.exit_code == 2


def test_page_and_tables(tmp_path):
    what = planted.plan(FILE)._replace(calibration=toy.calibration(2, 3))
    words = write_check(what, check(cities=40), tmp_path, "toy.toml")
    assert "40 cities" in words and "Are the ranks uniform?" in words
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    sound(page)
    assert page.count("<figure>") == 3 and "schoolflight planted toy.toml --cities 40" in page
    for name in ("ranks", "uniformity", "coverage", "contraction"):
        assert len(pd.read_csv(tmp_path / f"{name}.csv"))
    assert (tmp_path / "planted_recovery.png").stat().st_size > 10_000


@pytest.mark.slow
def test_inference_finds_what_is_planted_in_a_linear_simulator(linear):
    """Two generations of 150 particles, importance weights and all: no parameter fails, and half a prior sd is found."""
    pytest.importorskip("pyabc")
    c = dataclasses.replace(linear.calibration, population=150, generations=2, simulations=2000)
    what = linear._replace(calibration=c)
    found = checked(c, planted.table(dict(planted.harvest(what, n) for n in range(1, 61))))
    assert "fails" not in set(found.uniform.verdict)
    assert found.contraction.correlation.max() > 0.7


@pytest.mark.slow
def test_the_same_for_any_number_of_jobs(tmp_path):
    pytest.importorskip("pyabc")
    what = planted.plan(FILE)
    what = what._replace(calibration=dataclasses.replace(what.calibration, population=20, simulations=40))
    one, two = (planted.conduct(what, 3, tmp_path / str(jobs), jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.slow
def test_a_hundred_cities(tmp_path):
    """The shipped check: a quarter of an hour of processor time."""
    pytest.importorskip("pyabc")
    what = planted.plan(FILE)
    found = checked(what.calibration, planted.conduct(what, 100, tmp_path, 2))
    assert "fails" not in set(found.uniform.verdict)
