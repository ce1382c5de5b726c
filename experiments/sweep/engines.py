"""Who runs the blocks: this process, processes of this machine, or a Dask cluster; all as executors of concurrent.futures."""

import inspect
import multiprocessing
import tomllib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from abm.config.declare import ScenarioError
from experiments.engine import undisturbed
from experiments.processes import serve

PATIENCE = 30  # seconds to wait for a scheduler
EXTRA = 'install it with: pip install "schoolflight[cluster]"'


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
def engine(jobs: int, cluster: str = "", slurm: Path | None = None) -> Iterator[tuple[Executor, int]]:
    """An executor, and how many blocks it is to hold at a time: some more than it works on, so that it never waits."""
    if cluster or slurm:
        with _dask(cluster, slurm) as (executor, workers):
            yield executor, workers
    elif jobs == 1:
        yield Here(), 1
    else:
        pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=serve)
        try:
            yield pool, 2 * jobs
            pool.shutdown()
        except BaseException:
            with undisturbed():
                for worker in list((pool._processes or {}).values()):
                    worker.terminate()
                pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _dask(cluster: str, slurm: Path | None) -> Iterator[tuple[Executor, int]]:
    """Dask distributed: a scheduler that runs already, or one with workers started through SLURM."""
    try:
        from distributed import Client
    except ImportError:
        raise ScenarioError(f"a cluster needs Dask distributed; {EXTRA}") from None
    started = slurm_cluster(slurm) if slurm else None
    try:
        try:
            client = Client(started or cluster, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise ScenarioError(
                f"--cluster {cluster}: no scheduler answers there ({error}); start one with `dask scheduler`"
            ) from None
        with client:
            threads = client.nthreads()
            yield client.get_executor(pure=False, retries=3), 2 * max(sum(threads.values()), 1)
    finally:
        if started is not None:
            started.close()


def slurm_cluster(settings: Path):
    """A SLURM cluster of dask-jobqueue with the keywords of a TOML file; ``jobs`` is how many jobs are started."""
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError:
        raise ScenarioError(f"--slurm needs dask-jobqueue; {EXTRA}") from None
    try:
        options = tomllib.loads(settings.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(
            f"{settings}: cannot be read ({error}); give a TOML file with the keywords of SLURMCluster"
        ) from None
    jobs = options.pop("jobs", 1)
    kinds = [*SLURMCluster.__mro__, *SLURMCluster.job_cls.__mro__]
    known = {name for kind in kinds for name in inspect.signature(kind.__init__).parameters} - {
        "self",
        "args",
        "kwargs",
    }
    for key in options:
        if key not in known:
            raise ScenarioError(
                f"{settings}: {key}: SLURMCluster has no such keyword; see dask-jobqueue's documentation"
            )
    made = SLURMCluster(**options)
    made.scale(jobs=jobs)
    return made


def window(
    executor: Executor,
    function: Callable[[Any], Any],
    items: Iterable,
    width: int,
    tick: Callable[[], None] = lambda: None,
) -> Iterator:
    """Results as they come, with at most ``width`` items handed over at a time; ``items`` are taken one by one."""
    waiting, running, more = iter(items), set(), True
    while more or running:
        while more and len(running) < width:
            try:
                running.add(executor.submit(function, next(waiting)))
            except StopIteration:
                more = False
        done, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()
        tick()
