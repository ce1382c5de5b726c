"""A comparison on disk: a part for each arm of each trial while it runs, then tidy tables; and a manifest."""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError
from abm.results import provenance, seal, unsealed, write
from abm.rows import number
from abm.scenario import sources
from experiments.compare.measures import MEASURES, STANDINGS
from experiments.compare.plan import Plan, to_plain

RUNS = ",".join(["set", "seed", "arm", "year", *MEASURES])
HOMES = ",".join(["set", "seed", "arm", "year", "home_district", "side", *STANDINGS])


class Store:
    """The folder of one comparison."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def part(self, unit: tuple[int, int], arm: str) -> Path:
        """Where one arm of one trial is kept: its districts' rows beside it are written first."""
        return self.folder / "parts" / f"{unit[0]}.{unit[1]}" / f"{arm}.csv"

    def write(self, unit: tuple[int, int], arm: str, rows: list[list[float]], homes: dict[int, np.ndarray]) -> None:
        """Write one arm of one trial: figures by year, standings by milestone, district and side."""
        head = f"{unit[0]},{unit[1]},{arm}"
        lines = [
            f"{head},{year},{d},{side},{','.join(number(v) for v in table[d, side])}"
            for year, table in homes.items()
            for d in range(len(table))
            for side in range(2)
        ]
        seal(self.part(unit, arm).with_suffix(".homes"), "\n".join(lines) + "\n")
        lines = [f"{head},{year},{','.join(number(v) for v in row)}" for year, row in enumerate(rows)]
        seal(self.part(unit, arm), "\n".join(lines) + "\n")

    def whole(self, unit: tuple[int, int], arm: str, years: int) -> bool:
        """Whether an arm of a trial is there with all its ``years`` and districts, as it was written."""
        path = self.part(unit, arm)
        rows, homes = unsealed(path), unsealed(path.with_suffix(".homes"))
        return homes is not None and rows is not None and rows.count("\n") == years

    def done(self) -> int:
        """Arms of trials that are finished."""
        return sum(1 for _ in (self.folder / "parts").glob("*/*.csv"))

    def open(self, plan: Plan, command: str) -> None:
        """Make the folder, or go on with the same comparison. ScenarioError if it holds something else."""
        try:
            if self.folder.exists() and any(self.folder.iterdir()):
                if self.manifest().get("id") != plan.identity():
                    raise ScenarioError(f"{self.folder}: holds another comparison or other files; give another --out")
                return
            about = {
                "id": plan.identity(),
                "scenario": plan.scenario,
                "sources": sources(Path(plan.scenario)),
                "command": command,
                "seconds": 0.0,
            }
            self._note(about | provenance() | {"plan": to_plain(plan)})
        except OSError as error:
            raise ScenarioError(f"{self.folder}: cannot be written ({error.strerror}); give another --out") from None

    def _note(self, about: dict) -> None:
        write(self.folder / "manifest.json", json.dumps(about, indent=2) + "\n")

    def manifest(self) -> dict:
        """The manifest. ScenarioError if there is none or it is broken."""
        path = self.folder / "manifest.json"
        try:
            about = dict(json.loads(path.read_text(encoding="utf-8")))
            about["seconds"] = float(about["seconds"])
            return about
        except FileNotFoundError:
            raise ScenarioError(f"{path}: not there; name the folder of a comparison, or an empty one") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ScenarioError(f"{path}: damaged ({error}); delete the folder and compare again") from None

    def finish(self, plan: Plan, units: Iterable[tuple[int, int]], began: float | None, notes: dict) -> None:
        """Join the parts of finished trials into runs.csv and districts.csv, in the order of ``units`` and arms."""
        names = ["baseline", *(arm.name for arm in plan.arms)]
        years = plan.years + plan.after + 1
        whole = [unit for unit in units if all(self.whole(unit, name, years) for name in names)]
        for file, suffix, header in (("runs", ".csv", RUNS), ("districts", ".homes", HOMES)):
            text = "".join(
                unsealed(self.part(unit, name).with_suffix(suffix)) or "" for unit in whole for name in names
            )
            write(self.folder / f"{file}.csv", f"{header}\n{text}")
        about = self.manifest()
        seconds = round(about.get("seconds", 0.0) + (time.perf_counter() - began if began else 0), 1)
        self._note(about | {"plan": to_plain(plan), "trials": whole, "seconds": seconds} | notes)

    def runs(self) -> pd.DataFrame:
        """runs.csv: a row for each (set, seed, arm, year)."""
        return self._table("runs", MEASURES)

    def districts(self) -> pd.DataFrame:
        """districts.csv: a row for each (set, seed, arm, milestone, home district, side)."""
        return self._table("districts", STANDINGS)

    def _table(self, name: str, numbers: Iterable[str]) -> pd.DataFrame:
        """A table as pandas has it; an arm may be called nan, a figure may be nan."""
        missing = {column: ["nan"] for column in numbers}
        return pd.read_csv(self.folder / f"{name}.csv", dtype={"arm": str}, keep_default_na=False, na_values=missing)
