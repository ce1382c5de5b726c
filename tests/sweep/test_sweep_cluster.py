"""A Dask cluster of separate processes runs a sweep; a worker killed in the middle loses nothing. SLURM's job script is right."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pandas as pd
import pytest

from abm.config.declare import ScenarioError
from experiments.sweep import cluster as clustering
from experiments.sweep import conduct as conducting
from experiments.sweep.cluster import slurm_cluster
from experiments.sweep.conduct import Pilot, conduct
from experiments.sweep.dataset import Dataset
from experiments.sweep.engines import engine
from experiments.sweep.spec import load
from tests.builders import ROOT

distributed = pytest.importorskip("distributed")
TEXT = f"""
base = "{ROOT / "configs" / "classroom.toml"}"
seeds = 20
years = 2
[vary]
"choice.peers" = [0.0, 4.0]
"""


@contextmanager
def process(*arguments):
    """A Dask process that ends with the test; its first line with an address is waited for."""
    made = subprocess.Popen(
        [sys.executable, "-m", *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    try:
        yield made
    finally:
        made.kill()
        made.wait()
        made.stderr.close()


def address(scheduler):
    """Where the scheduler listens, from what it logs."""
    for line in scheduler.stderr:
        found = re.search(r"tcp://127\.0\.0\.1:\d+", line)
        if found and "Scheduler at" in line:
            return found[0]
    raise AssertionError("the scheduler said no address")


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(tmp_path, monkeypatch):
    """Scheduler and two workers as processes; one worker is killed after the third block. The rows are those of one process."""
    monkeypatch.setattr(conducting, "pilot", lambda sweep, path: Pilot(0.01, 100))
    monkeypatch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 2)
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT)
    sweep = load(path)
    with ExitStack() as stack:
        scheduler = stack.enter_context(
            process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        )
        there = address(scheduler)
        options = ("distributed.cli.dask_worker", there, "--nthreads", "1", "--no-dashboard")
        workers = [stack.enter_context(process(*options)) for _ in range(2)]
        put, seen = Dataset.put, []

        def counted(self, block, content):
            put(self, block, content)
            seen.append(block)
            if len(seen) == 3:
                workers[0].send_signal(signal.SIGKILL)

        monkeypatch.setattr(Dataset, "put", counted)
        assert conduct(sweep, "sweep.toml", tmp_path / "cluster", 1, "command", cluster=there, bar=False) == (40, 40)
        assert sorted(seen) == list(range(20))
        assert workers[0].wait(timeout=10) == -signal.SIGKILL
        assert workers[1].poll() is None
    monkeypatch.setattr(Dataset, "put", put)
    conduct(sweep, "sweep.toml", tmp_path / "here", 1, "command", bar=False)
    one, other = (
        pd.read_parquet(tmp_path / name / "data").sort_values(["point", "seed", "indicator"], ignore_index=True)
        for name in ("cluster", "here")
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_no_scheduler_is_told(monkeypatch):
    monkeypatch.setattr("experiments.sweep.cluster.PATIENCE", 1)
    with pytest.raises(ScenarioError, match="no scheduler answers"), engine(1, cluster="tcp://127.0.0.1:9"):
        time.sleep(0)


def test_the_job_script_of_slurm(tmp_path):
    """A dry run: dask-jobqueue writes the script that sbatch would be given, with the settings of the file."""
    pytest.importorskip("dask_jobqueue")
    settings = tmp_path / "slurm.toml"
    settings.write_text(
        'queue = "short"\ncores = 4\nprocesses = 4\nmemory = "8GB"\nwalltime = "00:30:00"\njobs = 0\ninterface = "lo"\n'
    )
    cluster = slurm_cluster(settings)
    try:
        script = cluster.job_script()
    finally:
        cluster.close()
    for words in (
        "#SBATCH -p short",
        "#SBATCH --cpus-per-task=4",
        "#SBATCH --mem=8G",
        "#SBATCH -t 00:30:00",
        "--nworkers 4",
    ):
        assert words in script
    assert "distributed.cli.dask_worker" in script
    settings.write_text("quue = 1\n")
    with pytest.raises(ScenarioError, match=r"slurm\.toml"):
        slurm_cluster(settings)
    for content in (b"not toml", b"\xff\xfe"):
        settings.write_bytes(content)
        with pytest.raises(ScenarioError, match="cannot be read"):
            slurm_cluster(settings)


def fake_sbatch(folder, monkeypatch, text):
    """A program of that name, found first."""
    program = folder / "bin" / "sbatch"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_a_job_that_slurm_does_not_take_is_told(tmp_path, monkeypatch):
    """The script is tried with `sbatch --test-only` before anything is handed in; so are odd settings."""
    pytest.importorskip("dask_jobqueue")
    settings = tmp_path / "slurm.toml"
    settings.write_text('queue = "nowhere"\ncores = 1\nmemory = "1GB"\ninterface = "lo"\n')
    fake_sbatch(tmp_path, monkeypatch, 'test "$1" = --test-only && echo "invalid partition: nowhere" >&2; exit 1')
    with (
        pytest.raises(ScenarioError, match="does not take the job: invalid partition: nowhere"),
        engine(1, slurm=settings),
    ):
        pass
    (tmp_path / "bin" / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScenarioError, match="sbatch cannot be run here"), engine(1, slurm=settings):
        pass
    settings.write_text('cores = 1\nmemory = "1GB"\njobs = -1\n')
    with pytest.raises(ScenarioError, match="jobs = -1: must be a whole number"):
        slurm_cluster(settings)


def test_workers_that_come_are_given_blocks_and_those_that_end_are_asked_for_again(monkeypatch, capfd):
    """Two blocks for each thread there is now; "no worker" is said once; again() is called at every look."""
    monkeypatch.setattr(clustering, "LOOK", 0.05)
    options = {"processes": False, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=0, **options) as cluster, distributed.Client(cluster) as client:
        calls = []
        watch = clustering.Watch(client, SimpleNamespace(again=lambda: calls.append(1)))
        for workers, width in ((0, 2), (2, 4), (1, 2)):
            cluster.scale(workers)
            until = time.monotonic() + 30
            seen = len(calls)
            while (watch.width() != width or len(calls) < seen + 5) and time.monotonic() < until:
                time.sleep(0.05)
            assert watch.width() == width
    assert len(calls) >= 15
    assert capfd.readouterr().err.count("no worker is connected") == 1


def test_a_block_that_ends_its_workers_is_a_broken_process_and_a_lost_scheduler_is_told(monkeypatch):
    options = {"processes": False, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=0, **options) as cluster:
        for raised, told in (
            (distributed.KilledWorker("play", SimpleNamespace(address="tcp://w"), 4), BrokenProcessPool),
            (CancelledError(), ScenarioError),
        ):
            with pytest.raises(told), engine(1, cluster=cluster.scheduler_address):
                raise raised
