"""Work in a fresh process: what is measured of a process as a whole, and what must not be disturbed by this one."""

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from abm.cache_folder import PACKAGE
from abm.config.declare import ScenarioError
from experiments.benchmark.rounds import Tick
from experiments.processes import SPAWN, serve
from experiments.stopping import undisturbed


def python(code: str, **environment: str) -> float:
    """CPU seconds, user and system, of a fresh interpreter that runs ``code``, from its start to the last line.

    It keeps Python's own bytecode, as interpreters do unless told not to.
    ScenarioError with the last line of what it complained of if it fails.
    """
    roads = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport time\nprint(time.process_time())"],
        env=os.environ | {"PYTHONPATH": roads, "PYTHONDONTWRITEBYTECODE": ""} | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        what = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ScenarioError(f"benchmark: a fresh process failed: {what}")
    return float(done.stdout.split()[-1])


def apart(function: Callable[..., Any], *given: Any, tick: Tick = lambda text: None) -> Any:
    """``function(*given, tick)`` in a process of its own, ended with this one and by Ctrl-C; its ticks are passed on."""
    here, there = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=_work, args=(there, function, given), daemon=True)
    process.start()
    there.close()
    try:
        while True:
            kind, what = here.recv()
            if kind == "done":
                return what
            if kind == "failed":
                raise ScenarioError(f"benchmark: {what}")
            tick(what)
    except EOFError:
        raise ScenarioError("benchmark: a process was ended from outside (out of memory?)") from None
    finally:
        with undisturbed():
            here.close()
            process.join(5 if sys.exc_info()[0] is None else 0)
            process.kill()
            process.join()


def _work(there, function, given) -> None:
    serve()
    try:
        result = function(*given, lambda text: there.send(("tick", text)))
        there.send(("done", result))
    except MemoryError:
        there.send(("failed", f"{function.__name__}{given}: not enough memory"))
    except Exception:
        there.send(("failed", traceback.format_exc()))


def peak_memory() -> int:
    """Most bytes that this process has held. The kernel's own mark: ``ru_maxrss`` starts from that of the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def timed(task: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and CPU seconds of this process for it, all threads."""
    began = time.process_time()
    result = task()
    return result, time.process_time() - began
