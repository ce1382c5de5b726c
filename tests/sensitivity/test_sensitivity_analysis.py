"""Sensitivity of the model itself: a parameter that does nothing has no index; effects are paired; the page is whole."""

import tomllib

import numpy as np
import pytest
from typer.testing import CliRunner

from abm.config.declare import ScenarioError
from experiments.command_line import app
from experiments.sensitivity.analysis import analyse, by_point, noise_share
from experiments.sensitivity.page import write_analysis
from experiments.sweep.conduct import conduct
from experiments.sweep.dataset import Dataset
from experiments.sweep.spec import load
from tests.builders import ROOT
from tests.pages import sound

HEAD = f'base = "{ROOT / "configs" / "classroom.toml"}"\nyears = 2\nseeds = 2\n'


def swept(folder, text):
    path = folder / "s.toml"
    path.write_text(HEAD + text)
    conduct(load(path), str(path), folder / "out", 1, "command", bar=False)
    return Dataset(folder / "out")


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """choice.peers matters; outcomes.peers is a weight in an outcome that is off: it can do nothing."""
    text = 'design = "morris"\nsamples = 4\n[vary]\n"choice.peers" = {low = 0.0, high = 8.0}\n"outcomes.peers" = {from = "bounds"}\n'
    return swept(tmp_path_factory.mktemp("morris"), text)


def test_a_parameter_that_does_nothing_has_no_index(screened):
    found = analyse(screened).table.set_index("key")
    assert found.mu_star["outcomes.peers"] == 0
    assert found.sigma["outcomes.peers"] == 0
    assert found.mu_star["choice.peers"] > 0.02


def test_the_page_and_its_tables(screened, tmp_path):
    analysis = analyse(screened, "distance_km")
    text = write_analysis(analysis, tmp_path)
    assert "Of what was varied, choice.peers matters most (100 %" in text
    html = (tmp_path / "index.html").read_text()
    sound(html)
    assert "<svg" in html
    assert "choice.peers: from 0 to 8" in html
    assert (tmp_path / "sensitivity.csv").read_text().startswith("key,mu_star")
    with pytest.raises(ScenarioError, match="ask for one of these"):
        analyse(screened, "gini")


def test_an_effect_is_the_difference_within_a_seed(tmp_path):
    """With minus without, point by point; where the policy's intensity is varied to 0 it is 0 to the bit."""
    (tmp_path / "p.toml").write_text('[[policies]]\nkind = "cut_places"\nintensity = 0.0\n')
    text = (
        'effect = "p.toml"\ndesign = "latin_hypercube"\nsamples = 2\n[vary]\n"choice.peers" = {low = 0.0, high = 8.0}\n'
    )
    data = swept(tmp_path, text)
    assert by_point(data, "dissimilarity", 2).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_the_share_of_chance():
    """Points without a difference of their own: all is chance. Without noise: none. One seed: not known."""
    rng = np.random.default_rng(1)
    assert noise_share(rng.normal(size=(400, 8))) == pytest.approx(1, abs=0.15)
    assert noise_share(np.repeat(np.arange(5.0)[:, None], 3, axis=1)) == 0
    assert np.isnan(noise_share(np.arange(5.0)[:, None]))


def test_a_sweep_that_is_not_finished_or_no_sample_is_told(screened, tmp_path, capfd):
    import shutil

    shutil.copytree(screened.folder, tmp_path / "copy")
    next(Dataset(tmp_path / "copy").files()).unlink()
    with pytest.raises(ScenarioError, match=r"are missing|no block is finished"):
        analyse(Dataset(tmp_path / "copy"))
    result = CliRunner().invoke(app, ["sensitivity", str(ROOT / "configs" / "sweeps" / "classroom.toml")])
    assert result.exit_code == 2
    assert "no sensitivity indices" in result.output + capfd.readouterr().err


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "sweeps").glob("*.toml")), ids=lambda p: p.stem)
def test_every_shipped_sweep_loads(path):
    named = tomllib.loads(path.read_text(encoding="utf-8")).get("posterior")
    if named and not (path.parent / named).is_file():
        pytest.skip(f"{named} is not there: it comes with its calibration")
    sweep = load(path)
    assert sweep.title
    assert sweep.factors
