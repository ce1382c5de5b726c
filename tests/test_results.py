"""A run on disk: tables that add up, a manifest that repeats the run, parts that are taken up again, nothing half-written."""

import csv
import io
import json

import pytest

from abm import results
from abm.config.declare import ScenarioError
from abm.results import TABLES, Run, run_id, unsealed, write
from abm.rows import flow_rows, indicator_rows, number, school_header, school_rows
from abm.scenario import configure
from experiments import engine
from experiments.explaining import explain_household
from tests.builders import scenario


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Two seeds of two years, run in this process."""
    folder = tmp_path_factory.mktemp("run") / "classroom"
    config = scenario("classroom", "run.years=2")
    run, done = engine.run(config, [1, 2], folder, "classroom.toml", 1, bar=False)
    assert done == [1, 2]
    return run, config


def test_tables_have_every_seed_and_year(finished):
    run, _ = finished
    indicators, schools, flows = (run.table(name) for name in ("indicators", "schools", "flows"))
    assert set(zip(indicators.seed, indicators.year, strict=True)) == {(s, y) for s in (1, 2) for y in range(3)}
    assert len(schools) == 2 * 3 * 8
    assert set(flows.year) == {0, 2}
    assert not indicators.duplicated(["seed", "year", "indicator", "group", "scope"]).any()


def test_tables_agree_with_each_other(finished):
    """Pupils in indicators, in schools and in flows are the same."""
    run, _ = finished
    indicators, schools, flows = (run.table(name) for name in ("indicators", "schools", "flows"))
    for (seed, year), part in schools.groupby(["seed", "year"]):
        heads = part[["heads_majority", "heads_minority"]].to_numpy().sum()
        here = indicators[(indicators.seed == seed) & (indicators.year == year) & (indicators.scope == "city")]
        value = here.set_index(["indicator", "group"]).value
        assert heads == value["pupils", "all"]
        if year in (0, 2):
            everybody = flows[(flows.seed == seed) & (flows.year == year)].pupils.sum()
            assert everybody == value["pupils", "all"] + value["unplaced", "all"]


def test_the_manifest_repeats_the_run(finished, tmp_path):
    """Configuration and seeds read back from the manifest give the same tables to the byte."""
    run, config = finished
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["status"] == "finished" and manifest["seeds_finished"] == [1, 2]
    again = configure(manifest["config"])
    assert again == config
    assert run_id(again, manifest["seeds"]) == manifest["run_id"]
    engine.run(again, manifest["seeds"], tmp_path / "again", "x", 1, bar=False)
    for table in ("indicators", "schools", "flows"):
        assert (tmp_path / "again" / f"{table}.csv").read_bytes() == (run.folder / f"{table}.csv").read_bytes()


def test_the_same_run_has_the_same_name_and_another_another():
    config = scenario("classroom")
    assert run_id(config, [1, 2]) == run_id(scenario("classroom"), [1, 2])
    assert run_id(config, [1, 2]) != run_id(config, [1, 3])
    assert run_id(config, [1, 2]) != run_id(scenario("classroom", "choice.beta=1.01"), [1, 2])


def test_many_seeds_are_joined_in_time_proportional_to_them(tmp_path, monkeypatch):
    """Each part is read twice at the end, whether there are ten seeds or a thousand: to check it, and to join it."""
    config, read = scenario("classroom", "run.years=0"), []
    run, seeds = Run(tmp_path), list(range(10))
    run.open(config, seeds, "x")
    for seed in seeds:
        engine.run_seed(engine.in_words(config), seed, str(tmp_path))
    monkeypatch.setattr(results, "unsealed", lambda path: read.append(path) or unsealed(path))
    assert run.finish(config, seeds, 0.0) == seeds
    assert len(read) == 2 * len(seeds) * len(TABLES) == 2 * len(set(read))


def test_an_interrupted_run_goes_on_with_the_missing_seeds(tmp_path, monkeypatch):
    """Stopped after the first seed, the run is usable; the same call again runs only the second and ends the same."""
    config, folder = scenario("classroom", "run.years=1"), tmp_path / "run"
    real, ran = engine.run_seed, []

    def stop(scenario, seed, folder, sets):
        if seed == 2 and len(ran) == 1:
            ran.append("stopped")
            raise KeyboardInterrupt
        ran.append(seed)
        return real(scenario, seed, folder, sets)

    monkeypatch.setattr(engine, "run_seed", stop)
    with pytest.raises(KeyboardInterrupt):
        engine.run(config, [1, 2], folder, "x", 1, bar=False)
    assert Run(folder).manifest()["seeds_finished"] == [1]
    assert set(Run(folder).table("indicators").seed) == {1}
    engine.run(config, [1, 2], folder, "x", 1, bar=False)
    assert ran == [1, "stopped", 2]
    assert Run(folder).manifest()["status"] == "finished"
    engine.run(config, [1, 2], tmp_path / "straight", "x", 1, bar=False)
    for table in ("indicators", "schools", "flows"):
        assert (folder / f"{table}.csv").read_bytes() == (tmp_path / "straight" / f"{table}.csv").read_bytes()


def test_rows_are_csv_with_as_many_cells_as_the_header(classroom):
    header = next(csv.reader([school_header(("majority", "minority"))]))
    for line in csv.reader(io.StringIO("\n".join(school_rows(classroom.model)))):
        assert len(line) == len(header)
    for line in csv.reader(io.StringIO("\n".join(indicator_rows(classroom.model)))):
        assert len(line) == 6
    for line in csv.reader(io.StringIO("\n".join(flow_rows(classroom.model)))):
        assert len(line) == 6


def test_numbers_have_ten_digits():
    assert [number(1 / 3), number(2), number(float("nan"))] == ["0.3333333333", "2", "nan"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "table.csv"
    write(path, "one\n")
    assert path.read_text() == "one\n"

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        write(path, "two\n")
    assert path.read_text() == "one\n"
    assert [p.name for p in path.parent.iterdir()] == ["table.csv"]


def test_a_damaged_manifest_is_told(tmp_path):
    with pytest.raises(ScenarioError, match="not there"):
        Run(tmp_path).manifest()
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ScenarioError, match="damaged"):
        Run(tmp_path).manifest()


@pytest.mark.parametrize(
    "text", ["[]", "null", "{}", '{"status": "finished"}', '{"config": 3, "seeds": [1], "status": "x"}']
)
def test_a_manifest_of_another_shape_is_told(text, tmp_path):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="damaged"):
        Run(tmp_path).manifest()


@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_a_run_with_a_damaged_table_is_told_and_made_again(harm, tmp_path):
    """The table is not read as if it were whole; the command that made the run makes it again, to the byte."""
    config = scenario("classroom", "run.years=1")
    run, _ = engine.run(config, [1, 2], tmp_path / "out", "classroom.toml", 1, bar=False)
    path = run.folder / "indicators.csv"
    before = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(before[:500])
    with pytest.raises(ScenarioError, match="run the scenario again"):
        run.table("indicators")
    engine.run(config, [1, 2], tmp_path / "out", "classroom.toml", 1, bar=False)
    assert path.read_bytes() == before


def test_group_names_with_commas_and_quotes_keep_the_columns():
    header = next(csv.reader(io.StringIO(school_header(("a, b", 'say "c"')))))
    assert [name for name in header if name.startswith("heads_")] == ["heads_a, b", 'heads_say "c"']


@pytest.fixture
def two_seeds(tmp_path):
    config = scenario("classroom", "run.years=1")
    return engine.run(config, [1, 2], tmp_path / "out", "classroom.toml", 1, bar=False)[0], config


def test_a_table_edited_to_the_same_length_is_not_read(two_seeds):
    """Not only its size but what stands in it must be as it was written; the command that made the run mends it."""
    run, config = two_seeds
    path = run.folder / "schools.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"1", b"7"))
    with pytest.raises(ScenarioError, match=r"schools.csv: missing or changed .* run the scenario again"):
        run.table("schools")
    engine.run(config, [1, 2], run.folder, "classroom.toml", 1, bar=False)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "harm", [lambda b: b"", lambda b: b[:-40], lambda b: b.replace(b"0", b"9", 1), lambda b: b + b"x\n"]
)
def test_a_damaged_part_is_run_again(harm, tmp_path, monkeypatch):
    """An empty, cut or changed file of a finished seed never gets into the tables."""
    config, folder, real = scenario("classroom", "run.years=1"), tmp_path / "out", engine.run_seed

    def stop(scenario, seed, folder, sets):
        if seed == 2:
            raise KeyboardInterrupt
        return real(scenario, seed, folder, sets)

    monkeypatch.setattr(engine, "run_seed", stop)
    with pytest.raises(KeyboardInterrupt):
        engine.run(config, [1, 2], folder, "x", 1, bar=False)
    part = Run(folder).part(1, "schools")
    whole = part.read_bytes()
    part.write_bytes(harm(whole))
    assert Run(folder).missing([1, 2]) == [1, 2]
    monkeypatch.setattr(engine, "run_seed", real)
    engine.run(config, [1, 2], folder, "x", 1, bar=False)
    rows = Run(folder).table("schools")
    assert len(rows) == 2 * 2 * 8 and whole[:-17].decode() in (folder / "schools.csv").read_text(encoding="utf-8")


def test_an_edited_configuration_is_not_taken_for_that_of_the_run(two_seeds):
    run, _ = two_seeds
    path = run.folder / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"pupils": 400', '"pupils": 401'), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"manifest\.json: config, seeds or sets were changed"):
        run.config()


def test_a_run_without_a_finished_seed_has_no_tables(tmp_path):
    config = scenario("classroom", "run.years=1")
    run = Run(tmp_path)
    run.open(config, [1], "x")
    run.finish(config, [1], 0.0)
    with pytest.raises(ScenarioError, match="no seed is finished yet; give the command"):
        run.table("indicators")


def test_a_path_that_is_no_text_can_be_told(tmp_path):
    """Bytes of a path that are no UTF-8, which Python keeps as lone surrogates, are written by number."""
    write(tmp_path / "page.html", "a\udcffb")
    assert (tmp_path / "page.html").read_bytes() == b"a\\udcffb"


def test_a_household_explained_by_other_code_says_so(two_seeds, monkeypatch):
    run, _ = two_seeds
    assert "may differ" not in explain_household(run.folder, 3, None, 0)
    monkeypatch.setattr("experiments.explaining.DIGEST", "0" * 16)
    assert "told by code 0000000000000000: what happened in the run may differ" in explain_household(
        run.folder, 3, None, 0
    )
