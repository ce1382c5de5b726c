"""Conduct a sweep: say what it will take, run the missing blocks, keep each at once."""

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from abm.config.declare import ScenarioError, named
from experiments.engine import alone
from experiments.processes import announce_compiling
from experiments.sweep import sets
from experiments.sweep.block import Item, measured, play
from experiments.sweep.dataset import Dataset
from experiments.sweep.design import Design
from experiments.sweep.engines import engine, window
from experiments.sweep.manifest import mark
from experiments.sweep.point import resolve
from experiments.sweep.spec import Sweep

SECONDS = 4.0  # of work in a block: a block's overhead is a few milliseconds
PILOTS = 64  # samples drawn of a sampled design for its pilot
LARGEST = 5000  # runs of a block
BROKEN = 3  # ends of a process from outside with no block finished between, after which a sweep gives up
STARTING = 20.0  # seconds that a shard waits for other shards that start at the same moment


class Pilot(NamedTuple):
    """What one run took."""

    seconds: float  # of processor time
    bytes: int  # of its rows


class Shard(NamedTuple):
    """Part ``k`` (from 1) of ``n`` of a sweep's blocks, for job arrays."""

    k: int = 1
    n: int = 1


WHOLE = Shard()


def items(sweep: Sweep, size: int, blocks: Iterable[int], design: Design | None = None) -> Iterator[Item]:
    """The work items of ``blocks``, made one by one. Block b holds runs b size to (b + 1) size - 1."""
    design = design or Design(sweep)
    base = json.dumps({"scenario": sweep.base, "arms": sweep.arms})
    kinds, stamp = columns(sweep), mark(sweep, size)
    for block in blocks:
        points: dict[int, list[int]] = {}
        for run in range(block * size, min((block + 1) * size, design.runs)):
            points.setdefault(run // sweep.seeds, []).append(design.seed(run))
        told = tuple((point, design.point(point), tuple(seeds)) for point, seeds in points.items())
        yield Item(block, base, kinds, told, sweep.keep, sweep.indicators, stamp)


def columns(sweep: Sweep) -> tuple[tuple[str, str], ...]:
    """The varied keys and whether they hold numbers or texts."""
    kinds = [(f.key, "text" if any(isinstance(v, str) for v in f.levels) else "number") for f in sweep.factors]
    return (*kinds, ("policies", "text")) if sweep.effect else tuple(kinds)


def pilot(sweep: Sweep, path: str) -> Pilot:
    """Run the first point once to compile and once to measure. ScenarioError where the first point cannot be run at all."""
    few = dataclasses.replace(
        sweep, samples=min(sweep.samples, PILOTS)
    )  # millions of samples need not be drawn for one
    first = next(items(few, 1, [0]))
    config = resolve(first.base, first.points[0][1], f"{path}: first point")
    announce_compiling()
    with named(f"{path}: first point"):
        list(measured(config, sweep.seed, first))
    began = time.process_time()
    done = play(first)
    return Pilot(time.process_time() - began, len(done.parquet) // 4)


def block_size(sweep: Sweep, seconds: float, workers: int) -> int:
    """Runs of a block: some seconds of work, yet enough blocks for all workers to be busy to the end."""
    runs = Design(sweep).runs
    return max(1, min(int(SECONDS / max(seconds, 1e-6)), LARGEST, -(-runs // (8 * workers))))


def told(sweep: Sweep, taken: Pilot, workers: int) -> str:
    """How many runs, about how long, how much disk."""
    design = Design(sweep)
    seconds = design.runs * taken.seconds / workers
    disk = design.runs * taken.bytes
    drawn = f"; {sets.told(sweep.weights, sweep.samples, sweep.posterior)}" if sweep.posterior else ""
    return (
        f"{sweep.title}: {design.points:,} points x {sweep.seeds} seeds = {design.runs:,} runs ({sweep.design}{drawn}); "
        f"about {duration(seconds)} on {workers} {'process' if workers == 1 else 'processes'} and {_size(disk)} of disk"
    )


def conduct(
    sweep: Sweep, path: str, folder: Path, jobs: int, command: str, shard: Shard = WHOLE, cluster: str = "",
    slurm: Path | None = None, bar: bool = True,
) -> tuple[int, int]:  # fmt: skip
    """Run what is missing of a sweep, or of a shard of it; returns (runs there, runs in all) of that shard.

    KeyboardInterrupt leaves all finished blocks in place and is raised on.
    """
    dataset = Dataset(folder)

    def size() -> int:
        taken = pilot(sweep, path)
        print(told(sweep, taken, jobs), file=sys.stderr)
        return block_size(sweep, taken.seconds, jobs)

    about = dataset.open(sweep, path, size, command)
    blocks = range(shard.k - 1, -(-about["runs"] // about["block"]), shard.n)
    with _reserved(folder, shard):
        work = Work(dataset, dataset.design(), about["block"], about["runs"], blocks)
        try:
            return _finish(work, lambda: engine(jobs, cluster, slurm), bar)
        except OSError as error:
            raise ScenarioError(
                f"{folder}: {error.strerror or error or type(error).__name__}; what is finished is kept: mend this, and the "
                "same command goes on"
            ) from None


@contextmanager
def _reserved(folder: Path, shard: Shard) -> Iterator[None]:
    """Hold a shard's lock, or that of the whole. ScenarioError if it is at work already, or the whole beside a shard.

    A shard takes its own lock while it holds that of the whole for a moment, so that neither starts unseen by the other.
    """
    if shard.n == 1:
        with alone(folder):
            for lock in sorted(folder.glob(".lock-*-of-*")):
                with alone(folder, lock.name):
                    pass
            yield
        return
    with ExitStack() as own:
        with alone(folder, patience=STARTING):
            own.enter_context(alone(folder, f".lock-{shard.k}-of-{shard.n}"))
        yield


class Work(NamedTuple):
    """The blocks that one process sees to."""

    dataset: Dataset
    design: Design
    size: int  # runs of a block
    runs: int  # of the whole sweep
    blocks: range

    def count(self, block: int) -> int:
        """Runs of a block; the last may have fewer."""
        return min(self.size, self.runs - block * self.size)


def _finish(work: Work, open_engine: Callable, bar: bool) -> tuple[int, int]:
    """Run missing blocks until there are none. After a process was ended from outside it goes on with a new engine."""
    work.dataset.mend(work.blocks)
    whole = sum(map(work.count, work.blocks))
    there = whole - sum(map(work.count, work.dataset.missing(work.blocks)))
    late: set[int] = (
        set()
    )  # blocks that were at work when a process was ended: last, so that they do not stop the others
    broken = failed = 0
    with tqdm(total=whole, initial=there, unit="run", disable=not bar, desc="sweep", smoothing=0.1) as progress:
        while there < whole and broken < BROKEN:
            at_work: set[int] = set()
            try:
                with open_engine() as (executor, width):
                    for done in window(executor, play, _handed(work, late, at_work), width, progress.refresh):
                        work.dataset.put(done.block, done.parquet)
                        at_work.discard(done.block)
                        there, failed, broken = there + done.runs, failed + done.failed, 0
                        progress.update(done.runs)
                        if failed:
                            progress.set_postfix(failed=failed)
            except BrokenProcessPool:
                late, broken = late | at_work, broken + 1
    if there < whole:
        raise ScenarioError(
            f"{work.dataset.folder}: a process was ended from outside {BROKEN} times (out of memory?), {whole - there:,} of "
            f"{whole:,} runs are missing; what is finished is kept: the same command goes on, or try --jobs 1"
        )
    return there, whole


def _handed(work: Work, late: set[int], at_work: set[int]) -> Iterator[Item]:
    """The items of missing blocks, those of ``late`` last; a block is in ``at_work`` from here on."""
    missing = work.dataset.missing
    order = chain((b for b in missing(work.blocks) if b not in late), missing(sorted(late)))
    for item in items(work.design.sweep, work.size, order, work.design):
        at_work.add(item.block)
        yield item


def duration(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 1):.0f} seconds"


def _size(count: float) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{max(count / 1e3, 1):.0f} kB"
