"""Work in the background, in processes of low priority, so that the map stays smooth: what is looked at comes first.

No job is begun while a future is played that somebody waits for.

A ``Batch`` is a list of jobs with one key. A batch is worked on as long as somebody asks for it; what nobody has asked for
in the last seconds (another choice was made, the page was closed) rests, and goes on when it is asked for again.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from abm.config.declare import ScenarioError
from experiments.processes import crew, default_jobs

ASKED = 4.0  # seconds after the last question for which a batch is still wanted
KEPT = 24  # batches kept at once
PAUSE = 0.05  # seconds between two looks whether a future is still played
NICE = 10  # how far the processes stand back behind the screen itself


class Batch:
    """Jobs of one kind, ``function(*job)`` each; results stand in the order of the jobs, None where there is none yet."""

    def __init__(self, function: Callable, jobs: Sequence[tuple], rank: int = 0, patient: bool = False):
        self.function, self.jobs, self.rank, self.patient = function, list(jobs), rank, patient
        self.results: list[Any] = [None] * len(self.jobs)
        self.begun: set[int] = set()
        self.error = ""
        self.asked = time.monotonic()

    @property
    def done(self) -> int:
        """Jobs that are finished."""
        return sum(result is not None for result in self.results)

    def wanted(self, now: float) -> bool:
        """Whether there is something left that somebody still waits for; a ``patient`` batch is always worked on."""
        waits = self.patient or now - self.asked < ASKED
        return waits and not self.error and len(self.begun) < len(self.jobs)


class Workers:
    """As many processes as the machine has processors, each with a thread that hands it one job at a time."""

    def __init__(self, count: int | None = None, busy: Callable[[], bool] = lambda: False):
        self.count, self.busy = count or default_jobs(), busy
        self.batches: OrderedDict[str, Batch] = OrderedDict()
        self.news = threading.Condition()
        self.threads: list[threading.Thread] = []
        self.closed = False

    def ask(self, key: str, make: Callable[[], Batch]) -> Batch:
        """The batch of this key, made if it is new; to ask keeps it wanted."""
        with self.news:
            if key not in self.batches:
                self.batches[key] = make()
            batch = self.batches[key]
            batch.asked = time.monotonic()
            self.batches.move_to_end(key)
            while len(self.batches) > KEPT:
                self.batches.popitem(last=False)
            if not self.threads:
                self.threads = [threading.Thread(target=self._work, args=(k,), daemon=True) for k in range(self.count)]
                for thread in self.threads:
                    thread.start()
            self.news.notify_all()
        return batch

    def close(self) -> None:
        """End the processes once their present job is done."""
        with self.news:
            self.closed = True
            self.news.notify_all()
        for thread in self.threads:
            thread.join()

    def _work(self, own: int) -> None:
        """Hand one process job after job; a process that dies is replaced, and its batch says so."""
        while not self.closed:
            batch = None
            try:
                with crew(1, "the runs in the background") as pool:
                    while (found := self._next(own)) is not None:
                        batch, job = found
                        self._keep(batch, job, pool.submit(lowly, batch.function, batch.jobs[job]).result())
            except ScenarioError as error:
                self._fail(batch, str(error))
            except Exception as error:  # a fault of the program: told on the page, the other batches go on
                self._fail(batch, f"{type(error).__name__}: {error}")

    def _next(self, own: int) -> tuple[Batch, int] | None:
        """The job to do next: of wanted batches the most urgent, of equals the one that lags; waits for one. None: the end.

        A thread prefers every count-th job, so that each process meets the same seeds again and knows their cities.
        """
        with self.news:
            while not self.closed:
                now = time.monotonic()
                wanted = [batch for batch in self.batches.values() if batch.wanted(now)]
                if wanted and not self.busy():
                    batch = min(wanted, key=lambda b: (b.rank, len(b.begun)))
                    left = [job for job in range(len(batch.jobs)) if job not in batch.begun]
                    job = next((job for job in left if job % self.count == own), left[-1])
                    batch.begun.add(job)
                    return batch, job
                self.news.wait(PAUSE if wanted else 1.0)
        return None

    def _keep(self, batch: Batch, job: int, result: Any) -> None:
        with self.news:
            batch.results[job] = result

    def _fail(self, batch: Batch | None, text: str) -> None:
        with self.news:
            if batch is not None:
                batch.error = text
            self.news.wait(0.2)  # where no process can be started, do not try without rest


def lowly(function: Callable, job: tuple) -> Any:
    """Run a job in its process, which steps back behind the others of the machine first."""
    if hasattr(os, "nice") and os.nice(0) < NICE:
        os.nice(NICE - os.nice(0))
    return function(*job)
