"""Where replications play their models: many runs of a few functions, in several processes, each result kept on disk."""

import ast
import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from tqdm import tqdm

from abm.cache_folder import DIGEST
from abm.config import Config
from abm.results import provenance
from abm.scenario import configure, load, to_tree
from experiments.processes import announce_compiling, spread
from experiments.shelf import Shelf

CONFIGS = Path("configs") / "replications"
ROOT = Path(__file__).resolve().parents[2]
# How runs are handed out, kept, compared and shown: nothing that a run gives depends on these files.
APART = {
    ROOT / "experiments" / name
    for name in (
        "engine.py",
        "processes.py",
        "shelf.py",
        *(f"replications/{name}.py" for name in ("checks", "lab", "page", "paper")),
    )
}


class Case(NamedTuple):
    """One run: what it is called in the table of results, its scenario and its seed."""

    labels: dict[str, Any]
    config: Config
    seed: int


Play = Callable[[Config, int], dict[str, Any]]  # a function of a module, which gives numbers or lists of numbers


@dataclass(frozen=True)
class Lab:
    """How a replication is to be run. ``quick``: fewer cases and seeds; ``folder``: where results are kept."""

    folder: Path
    quick: bool = False
    jobs: int = 1
    bar: bool = True
    place: str = ""  # said before what is at work, such as "paper 3 of 12, "

    def scenario(self, name: str, *overrides: str) -> Config:
        """The scenario ``configs/replications/<name>.toml`` with ``dotted.key=value`` overrides."""
        return load(configs() / f"{name}.toml", overrides)

    def play(self, function: Play, cases: Iterable[Case], what: str = "") -> pd.DataFrame:
        """Run ``function(config, seed)`` for each case; a row each, in order: its labels, ``seed`` and its results.

        Results of earlier runs of the same function, scenario, seed and code are taken from disk; every new one is kept
        there at once, so that Ctrl-C loses at most the runs at work.
        """
        cases = list(cases)
        code = _code(function)
        names = [_identity(function, case, code) for case in cases]
        shelf = Shelf(self.folder / "runs.jsonl")
        missing = {name: case for name, case in zip(names, cases, strict=True) if name not in shelf.results}
        if self.bar and missing:
            announce_compiling()
        progress = tqdm(
            total=len(set(names)), initial=len(set(names)) - len(missing), unit="run", disable=not self.bar,
            desc=f"{self.place}{what or self.folder.name}",
        )  # fmt: skip
        with progress:
            work = [(name, to_tree(case.config), case.seed) for name, case in missing.items()]
            for name, result in spread(functools.partial(_played, function), work, self.jobs, self.folder):
                shelf.keep(name, result)
                progress.update()
        rows = [{**c.labels, "seed": c.seed, **shelf.results[n]} for c, n in zip(cases, names, strict=True)]
        return pd.DataFrame(rows)


def configs() -> Path:
    """The folder of the papers' scenarios: of the working folder, or of the source tree this package runs from."""
    return CONFIGS if CONFIGS.is_dir() else ROOT / CONFIGS


def _played(function: Play, work: tuple[str, dict, int]) -> tuple[str, dict]:
    name, tree, seed = work
    return name, function(configure(tree), seed)


def _identity(function: Play, case: Case, code: list[str]) -> str:
    """What a result depends on: the function and its ``code``, the scenario, the seed, the model's code."""
    parts = [function.__module__, function.__qualname__, code, to_tree(case.config), case.seed, DIGEST, _libraries()]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=12).hexdigest()


@functools.cache
def _libraries() -> dict[str, str]:
    """The versions of the libraries that a result may depend on."""
    return provenance()["libraries"]


def _code(function: Play) -> list[str]:
    """Texts of the file a function stands in and of all files of ``experiments`` that it imports, and they, but APART."""
    texts: dict[Path, str] = {}
    waiting = [Path(inspect.getsourcefile(function) or "").resolve()]
    while waiting:
        path = waiting.pop()
        if path not in texts and path not in APART:
            texts[path] = path.read_text(encoding="utf-8")
            waiting += _imported(texts[path])
    return [texts[path] for path in sorted(texts)]


def _imported(source: str) -> list[Path]:
    """Files of ``experiments`` that a file with this text imports, wherever in it."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
    stems = [ROOT / name.replace(".", "/") for name in names if name.split(".")[0] == "experiments"]
    files = [path for stem in stems for path in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py")]
    return [path for path in files if path.is_file()]
