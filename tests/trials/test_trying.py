"""The command: what it leaves behind, its resume, the number of jobs, and what it refuses in plain words."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments import processes
from experiments.command_line import app
from experiments.trials import conduct
from experiments.trials.simulation import Draw
from experiments.trials.spec import load
from tests.builders import ROOT
from tests.pages import sound
from tests.trials.conftest import TRIAL


def tried(*words):
    return CliRunner().invoke(app, ["trial", *map(str, words)])


@pytest.fixture(scope="module")
def done(place):
    out = place / "out"
    return tried(place / "trial.toml", "--out", out, "--jobs", 1), out


def test_what_it_prints_and_leaves(done):
    result, out = done
    assert result.exit_code == 0, result.output
    assert "2 draws of" in result.output
    assert "the scenario's own parameters, no posterior" in result.output
    assert "what the change is made of" in result.output
    html = (out / "index.html").read_text()
    sound(html)
    assert html.count("<svg") == 3
    assert "published" in html
    assert ">nan" not in html
    for name in ("trajectory", "parts", "forest"):
        assert (out / f"{name}.png").stat().st_size > 5000
    rows = pd.read_csv(out / "changes.csv")
    assert len(rows) == 3 * 4 * 6 * 6
    assert set(pd.read_csv(out / "causes.csv").cause) == {"drift", "artefact", "demography", "plan", "rest", "all"}
    assert len(json.loads((out / "manifest.json").read_text())["draws"]) == 2


def test_resume(done, trial, monkeypatch):
    """Nothing is run again; a torn line is; more draws run only what is new; other years before need no run."""
    _, out = done
    ran = []
    real = conduct.run
    monkeypatch.setattr(conduct, "run", lambda draw, one: ran.append(draw.seed) or real(draw, one))
    shelf = out / f"draws-{trial.identity()}.jsonl"
    before = conduct.conduct(trial, conduct.drawn(trial, None, 2), out, 1, {}, bar=False)
    assert ran == []
    lines = shelf.read_text().split("\n")
    torn = next(i for i, line in enumerate(lines) if line.startswith('["2"'))
    shelf.write_text("\n".join(line[:500] if i == torn else line for i, line in enumerate(lines)))
    assert conduct.conduct(trial, conduct.drawn(trial, None, 3), out, 1, {}, bar=False)[:2] == before
    assert ran == [2, 3]


def test_other_years_before_are_the_same_runs(place, trial):
    text = TRIAL.replace("before = [2016, 2017]", "before = [2017]").replace("change = -0.2", "change = -0.1")
    (place / "later.toml").write_text(text)
    assert load(place / "later.toml").identity() == trial.identity()
    (place / "longer.toml").write_text(TRIAL.replace("burn_in = 3", "burn_in = 4"))
    assert load(place / "longer.toml").identity() != trial.identity()


def test_any_number_of_jobs(trial, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "WORTH_PROCESSES", 0.0)
    wanted = conduct.drawn(trial, None, 3)
    alone = conduct.conduct(trial, wanted, tmp_path / "one", 1, {}, bar=False)
    assert conduct.conduct(trial, wanted, tmp_path / "two", 2, {}, bar=False) == alone


def test_draws_of_a_posterior(trial, place):
    """Systematic resampling by weight, each draw with a seed of its own."""
    file = place / "sets.csv"
    file.write_text("# made up\nchoice.distance,weight\n-1.0,1\n-2.0,3\n")
    drawn = conduct.drawn(trial, file, 4)
    assert [draw.seed for draw in drawn] == [1, 2, 3, 4]
    assert [draw.values["choice.distance"] for draw in drawn] == [-1.0, -2.0, -2.0, -2.0]
    assert conduct.name(drawn[0]) != conduct.name(Draw(1, {}))


def test_stopped(place, tmp_path, monkeypatch, capfd):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(conduct, "run", stop)
    assert tried(place / "trial.toml", "--out", tmp_path / "out", "--jobs", 1).exit_code == 130


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "A small plan"', 'titel = "A small plan"', "titel: unknown key"),
        ('base = "city.toml"', "", "base: name a file"),
        ('policies = "plan.toml"', 'policies = "city.toml"', "tells detection apart"),
        ("start = 2018", "start = 2017", "the plan's first year lies after all of before"),
        ("before = [2016, 2017]", "before = [2015]", "before = [2015]: give calendar years"),
        ("upper = [1, 2]", "upper = [3]", "grades.upper = [3]: give grades from 0 (entry) to 2"),
        ("2017 = { entrants = 110, minority_share = 0.2 }\n", "", "no year 2017"),
        ("2019 = { entrants = 90, minority_share = 0.4 }", "2019 = { entrants = 90, minority_share = 1.4 }", "must lie between"),
        ("change = -0.2\n", "", "change = None: must be a number"),
        ('source = "made up"\n[[', "[[", "say what it is and where it comes from"),
        ('grades = "entry"\n', 'grades = "lower"\n', "one of entry, upper, all grades"),
        ("burn_in = 3", "burn_in = -3", "burn_in = -3: must be a whole number"),
    ],
)  # fmt: skip
def test_refusals(place, capfd, old, new, words):
    assert TRIAL.count(old) >= 1
    (place / "bad.toml").write_text(TRIAL.replace(old, new, 1))
    result = tried(place / "bad.toml")
    assert result.exit_code == 2
    assert words in result.output + capfd.readouterr().err


def test_a_missing_file_or_posterior(place, capfd):
    for words, told in (
        ((place / "none.toml",), "no such trial file"),
        ((place / "trial.toml", "--posterior", place / "none.csv"), "none.csv: cannot be read"),
    ):
        result = tried(*words)
        assert result.exit_code == 2
        assert told in result.output + capfd.readouterr().err


def test_the_shipped_trial():
    """It can be read; the base's own cohort is that of its last year; no target of a fit is in it."""
    trial = load(ROOT / "configs" / "trials" / "barcelona_shock_plan.toml")
    assert trial.start == 2019
    assert [p.value for p in trial.published] == [-0.23, -0.159, -0.264]
    assert trial.reference.entrants == trial.cohorts[2022].entrants
    assert trial.config.admission.points.low_income == 0
    assert {policy["kind"] for policy in trial.plan} >= {"detection", "pre_assignment", "reserved_places"}


