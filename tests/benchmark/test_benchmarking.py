"""The command ``benchmark``: bad arguments are told in a line, Ctrl-C ends it cleanly."""

import os
import signal
import subprocess
import sys

import pytest

from tests.builders import ROOT


def command(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "experiments", "benchmark", *words], cwd=ROOT, capture_output=True, text=True, timeout=240,
        check=False, env=os.environ | environment,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (("--size", "village"), {}, "village"),
        (("--json", "no/such/folder/x.json"), {}, "give a file in a folder that exists"),
        (("--json", "."), {}, "give a file in a folder that exists"),
        (("more",), {}, "more"),
        ((), {"NUMBA_DISABLE_JIT": "1"}, "NUMBA_DISABLE_JIT is set"),
    ],
)
def test_bad_arguments_are_told_and_end_with_2(words, environment, told):
    done = command(*words, **environment)
    assert done.returncode == 2
    assert told in done.stderr and "Traceback" not in done.stderr


def test_help_says_which_size_shows_what():
    text = " ".join(command("--help", COLUMNS="200").stdout.split())
    for words in (
        "small, half a minute: choice",
        "metropolis: also 1,000 seeds",
        "continent: also a year of ten million",
    ):
        assert words in text


def test_ctrl_c_ends_it_with_130_and_nothing_written(tmp_path):
    words = [sys.executable, "-m", "experiments", "benchmark", "--size", "small", "--json", str(tmp_path / "x.json")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where the tests run in the background
    ) as process:  # fmt: skip
        try:
            process.wait(timeout=6)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err and "Error" not in err
    assert out == "" and list(tmp_path.iterdir()) == []
