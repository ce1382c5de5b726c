"""Run the seeds of a scenario: here or in several processes, with a progress bar, to be stopped and taken up again."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from abm.compiled import is_warm
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.results import Run, flow_rows, indicator_rows, school_rows, write
from abm.scenario import configure, to_tree
from abm.start import start

WORTH_PROCESSES = 6.0  # seconds of work left from which starting processes pays


def run_seed(tree: dict, seed: int, folder: str) -> int:
    """Run one seed of the scenario ``tree`` through all its years and write its rows; returns the seed."""
    import mesa

    from abm.model import SchoolChoiceModel

    config = configure(tree)
    model = SchoolChoiceModel(config, seed, collect=False)
    rows = {"indicators": indicator_rows(model), "schools": school_rows(model), "flows": flow_rows(model)}
    for _ in range(config.run.years):
        model.step()
        rows["indicators"] += indicator_rows(model)
        rows["schools"] += school_rows(model)
    if config.run.years:
        rows["flows"] += flow_rows(model)
    getattr(mesa.Agent, "_ids", {}).pop(model, None)  # Mesa 3.3.1 keeps every model alive otherwise (issue 3180)
    run = Run(folder)
    for table, lines in rows.items():
        write(run.part(seed, table), "\n".join(lines) + "\n")
    return seed


def run_seeds(config: Config, seeds: list[int], folder: Path, jobs: int) -> Iterator[int]:
    """Yield each seed as it is done; ``jobs`` 1 runs in this process, else in that many of their own.

    The first seeds run here in any case: one process compiles on a cold cache, and runs that would end before other
    processes have started need none.
    """
    tree, waiting, warm = to_tree(config), list(seeds), is_warm()
    while waiting:
        began = time.perf_counter()
        yield run_seed(tree, waiting.pop(0), str(folder))
        if warm and jobs > 1 and (time.perf_counter() - began) * len(waiting) > WORTH_PROCESSES:
            break
        warm = True
    if not waiting:
        return
    seeds = waiting
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(seeds)), mp_context=context, initializer=_serve) as pool:
        workers = pool._processes
        try:
            yield from _window(pool, tree, seeds, str(folder), 2 * jobs)
        except BrokenProcessPool:
            raise ScenarioError(
                f"{folder}: a process was ended from outside (out of memory?); finished seeds are kept: "
                "the same command goes on, or try --jobs 1"
            ) from None
        except (KeyboardInterrupt, GeneratorExit):
            for worker in list((workers or {}).values()):
                worker.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _window(pool: Executor, tree: dict, seeds: list[int], folder: str, width: int) -> Iterator[int]:
    """Keep at most ``width`` runs submitted; yield seeds as they finish."""
    waiting = list(reversed(seeds))
    running = set()
    while waiting or running:
        while waiting and len(running) < width:
            running.add(pool.submit(run_seed, tree, waiting.pop(), folder))
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def _serve() -> None:
    """Workers leave Ctrl-C to the process that started them, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        parent.join()
        os._exit(1)

    if parent is not None:
        threading.Thread(target=follow, daemon=True).start()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait until what is begun here is tidied up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def default_jobs() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    config: Config, seeds: list[int], folder: Path, scenario: str, jobs: int, bar: bool = True, command: str = ""
) -> tuple[Run, list[int]]:
    """Run what is missing of a run and join its tables; returns the run and its finished seeds.

    KeyboardInterrupt leaves the finished seeds as a usable run and is raised on.
    """
    from tqdm import tqdm

    out = Run(folder)
    if not (out.folder / "manifest.json").exists():
        start(config, seeds[0])  # a city that cannot be made is told before anything is written
    out.open(config, seeds, scenario, command)
    with alone(folder):
        missing = out.missing(seeds)
        began = time.perf_counter()
        if bar and missing and not is_warm():
            print("compiling the model, once: about half a minute", file=sys.stderr)
        progress = tqdm(
            total=len(seeds), initial=len(seeds) - len(missing), unit="seed", disable=not bar, desc=config.city.name
        )
        try:
            with progress:
                for _ in run_seeds(config, missing, folder, jobs):
                    progress.update()
        finally:
            with undisturbed():
                done = out.finish(config, seeds, time.perf_counter() - began)
    return out, done


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process. ScenarioError if another process is at work there."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ScenarioError(f"{folder}: another run is at work here; wait for it, or give another --out") from None
    try:
        yield
    finally:
        lock.release()