def test_the_demography_of_the_shipped_trial():
    """Its lines are aggregates of the tables: minors by section times the share of foreign citizens; pupils assigned at entry."""
    folder = Path(os.environ.get("SCHOOLFLIGHT_DATA") or ROOT.parent / "shared" / "data") / "barcelona"
    if not folder.is_dir():
        pytest.skip("no real tables of Barcelona; set SCHOOLFLIGHT_DATA")
    trial = load(ROOT / "configs" / "trials" / "barcelona_shock_plan.toml")
    sections = [s["demographics"]["series"] for s in json.loads((folder / "sections_2015_2024.json").read_text())]
    given = {year: cohort.minority_share for year, cohort in trial.cohorts.items()} | {
        2023: trial.reference.minority_share
    }
    for year, share in given.items():
        y = str(year)
        minors = np.array([s["population"][y] * s["minors_pct"][y] for s in sections])
        foreign = np.array([s["pct_est"][y] for s in sections]) / 100
        assert (minors * foreign).sum() / minors.sum() == pytest.approx(share, abs=5e-5)
    places = pd.read_csv(folder / "assignments_2018_2022.csv")
    places = places[places.code.isin(pd.read_csv(folder / "schools_barcelona.csv").code)]
    assigned = places.assigned_first_choice.fillna(0) + places.assigned_other_choice.fillna(0)
    assert assigned.groupby(places.year).sum().to_dict() == {y: trial.cohorts[y].entrants for y in range(2018, 2023)}
