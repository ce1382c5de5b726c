"""A sweep through a real SLURM, where one answers: its jobs are cancelled in the middle, and nothing is lost.

One machine is enough. Debian's packages slurmctld and slurmd (22.05) ran this with a slurm.conf of these lines beside the
usual paths: AuthType=auth/none, CredType=cred/none, ProctrackType=proctrack/pgid, TaskPlugin=task/none,
SelectType=select/cons_tres, SelectTypeParameters=CR_CPU, NodeName=<host> NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000,
PartitionName=short Nodes=ALL Default=YES State=UP; and SLURM_CONF naming that file.
"""

import subprocess

import pandas as pd
import pytest

from experiments.sweep import conduct as conducting
from experiments.sweep.conduct import Pilot, conduct
from experiments.sweep.dataset import Dataset
from experiments.sweep.spec import load
from tests.builders import ROOT

TEXT = f"""
base = "{ROOT / "configs" / "classroom.toml"}"
seeds = 20
years = 2
[vary]
"choice.peers" = [0.0, 4.0]
"""


def said(*words):
    """What a command of SLURM prints; None where it fails or is not there."""
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return None


@pytest.mark.slow
@pytest.mark.skipif(not said("sinfo", "--noheader"), reason="no SLURM answers here")
def test_cancelled_jobs_are_started_again_and_nothing_is_lost(tmp_path, monkeypatch):
    """Two jobs; both are cancelled after the third block. The rows are those of one process."""
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setattr(conducting, "pilot", lambda sweep, path: Pilot(0.01, 100))
    monkeypatch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 2)
    monkeypatch.chdir(ROOT)
    path, settings = tmp_path / "sweep.toml", tmp_path / "slurm.toml"
    path.write_text(TEXT)
    settings.write_text(
        f'cores = 1\nmemory = "1GB"\nwalltime = "00:10:00"\njobs = 2\ninterface = "lo"\njob_name = "{tmp_path.name}"\n'
        f'log_directory = "{tmp_path}"\n'
    )
    put, seen = Dataset.put, []

    def counted(self, block, content):
        put(self, block, content)
        seen.append(block)
        if len(seen) == 3:
            assert said("scancel", f"--name={tmp_path.name}") is not None

    monkeypatch.setattr(Dataset, "put", counted)
    sweep = load(path)
    assert conduct(sweep, "sweep.toml", tmp_path / "slurm", 1, "command", slurm=settings, bar=False) == (40, 40)
    assert sorted(seen) == list(range(20))
    monkeypatch.setattr(Dataset, "put", put)
    conduct(sweep, "sweep.toml", tmp_path / "here", 1, "command", bar=False)
    one, other = (
        pd.read_parquet(tmp_path / name / "data").sort_values(["point", "seed", "indicator"], ignore_index=True)
        for name in ("slurm", "here")
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)
