"""Exports that take long run in the background, one at a time, and tell how far they are."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from abm.config.declare import ScenarioError
from experiments.app.frames import digest

KEPT = 6  # finished files kept


class Job:
    """One export: its steps done, and its file in the end."""

    def __init__(self, key: str, name: str, kind: str):
        self.key, self.name, self.kind = key, name, kind
        self.done, self.total, self.file, self.error = 0, 1, b"", ""
        self.ended = threading.Event()

    def told(self) -> dict[str, Any]:
        """What the page polls."""
        out = {"key": self.key, "name": self.name, "done": self.done, "total": self.total, "error": self.error}
        return out | {"ready": bool(self.file)}

    def progress(self, done: int, total: int) -> None:
        """Heard by whoever does the work."""
        self.done, self.total = done, total


class Jobs:
    """The exports under way and the latest ones done."""

    def __init__(self):
        self.jobs: OrderedDict[str, Job] = OrderedDict()
        self.lock, self.stage = threading.Lock(), threading.Lock()

    def ask(self, what: tuple, name: str, kind: str, work: Callable[[Callable[[int, int], None]], bytes]) -> Job:
        """The job for ``what``, begun if it is new or failed; ``work`` gets a function that hears its progress."""
        key = digest(*what)
        with self.lock:
            job = self.jobs.get(key)
            if job is None or job.error:
                job = self.jobs[key] = Job(key, name, kind)
                while len(self.jobs) > KEPT:
                    self.jobs.popitem(last=False)
                threading.Thread(target=self._do, args=(job, work), daemon=True).start()
            self.jobs.move_to_end(key)
        return job

    def _do(self, job: Job, work) -> None:
        with self.stage:
            try:
                job.file = work(job.progress)
            except (ScenarioError, OSError) as error:
                job.error = str(error)
            except Exception as error:  # the page must hear of it rather than wait for ever
                job.error = f"the export failed: {type(error).__name__}: {error}"
            finally:
                job.ended.set()
