"""The commands compare and league as a user gives them: what they print, leave behind, refuse and survive."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from tests.builders import ROOT

SHORT = ("--burn-in", "1", "--years", "2", "--after", "1", "--set", "city.pupils=200", "--set", "city.schools=4")


def command(*words, timeout=240):
    """The command's exit code and what it wrote to both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "experiments", *words], cwd=ROOT, capture_output=True, text=True, timeout=timeout
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[[policies]]\nkind = "cut_places"\n')
    return path


def test_compare_prints_a_row_a_policy_and_leaves_tables(policy, tmp_path):
    code, out, _ = command(
        "compare", "configs/classroom.toml", str(policy), "--seeds", "3", *SHORT, "--out", str(tmp_path / "o")
    )
    assert code == 0
    assert "Mine" in out and "verdict" in out and "assumption" in out
    for name in ("runs", "districts", "effects", "summary", "paths"):
        assert len(pd.read_csv(tmp_path / "o" / f"{name}.csv")) > 0
    assert (tmp_path / "o" / "compare.txt").read_text().strip() in out


def test_league_tells_who_takes_no_part(tmp_path):
    """In the classroom no school is subsidised, so its common admission finds nothing to bring in."""
    code, out, _ = command(
        "league", "configs/classroom.toml", "--seeds", "2", *SHORT, "--only", "cut_places", "--only", "common_admission",
        "--out", str(tmp_path / "o"),
    )  # fmt: skip
    assert code == 0
    assert "cut places, 33 %" in out and "cut places, 100 %" in out
    assert "common admission" in out and "no subsidised school" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("compare", "configs/classroom.toml", "nowhere.toml"), "nowhere.toml: no such scenario file"),
        (("compare", "nowhere.toml", "nowhere.toml"), "nowhere.toml: no such scenario file"),
        (("league", "configs/classroom.toml", "--only", "magnit"), "--only magnit: no such policy"),
        (("league", "configs/classroom.toml", "--decided-by", "king"), "must be one of municipality"),
        (("compare", "configs/classroom.toml", "configs/classroom.toml"), "count in a file of policies"),
    ],
)
def test_bad_input_is_told_in_a_line(words, told):
    code, out, err = command(*words)
    assert code == 2 and out == ""
    assert told in err and "Traceback" not in err


def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(policy, tmp_path):
    words = [
        "compare",
        "configs/classroom.toml",
        str(policy),
        "--seeds",
        "400",
        *SHORT,
        "--jobs",
        "1",
        "--out",
        str(tmp_path / "o"),
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "experiments", *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:  # fmt: skip
        parts = tmp_path / "o" / "parts"
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline and (not parts.exists() or len(os.listdir(parts)) < 5):
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "the same command goes on from there" in err and "Traceback" not in err
    finished = set(pd.read_csv(tmp_path / "o" / "runs.csv").seed)
    assert len(finished) >= 3
    before = {seed: (parts / f"0.{seed}" / "mine.csv").stat().st_mtime_ns for seed in finished}
    words[4] = str(len(finished) + 2)  # the number of seeds is no part of what a comparison is
    code, out, err = command(*words)
    assert code == 0, err
    assert f"{len(finished) + 2} seeds" in out
    assert {seed: (parts / f"0.{seed}" / "mine.csv").stat().st_mtime_ns for seed in finished} == before
