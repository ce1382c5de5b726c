"""A calibration file that cannot be meant is refused, with the file, the key and the remedy."""

import dataclasses

import pytest
from typer.testing import CliRunner

from abm.config.declare import ScenarioError
from experiments.calibration.spec import load
from experiments.command_line import app
from tests.calibration.conftest import CALIBRATION, CITY

FREE = '"choice.distance" = { low = -3.0, high = -0.1 }'
WRONG = {
    "unknown key": (("title =", "titel ="), "titel: unknown key"),
    "unknown key of a target": (("held_out", "heldout"), r"targets.nearest.heldout: unknown key"),
    "more free than targets": ((FREE, FREE + '\n"choice.zone" = { low = 0.0, high = 3.0 }'), "3 free parameters for 2 independent"),
    "a target that follows another is none more": (("value = 1.0", 'value = 1.0\nfollows = "d"'), "2 free parameters for 1 independent"),
    "no tolerance": (("tolerance = 0.05\nsource", "source"), "targets.d.tolerance = None: must be a number"),
    "a tolerance of 0": (("tolerance = 0.1\n", "tolerance = 0\n"), "targets.km.tolerance = 0: must be above 0"),
    "no source": (('value = 1.0\ntolerance = 0.1\nsource = "made up"', "value = 1.0\ntolerance = 0.1"), "targets.km.source: say where"),
    "a bad measure": (('"distance_km"', '"distance"'), "no measure 'distance'; one of dissimilarity"),
    "a bad group": (("nearest:majority", "nearest:martians"), "no group 'martians'"),
    "a bad share": (('"distance_km"', '"schools_above:2"'), "give a share from 0 to 1"),
    "no such parameter": (('"choice.distance"', '"choice.distanze"'), "no parameter 'choice.distanze'"),
    "a prior that is no range": (("{ low = 0.0, high = 8.0 }", "3.0"), "a prior is a range"),
    "a prior upside down": (("{ low = 0.0, high = 8.0 }", "{ low = 8.0, high = 0.0 }"), "low < high"),
    "a prior out of bounds": (("high = 8.0", "high = 8000.0"), "choice.peers"),
    "no targets": ((CALIBRATION[CALIBRATION.index("[targets.d]") :], ""), r"targets: give tables such as"),
    "no base": (('base = "base.toml"', ""), "base: name the scenario to calibrate"),
    "a base that is not there": (("base.toml", "away.toml"), "no such scenario file"),
    "too small a population": (("population = 20", "population = 3"), "population = 3: must be a whole number from 20"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(written, case):
    (old, new), message = WRONG[case]
    assert old in CALIBRATION
    path = written(CALIBRATION.replace(old, new, 1))
    with pytest.raises(ScenarioError, match=message):
        load(path)


def test_the_command_ends_with_2_and_the_text(written, tmp_path):
    path = written(CALIBRATION.replace("population", "populace"))
    done = CliRunner().invoke(app, ["calibrate", str(path)])
    assert done.exit_code == 2
    assert f"{path}: populace: unknown key" in done.output
    done = CliRunner().invoke(app, ["calibrate", str(tmp_path / "none.toml")])
    assert done.exit_code == 2
    assert "no such calibration file" in done.output


def test_the_identity_is_that_of_the_fit(written, calibration):
    """Texts, rivals and places of files change nothing; values, priors and the scenario do."""
    same = (
        CALIBRATION.replace("made up", "a report").replace("A tiny city", "Small").replace("copy = 0.4", "copy = 0.5")
    )
    assert load(written(same)).identity() == calibration.identity()
    for old, new in (("value = 1.0", "value = 1.1"), ("high = 8.0", "high = 7.0"), ("held_out = true", "")):
        assert load(written(CALIBRATION.replace(old, new))).identity() != calibration.identity()
    assert load(written(CALIBRATION, CITY.replace("600", "650"))).identity() != calibration.identity()
    moved = dataclasses.replace(calibration, scenario="elsewhere.toml")
    assert moved.identity() == calibration.identity()
