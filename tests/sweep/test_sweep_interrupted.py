"""Whatever ends a sweep or harms its folder: the same command goes on, and the rows are those of an undisturbed sweep."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from abm.config.declare import ScenarioError
from experiments.sweep import conduct as conducting
from experiments.sweep import look
from experiments.sweep.conduct import Pilot, Shard, conduct
from experiments.sweep.dataset import LEFT, Dataset
from experiments.sweep.engines import Here
from experiments.sweep.spec import load
from tests.builders import ROOT

TEXT = f"""
base = "{ROOT / "configs" / "classroom.toml"}"
seeds = 6
years = 1
indicators = ["dissimilarity", "distance_km"]
[vary]
"choice.peers" = [0.0, 4.0]
"""
SAMPLED = TEXT.replace("[vary]", 'design = "latin_hypercube"\nsamples = 4\n[vary]').replace(
    "[0.0, 4.0]", "{ low = 0.0, high = 4.0 }"
)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT)
    return load(path)


@pytest.fixture
def sampled(tmp_path):
    path = tmp_path / "sampled.toml"
    path.write_text(SAMPLED)
    return load(path)


@pytest.fixture(autouse=True)
def blocks_of_two(monkeypatch):
    """Two runs a block, so that twelve runs are six blocks; no pilot."""
    monkeypatch.setattr(conducting, "pilot", lambda sweep, path: Pilot(0.01, 100))
    monkeypatch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 2)


def run(sweep, folder, **options):
    return conduct(sweep, "sweep.toml", folder, options.pop("jobs", 1), "command", bar=False, **options)


def rows(folder):
    """The dataset in a fixed order, as bytes."""
    table = pd.read_parquet(folder / "data").sort_values(["point", "seed", "year", "indicator"], ignore_index=True)
    return table.to_csv().encode()


@pytest.fixture
def undisturbed(plan, tmp_path):
    run(plan, tmp_path / "undisturbed")
    return rows(tmp_path / "undisturbed")


def started(file, out, jobs):
    """The command itself, in a session of its own, until its first block is there."""
    words = [sys.executable, "-m", "experiments", "sweep", str(file), "--out", str(out), "--jobs", jobs]
    process = subprocess.Popen(
        words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where the tests run in the background
    )  # fmt: skip
    until = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < until and not any(Dataset(out).files()):
        time.sleep(0.01)
    return process


slow = pytest.mark.slow


@pytest.mark.parametrize(
    ("ending", "jobs"),
    [("kill", "1"), pytest.param("kill", "2", marks=slow), pytest.param("thrice", "2", marks=slow)],
)
def test_the_command_ended_from_outside_goes_on(tmp_path, ending, jobs):
    """kill -9 of the process that was started, or Ctrl-C three times, after its first block; then the same command."""
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT.replace("seeds = 6", "seeds = 30"))
    process = started(path, tmp_path / "out", jobs)
    if ending == "kill":
        process.kill()
    else:
        for _ in range(3):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.05)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if ending == "kill" else 130)
    assert b"Traceback" not in said
    assert 0 < look.progress(Dataset(tmp_path / "out")).runs < 60
    assert run(load(path), tmp_path / "out") == (60, 60)
    run(load(path), tmp_path / "undisturbed")
    assert rows(tmp_path / "out") == rows(tmp_path / "undisturbed")


def broken_engine(when):
    """An engine whose process is ended from outside while it is at work on a block for which ``when`` holds."""

    class Ended(Here):
        def submit(self, function, item):
            if when(item.block):
                raise BrokenProcessPool
            return super().submit(function, item)

    @contextmanager
    def engine(jobs, cluster="", slurm=None):
        yield Ended(), lambda: 1

    return engine


def test_a_process_ended_from_outside_is_started_again(plan, tmp_path, monkeypatch, undisturbed):
    times = []

    def once(block):
        times.append(block)
        return block == 3 and times.count(3) == 1

    monkeypatch.setattr(conducting, "engine", broken_engine(once))
    assert run(plan, tmp_path / "out") == (12, 12)
    assert times == [0, 1, 2, 3, 4, 5, 3]
    assert rows(tmp_path / "out") == undisturbed


def test_a_block_that_always_ends_its_process_does_not_stop_the_others(plan, tmp_path, monkeypatch, undisturbed):
    with monkeypatch.context() as patch:
        patch.setattr(conducting, "engine", broken_engine(lambda block: block == 1))
        with pytest.raises(ScenarioError, match="2 of 12 runs are missing"):
            run(plan, tmp_path / "out")
    assert [Dataset(tmp_path / "out").has(block) for block in range(6)] == [True, False, True, True, True, True]
    assert run(plan, tmp_path / "out") == (12, 12)
    assert rows(tmp_path / "out") == undisturbed


def test_processes_that_start_at_once_agree_on_the_size_of_a_block(plan, tmp_path):
    """Each has timed its own pilot; only one manifest counts, and all go by it."""
    found, together = [], threading.Barrier(4)

    def start(size):
        together.wait()
        found.append(Dataset(tmp_path / "out").open(plan, "sweep.toml", lambda: size, "command")["block"])

    threads = [threading.Thread(target=start, args=(size,)) for size in (1, 2, 3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert set(found) == {Dataset(tmp_path / "out").manifest()["block"]}


@pytest.mark.parametrize("harm", ["", "{", None])
def test_a_lost_or_damaged_manifest_is_made_again(plan, tmp_path, undisturbed, harm, monkeypatch):
    """The files of blocks tell how many runs each has, whatever a new pilot would say."""
    run(plan, tmp_path / "out", shard=Shard(1, 2))
    path = tmp_path / "out" / "manifest.json"
    path.unlink() if harm is None else path.write_text(harm)
    with pytest.raises(ScenarioError, match="which mends it"):
        look.told(Dataset(tmp_path / "out"), None, None)
    monkeypatch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 5)
    assert run(plan, tmp_path / "out") == (12, 12)
    assert json.loads(path.read_text())["block"] == 2
    assert rows(tmp_path / "out") == undisturbed


def test_a_folder_with_something_else_is_refused(plan, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("1")
    with pytest.raises(ScenarioError, match=r"holds other files, such as chapter\.txt"):
        run(plan, tmp_path / "thesis")
    (tmp_path / "thesis" / "manifest.json").write_text('{"seeds": [1]}')
    with pytest.raises(ScenarioError, match="not the manifest of a sweep"):
        run(plan, tmp_path / "thesis")


def test_a_damaged_file_is_told_by_results(plan, tmp_path):
    run(plan, tmp_path / "out")
    data = Dataset(tmp_path / "out")
    data.part(2).write_bytes(b"PAR1" + bytes(50) + b"PAR1")
    with pytest.raises(ScenarioError, match=r"0000002\.parquet: damaged .* delete this file"):
        look.told(data, None, None)


def test_a_folder_without_blocks_is_not_called_damaged(tmp_path):
    with pytest.raises(ScenarioError, match=r"no block is finished yet; go on with the sweep$"):
        look.repeat(Dataset(tmp_path), "x")


def test_a_file_damaged_within_is_named_too(plan, tmp_path):
    """Where its ends are as they ought to be, what the library says does not name it."""
    run(plan, tmp_path / "out")
    data = Dataset(tmp_path / "out")
    content = bytearray(data.part(0).read_bytes())
    content[40:80] = bytes(byte ^ 255 for byte in content[40:80])
    data.part(0).write_bytes(content)
    with pytest.raises(ScenarioError, match=r"0000000\.parquet: damaged .* delete this file"):
        look.told(data, None, None)


def test_what_an_interruption_left_is_removed(plan, tmp_path, undisturbed):
    """Files cut short and old files that were never put in place; a young one may be another machine's."""
    run(plan, tmp_path / "out")
    data = Dataset(tmp_path / "out")
    data.part(1).write_bytes(b"PAR1 torn")
    old, young = (data.part(1).with_name(f".{data.part(1).name}.{word}") for word in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"PAR1")
    os.utime(old, (0, time.time() - 2 * LEFT))
    assert run(plan, tmp_path / "out") == (12, 12)
    assert not old.exists()
    assert young.exists()
    assert rows(tmp_path / "out") == undisturbed


