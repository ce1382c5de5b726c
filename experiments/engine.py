"""Run the seeds of a scenario: here or in several processes, with a progress bar, to be stopped and taken up again."""

import functools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from abm.authority import check
from abm.config import Config
from abm.config.declare import ScenarioError, named
from abm.results import Run, Sets, seal
from abm.rows import flow_rows, indicator_rows, policy_rows, school_rows
from abm.scenario import configure, to_tree
from abm.start import start
from experiments.processes import announce_compiling, spread
from experiments.stopping import undisturbed

BY_YEAR = {
    "indicators": indicator_rows,
    "schools": school_rows,
    "policies": policy_rows,
}  # tables with rows of each year


def run_seed(scenario: str, seed: int, folder: str, sets: Sets | None = None) -> int:
    """Run one seed of a scenario, as :func:`in_words` gives it, through all its years and write its rows; returns the seed.

    ``sets``: of parameters; it runs under its own.
    """
    from abm.model import SchoolChoiceModel

    config = _configured(scenario)
    if sets:
        config = sets.of(config, seed)
    model = SchoolChoiceModel(config, seed, collect=False)
    rows = {table: list(lines(model)) for table, lines in BY_YEAR.items()} | {"flows": flow_rows(model)}
    for _ in range(config.run.years):
        model.step()
        for table, lines in BY_YEAR.items():
            rows[table] += lines(model)
    if config.run.years:
        rows["flows"] += flow_rows(model)
    forget(model)
    run = Run(folder)
    for table, lines in rows.items():
        seal(run.part(seed, table), "".join(f"{line}\n" for line in lines))
    return seed


def in_words(config: Config) -> str:
    """A configuration as JSON, to be handed to a process."""
    return json.dumps(to_tree(config))


@functools.lru_cache(maxsize=1)
def _configured(scenario: str) -> Config:
    """One for all seeds: what follows from it is then worked out once."""
    return configure(json.loads(scenario))


def forget(model) -> None:
    """Let go of a model: Mesa 3.3.1 keeps every one alive otherwise (issue 3180)."""
    import mesa

    getattr(mesa.Agent, "_ids", {}).pop(model, None)


def run(
    config: Config, seeds: list[int], folder: Path, scenario: str, jobs: int, bar: bool = True, command: str = "",
    sets: Sets | None = None,
) -> tuple[Run, list[int]]:  # fmt: skip
    """Run what is missing of a run and join its tables; returns the run and its finished seeds.

    ``sets``: a set of parameters for each seed, instead of the scenario's for all.

    KeyboardInterrupt leaves the finished seeds as a usable run and is raised on.
    """
    from tqdm import tqdm

    out = Run(folder)
    if not (out.folder / "manifest.json").exists():
        try_out(sets.of(config, seeds[0]) if sets else config, seeds[0], scenario)
    out.open(config, seeds, scenario, command, sets)
    with alone(folder):
        missing = out.missing(seeds)
        began = time.perf_counter()
        if bar and missing:
            announce_compiling()
        progress = tqdm(
            total=len(seeds), initial=len(seeds) - len(missing), unit="seed", disable=not bar, desc=config.city.name
        )
        try:
            with progress:
                task = functools.partial(run_seed, in_words(config), folder=str(folder), sets=sets)
                for _ in spread(task, missing, jobs, folder):
                    progress.update()
        finally:
            with undisturbed():
                done = out.finish(config, seeds, time.perf_counter() - began)
    return out, done


def try_out(config: Config, seed: int, scenario: str) -> None:
    """A city that cannot be made, or a policy that does not fit it, is told before anything is written."""
    with named(scenario):
        check(config, start(config, seed))


@contextmanager
def alone(folder: Path, name: str = ".lock", patience: float = 0) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process; wait up to ``patience`` seconds for it.

    ScenarioError if another process is at work there.
    """
    lock = FileLock(folder / name)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise ScenarioError(f"{folder}: another run is at work here; wait for it, or give another --out") from None
    try:
        yield
    finally:
        lock.release()
