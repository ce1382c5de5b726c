"""A sweep's dataset: the same whatever interrupted it, whoever ran it; failures as rows; versions kept apart."""

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import duckdb
import pandas as pd
import polars as pl
import pytest

from abm.config.declare import ScenarioError
from abm.scenario import load as load_scenario
from experiments.sweep import conduct as conducting
from experiments.sweep import look
from experiments.sweep.block import FAILED, play
from experiments.sweep.conduct import Pilot, Shard, conduct, items
from experiments.sweep.dataset import Dataset
from experiments.sweep.spec import load
from tests.builders import ROOT

TEXT = f"""
base = "{ROOT / "configs" / "classroom.toml"}"
seeds = 3
years = 2
keep = [0, 2]
indicators = ["dissimilarity", "outside_local_school:majority", "distance_km"]
[vary]
"choice.peers" = [0.0, 4.0]
"choice.taste" = ["none", "persistent"]
"""


@pytest.fixture
def sweep(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT)
    return load(path)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Five runs a block, so that twelve runs are three blocks; no pilot."""
    monkeypatch.setattr(conducting, "pilot", lambda sweep, path: Pilot(0.01, 100))
    monkeypatch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 5)


def run(sweep, folder, **options):
    return conduct(sweep, "sweep.toml", folder, options.pop("jobs", 1), "command", bar=False, **options)


def rows(folder):
    """The dataset in a fixed order."""
    return pd.read_parquet(folder / "data").sort_values(["point", "seed", "year", "indicator"], ignore_index=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    path = folder / "sweep.toml"
    path.write_text(TEXT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conducting, "pilot", lambda sweep, path: Pilot(0.01, 100))
        patch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 5)
        assert run(load(path), folder / "out") == (12, 12)
    return folder / "out"


def test_a_row_a_run_year_and_indicator(undisturbed):
    """4 points x 3 seeds x 2 years x 3 indicators, with the design's columns; ids differ by run."""
    table = rows(undisturbed)
    assert len(table) == 4 * 3 * 2 * 3
    assert table.run.nunique() == 12
    assert set(table["choice.peers"]) == {0.0, 4.0}
    assert set(table["choice.taste"]) == {"none", "persistent"}
    assert (table.error == "").all()
    assert table.value.notna().all()


def test_a_figure_is_that_of_the_model(undisturbed):
    from abm.model import SchoolChoiceModel

    config = load_scenario(
        ROOT / "configs" / "classroom.toml", ["run.years=2", "choice.peers=4.0", 'choice.taste="none"']
    )
    model = SchoolChoiceModel(config, 2).run()
    table = rows(undisturbed).query("seed == 2 and year == 2 and indicator == 'dissimilarity'")
    found = table[(table["choice.peers"] == 4) & (table["choice.taste"] == "none")].value
    assert found.tolist() == [model.indicators["dissimilarity"]]


def test_pandas_polars_and_duckdb_read_the_same(undisturbed):
    files = str(undisturbed / "data" / "*" / "*.parquet")
    total = rows(undisturbed).value.sum()
    assert pl.scan_parquet(files).select(pl.col("value").sum()).collect().item() == pytest.approx(total)
    assert duckdb.sql(f"select sum(value) from '{files}'").fetchall()[0][0] == pytest.approx(total)


def test_an_interrupted_sweep_goes_on_and_ends_the_same(sweep, tmp_path, undisturbed, monkeypatch):
    """Stopped after one block, a torn file left behind: the second start does the missing blocks only."""
    played = []

    def counted(item):
        played.append(item.block)
        if len(played) == 2:
            raise KeyboardInterrupt
        return play(item)

    monkeypatch.setattr(conducting, "play", counted)
    with pytest.raises(KeyboardInterrupt):
        run(sweep, tmp_path / "out")
    data = Dataset(tmp_path / "out")
    assert [data.has(block) for block in range(3)] == [True, False, False]
    data.part(2).write_bytes(b"PAR1 torn")
    played.clear()
    played.append(-1)
    played.append(-1)
    assert run(sweep, tmp_path / "out") == (12, 12)
    assert played[2:] == [1, 2]
    pd.testing.assert_frame_equal(rows(tmp_path / "out"), rows(undisturbed), check_exact=True)


def test_shards_make_one_dataset(sweep, tmp_path, undisturbed):
    assert run(sweep, tmp_path / "out", shard=Shard(2, 2)) == (5, 5)
    assert run(sweep, tmp_path / "out", shard=Shard(1, 2)) == (7, 7)
    pd.testing.assert_frame_equal(rows(tmp_path / "out"), rows(undisturbed), check_exact=True)


def test_any_executor_will_do(sweep, tmp_path, undisturbed, monkeypatch):
    @contextmanager
    def threads(jobs, cluster="", slurm=None):
        with ThreadPoolExecutor(2) as pool:
            yield pool, lambda: 2

    monkeypatch.setattr(conducting, "engine", threads)
    run(sweep, tmp_path / "out", jobs=2)
    pd.testing.assert_frame_equal(rows(tmp_path / "out"), rows(undisturbed), check_exact=True)


def test_a_failing_point_is_rows_with_its_error(tmp_path):
    """peers_full = 3 is out of bounds: its runs fail, the others do not."""
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT.replace('"choice.peers" = [0.0, 4.0]', '"choice.peers_full" = [0.5, 3.0]'))
    assert run(load(path), tmp_path / "out") == (12, 12)
    table = rows(tmp_path / "out")
    bad = table[table.indicator == FAILED]
    assert len(bad) == 6
    assert bad.error.str.contains("choice.peers_full").all()
    assert (bad["choice.peers_full"] == 3).all()
    assert len(table) == 6 + 6 * 2 * 3
    told = look.told(Dataset(tmp_path / "out"), None, None)
    assert "6 failed" in told
    text, same = look.repeat(Dataset(tmp_path / "out"), bad.run.iloc[0])
    assert same
    assert "choice.peers_full" in text


