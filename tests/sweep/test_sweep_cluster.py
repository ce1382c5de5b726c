"""A Dask cluster of separate processes runs a sweep; a worker killed in the middle loses nothing. SLURM's job script is right."""

import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pandas as pd
import pytest

from abm.config.declare import ScenarioError
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
    settings.write_text("not toml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        slurm_cluster(settings)
