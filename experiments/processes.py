"""Work spread over processes: in order of submission, a bounded number at a time, to be stopped at any moment."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from abm.cache_folder import is_warm
from abm.config.declare import ScenarioError
from experiments.stopping import CODES, undisturbed

WORTH_PROCESSES = 6.0  # seconds of work left from which starting processes pays


def announce_compiling() -> None:
    """Say on standard error that this will take longer, where the kernels were not on disk when the process began."""
    if not is_warm():
        print("compiling the model, once: about half a minute", file=sys.stderr)


def spread(
    function: Callable[[Any], Any],
    items: Iterable,
    jobs: int,
    where: object,
    tick: Callable[[], None] = lambda: None,
    long: bool = False,
) -> Iterator:
    """Yield ``function(item)`` of each item as it is done; ``jobs`` 1 runs in this process, else in that many of their own.

    The first items run here: one process compiles on a cold cache, and work that would end before other processes have
    started needs none. With ``long`` items and a warm cache all go to other processes at once. ``tick`` is called about
    once a second meanwhile. ``where`` is named in errors.
    """
    waiting, warm = list(items), is_warm()
    while waiting and not (long and warm and jobs > 1):
        began = time.perf_counter()
        yield function(waiting.pop(0))
        if warm and jobs > 1 and (time.perf_counter() - began) * len(waiting) > WORTH_PROCESSES:
            break
        warm = True
    if not waiting:
        return
    with crew(min(jobs, len(waiting)), where) as pool:
        yield from window(pool, function, waiting, 2 * jobs, tick)


@contextmanager
def crew(jobs: int, where: object) -> Iterator[Executor]:
    """Processes to hand work to, ended at once by Ctrl-C. ScenarioError if one of them dies; ``where`` is named in it."""
    with ProcessPoolExecutor(jobs, mp_context=SPAWN, initializer=serve) as pool:
        workers = pool._processes
        try:
            yield pool
        except BrokenProcessPool:
            raise ScenarioError(
                f"{where}: a process was ended from outside (out of memory?); what is finished is kept: "
                "the same command goes on, or try --jobs 1"
            ) from None
        except (KeyboardInterrupt, GeneratorExit):
            with undisturbed():
                for worker in list((workers or {}).values()):
                    worker.kill()
                pool.shutdown(wait=False, cancel_futures=True)
            raise


def window(pool: Executor, function: Callable, items: list, width: int, tick: Callable[[], None]) -> Iterator:
    """Keep at most ``width`` items submitted; yield results as they come."""
    waiting = list(reversed(items))
    running = set()
    while waiting or running:
        while waiting and len(running) < width:
            running.add(pool.submit(function, waiting.pop()))
        done, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()
        tick()


class Worker(SpawnProcess):
    """A process that is deaf to Ctrl-C and SIGTERM from its first moment on: both may be sent to a whole group."""

    def start(self) -> None:
        """Start it; a signal that comes meanwhile waits, here only."""
        if not hasattr(signal, "pthread_sigmask"):
            super().start()
            return
        resource_tracker.ensure_running()  # which would let signals through again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, CODES)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Spawn(SpawnContext):
    """Starts processes anew, as on every system."""

    Process = Worker


SPAWN = Spawn()


def serve() -> None:
    """Workers leave it to the process that started them when they are to end, and end when it does."""
    for number in CODES:
        signal.signal(number, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        parent.join()
        os._exit(1)

    if parent is not None:
        threading.Thread(target=follow, daemon=True).start()


def default_jobs() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
