"""Who runs the blocks: this process, processes of this machine, or a Dask cluster; all as executors of concurrent.futures."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.processes import SPAWN, serve
from experiments.stopping import undisturbed

Width = Callable[[], int]  # how many blocks are to be handed over at a time, asked anew before each


class Here(Executor):
    """An executor that runs each call at once, in this process."""

    def submit(self, function: Callable, /, *args, **kwargs) -> Future:
        """A finished future of ``function(*args)``."""
        future: Future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def engine(jobs: int, cluster: str = "", slurm: Path | None = None) -> Iterator[tuple[Executor, Width]]:
    """An executor, and how many blocks it is to hold at a time: some more than it works on, so that it never waits."""
    if cluster or slurm:
        from experiments.sweep.cluster import dask_engine

        with dask_engine(cluster, slurm) as (executor, width):
            yield executor, width
    elif jobs == 1:
        yield Here(), lambda: 1
    else:
        pool = ProcessPoolExecutor(jobs, mp_context=SPAWN, initializer=serve)
        try:
            yield pool, lambda: 2 * jobs
            pool.shutdown()
        except BaseException:
            with undisturbed():
                for worker in list((pool._processes or {}).values()):
                    worker.kill()
                pool.shutdown(cancel_futures=True)
            raise


def window(
    executor: Executor,
    function: Callable[[Any], Any],
    items: Iterable,
    width: Width,
    tick: Callable[[], None] = lambda: None,
) -> Iterator:
    """Results as they come, with at most ``width()`` items handed over at a time; ``items`` are taken one by one."""
    waiting, running, more = iter(items), set(), True
    while more or running:
        while more and len(running) < width():
            try:
                running.add(executor.submit(function, next(waiting)))
            except StopIteration:
                more = False
        done, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()
        tick()
