"""Signs of policies among the sets of a posterior: probabilities, where the sign flips, the command and its page."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.command_line import app
from experiments.exploration.flip_page import flip, sentence
from experiments.exploration.flips import Flips, _judged, _located, paired, telling
from experiments.sensitivity.analysis import by_point
from experiments.sweep.dataset import Dataset
from experiments.sweep.spec import load
from tests.pages import sound

pytest.importorskip("ema_workbench")
SWEEP = """
base = "city.toml"
design = "posterior"
posterior = "sets.csv"
samples = 20
seeds = 2
indicators = ["dissimilarity", "private:majority"]
[vary]
policies = ["magnet.toml", "none", "nothing.toml"]
"""
NOTHING = '[[policies]]\nkind = "magnet"\nintensity = 0.0\n'


def explored(*words):
    return CliRunner().invoke(app, ["explore", *map(str, words)])


@pytest.fixture(scope="module")
def home(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("flips")
    for name in ("city.toml", "magnet.toml"):
        (folder / name).write_text((tiny / name).read_text())
    (folder / "nothing.toml").write_text(NOTHING)
    (folder / "sweep.toml").write_text(SWEEP)
    rng = np.random.default_rng(1)
    rows = [f"{-rng.random():.4f},{4 * rng.random():.4f},{rng.random():.4f}" for _ in range(30)]
    (folder / "sets.csv").write_text("choice.distance,choice.theme.minority,weight\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def done(home):
    return explored(home / "sweep.toml", "--out", home / "out", "--jobs", 1), home / "out"


def made(effects, x):
    """The signs of one policy with known effects (draw, seed)."""
    one = _judged("policy", effects, x, 0.0)
    return _located(one, one.differ < 0.05, x)


def told(one, x):
    sweep = type(
        "S", (), {"posterior": "sets.csv", "samples": len(x), "seeds": 2, "weights": (1.0,) * len(x), "title": ""}
    )
    return sentence(Flips(sweep, "dissimilarity", 5, 0.0, x, (one,)), one)


@pytest.fixture(scope="module")
def planted():
    """120 sets; the effect is below 0 where a < 0.4 and above elsewhere; b and c do nothing."""
    rng = np.random.default_rng(4)
    x = pd.DataFrame(rng.random((120, 3)), columns=["b", "a", "c"])
    truth = 0.1 * (x.a.to_numpy() - 0.4)
    return x, truth, truth[:, None] + 0.01 * rng.normal(size=(120, 2))


def test_it_finds_the_parameter_and_the_value_at_which_the_sign_flips(planted):
    x, truth, effects = planted
    one = made(effects, x)
    assert one.flips and one.telling.key[0] == "a" and one.telling.told[0]
    assert one.telling.cut[0] == pytest.approx(0.4, abs=0.1)
    assert one.telling.separation[0] > 0.9 and one.telling.rho[0] > 0.9
    assert (one.telling.separation[1:].abs() < 0.35).all()
    assert one.telling.lowers_below[0] > 0.85 > 0.15 > one.telling.lowers_above[0]
    assert one.probability == pytest.approx((truth < 0).mean(), abs=0.05)
    assert one.share(-1) + one.share(0) + one.share(1) == pytest.approx(1)
    wrong = (np.sign(truth) * one.sure == -1).mean()
    assert wrong < 0.02 and 0.4 < one.share(1) < 0.65
    assert "a" in one.found.boxes[0].limits
    words = told(one, x)
    assert "Its sign hangs most on a" in words and "Box 1: it fails where a above 0.4" in words


def test_where_nothing_differs_nothing_is_told_to_flip(planted):
    """The same small effect in all sets, lost in noise: half of the plain signs are wrong, and no place is given."""
    x, _, _ = planted
    one = made(-0.001 + 0.01 * np.random.default_rng(5).normal(size=(120, 2)), x)
    assert not one.flips and one.found is None
    assert one.probability > 0.7
    assert 0.4 < (one.mean < 0).mean() < 0.7
    assert "no more than chance" in told(one, x)
    still = made(np.zeros((120, 2)), x)
    assert still.probability == 0 and "changes nothing at all" in told(still, x)
    sure = made(np.full((120, 2), -1.0) + 0.01 * np.random.default_rng(5).normal(size=(120, 2)), x)
    assert sure.probability == pytest.approx(1) and "same in every set" in told(sure, x)
    assert sure.telling.separation.isna().all()
    assert "ask for more seeds" in told(made(np.random.default_rng(1).normal(size=(120, 1)), x), x)


def test_too_few_with_the_other_sign_are_no_flip(planted):
    x, _, _ = planted
    effects = np.full((120, 2), -1.0) + 0.01 * np.random.default_rng(5).normal(size=(120, 2))
    effects[:3] = 1.0
    one = made(effects, x)
    assert not one.flips and one.differ < 1e-6
    assert "too few sets have the other sign" in told(one, x)


def test_a_constant_parameter_tells_nothing():
    mean = np.random.default_rng(1).normal(size=50)
    rows = telling(pd.DataFrame({"same": np.ones(50), "own": mean}), mean).set_index("key")
    assert rows.separation["own"] == 1 and rows.separation["same"] == 0 and not rows.told["same"]
    assert rows.cut["own"] == pytest.approx(0, abs=0.1) and np.isnan(rows.cut["same"])


def test_failed_draws_are_left_out(planted):
    x, _, effects = planted
    holes = effects.copy()
    holes[5, 1] = np.nan
    one = made(holes, x)
    assert one.there.sum() == 119 and one.sure[5] == 0 and np.isfinite(one.probability)


def test_effects_are_paired_by_set_and_seed(done, home):
    """Each arm less the arm without policies of the same draw and seed; a policy at intensity 0 changes nothing to the bit."""
    result, folder = done
    assert result.exit_code == 0, result.output
    sweep, values = load(home / "sweep.toml"), by_point(Dataset(folder), "dissimilarity", 2)
    effects = paired(sweep, values)
    assert list(effects) == ["magnet", "nothing"]
    assert (effects["magnet"] == values[0::3] - values[1::3]).all()
    assert (effects["nothing"] == 0).all() and (effects["magnet"] != 0).any()
    rows = pd.read_csv(folder / "set_effects.csv")
    own = rows[rows.policy == "magnet"].effect.to_numpy()
    assert own == pytest.approx(effects["magnet"].mean(axis=1), abs=1e-6)


def test_one_policy_as_an_effect_gives_the_same(done, home):
    text = SWEEP.replace("[vary]\n", "").replace(
        'policies = ["magnet.toml", "none", "nothing.toml"]', 'effect = "magnet.toml"'
    )
    (home / "effect.toml").write_text(text)
    result = explored(home / "effect.toml", "--out", home / "effect", "--jobs", 1)
    assert result.exit_code == 0, result.output
    first, second = (
        pd.read_csv(folder / "policy_signs.csv").set_index("policy") for folder in (done[1], home / "effect")
    )
    pd.testing.assert_series_equal(
        first.loc["magnet"].drop("sign_flips").astype(float), second.loc["magnet"].drop("sign_flips").astype(float)
    )


def test_what_it_prints_and_leaves(done):
    result, folder = done
    assert (
        "probability that it lowers" in result.output
        and "20 draws by weight from the 30 sets of sets.csv" in result.output
    )
    html = (folder / "explore.html").read_text()
    sound(html)
    assert html.count("<svg") == 2 and "Where the sign flips" in html
    for name in ("policy_signs", "sign_sets"):
        assert (folder / f"{name}.png").stat().st_size > 5000
    rows = pd.read_csv(folder / "policy_signs.csv")
    assert np.allclose(rows[["clearly_lowers", "not_clear", "clearly_raises"]].sum(axis=1), 1)
    assert len(pd.read_csv(folder / "sign_parameters.csv")) == 4


def test_another_indicator_and_a_smallest_effect(done, home):
    result = explored(
        home / "sweep.toml", "--out", done[1], "--jobs", 1, "--indicator", "private:majority", "--smallest", 0.01
    )
    assert result.exit_code == 0, result.output
    assert "probability that it lowers by 0.01" in result.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('policies = ["magnet.toml", "none", "nothing.toml"]', "", "no effect can be told"),
        ('"none", ', "", "no effect can be told"),
        ("samples = 20", "samples = 5", "too few"),
    ],
)
def test_what_cannot_be_told_is_refused_before_it_runs(home, capfd, old, new, words):
    (home / "bad.toml").write_text(SWEEP.replace(old, new))
    result = explored(home / "bad.toml", "--out", home / "bad")
    assert result.exit_code == 2
    assert words in result.output + capfd.readouterr().err
    assert not (home / "bad").exists()


def test_flip_is_silent_about_boxes_with_few_draws(planted):
    """Fewer than forty draws: the parameter is told, no box."""
    x, _, effects = planted
    few = x[:30].reset_index(drop=True)
    one = made(effects[:30], few)
    assert one.flips and one.found is None
    sweep = type("S", (), {"posterior": "sets.csv"})
    assert "Box" not in flip(Flips(sweep, "dissimilarity", 5, 0.0, few, (one,)), one)
