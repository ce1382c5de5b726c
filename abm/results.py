"""A run on disk: parts by seed while it runs, tidy tables when it is done, and a manifest that says how to repeat it.

Every file is written beside its place and moved there, so nothing is ever half-written; a run that was stopped keeps its
finished seeds and goes on with the missing ones.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from abm import __version__
from abm.cache_folder import DIGEST, PACKAGE
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.rows import FLOW_HEADER, INDICATOR_HEADER, POLICY_HEADER, school_header
from abm.scenario import configure, sources, to_tree
from abm.values import with_values

TABLES = ("indicators", "schools", "flows", "policies")
_MARK = 17  # bytes of a digest and the end of its line
LIBRARIES = ("mesa", "numpy", "numba", "scipy", "pandas", "matplotlib", "pydantic", "networkx")


class Sets(NamedTuple):
    """A set of parameters for each seed, from a file of sets."""

    file: str
    digest: str  # of the file's content
    by_seed: dict[int, dict[str, float]]  # values of dotted keys

    def of(self, config: Config, seed: int) -> Config:
        """The scenario ``config`` under the seed's own set."""
        return with_values(config, self.by_seed[seed], f"{self.file}: the set of seed {seed}")


def run_id(config: Config, seeds: Iterable[int], sets: Sets | None = None) -> str:
    """Twelve hexadecimal digits of (configuration, seeds, code, sets of parameters): the same run has the same name."""
    return _identity(to_tree(config), list(seeds), DIGEST, sets._asdict() if sets else None)


