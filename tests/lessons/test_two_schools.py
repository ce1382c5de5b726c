"""The town of lesson 3: its map in Python, in the page's JavaScript and in the full model say the same."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from abm import SchoolChoiceModel, __version__, load
from abm.page import LOOK
from abm.sight import peak
from abm.utility import composition_value
from experiments.lessons.two_schools import Town, lowest, next_share, path, rests, value
from tests.builders import ROOT

SCENARIO = ROOT / "configs" / "lessons" / "two_schools.toml"
PAGE = ROOT / "experiments" / "lessons" / "tipping.html"
TOWNS = (
    Town(), Town(weight=3.0, km=2.0), Town(minority=0.38), Town(minority=0.1, weight=10.0, prefers=0.9), Town(weight=0.0),
    Town(minority=0.5, km=0.0, noise=3.0), Town(minority=0.3, beside=0.7, full=1.0, distance=0.2, noise=0.5),
)  # fmt: skip


def test_composition_is_valued_as_in_the_model():
    """V of the map equals the model's kernel, at and around the peak and at both ends."""
    for f, m in ((0.7, 0.8), (0.5, 0.3), (0.9, 1.0)):
        rise, top, fall = (column[0] for column in peak(np.array([f], np.float32), np.array([m], np.float32)))
        for x in (0.0, 0.2, f - 0.01, f, f + 0.01, 1.0):
            assert float(value(x, f, m)) == pytest.approx(composition_value(np.float32(x), rise, top, fall), abs=1e-6)


@pytest.mark.parametrize("minority", [0.25, 0.35, 0.38])
def test_a_year_of_the_full_model_is_a_step_of_the_map(minority):
    """10,000 families: each year's share at either school is the map of last year's, within four standard errors."""
    whole, side = 10_000, round(5000 * minority)
    heads = {"majority": 5000 - side, "minority": side}
    config = load(SCENARIO, [f"city.stops.{s}.pupils={_toml(heads)}" for s in (0, 1)])
    town, model = Town(minority=minority), SchoolChoiceModel(config, 1, collect=False)
    for _ in range(12):
        before = [school.minority_share for school in model.schools]
        model.step()
        for school, was in zip(model.schools, before, strict=True):
            x = school.minority_share
            majority = school.pupils * (1 - x)
            error = np.sqrt(whole * (1 - minority) * 0.25) * x / max(side + majority, 1)
            assert x == pytest.approx(float(next_share(was, town)), abs=4 * error)
    if minority == 0.38:
        assert abs(model.schools[0].minority_share - minority) > 0.1  # equal schools have tipped by chance alone


def test_rests_and_tipping_points():
    """A calm town has one rest; with a tipping point, paths part there; past a share, equal schools are no rest."""
    assert [kind for _, kind in rests(TOWNS[1])] == ["rest"]
    found = rests(Town())
    assert found[2] == (pytest.approx(0.25, abs=1e-9), "rest")
    at, kind = found[3]
    assert kind == "tip"
    assert path(at - 0.01, Town(), 60)[-1] == pytest.approx(0.25, abs=0.001)
    assert path(at + 0.01, Town(), 60)[-1] == pytest.approx(found[4][0], abs=0.001)
    assert (pytest.approx(0.38, abs=1e-9), "tip") in rests(Town(minority=0.38))
    assert all(abs(float(next_share(x, town)) - x) < 1e-9 for town in TOWNS for x, _ in rests(town))


def test_the_tipping_point_comes_nearer_with_a_larger_minority_and_stronger_reactions():
    def tip(**changed):
        return [x for x, kind in rests(Town(**changed)) if kind == "tip"][-1]

    assert tip(minority=0.2) > tip(minority=0.25) > tip(minority=0.3)
    assert tip(weight=6.0) > tip(weight=7.0) > tip(weight=8.0)
    assert tip(noise=1.2) > tip(noise=1.0)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node to run the page's function")
def test_the_page_has_the_same_map():
    """The functions of tipping.html, run by node, give Python's numbers."""
    xs = [0.05, 0.2, 0.25, 0.4, 0.61, 0.9, 0.99]
    script = re.search(r'<script id="map">(.*?)</script>', PAGE.read_text(encoding="utf-8"), re.S).group(1)
    script += f"""
    const towns = {json.dumps([town._asdict() for town in TOWNS])}, xs = {json.dumps(xs)};
    console.log(JSON.stringify(towns.map(t => [xs.map(x => nextShare(x, t)), lowest(t), rests(t).map(r => [r.share, r.kind])])));
    """
    out = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True).stdout
    for town, (shares, low, found) in zip(TOWNS, json.loads(out), strict=True):
        np.testing.assert_allclose(shares, next_share(np.array(xs), town), rtol=1e-12)
        assert low == pytest.approx(lowest(town))
        assert [kind for _, kind in found] == [kind for _, kind in rests(town)]
        np.testing.assert_allclose([x for x, _ in found], [x for x, _ in rests(town)], atol=1e-9)


def test_the_page_asks_no_other_host():
    """One file: no address, no import, no style sheet from elsewhere; the look and the version are the project's."""
    page = PAGE.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]+\.|\bsrc=|<link|@import|fetch\(|XMLHttp", page)
    assert len(re.findall(r"<script", page)) == 2
    assert LOOK.read_text(encoding="utf-8") in page
    assert f"<footer>schoolflight {__version__}, lesson 3 " in page and page.count("id='limits'") == 1


def _toml(table: dict) -> str:
    return "{" + ", ".join(f"{key} = {number}" for key, number in table.items()) + "}"
