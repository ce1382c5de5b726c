"""Conduct a trial: the draws that are missing, with a progress bar, each kept as it is done, the same for any number of jobs."""

import functools
import hashlib
import json
import time
from pathlib import Path

from tqdm import tqdm

from abm.authority import check
from abm.config.declare import named
from abm.results import provenance, write
from abm.start import start
from abm.values import with_values
from experiments.engine import alone
from experiments.posterior import draws, read
from experiments.processes import announce_compiling, spread
from experiments.shelf import Shelf
from experiments.stopping import undisturbed
from experiments.trials.simulation import FUTURES, Draw, run, under
from experiments.trials.spec import Trial

Results = list[dict[str, list[list[float]]]]  # of each draw: rows of figures by future


def drawn(trial: Trial, posterior: Path | None, seeds: int) -> list[Draw]:
    """As many draws as ``seeds``: a seed each, and its set of parameters where there is a posterior file."""
    numbers = range(trial.seed, trial.seed + seeds)
    if posterior is None:
        return [Draw(seed, {}) for seed in numbers]
    sets = draws(read(posterior, trial.config), seeds)
    return [Draw(seed, values) for seed, values in zip(numbers, sets, strict=True)]


def conduct(trial: Trial, wanted: list[Draw], folder: Path, jobs: int, about: dict, bar: bool = True) -> Results:
    """Results of the draws in their order; those on the shelf are not run again. KeyboardInterrupt leaves what is done."""
    try_out(trial, wanted[0])
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        shelf = Shelf(folder / f"draws-{trial.identity()}.jsonl")  # another trial, or other code, has another shelf
        todo = [draw for draw in wanted if not whole(shelf.results.get(name(draw)), trial)]
        if bar and todo:
            announce_compiling()
        began = time.perf_counter()
        task = functools.partial(_kept, trial=trial)
        with tqdm(total=len(wanted), initial=len(wanted) - len(todo), unit="draw", disable=not bar, desc=trial.config.city.name) as progress:  # fmt: skip
            for key, found in spread(task, todo, jobs, folder, progress.refresh):
                shelf.keep(key, found)
                progress.update()
        with undisturbed():
            note(folder, trial, wanted, about, time.perf_counter() - began)
    return [shelf.results[name(draw)] for draw in wanted]


def _kept(draw: Draw, trial: Trial) -> tuple[str, dict]:
    """A draw's name on the shelf and its results."""
    return name(draw), run(draw, trial)


def whole(found: dict | None, trial: Trial) -> bool:
    """Whether a draw is there with all futures and years."""
    return found is not None and all(len(found.get(future, ())) == len(trial.years) for future in FUTURES)


def name(draw: Draw) -> str:
    """The name of a draw: its seed, and a digest of its parameters."""
    values = hashlib.blake2b(json.dumps(draw.values, sort_keys=True).encode(), digest_size=6).hexdigest()
    return f"{draw.seed}-{values}" if draw.values else str(draw.seed)


def try_out(trial: Trial, draw: Draw) -> None:
    """A city that cannot be made, or a plan that does not fit it, is told before anything is written."""
    config = with_values(trial.config, draw.values)
    with named(f"{trial.scenario} under {trial.policies}"):
        check(under(config, trial, FUTURES["plan"]), start(config, draw.seed))


def note(folder: Path, trial: Trial, wanted: list[Draw], about: dict, seconds: float) -> None:
    """Write the manifest: what was run, by which code."""
    path = folder / "manifest.json"
    try:
        before = float(json.loads(path.read_text(encoding="utf-8"))["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        before = 0.0
    tree = {
        "id": trial.identity(),
        **about,
        "draws": [draw._asdict() for draw in wanted],
        "seconds": round(before + seconds, 1),
    }
    write(path, json.dumps(tree | provenance(), indent=2) + "\n")
