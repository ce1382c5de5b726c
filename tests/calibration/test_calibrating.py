"""The command, end to end: what it writes, that it goes on after any interruption to the same bytes, and what it refuses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.scenario import load as scenario
from abm.values import with_values
from experiments import posterior
from experiments.calibration.scores import MODEL
from experiments.calibration.spec import load
from experiments.command_line import app
from tests.builders import ROOT
from tests.calibration.conftest import CALIBRATION, TABLES
from tests.pages import sound

WRITTEN = (
    "figures/distances.svg", "figures/parameters.svg", "figures/targets.svg", "generations.csv", "index.html", "met_together.csv",
    "particles.csv", "posterior.csv", "provenance.json", "scenario.toml", "scores.csv", "scores_by_school.csv",
    "scores_fitted.csv", "starts.csv", "targets.csv",
)  # fmt: skip
slow = pytest.mark.slow


def call(path, out, data, jobs="1"):
    words = ["calibrate", str(path), "--data", str(data), "--out", str(out), "--jobs", jobs]
    return CliRunner().invoke(app, words)


def files(folder):
    """What a calibration wrote, but for its diary and the simulations kept, whose order depends on the processes."""
    return {name: (folder / name).read_bytes() for name in WRITTEN}


@pytest.fixture
def city(written, small):
    """The calibration file of the small city with tables, and the folder of these."""
    return written(CALIBRATION, TABLES), small


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where an undisturbed calibration is kept for the tests of this file."""
    return tmp_path_factory.mktemp("calibrated")


@pytest.fixture
def undisturbed(city, kept):
    """(folder, what the command printed), run once."""
    out, said = kept / "out", kept / "said.txt"
    if not said.exists():
        done = call(city[0], out, city[1])
        assert done.exit_code == 0, done.output
        said.write_text(done.output)
    return out, said.read_text()


def test_what_it_says_and_writes(undisturbed, city):
    folder, said = undisturbed
    assert (
        "2 free parameters, 3 targets (2 fitted, 1 held out); it ends with the generation that passes 60 simulations"
        in said
    )
    assert "Of the fitted figures" in said
    assert f"Page: {folder / 'index.html'}" in said
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}
    assert there == {*WRITTEN, "manifest.json", "simulations.jsonl", "predictive.jsonl"}
    about = json.loads((folder / "manifest.json").read_text())
    assert about["status"] == "finished"
    assert about["id"] == load(*city).identity()
    assert {"pyabc", "scoringrules", "numpy"} <= set(about["libraries"])


def test_the_posterior_is_a_file_of_sets(undisturbed, city):
    folder, _ = undisturbed
    calibration = load(*city)
    table = posterior.read(folder / "posterior.csv", calibration.config)
    assert list(table.columns) == ["choice.distance", "choice.peers.majority", "weight"]
    assert len(table) == 20
    assert table["choice.distance"].between(-3, -0.1).all()
    head = (folder / "posterior.csv").read_text()
    assert head.startswith("# A tiny city: sets of parameters with weights, by schoolflight calibrate tiny.toml\n")
    assert "# target nearest (nearest:majority): 0.6, tolerance 0.05, held out, not in the fit; made up\n" in head


def test_the_scenario_runs_at_the_medians(undisturbed, city):
    """Read as ``run`` would: the base with the weighted medians, and nothing else changed."""
    folder, _ = undisturbed
    calibration = load(*city)
    table = posterior.read(folder / "posterior.csv", calibration.config)
    wanted = with_values(calibration.config, posterior.middle(table))
    text = (folder / "scenario.toml").read_text()
    beside = city[0].with_name("scenario.toml")  # the base lies in another folder for each test
    beside.write_text(
        "\n".join('base = "base.toml"' if line.startswith("base =") else line for line in text.splitlines())
    )
    assert scenario(beside, data=city[1]) == wanted


def test_tables_tell_of_targets_starts_and_scores(undisturbed):
    folder, _ = undisturbed
    read = {name: pd.read_csv(folder / f"{name}.csv") for name in ("targets", "starts", "scores", "scores_by_school")}
    assert list(read["targets"].use) == ["fitted", "fitted", "held out"]
    assert (read["targets"].q05 <= read["targets"].q95).all()
    assert list(read["starts"].target) == ["d", "km", "nearest"]
    assert np.allclose(read["starts"].difference, read["starts"].observed - read["starts"].nearest, atol=1e-5)
    assert list(read["scores"].rival) == ["nearest school", "persistence", "another city"]
    schools = read["scores_by_school"].set_index("forecast")
    assert schools.schools[MODEL] == 6
    assert len(schools) == 5
    # 6 schools with 147 foreign pupils of 547: the city's share is off by the mean of |share - .2687|, weighted by pupils
    assert schools.median_error["share of the city"] == pytest.approx(schools.crps["share of the city"])
    heads = np.array([(101, 17), (87, 30), (120, 70), (99, 3), (76, 2), (64, 25)])
    off = np.abs(heads[:, 1] / heads[:, 0] - 147 / 547)
    assert schools.crps["share of the city"] == pytest.approx(np.average(off, weights=heads[:, 0]), abs=1e-6)


