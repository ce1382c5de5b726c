"""Shipped posteriors: each loads on the built-in city that it is for, and is what its provenance says."""

import json
from pathlib import Path

import pandas as pd
import pytest

from abm.scenario import load as scenario
from experiments import posterior
from experiments.calibration.spec import load

SHELF = Path(__file__).parents[2] / "configs" / "calibration"
SHIPPED = sorted(path.parent.name for path in SHELF.glob("*/posterior.csv"))


def test_four_cities_are_shipped():
    assert SHIPPED == ["amsterdam", "barcelona", "milan", "oslo"]


@pytest.mark.parametrize("city", SHIPPED)
def test_a_posterior_serves_the_built_in_city(city):
    calibration = load(SHELF / f"{city}.toml")
    base = scenario(SHELF.parents[0] / f"{city}.toml")
    table = posterior.read(SHELF / city / "posterior.csv", base)
    assert list(table.columns.drop("weight")) == [factor.key for factor in calibration.free]
    for factor in calibration.free:
        assert table[factor.key].between(factor.low, factor.high).all(), "inside its prior"
    assert (
        table.weight.sum() == pytest.approx(1)
        and len(table) == json.loads((SHELF / city / "provenance.json").read_text())["sets"]
    )


@pytest.mark.parametrize("city", SHIPPED)
def test_what_is_shipped_belongs_together(city):
    calibration = load(SHELF / f"{city}.toml")
    about = json.loads((SHELF / city / "provenance.json").read_text())
    targets = pd.read_csv(SHELF / city / "targets.csv").set_index("target")
    assert about["file"] == f"{city}.toml" and about["id"] and about["simulated_by"]
    assert list(targets.index) == [target.name for target in calibration.targets]
    for target in calibration.targets:
        assert targets.value[target.name] == pytest.approx(target.value)
        assert (targets.use[target.name] == "held out") == target.held_out
    gap = (targets["mean"] - targets.value) / targets.tolerance
    rounding = 5e-6 * targets.value.abs().clip(lower=1) / targets.tolerance  # six digits of a mean
    assert (abs(gap - targets.gap) <= rounding + 1e-5).all() and ((abs(gap) <= 2) == (targets.met == "met")).all()
