"""Boxes, signs and regret against hand-made effects whose answers are known."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from abm.config.declare import ScenarioError
from experiments.exploration import signs, workbench
from experiments.exploration.discovery import contains, discover

pytest.importorskip("ema_workbench")


def points(count=400, seed=1):
    """A Latin hypercube of three factors and a text that does nothing."""
    shares = qmc.LatinHypercube(3, seed=np.random.default_rng(seed)).random(count)
    x = pd.DataFrame(shares, columns=["a", "b", "c"])
    return x.assign(kind=np.where(np.arange(count) % 3 == 0, "odd", "even"))


def test_prim_finds_a_planted_box():
    """Fails where a > .6 and b < .3: the box is found to a twentieth, and nothing else is limited."""
    x = points()
    failed = ((x.a > 0.6) & (x.b < 0.3)).to_numpy()
    found = discover(x, failed)
    first = found.boxes[0]
    assert set(first.limits) == {"a", "b"}
    assert first.limits["a"][0] == pytest.approx(0.6, abs=0.05)
    assert first.limits["b"][1] == pytest.approx(0.3, abs=0.05)
    assert first.density >= 0.8
    assert first.coverage > 0.9
    assert first.points == contains(first, x).sum()
    assert first.failing == failed[contains(first, x)].sum()
    assert found.held_out > 0.7
    assert found.trade.coverage.iloc[0] == 1


def test_prim_finds_a_text():
    x = points()
    found = discover(x, ((x.kind == "odd") & (x.c > 0.5)).to_numpy())
    assert found.boxes[0].limits["kind"] == ("odd",)
    assert set(found.boxes[0].limits) == {"kind", "c"}


def test_chance_gives_no_box_that_holds_out():
    """Where failure is a coin, what PRIM may find in one half is not in the other: the held-out density is that of all."""
    x = points(300)
    failed = np.random.default_rng(2).random(300) < 0.4
    assert discover(x, failed).held_out == pytest.approx(failed.mean(), abs=0.2)


def test_nothing_everything_and_too_few_are_told():
    x = points(60)
    for failed, words in ((np.zeros(60, bool), "fails at no point"), (np.ones(60, bool), "fails at every point")):
        with pytest.raises(ScenarioError, match=words):
            discover(x, failed)
    with pytest.raises(ScenarioError, match="too few"):
        discover(x[:20], np.arange(20) > 9)


def test_regret_and_shares_by_hand():
    """Effects -.04, -.02, 0, .01: two of four lower; with .03 asked for one is enough; regrets .01 and .04."""
    effects = np.array([[-0.05, -0.03], [-0.02, -0.02], [0.0, 0.0], [0.0, 0.02]])
    r = signs.robustness(effects, 0.03)
    assert (r.lowers, r.enough) == (0.5, 0.25)
    assert (r.regret, r.regret_nothing) == pytest.approx((0.01, 0.04))
    assert r.choice == "the policy"
    assert signs.fails(effects.mean(axis=1), 0.0).tolist() == [False, False, True, True]
    assert signs.certain(effects).tolist() == [0, -1, 0, 0]  # half-widths 12.7 times the standard error with two seeds
    assert np.isnan(signs.robustness(effects[:, :1], 0.0).surely_lowers)


def test_the_table_of_signs():
    """The effect is a - .5: it lowers in the lowest third of a, raises in the highest, whatever b."""
    x = points()
    effects = (x.a - 0.5).to_numpy()[:, None]
    rows = signs.pairs(x, effects, ["a", "b", "kind"], 0.0)
    assert rows.points[(rows["first"] == "a") & (rows["second"] == "b")].sum() == len(x)
    assert len(rows) == 9 + 6 + 6
    lowest = rows[(rows["first"] == "a") & rows.first_part.str.startswith("0.00")]
    assert (lowest.share_lowers == 1).all()
    assert lowest.mean_effect.mean() == pytest.approx(-1 / 3, abs=0.02)


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setattr(workbench, "ROOM", "no_such_library")
    with pytest.raises(ScenarioError, match=r'pip install "schoolflight\[explore\]"'):
        workbench.workbench("analysis.prim")
