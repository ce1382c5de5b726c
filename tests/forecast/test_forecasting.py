"""The command from tables to a scored forecast, on the made-up city."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.config.declare import ScenarioError
from experiments.forecast import spec
from experiments.forecast.conduct import covered, make, vintage
from experiments.forecast.futures import RIVALS
from experiments.forecast.judge import score
from experiments.forecast.ledger import Ledger
from experiments.forecast.observed import read_panel
from experiments.forecast.page import write_page
from experiments.forecast.store import long, put_down, table
from tests.builders import ROOT
from tests.forecast.conftest import assignments, write_csv
from tests.pages import sound


def done(folder, out, jobs=1):
    """The forecast of a folder, written into ``out``, and its ledger."""
    plan = spec.load(folder / "forecast.toml", folder)
    ledger = Ledger(folder / "ledger.jsonl")
    made = make(plan, folder, out, jobs, bar=False)
    put_down(made, out, ledger, folder)
    return made, ledger


def test_from_tables_to_a_score(made_up, tmp_path):
    out = tmp_path / "out"
    made, ledger = done(made_up, out)
    seen = pd.read_csv(out / "forecast.csv", dtype={"code": str})
    assert list(seen.columns) == ["code", "year", "mean", "q05", "q25", "q50", "q75", "q95", "places"]
    assert len(seen) == 6 * 3 and "900" not in set(seen["code"])
    assert (seen[["q05", "q25", "q50", "q75", "q95"]].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (seen["q95"] <= seen["places"]).all()  # no place was ever added in these tables
    first = made.draws["model"][:, 0].mean(axis=0)
    order = [made.panel.codes.index(code) for code in ("103", "101", "104")]
    assert np.all(np.diff(first[order]) > 0)  # demand 12, 24, 40
    assert "Not scored yet" in write_page(out, ledger)
    line = score(out / "forecast.csv", made_up, ledger)
    assert line["years"] == [2021, 2022] and line["in_folder_before"] == [2021, 2022] and line["cases"] == 12
    assert set(line["scores"]) == {"model", *RIVALS}
    assert 0 < line["scores"]["model"]["crps"] < line["scores"]["nearest"]["crps"]
    assert "Scored on 2021 and 2022" in write_page(out, ledger)
    page = (out / "index.html").read_text(encoding="utf-8")
    sound(page)
    assert "kept-back years" in page and page.count("<figure>") == 4
    assert [entry["kind"] for entry in Ledger(ledger.path).lines] == ["forecast", "score"]


def test_years_after_the_fit_cannot_get_in(made_up, tmp_path):
    one, _ = done(made_up, tmp_path / "one")
    rows = pd.read_csv(made_up / "assignments.csv")
    rows.loc[rows["year"] > 2020, ["assigned_first_choice", "places_offered"]] = 1
    rows.to_csv(made_up / "assignments.csv", index=False)
    centres = pd.read_csv(made_up / "centres.csv")
    centres[["places_2021", "places_2022"]] = 1
    centres.to_csv(made_up / "centres.csv", index=False)
    two, _ = done(made_up, tmp_path / "two")
    assert table(one).equals(table(two)) and long(one).equals(long(two))


def test_the_same_for_any_jobs_and_after_an_interruption(made_up, tmp_path):
    one, ledger = done(made_up, tmp_path / "one")
    kept = (tmp_path / "one" / "runs.jsonl").read_text().splitlines()
    torn = tmp_path / "two"
    torn.mkdir()
    (torn / "runs.jsonl").write_text("\n".join(kept[: len(kept) // 2]) + '\n["torn')
    two, _ = done(made_up, torn, jobs=2)
    assert long(one).equals(long(two))
    assert (tmp_path / "one" / "forecast.csv").read_bytes() == (torn / "forecast.csv").read_bytes()
    assert len(Ledger(ledger.path).lines) == 1  # the same forecast is written down once


def test_sets_of_parameters_from_a_file_are_used_and_told(made_up, tmp_path):
    plan = spec.load(made_up / "forecast.toml", made_up)
    sets = made_up / "sets.csv"
    sets.write_text("choice.distance,weight\n-3.0,1\n-0.1,3\n")
    made = make(plan, made_up, tmp_path / "out", 1, sets, bar=False)
    entry = put_down(made, tmp_path / "out", Ledger(tmp_path / "book.jsonl"), made_up, sets)
    plain, _ = done(made_up, tmp_path / "plain")
    assert entry["posterior"] and entry["identity"] != plan.identity()
    assert not np.array_equal(made.draws["model"], plain.draws["model"])
    assert np.array_equal(made.draws["persistence"], plain.draws["persistence"])


def test_changed_draws_are_refused(made_up, tmp_path):
    _, ledger = done(made_up, tmp_path / "out")
    path = tmp_path / "out" / "draws.parquet"
    rows = pd.read_parquet(path)
    rows.loc[0, "d0"] += 1
    rows.to_parquet(path, index=False)
    with pytest.raises(ScenarioError, match="changed after it was written"):
        score(tmp_path / "out" / "forecast.csv", made_up, ledger)
    path.unlink()
    with pytest.raises(ScenarioError, match="keep the draws"):
        score(tmp_path / "out" / "forecast.csv", made_up, ledger)


def test_figures_of_years_to_come_must_be_younger_than_the_forecast(made_up, tmp_path):
    _, ledger = done(made_up, tmp_path / "out")
    file, actual = tmp_path / "out" / "forecast.csv", tmp_path / "actual.csv"
    rows = [(row[0], row[1], row[3]) for row in assignments(np.random.default_rng(9), 2023, 2023)]
    write_csv(actual, ["year", "code", "assigned_first_choice"], rows)
    old = time.time() - 3600
    os.utime(actual, (old, old))
    with pytest.raises(ScenarioError, match="is older than the forecast"):
        score(file, None, ledger, actual)
    os.utime(actual, (old + 7200, old + 7200))
    line = score(file, None, ledger, actual)
    assert line["years"] == [2023] and line["in_folder_before"] == [] and line["cases"] == 6


def test_a_fit_that_looks_at_later_years_waits_for_the_score(made_up, tmp_path):
    from typer.testing import CliRunner

    from experiments.command_line import app

    text = 'like = "forecast.toml"\nfit_until = 2022\ntargets = [2023]\nafter = [2021, 2022]\n'
    (made_up / "later.toml").write_text(text)
    book = ["--ledger", str(tmp_path / "book" / "ledger.jsonl"), "--jobs", "1"]
    runner = CliRunner()
    later = ["forecast", str(made_up / "later.toml"), "--data", str(made_up), "--out", str(tmp_path / "later"), *book]
    refused = runner.invoke(app, later)
    assert refused.exit_code == 2 and "no forecast of these years has been scored" in refused.output
    out = tmp_path / "out"
    made = runner.invoke(
        app, ["forecast", str(made_up / "forecast.toml"), "--data", str(made_up), "--out", str(out), *book]
    )
    assert made.exit_code == 0, made.output
    judged = runner.invoke(app, ["forecast", "--score", str(out / "forecast.csv"), "--data", str(made_up), *book])
    assert judged.exit_code == 0, judged.output
    assert runner.invoke(app, later).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("members = 3", "member = 3", "member: unknown key"),
        ("memory = 1.0", "memory = 0.8", "memory = 1"),
        ("targets = [2021, 2022, 2023]", "targets = [2020]", "years after fit_until = 2020"),
        ('base = "base.toml"', "", "base: name the scenario"),
        ("members = 3", 'places = "guessed"', "must be one of drawn, held"),
    ],
)
def test_faults_of_the_file_are_told(made_up, old, new, match):
    path = made_up / "forecast.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ScenarioError, match=match):
        spec.load(path, made_up)


@pytest.mark.parametrize("name", ["barcelona", "barcelona_check", "barcelona_2022"])
def test_shipped_files_load_and_name_no_later_year(name):
    data = Path(os.environ.get("SCHOOLFLIGHT_DATA") or ROOT.parent / "shared" / "data")
    plan = spec.load(ROOT / "configs" / "forecast" / f"{name}.toml", data)
    tables = plan.config.city.tables
    assert tables.schools.places == f"places_offered_{plan.fit_until}"
    assert plan.residents and min(plan.targets) == plan.fit_until + 1


def test_centres_of_barcelona_are_those_known_at_the_fit():
    data = Path(os.environ.get("SCHOOLFLIGHT_DATA") or ROOT.parent / "shared" / "data")
    if not data.is_dir():
        pytest.skip("no real tables; set SCHOOLFLIGHT_DATA")
    plan = spec.load(ROOT / "configs" / "forecast" / "barcelona.toml", data)
    whole = read_panel(data / plan.assignments["file"], plan.assignments, plan.years)
    with vintage(plan, data) as config:
        codes = covered(config, whole)
    assert whole.years == (2018, 2019, 2020)
    assert len(codes) == 304 and np.isfinite(whole.first[:, -1]).sum() == 484
    listed = (whole.only(codes).first + whole.only(codes).other)[:, -1].sum()
    assert whole.only(codes).first[:, -1].sum() / listed == pytest.approx(0.932, abs=5e-4)


def test_residents_of_a_year_are_those_of_that_year(tmp_path):
    from experiments.forecast.residents import write_residents

    area = {"cusec": "1", "barri": "b", "districte": "d", "location": {"lat": 41.4, "lon": 2.1}, "demographics": {"series": {
        "population": {"2020": 1000, "2023": 2000}, "pct_est": {"2020": 20, "2023": 40}, "minors_pct": {"2020": 10, "2023": 30}}},
        "socioeconomic": {"renda": {"series": {"2020": 15000, "2023": 18000}}}}  # fmt: skip
    import json

    (tmp_path / "series.json").write_text(json.dumps([area]))
    write_residents(tmp_path / "series.json", 2020, tmp_path / "out.csv")
    row = pd.read_csv(tmp_path / "out.csv").iloc[0]
    assert (row["foreign"], row["under18"], row["income"]) == (200, 100, 15000)
    with pytest.raises(ScenarioError, match="lacks '2021'"):
        write_residents(tmp_path / "series.json", 2021, tmp_path / "out.csv")
