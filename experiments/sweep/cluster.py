"""A sweep's blocks on Dask distributed: a scheduler that runs already, or one of ours with workers that SLURM starts.

Workers come and go: the number of blocks handed over follows the workers that are there, and jobs that have ended (their
time was up, their node failed) are asked for again until the sweep is done.
"""

import inspect
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from abm.config.declare import ScenarioError
from experiments.sweep.engines import Width
from experiments.sweep.factors import whole_number

PATIENCE = 30  # seconds to wait for a scheduler
EXTRA = 'install it with: pip install "schoolflight[cluster]"'
LOOK = 5.0  # seconds between two looks at the workers
LOST = 3  # looks without any worker after which this is told
LOG = 20  # messages that Dask keeps for its developers, of each connection: a message holds a whole work item


@contextmanager
def dask_engine(cluster: str, slurm: Path | None) -> Iterator[tuple[Executor, Width]]:
    """An executor on a cluster, and how many blocks it is to hold now: two for each thread of its workers.

    A block whose workers died again and again is told as a broken process; the sweep tries it last.
    """
    try:
        import dask
        from distributed import Client, KilledWorker
    except ImportError:
        raise ScenarioError(f"a cluster needs Dask distributed; {EXTRA}") from None
    with dask.config.set({"distributed.admin.low-level-log-length": LOG}):
        started = slurm_cluster(slurm, tried) if slurm else None
        try:
            try:
                client = Client(started or cluster, timeout=PATIENCE)
            except (OSError, ValueError) as error:
                raise ScenarioError(
                    f"--cluster {cluster}: no scheduler answers there ({error}); start one with `dask scheduler`"
                ) from None
            with client:
                watch = Watch(client, started)
                yield client.get_executor(pure=False, retries=3), watch.width
        except KilledWorker as error:
            raise BrokenProcessPool(str(error)) from None
        except CancelledError:
            raise ScenarioError(
                f"{slurm or cluster}: the scheduler went away; what is finished is kept: the same command goes on"
            ) from None
        finally:
            if started is not None:
                started.close()


class Watch:
    """Looks at a cluster's workers every few seconds, in Dask's own thread."""

    def __init__(self, client, started):
        from tornado.ioloop import PeriodicCallback

        self.client, self.started = client, started
        self.threads, self.without = sum(client.nthreads().values()), 0
        self.look = PeriodicCallback(self.count, 1000 * LOOK)
        client.loop.add_callback(self.look.start)

    def width(self) -> int:
        """How many blocks are to be handed over at a time."""
        return 2 * max(self.threads, 1)

    async def count(self) -> None:
        """Count the workers' threads; ask SLURM again for jobs that have ended; say so where nobody works."""
        if self.client.status != "running":
            self.look.stop()
            return
        try:
            self.threads = sum((await self.client.scheduler.ncores(workers=None)).values())
        except OSError:
            return  # Dask itself tells of a connection that is lost
        if self.started is not None:
            self.started.again()
        self.without = 0 if self.threads else self.without + 1
        if self.without == LOST:
            print("\nwaiting: no worker is connected to the scheduler yet, or any more", file=sys.stderr)


def slurm_cluster(settings: Path, check: Callable = lambda settings, made: None):
    """A SLURM cluster of dask-jobqueue with the keywords of a TOML file; ``jobs`` is how many jobs are started.

    ``check`` is given the cluster before any job is handed in.
    """
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError:
        raise ScenarioError(f"--slurm needs dask-jobqueue; {EXTRA}") from None
    try:
        options = tomllib.loads(settings.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScenarioError(
            f"{settings}: cannot be read ({error}); give a TOML file with the keywords of SLURMCluster"
        ) from None
    jobs = whole_number(options, "jobs", 1, 0, 100_000, str(settings))
    options.pop("jobs", None)
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
    try:
        made = SLURMCluster(**options)
    except (TypeError, ValueError) as error:
        raise ScenarioError(f"{settings}: SLURMCluster does not take this: {error}") from None
    check(settings, made)
    made.again = lambda: made.scale(jobs=jobs)
    made.again()
    return made


def tried(settings: Path, made) -> None:
    """ScenarioError where SLURM would not take the script of a job: `sbatch --test-only` hands nothing in."""
    try:
        said = subprocess.run(
            ["sbatch", "--test-only"], input=made.job_script(), capture_output=True, text=True, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        made.close()
        raise ScenarioError(
            f"--slurm: sbatch cannot be run here ({error}); start this on a node that hands in jobs"
        ) from None
    if said.returncode:
        made.close()
        raise ScenarioError(f"{settings}: SLURM does not take the job: {' '.join(said.stderr.split())}")
