"""The command on a tiny sweep: what it prints and leaves behind, and what it refuses in plain words."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.command_line import app
from experiments.sensitivity.analysis import by_point
from experiments.sweep.dataset import Dataset
from tests.pages import sound

pytest.importorskip("ema_workbench")


def explored(*words):
    return CliRunner().invoke(app, ["explore", *map(str, words)])


@pytest.fixture(scope="module")
def done(tiny):
    folder = tiny / "out"
    return explored(tiny / "sweep.toml", "--out", folder, "--jobs", 1), folder


def test_what_it_prints_and_leaves(done):
    result, folder = done
    assert result.exit_code == 0, result.output
    assert "magnet lowers dissimilarity at" in result.output
    assert "Largest regret" in result.output
    assert "Sign over the two leading factors" in result.output
    html = (folder / "explore.html").read_text()
    sound(html)
    assert "When does magnet fail?" in html
    assert html.count("<svg") == 2
    for name in ("trade_off", "sign_map"):
        assert (folder / f"{name}.png").stat().st_size > 5000
    assert {"lowers", "regret", "minimax_regret"} <= set(pd.read_csv(folder / "robustness.csv").columns)


def test_its_points_are_those_of_the_sweep(done):
    """The column effect is the mean paired difference; without a theme to give, themes = 0, it is 0 to the bit."""
    _, folder = done
    points = pd.read_csv(folder / "explored_points.csv")
    data = Dataset(folder)
    assert points.effect.to_numpy() == pytest.approx(by_point(data, "dissimilarity", 2).mean(axis=1), abs=1e-6)
    assert (points.effect[points["policies.0.themes"] == 0] == 0).all()
    assert (points.fails == (points.effect >= 0)).all()


def test_the_smallest_effect_that_counts(done, tiny, capfd):
    """Nobody lowers D by 5: it fails at every point."""
    result = explored(tiny / "sweep.toml", "--out", done[1], "--jobs", 1, "--smallest", 5)
    assert result.exit_code == 2
    assert "fails at every point" in result.output + capfd.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('effect = "magnet.toml"\n', "", "no effect is asked for"),
        ("samples = 40", "samples = 12", "too few"),
        ('"latin_hypercube"', '"morris"', "cannot be explored"),
    ],
)
def test_sweeps_that_cannot_be_explored(tiny, capfd, old, new, words):
    text = (tiny / "sweep.toml").read_text().replace(old, new)
    if not new:
        text = text.replace('"policies.0.themes" = { low = 0, high = 4 }\n', "")
    (tiny / "bad.toml").write_text(text)
    result = explored(tiny / "bad.toml", "--out", tiny / "bad")
    assert result.exit_code == 2
    assert words in result.output + capfd.readouterr().err
    assert not (tiny / "bad").exists()