def test_a_run_that_fails_in_the_model_does_not_stop_the_others(sweep, monkeypatch):
    import experiments.sweep.block as block

    real = block.measured

    def breaking(config, seed, item):
        if seed == 2:
            raise FloatingPointError("broken on purpose")
        return real(config, seed, item)

    monkeypatch.setattr(block, "measured", breaking)
    done = play(next(items(sweep, 5, [0])))
    assert (done.runs, done.failed) == (5, 2)


def test_repeat_gives_the_same_to_the_bit_and_tells_a_changed_figure(undisturbed, tmp_path):
    import shutil

    table = rows(undisturbed)
    text, same = look.repeat(Dataset(undisturbed), table.run.iloc[0])
    assert same
    assert "the same to the bit" in text
    shutil.copytree(undisturbed, tmp_path / "copy")
    other = Dataset(tmp_path / "copy")
    part = pd.read_parquet(other.part(0))
    part.loc[0, "value"] += 1e-12
    part.to_parquet(other.part(0))
    assert not look.repeat(other, part.run.iloc[0])[1]
    with pytest.raises(ScenarioError, match="no run"):
        look.repeat(other, "0" * 16)


def test_another_sweep_or_version_is_refused(sweep, tmp_path, undisturbed, monkeypatch):
    import dataclasses
    import shutil

    shutil.copytree(undisturbed, tmp_path / "copy")
    with pytest.raises(ScenarioError, match="holds another sweep"):
        run(dataclasses.replace(sweep, seeds=4), tmp_path / "copy")
    monkeypatch.setattr("experiments.sweep.manifest.DIGEST", "0" * 16)
    with pytest.raises(ScenarioError, match="another version of the model"):
        run(sweep, tmp_path / "copy")


def test_two_sweeps_in_one_folder_are_refused(sweep, tmp_path, undisturbed):
    import shutil

    from experiments.engine import alone

    shutil.copytree(undisturbed, tmp_path / "copy")
    with alone(tmp_path / "copy"), pytest.raises(ScenarioError, match="another run is at work"):
        run(sweep, tmp_path / "copy")


@pytest.mark.parametrize(
    ("at_work", "refused"),
    [(Shard(1, 2), {Shard(), Shard(1, 2)}), (Shard(), {Shard(), Shard(1, 2), Shard(2, 2)})],
)
def test_a_shard_and_the_whole_do_not_run_beside_each_other(sweep, tmp_path, monkeypatch, at_work, refused):
    """Either is refused while the other is at work; two different shards are not."""
    monkeypatch.setattr(conducting, "STARTING", 0.1)
    said = {}

    def beside_it(item):
        monkeypatch.setattr(conducting, "play", play)
        for other in (Shard(), Shard(1, 2), Shard(2, 2)) if not said else ():
            try:
                said[other] = run(sweep, tmp_path / "out", shard=other)
            except ScenarioError as error:
                said[other] = str(error)
        return play(item)

    monkeypatch.setattr(conducting, "play", beside_it)
    run(sweep, tmp_path / "out", shard=at_work)
    assert {other for other, words in said.items() if "another run is at work" in words} == refused


def test_a_full_disk_is_told_and_nothing_is_half_written(sweep, tmp_path, monkeypatch, undisturbed):
    real, calls = Dataset.put, []

    def full(self, block, content):
        calls.append(block)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(self, block, content)

    monkeypatch.setattr(Dataset, "put", full)
    with pytest.raises(ScenarioError, match="No space left"):
        run(sweep, tmp_path / "out")
    monkeypatch.setattr(Dataset, "put", real)
    assert run(sweep, tmp_path / "out") == (12, 12)
    pd.testing.assert_frame_equal(rows(tmp_path / "out"), rows(undisturbed), check_exact=True)


def test_the_quick_table_is_the_mean_over_seeds(undisturbed):
    """By point, as pandas has it; a heat map of the two keys."""
    data = Dataset(undisturbed)
    quick = look.table(data, "dissimilarity", 2)
    whole = rows(undisturbed).query("indicator == 'dissimilarity' and year == 2").groupby("point").value
    assert quick["mean"].tolist() == pytest.approx(whole.mean().tolist())
    assert quick["sd"].tolist() == pytest.approx(whole.std().tolist(), abs=1e-9)
    assert quick.runs.tolist() == [3] * 4
    assert look.heat_map(data, quick, "dissimilarity", 2) == str(undisturbed / "heat_map.png")
    assert (undisturbed / "heat_map.png").stat().st_size > 5000
    with pytest.raises(ScenarioError, match="ask for one of these"):
        look.table(data, "gini", 2)


def test_blocks_cover_every_run_once(sweep):
    for size in (1, 5, 12, 100):
        seen = [
            (point, seed) for item in items(sweep, size, range(-(-12 // size))) for point, _, seeds in item.points for seed in seeds
        ]  # fmt: skip
        assert sorted(seen) == [(point, seed) for point in range(4) for seed in (1, 2, 3)]


def test_not_a_number_survives(sweep):
    """An indicator that a city does not have is not a number, not an error."""
    import dataclasses

    odd = dataclasses.replace(sweep, indicators=("achievement_gap",))
    item = next(items(odd, 1, [0]))
    done = play(item)
    assert done.failed == 0
    assert math.isnan(pd.read_parquet(__import__("io").BytesIO(done.parquet)).value[0])
