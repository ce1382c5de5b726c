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

import numpy as np

from abm import __version__
from abm.city import SECTORS
from abm.compiled import DIGEST, PACKAGE
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import to_tree
from abm.schools import THEMES, theme_visible, true_quality

TABLES = ("indicators", "schools", "flows", "policies")
LIBRARIES = ("mesa", "numpy", "numba", "scipy", "pandas", "matplotlib", "pydantic", "networkx")


def run_id(config: Config, seeds: Iterable[int]) -> str:
    """Twelve hexadecimal digits of (configuration, seeds, code): the same run has the same name."""
    text = json.dumps([to_tree(config), list(seeds), DIGEST], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def number(value: float) -> str:
    """A number as the tables have it: ten significant digits, the same on every machine."""
    return format(float(value), ".10g")


def indicator_rows(model) -> list[str]:
    """Lines of indicators.csv for the year that is now."""
    head = f"{model.seed_number},{model.year}"
    return [
        f"{head},{name},{_quoted(group)},{_quoted(scope)},{number(value)}"
        for name, group, scope, value in model.indicators.rows
    ]


def school_header(groups) -> str:
    """Header of schools.csv."""
    heads = ",".join(_quoted(f"heads_{name}") for name in groups)
    return (
        f"seed,year,school,name,district,sector,open,x_km,y_km,{heads},minority_share,vulnerable_share,local_minority_share,"
        "places,intake,demand,entrants,reputation,quality,theme,theme_visible,fee_1000_euro,funding_1000_euro"
    )


def school_rows(model) -> list[str]:
    """Lines of schools.csv for the year that is now."""
    world, schools = model.world, model.world.schools
    heads = world.seen.heads.sum(axis=1)
    quality = true_quality(schools, world.year)
    seen = theme_visible(schools, world.year)
    local = world.city.local[world.households.place]
    at_home = np.maximum(np.bincount(local, minlength=len(heads)), 1)
    minority_home = np.bincount(local, world.households.group > 0, minlength=len(heads)) / at_home
    rows = []
    for s in range(len(heads)):
        cells = [
            str(model.seed_number), str(world.year), str(s), _quoted(world.city.school_names[s]),
            _quoted(world.city.district_names[schools.district[s]]), SECTORS[schools.sector[s]], str(int(schools.open[s])),
            number(schools.x[s]), number(schools.y[s]), *(str(h) for h in heads[s]),
            number(world.seen.own_share[1, s]), number(world.seen.vulnerable[s]), number(minority_home[s]),
            str(schools.places[s, 0]), str(schools.intake[s]), str(schools.demand[s]), str(schools.entrants[s]),
            number(schools.reputation[s]), number(quality[s]), THEMES[schools.theme[s]] if schools.theme[s] >= 0 else "",
            str(int(seen[s])), number(schools.fee[s]), number(schools.funding[s]),
        ]  # fmt: skip
        rows.append(",".join(cells))
    return rows


FLOW_HEADER = "seed,year,home_district,side,destination,pupils"


def flow_rows(model) -> list[str]:
    """Lines of flows.csv: where the pupils of each home district go, majority and minority apart."""
    world, table = model.world, model.world.households
    has = table.school >= 0
    school = np.maximum(table.school, 0)
    kind = np.where(school == world.city.local[table.place], 0, 1 + world.schools.sector[school])
    words = ("local school", "other state school", "subsidised private school", "private school", "no school")
    kind = np.where(has, kind, 4)
    home = world.city.area_district[world.city.place_area[table.place]].astype(np.int64)
    cell = (home * 2 + (table.group > 0)) * 5 + kind
    count = np.bincount(cell, minlength=len(world.city.district_names) * 10).reshape(-1, 2, 5)
    sides = (model.config.city.groups[0], model.config.city.minority)
    return [
        f"{model.seed_number},{world.year},{_quoted(name)},{_quoted(sides[g])},{words[k]},{count[d, g, k]}"
        for d, name in enumerate(world.city.district_names)
        for g in range(2)
        for k in range(5)
    ]


POLICY_HEADER = "seed,year,policy,kind,funded,schools,pupils,euro"


def policy_rows(model) -> list[str]:
    """Lines of policies.csv: what the authority did in the year that is now, and what its budget left out."""
    acts = model.world.ledger["authority"].acts if "authority" in model.world.ledger else ()
    return [
        f"{model.seed_number},{model.year},{act.policy},{model.config.policies[act.policy].kind},{int(act.funded)},"
        f"{number(act.schools)},{number(act.pupils)},{number(act.euro)}"
        for act in acts
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def write(path: Path, text: str) -> None:
    """Write a whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


class Run:
    """The folder of one run."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def open(self, config: Config, seeds: list[int], scenario: str, command: str = "") -> None:
        """Make the folder, or go on with the same run. ScenarioError if it holds another run or cannot be written."""
        wanted = run_id(config, seeds)
        try:
            if self.folder.exists() and any(self.folder.iterdir()):
                there = self.manifest().get("run_id") if (self.folder / "manifest.json").exists() else None
                if there != wanted:
                    raise ScenarioError(
                        f"{self.folder}: holds another run or other files; give another --out or empty it"
                    )
                return
            write(
                self.folder / "manifest.json",
                json.dumps(manifest(config, seeds, scenario, wanted, command), indent=2) + "\n",
            )
        except OSError as error:
            raise ScenarioError(f"{self.folder}: cannot be written ({error.strerror}); give another --out") from None

    def manifest(self) -> dict:
        """The manifest. ScenarioError if there is none or it is broken."""
        path = self.folder / "manifest.json"
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            if not (isinstance(about["config"], dict) and isinstance(about["seeds"], list) and about["status"]):
                raise ValueError("it is not the manifest of a run")
            return about
        except FileNotFoundError:
            raise ScenarioError(f"{path}: not there; name the folder of a run") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ScenarioError(f"{path}: damaged ({error}); delete the folder and run the scenario again") from None

    def whole(self) -> bool:
        """Whether the run is finished and its tables are as they were written."""
        about = self.manifest()
        return about["status"] == "finished" and all(self._intact(table, about) for table in TABLES)

    def _intact(self, table: str, about: dict) -> bool:
        path = self.folder / f"{table}.csv"
        return path.exists() and path.stat().st_size == about.get("bytes", {}).get(table)

    def part(self, seed: int, table: str) -> Path:
        """Where one seed's rows of a table are kept while the run goes on."""
        return self.folder / "parts" / f"{seed}.{table}.csv"

    def missing(self, seeds: Iterable[int]) -> list[int]:
        """Seeds that are still to be run."""
        if self.whole():
            return []
        return [seed for seed in seeds if not all(self.part(seed, table).exists() for table in TABLES)]

    def finish(self, config: Config, seeds: list[int], seconds: float) -> list[int]:
        """Join the parts of the finished seeds, in their order, into the tables; returns these seeds."""
        if self.whole():
            return seeds
        done = [seed for seed in seeds if seed not in set(self.missing(seeds))]
        headers = {
            "indicators": "seed,year,indicator,group,scope,value",
            "schools": school_header(config.city.groups),
            "flows": FLOW_HEADER,
            "policies": POLICY_HEADER,
        }
        for table in TABLES:
            text = "".join(self.part(seed, table).read_text(encoding="utf-8") for seed in done)
            write(self.folder / f"{table}.csv", headers[table] + "\n" + text)
            if table == "policies":
                left_out = Counter(line.split(",")[3] for line in text.splitlines() if line.split(",")[4] == "0")
        sizes = {table: (self.folder / f"{table}.csv").stat().st_size for table in TABLES}
        whole = len(done) == len(seeds)
        about = self.manifest() | {
            "status": "finished" if whole else "interrupted",
            "seeds_finished": done,
            "bytes": sizes,
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

        if not self._intact(name, self.manifest()):
            raise ScenarioError(
                f"{self.folder / name}.csv: missing or changed since it was written; run the scenario again"
            )
        return pd.read_csv(self.folder / f"{name}.csv", keep_default_na=False, na_values=["nan"])


def manifest(config: Config, seeds: list[int], scenario: str, identity: str, command: str) -> dict:
    """What one needs to repeat a run."""
    return {
        "run_id": identity,
        "scenario": scenario,
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
