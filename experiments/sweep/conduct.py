"""Conduct a sweep: say what it will take, run the missing blocks, keep each at once."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from abm.compiled import is_warm
from abm.config.declare import ScenarioError
from experiments.engine import alone
from experiments.sweep.block import Item, measured, play, resolve
from experiments.sweep.dataset import Dataset
from experiments.sweep.design import Design
from experiments.sweep.engines import engine, window
from experiments.sweep.spec import Sweep

SECONDS = 4.0  # of work in a block: a block's overhead is a few milliseconds
LARGEST = 5000  # runs of a block


class Pilot(NamedTuple):
    """What one run took."""

    seconds: float  # of processor time
    bytes: int  # of its rows


class Shard(NamedTuple):
    """Part ``k`` (from 1) of ``n`` of a sweep's blocks, for job arrays."""

    k: int = 1
    n: int = 1


WHOLE = Shard()


def items(sweep: Sweep, size: int, blocks) -> Iterator[Item]:
    """The work items of ``blocks``, made one by one. Block b holds runs b size to (b + 1) size - 1."""
    design = Design(sweep)
    base = json.dumps({"scenario": sweep.base, "arms": sweep.arms})
    kinds = columns(sweep)
    for block in blocks:
        points: dict[int, list[int]] = {}
        for run in range(block * size, min((block + 1) * size, design.runs)):
            points.setdefault(run // sweep.seeds, []).append(sweep.seed + run % sweep.seeds)
        told = tuple((point, design.point(point), tuple(seeds)) for point, seeds in points.items())
        yield Item(block, base, kinds, told, sweep.keep, sweep.indicators)


def columns(sweep: Sweep) -> tuple[tuple[str, str], ...]:
    """The varied keys and whether they hold numbers or texts."""
    kinds = [(f.key, "text" if any(isinstance(v, str) for v in f.levels) else "number") for f in sweep.factors]
    return (*kinds, ("policies", "text")) if sweep.effect else tuple(kinds)


def pilot(sweep: Sweep, path: str) -> Pilot:
    """Run the first point once to compile and once to measure. ScenarioError where the first point cannot be run at all."""
    first = next(items(sweep, 1, [0]))
    config = resolve(first.base, first.points[0][1], f"{path}: first point")
    if not is_warm():
        print("compiling the model, once: about half a minute", file=sys.stderr)
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
    return (
        f"{sweep.title}: {design.points:,} points x {sweep.seeds} seeds = {design.runs:,} runs ({sweep.design}); "
        f"about {_duration(seconds)} on {workers} {'process' if workers == 1 else 'processes'} and {_size(disk)} of disk"
    )


def conduct(
    sweep: Sweep, path: str, folder: Path, jobs: int, command: str, shard: Shard = WHOLE, cluster: str = "",
    slurm: Path | None = None, bar: bool = True,
) -> tuple[int, int]:  # fmt: skip
    """Run what is missing of a sweep, or of a shard of it; returns (runs there, runs in all) of that shard.

    KeyboardInterrupt leaves all finished blocks in place and is raised on.
    """
    dataset = Dataset(folder)
    size = dataset._same(sweep)["block"] if (dataset.folder / "manifest.json").exists() else 0
    if not size:
        taken = pilot(sweep, path)
        print(told(sweep, taken, jobs), file=sys.stderr)
        size = block_size(sweep, taken.seconds, jobs)
    about = dataset.open(sweep, path, size, command)
    blocks = range(shard.k - 1, -(-about["runs"] // about["block"]), shard.n)
    with alone(folder, f".lock{f'-{shard.k}-of-{shard.n}' if shard.n > 1 else ''}"):
        return _run(dataset, sweep, about, blocks, jobs, cluster, slurm, bar)


def _run(
    dataset: Dataset, sweep: Sweep, about: dict, blocks: range, jobs: int, cluster: str, slurm: Path | None, bar: bool
) -> tuple[int, int]:
    size, runs = about["block"], about["runs"]

    def count(block: int) -> int:
        return min(size, runs - block * size)

    there = sum(count(block) for block in blocks if dataset.has(block))
    whole = sum(count(block) for block in blocks)
    missing = (block for block in blocks if not dataset.has(block))
    failed = 0
    with tqdm(total=whole, initial=there, unit="run", disable=not bar, desc="sweep", smoothing=0.1) as progress:
        if there < whole:
            with engine(jobs, cluster, slurm) as (executor, width):
                try:
                    for done in window(executor, play, items(sweep, size, missing), width, progress.refresh):
                        dataset.put(done.block, done.parquet)
                        there, failed = there + done.runs, failed + done.failed
                        progress.update(done.runs)
                        if failed:
                            progress.set_postfix(failed=failed)
                except BrokenProcessPool:
                    raise ScenarioError(
                        f"{dataset.folder}: a process was ended from outside (out of memory?); what is finished is kept: the "
                        "same command goes on, or try --jobs 1"
                    ) from None
                except OSError as error:
                    raise ScenarioError(
                        f"{dataset.folder}: cannot be written ({error.strerror}); mend it, and the same command goes on"
                    ) from None
    return there, whole


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 1):.0f} seconds"


def _size(count: float) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{max(count / 1e3, 1):.0f} kB"
