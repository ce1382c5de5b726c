"""A sweep on disk: a Parquet dataset, a file a block, put in place whole; and a manifest that says what it is.

What is there is told by the files alone, so that nothing about the runs is held in memory, and whatever ends a sweep
(Ctrl-C, kill -9, a full disk, a reboot) loses no more than the blocks at work.
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path

from abm.compiled import DIGEST
from abm.config.declare import ScenarioError
from abm.results import provenance, write
from experiments.sweep.design import Design
from experiments.sweep.spec import Factor, Sweep

FOLDED = 1000  # blocks in one folder
MAGIC = b"PAR1"


class Dataset:
    """The folder of one sweep."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    @property
    def data(self) -> Path:
        """The Parquet dataset; pandas, polars and DuckDB read it as a whole."""
        return self.folder / "data"

    def part(self, block: int) -> Path:
        """Where a block's rows are."""
        return self.data / f"{block // FOLDED:04d}" / f"{block:07d}.parquet"

    def has(self, block: int) -> bool:
        """Whether a block is there, whole: a Parquet file ends with its mark."""
        try:
            with self.part(block).open("rb") as file:
                file.seek(-4, os.SEEK_END)
                return file.read() == MAGIC
        except OSError:
            return False

    def put(self, block: int, content: bytes) -> None:
        """Put a block's file in place, whole or not at all."""
        path = self.part(block)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    def files(self) -> Iterator[Path]:
        """The files of finished blocks, in order."""
        for folder in sorted(self.data.glob("[0-9]*")):
            yield from sorted(path for path in folder.glob("[0-9]*.parquet"))

    def open(self, sweep: Sweep, path: str, block: int, command: str) -> dict:
        """The manifest, made now or found. ScenarioError if the folder holds another sweep, or one of another version."""
        try:
            if self.folder.exists() and any(p for p in self.folder.iterdir() if p.name != ".lock"):
                return self._same(sweep)
            design = Design(sweep)
            about = {
                "sweep": dataclasses.asdict(sweep), "id": sweep.identity(), "file": path, "command": command,
                "points": design.points, "runs": design.runs, "block": block, **provenance(),
            }  # fmt: skip
            write(self.folder / "manifest.json", json.dumps(about, indent=2) + "\n")
            return about
        except OSError as error:
            raise ScenarioError(f"{self.folder}: cannot be written ({error.strerror}); give another --out") from None

    def _same(self, sweep: Sweep) -> dict:
        about = self.manifest()
        if about["id"] != sweep.identity():
            raise ScenarioError(f"{self.folder}: holds another sweep; give another --out")
        if about["code"] != DIGEST:
            raise ScenarioError(
                f"{self.folder}: was run with another version of the model (code {about['code']}, now {DIGEST}); results of "
                "two versions are not mixed: give another --out, or go back to that version"
            )
        return about

    def manifest(self) -> dict:
        """The manifest. ScenarioError if there is none or it is damaged."""
        path = self.folder / "manifest.json"
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            if not all(key in about for key in ("sweep", "id", "block", "runs", "code")):
                raise ValueError("it is not the manifest of a sweep")
            return about
        except FileNotFoundError:
            raise ScenarioError(
                f"{path}: not there; name the folder of a sweep, such as those in results/sweeps"
            ) from None
        except (OSError, ValueError, TypeError) as error:
            raise ScenarioError(f"{path}: damaged ({error}); delete the folder and sweep again") from None

    def sweep(self) -> Sweep:
        """The sweep as the manifest has it."""
        tree = dict(self.manifest()["sweep"])
        tree["factors"] = tuple(Factor(**(entry | {"levels": tuple(entry["levels"])})) for entry in tree["factors"])
        for key in ("keep", "indicators"):
            tree[key] = tuple(tree[key])
        return Sweep(**tree)