def _identity(tree: dict, seeds: list[int], code: str, sets: dict | None) -> str:
    by_seed = {str(seed): values for seed, values in sets["by_seed"].items()} if sets else {}
    text = json.dumps([tree, seeds, code, *([sets["digest"], by_seed] if sets else [])], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def write(path: Path, text: str) -> None:
    """Write a whole file or nothing. OSError names the file; of a path that is no UTF-8 the bytes are told by number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(beside, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    finally:
        beside.unlink(missing_ok=True)


def seal(path: Path, rows: str) -> None:
    """Write a part of a result, and on its last line its digest."""
    write(path, f"{rows}{_digest(rows.encode())}\n")


def unsealed(path: Path) -> str | None:
    """The rows of a part as they were sealed; None if they are not there, or not whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    rows, mark = content[:-_MARK], content[-_MARK:]
    return rows.decode() if mark == f"{_digest(rows)}\n".encode() else None


class Run:
    """The folder of one run."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def open(
        self, config: Config, seeds: list[int], scenario: str, command: str = "", sets: Sets | None = None
    ) -> None:
        """Make the folder, or go on with the same run. ScenarioError if it holds another run or cannot be written."""
        wanted = run_id(config, seeds, sets)
        try:
            if self.folder.exists() and any(self.folder.iterdir()):
                there = self.manifest().get("run_id") if (self.folder / "manifest.json").exists() else None
                if there == wanted:
                    return
                raise ScenarioError(f"{self.folder}: holds another run or other files; give another --out or empty it")
            about = manifest(config, seeds, scenario, wanted, command)
            if sets:
                about["sets"] = sets._asdict()
            write(self.folder / "manifest.json", json.dumps(about, indent=2) + "\n")
        except OSError as error:
            raise ScenarioError(f"{self.folder}: cannot be written ({error.strerror}); give another --out") from None

    def manifest(self) -> dict:
        """The manifest. ScenarioError if there is none or it is broken."""
        path = self.folder / "manifest.json"
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            shaped = isinstance(about["config"], dict) and isinstance(about["seeds"], list) and about["status"]
            if not (shaped and isinstance(about["seeds_finished"], list) and about["code"] and about["run_id"]):
                raise ValueError("it is not the manifest of a run")
            return about
        except FileNotFoundError:
            raise ScenarioError(f"{path}: not there; name the folder of a run") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ScenarioError(f"{path}: damaged ({error}); delete the folder and run the scenario again") from None

    def sets(self) -> Sets | None:
        """The sets of parameters by seed; None where all seeds share the scenario's own."""
        about = self.manifest().get("sets")
        if about is None:
            return None
        try:
            own = {int(seed): dict(values) for seed, values in about["by_seed"].items()}
            return Sets(str(about["file"]), str(about["digest"]), own)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ScenarioError(
                f"{self.folder / 'manifest.json'}: sets: damaged ({error}); delete the folder and run the scenario again"
            ) from None

    def config(self, seed: int | None = None) -> Config:
        """The scenario of the run, as the manifest has it; with a seed, under the set of parameters that is its own."""
        about, sets = self.manifest(), self.sets()
        config = configure(about["config"], str(self.folder / "manifest.json"))
        if _identity(about["config"], about["seeds"], about["code"], sets and sets._asdict()) != about["run_id"]:
            fault = "config, seeds or sets were changed since the run; change the scenario and run that"
            raise ScenarioError(f"{self.folder / 'manifest.json'}: {fault}")
        return sets.of(config, seed) if sets and seed is not None else config

    def whole(self) -> bool:
        """Whether the run is finished and its tables are as they were written."""
        about = self.manifest()
        return about["status"] == "finished" and all(self._intact(table, about) for table in TABLES)

    def _intact(self, table: str, about: dict) -> bool:
        path = self.folder / f"{table}.csv"
        return path.is_file() and _digest(path.read_bytes()) == about.get("digests", {}).get(table)

    def part(self, seed: int, table: str) -> Path:
        """Where one seed's rows of a table are kept while the run goes on."""
        return self.folder / "parts" / f"{seed}.{table}.csv"

    def missing(self, seeds: Iterable[int]) -> list[int]:
        """Seeds that are still to be run."""
        if self.whole():
            return []
        return [seed for seed in seeds if any(unsealed(self.part(seed, table)) is None for table in TABLES)]

    def finish(self, config: Config, seeds: list[int], seconds: float) -> list[int]:
        """Join the parts of the finished seeds, in their order, into the tables; returns these seeds."""
        if self.whole():
            return seeds
        missing = set(self.missing(seeds))
        done = [seed for seed in seeds if seed not in missing]
        headers = (INDICATOR_HEADER, school_header(config.city.groups), FLOW_HEADER, POLICY_HEADER)
        for table, header in zip(TABLES, headers, strict=True):
            text = "".join(unsealed(self.part(seed, table)) or "" for seed in done)
            write(self.folder / f"{table}.csv", header + "\n" + text)
            if table == "policies":
                left_out = Counter(line.split(",")[3] for line in text.splitlines() if line.split(",")[4] == "0")
        digests = {table: _digest((self.folder / f"{table}.csv").read_bytes()) for table in TABLES}
        whole = len(done) == len(seeds)
        about = self.manifest() | {
            "status": "finished" if whole else "interrupted",
            "seeds_finished": done,
            "digests": digests,
            "years_left_out_by_the_budget": dict(left_out),
        }
        about["seconds"] = round(about.get("seconds", 0.0) + seconds, 2)
        write(self.folder / "manifest.json", json.dumps(about, indent=2) + "\n")
        if whole:
            for seed in seeds:
                for table in TABLES:
                    self.part(seed, table).unlink(missing_ok=True)
            if (self.folder / "parts").exists():
                (self.folder / "parts").rmdir()
        return done

    def table(self, name: str):
        """A table of the run as a pandas DataFrame."""
        import pandas as pd

        about, path = self.manifest(), self.folder / f"{name}.csv"
        if not about["seeds_finished"]:
            raise ScenarioError(f"{self.folder}: no seed is finished yet; give the command of the run again")
        if not self._intact(name, about):
            raise ScenarioError(f"{path}: missing or changed since it was written; run the scenario again")
        return pd.read_csv(path, keep_default_na=False, na_values=["nan"])


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def manifest(config: Config, seeds: list[int], scenario: str, identity: str, command: str) -> dict:
    """What one needs to repeat a run."""
    return {
        "run_id": identity,
        "scenario": scenario,
        "sources": sources(Path(scenario)),
        "command": command,
        "status": "running",
        "seeds": seeds,
        "seeds_finished": [],
        "seconds": 0.0,
        **provenance(),
        "config": to_tree(config),
    }


def provenance() -> dict:
    """Which code on which machine: what a manifest says whatever was run."""
    return {
        "schoolflight": __version__,
        "code": DIGEST,
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _git(*words: str) -> str:
    """Output of a git command in the project; empty where there is no git or no checkout."""
    try:
        done = subprocess.run(["git", "-C", str(PACKAGE.parent), *words], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
