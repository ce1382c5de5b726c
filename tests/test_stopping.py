"""How commands are stopped: by Ctrl-C or SIGTERM, at any moment, with a word, nothing left running and nothing lost."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from abm.interrupts import postponed
from abm.model import SchoolChoiceModel
from abm.results import TABLES, Run
from experiments import engine, stopping
from tests.builders import ROOT, scenario

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
WORDS = ("run", "configs/classroom.toml", "--seeds", "40", "--years", "2")


def begun(*command: str) -> subprocess.Popen:
    """A process group of its own, which hears Ctrl-C even where the tests run in the background."""
    return subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def wait_for(happens) -> None:
    until = time.monotonic() + 120
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), stopping.CODES.items())
def test_before_and_after_a_command_the_end_is_at_once(number, code):
    """As while its libraries are imported: a word, the exit code of shells, no traceback."""
    waiting = "from experiments.stopping import heed; heed(); print('here', flush=True); import time; time.sleep(60)"
    process = begun("-c", waiting)
    assert process.stdout.readline() == "here\n"
    process.send_signal(number)
    _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (code, "\nstopped\n")


def test_a_library_that_swallows_the_stop_while_it_is_imported(tmp_path):
    (tmp_path / "greedy.py").write_text(
        "try:\n  print('here', flush=True); import time; time.sleep(60)\nexcept: pass\n"
    )
    line = f"import sys; sys.path.append({str(tmp_path)!r}); from experiments import stopping as s; s.heed()"
    process = begun("-c", f"{line}\nwith s.raised():\n  import greedy\nprint('went on')")
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30) == ("", "\nstopped\n") and process.returncode == 143


def test_whoever_has_ctrl_c_ignored_is_not_stopped_by_it():
    """As under ``nohup``."""
    waiting = "from experiments.stopping import heed; heed(); print('here', flush=True); print(input())"
    process = subprocess.Popen(
        [sys.executable, "-c", waiting], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate("still here\n", timeout=30)
    assert (process.returncode, out) == (0, "still here\n")


@pytest.mark.parametrize(("number", "code", "jobs"), [(signal.SIGINT, 130, 1), (signal.SIGTERM, 143, 2)])
def test_a_stopped_run_is_told_and_goes_on(number, code, jobs, tmp_path):
    """Stopped twice in a row, the second time while it tidies up; the seeds there are its table's, the rest is run later."""
    folder = tmp_path / "run"
    process = begun("-m", "experiments", *WORDS, "--jobs", str(jobs), "--out", str(folder))
    wait_for(lambda: len(list(folder.glob("parts/*.flows.csv"))) > 2 or process.poll() is not None)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    process.send_signal(number)
    _, complaint = process.communicate(timeout=120)
    done = Run(folder).manifest()["seeds_finished"]
    assert process.returncode == code and 2 < len(done) < 40, complaint
    assert complaint.rstrip().endswith(f"stopped after {len(done)} of 40 seeds; the same command goes on from there")
    assert "Traceback" not in complaint
    assert not psutil.wait_procs(workers, timeout=10)[1]
    assert set(Run(folder).table("schools").seed) == set(done)


def test_a_stopped_run_that_went_on_is_as_if_undisturbed(tmp_path, monkeypatch):
    config, real = scenario("classroom", "run.years=1"), engine.run_seed

    def stop(words, seed, **named):
        if seed == 2:
            signal.raise_signal(signal.SIGTERM)
        return real(words, seed, **named)

    monkeypatch.setattr(stopping, "_heard", [])
    monkeypatch.setattr(engine, "run_seed", stop)
    before = {number: signal.signal(number, stopping._end) for number in stopping.CODES}
    try:
        with pytest.raises(KeyboardInterrupt), stopping.raised():
            engine.run(config, [1, 2], tmp_path / "one", "x", 1, bar=False)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert stopping.end() == 143
    monkeypatch.setattr(engine, "run_seed", real)
    for name in ("one", "other"):
        engine.run(config, [1, 2], tmp_path / name, "x", 1, bar=False)
    for table in TABLES:
        assert (tmp_path / "one" / f"{table}.csv").read_bytes() == (tmp_path / "other" / f"{table}.csv").read_bytes()


def test_a_stop_is_never_lost(monkeypatch):
    """Neither while a kernel hands its arrays over, nor as a model ends: some years are stopped at 300 moments."""
    config, outcomes = scenario("classroom"), set()
    monkeypatch.setattr(stopping, "_heard", [])
    SchoolChoiceModel(config, 1, collect=False).step()  # loads what it needs
    before = signal.signal(signal.SIGTERM, stopping._end)
    try:
        for moment in range(300):
            stop = threading.Timer(5e-4 + moment * 3e-5, signal.raise_signal, (signal.SIGTERM,))
            until = time.monotonic() + 20
            with pytest.raises(KeyboardInterrupt), stopping.raised():
                stop.start()
                while time.monotonic() < until:
                    model = SchoolChoiceModel(config, 1, collect=False)
                    model.step()
                    engine.forget(model)
            stop.join()
            outcomes.add(time.monotonic() < until)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert outcomes == {True}


def test_a_stop_that_python_ignores_is_raised_again(monkeypatch):
    """As in the last words of an object: what is raised there is printed, and no one hears of it."""

    class Last:
        def __del__(self):
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("never reached")

    monkeypatch.setattr(stopping, "_heard", [])
    before = signal.signal(signal.SIGTERM, stopping._end)
    try:
        with pytest.raises(KeyboardInterrupt), stopping.raised():
            Last()
            time.sleep(20)
            raise AssertionError("never reached")
        assert stopping.end() == 143
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("error", [asyncio.CancelledError, AssertionError])
def test_what_a_library_makes_of_a_stop_is_a_stop(error, monkeypatch):
    monkeypatch.setattr(stopping, "_heard", [signal.SIGTERM])
    with pytest.raises(KeyboardInterrupt), stopping.raised():
        raise error


def test_what_is_postponed_is_heard_afterwards():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with postponed() as noted:
            signal.raise_signal(signal.SIGTERM)
            assert (noted, heard) == ([signal.SIGTERM], [])
        assert heard == [signal.SIGTERM]
        with pytest.raises(ZeroDivisionError), postponed():
            raise ZeroDivisionError
    finally:
        signal.signal(signal.SIGTERM, before)


def test_once_stopped_it_is_not_stopped_again():
    """While it tidies up a second signal is lost, whatever else happens there."""
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with stopping.undisturbed():
            signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            with stopping.undisturbed():
                signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_exit_code_is_kept_where_executed_text_was_broken_off():
    """CPython counts such a KeyboardInterrupt as nobody's, even if it is caught later, and would end by SIGINT."""
    text = "try:\n  exec('raise KeyboardInterrupt')\nexcept KeyboardInterrupt:\n  from experiments import stopping; exit(stopping.end())"
    assert subprocess.run([sys.executable, "-c", text], cwd=ROOT, check=False).returncode == 130