def test_missing_blocks_are_found_by_name_over_folders(tmp_path):
    data = Dataset(tmp_path)
    for block in (0, 999, 1000, 2500):
        data.put(block, b"PAR1")
    assert list(data.missing(range(998, 1003))) == [998, 1001, 1002]
    assert list(data.missing(range(0, 3000, 500))) == [500, 1500, 2000]


def test_a_sample_is_kept_whatever_a_later_library_draws(sampled, tmp_path, monkeypatch):
    run(sampled, tmp_path / "out", shard=Shard(1, 2))
    data = Dataset(tmp_path / "out")
    drawn = np.array(data.design().shares)
    monkeypatch.setattr("experiments.sweep.design.sample", lambda sweep: np.zeros((4, 1)))
    assert run(sampled, tmp_path / "out") == (24, 24)
    assert (data.design().shares == drawn).all()
    quick = look.table(data, "dissimilarity")
    assert quick["choice.peers"].tolist() == pytest.approx(4 * drawn[:, 0])
    (tmp_path / "out" / "design.npy").unlink()
    with pytest.raises(ScenarioError, match="draw another sample"):
        data.design()


def test_a_run_is_repeated_though_another_point_has_the_same_values(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(SAMPLED.replace("{ low = 0.0, high = 4.0 }", "[4.0]").replace("seeds = 6", "seeds = 1"))
    run(load(path), tmp_path / "out")
    table = pd.read_parquet(tmp_path / "out" / "data")
    assert table.run.nunique() == 1
    assert look.repeat(Dataset(tmp_path / "out"), table.run.iloc[0])[1]
