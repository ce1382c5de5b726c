"""The command line in odd surroundings: closed streams, a locale that cannot show a path, Ctrl-C before anything is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments import engine
from experiments.command_line import app

CONFIGS = Path(__file__).resolve().parents[1] / "configs"

COMMAND = f"{sys.executable} -m experiments"
SMALL = f"run {CONFIGS / 'classroom.toml'} --seeds 1 --years 0 --jobs 1"


def said(line: str, **surroundings) -> subprocess.CompletedProcess:
    """A line for the shell, run; ``{}`` stands for the command."""
    root = Path(__file__).resolve().parents[1]
    env = os.environ | {"PYTHONPATH": str(root)} | surroundings
    return subprocess.run(["bash", "-c", line.replace("{}", COMMAND)], capture_output=True, text=True, env=env)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell for POSIX")
@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-"])
def test_a_run_ends_well_where_nobody_listens(streams, tmp_path):
    done = said(f"{{}} {SMALL} --out {tmp_path / 'run'} {streams}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell for POSIX")
def test_a_folder_that_the_locale_cannot_show(tmp_path):
    """Neither the page nor the summary break; what cannot be shown is told by number."""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = said(f"cd {tmp_path}; {{}} {SMALL} --out 'Zürich €'", **plain)
    assert done.returncode == 0, done.stderr
    assert r"\udcc3" in done.stdout and (tmp_path / "Zürich €" / "report.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("words", ["parameters", "--help"])
def test_a_full_disk_behind_the_output_is_told(words):
    done = said(f"{{}} {words} > /dev/full")
    assert (
        (done.returncode, done.stdout) == (2, "") and "No space left" in done.stderr and "Traceback" not in done.stderr
    )


def test_ctrl_c_before_anything_is_written(monkeypatch, tmp_path):
    """While the city is tried out there is no run yet: the way out is the same, and nothing is left behind."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "try_out", interrupted)
    done = CliRunner().invoke(app, [*SMALL.split(), "--out", str(tmp_path / "run")])
    assert done.exit_code == 130 and "stopped after 0 of 1 seeds" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["run city.toml", "compare city.toml found.toml", "sweep sweep.toml --jobs 1"])
def test_a_city_that_cannot_be_made_is_told_with_its_file(words, monkeypatch, tmp_path):
    """Nine small areas of some ten families each cannot be as separate as asked for."""
    monkeypatch.chdir(tmp_path)
    files = {
        "city": "[city]\npupils = 100\nschools = 4\nside_km = 2.0\nresidential_dissimilarity = 0.95\n",
        "found": '[[policies]]\nkind = "detection"\n',
        "sweep": 'base = "city.toml"\nindicators = ["dissimilarity"]\n[vary]\n"choice.peers" = [0.0, 1.0]\n',
    }
    for name, text in files.items():
        Path(f"{name}.toml").write_text(text)
    done = CliRunner().invoke(app, [*words.split(), "--out", "out"])
    assert done.exit_code == 2 and not list(tmp_path.glob("out/[!.]*"))
    told = done.stderr.splitlines()[-1]  # on a machine that has not compiled the model yet, that is told first
    assert told.startswith(f"schoolflight: {words.split()[1]}: ")
    assert "city.residential_dissimilarity = 0.95 cannot be met" in told