def test_the_page_is_whole_and_names_no_place_of_this_machine(undisturbed, city):
    folder, _ = undisturbed
    html = (folder / "index.html").read_text()
    sound(html)
    for title in ("What was fitted", "What came out", "Which targets can be met together", "What cannot be told"):
        assert title in html
    assert html.count("<svg") == 3
    for name in WRITTEN:
        if name != "scenario.toml":
            assert str(city[1]) not in (folder / name).read_text(), name


def test_no_row_of_a_school_is_written(undisturbed):
    """Scores of schools come as the aggregate: no school's name or share in any table."""
    folder, _ = undisturbed
    for name in WRITTEN:
        assert "s1" not in (folder / name).read_text().split(","), name


def started(path, data, out, jobs):
    """The command itself, in a session of its own, until a dozen simulations are kept."""
    words = [sys.executable, "-m", "experiments", "calibrate", path, "--data", data, "--out", out, "--jobs", jobs]
    process = subprocess.Popen(
        list(map(str, words)), cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where the tests run in the background
    )  # fmt: skip
    kept, until = out / "simulations.jsonl", time.monotonic() + 300
    while (
        process.poll() is None
        and time.monotonic() < until
        and (not kept.exists() or kept.read_bytes().count(b"values") < 12)
    ):
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(("ending", "jobs", "then"), [("kill", "2", "1"), pytest.param("thrice", "1", "2", marks=slow)])
def test_ended_in_the_middle_it_goes_on_to_the_same_bytes(undisturbed, city, tmp_path, ending, jobs, then):
    """kill -9, or Ctrl-C three times, then the same command with another number of processes."""
    path, data = city
    process = started(path, data, tmp_path / "out", jobs)
    if ending == "kill":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        for _ in range(3):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.05)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if ending == "kill" else 130)
    assert b"Traceback" not in said
    if ending != "kill":
        assert b"the same command goes on from there" in said
    assert not (tmp_path / "out" / "posterior.csv").exists()
    done = call(path, tmp_path / "out", data, then)
    assert done.exit_code == 0, done.output
    assert files(tmp_path / "out") == files_beside(undisturbed[0], tmp_path / "out")


def files_beside(folder, other):
    """The files of ``folder`` with its scenario's way to the base as from ``other``."""
    found = files(folder)
    mine, theirs = ((f / "scenario.toml").read_text().splitlines() for f in (folder, other))
    base = [line for line in theirs if line.startswith("base =")]
    found["scenario.toml"] = (
        "\n".join(base[0] if line.startswith("base =") else line for line in mine) + "\n"
    ).encode()
    return found


def test_done_once_more_it_simulates_nothing(undisturbed, city, tmp_path, monkeypatch):
    folder = shutil.copytree(undisturbed[0], tmp_path / "out")
    monkeypatch.setattr("experiments.calibration.inference.simulate", lambda *_: pytest.fail("simulated again"))
    monkeypatch.setattr("experiments.calibration.predictive.play", lambda *_: pytest.fail("simulated again"))
    assert call(city[0], folder, city[1]).exit_code == 0
    assert files(folder) == files_beside(undisturbed[0], folder)


def test_another_calibration_tables_or_version_is_refused(undisturbed, city, tmp_path, monkeypatch):
    path, data = city
    folder = shutil.copytree(undisturbed[0], tmp_path / "out")
    other = path.with_name("other.toml")
    other.write_text(CALIBRATION.replace("value = 0.3", "value = 0.31"))
    done = call(other, folder, data)
    assert (done.exit_code, "holds another calibration" in done.output) == (2, True)
    changed = shutil.copytree(data, tmp_path / "changed", ignore=shutil.ignore_patterns("out", "changed"))
    (changed / "schools.csv").write_text((data / "schools.csv").read_text().replace("101,17", "101,18"))
    done = call(path, folder, changed)
    assert (done.exit_code, "a calibration to other tables" in done.output) == (2, True)
    monkeypatch.setattr("experiments.calibration.manifest.CODE", "0123456789abcdef")
    done = call(path, folder, data)
    assert (done.exit_code, "another version of the model" in done.output) == (2, True)
    done = call(path, ROOT / "configs", data)
    assert (done.exit_code, "holds other files; give another --out" in done.output) == (2, True)


def test_a_target_about_nobody_is_told_before_anything_is_run(written, small, tmp_path):
    path = written(CALIBRATION.replace('"distance_km"', '"distance_km:catholic"'), TABLES)
    done = call(path, tmp_path / "out", small)
    assert done.exit_code == 2
    assert "targets.km.measure = 'distance_km:catholic': nobody is concerned" in done.output
    assert not (tmp_path / "out").exists()
