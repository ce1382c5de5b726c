"""A sweep on disk: a Parquet dataset, a file a block, put in place whole; and a manifest that says what it is.

What is there is told by the files alone, so that nothing about the runs is held in memory, and whatever ends a sweep
(Ctrl-C, kill -9, a full disk, a reboot) loses no more than the blocks at work.
"""

import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from abm.config.declare import ScenarioError
from experiments.engine import alone
from experiments.sweep import manifest
from experiments.sweep.block import MARK
from experiments.sweep.design import Design
from experiments.sweep.factors import SAMPLED
from experiments.sweep.spec import Sweep

FOLDED = 1000  # blocks in one folder
MAGIC = b"PAR1"
LEFT = 3600.0  # seconds after which a file that was never put in place is taken for one left behind
PATIENCE = 900.0  # seconds to wait for another process that makes the manifest: it may have to compile the model


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
        return self.data / f"{block // FOLDED:04d}" / _name(block)

    def has(self, block: int) -> bool:
        """Whether a block is there, whole: a Parquet file ends with its mark."""
        return _whole(self.part(block))

    def put(self, block: int, content: bytes) -> None:
        """Put a block's file in place, whole or not at all."""
        place(self.part(block), content)

    def files(self) -> Iterator[Path]:
        """The files of finished blocks, in order."""
        for folder in sorted(self.data.glob("[0-9]*")):
            yield from sorted(path for path in folder.glob("[0-9]*.parquet"))

    def missing(self, blocks: Iterable[int]) -> Iterator[int]:
        """Those of ``blocks`` (in order) that are not there, by name: a folder is listed once, and no file is opened."""
        group, names = -1, frozenset()
        for block in blocks:
            if block // FOLDED != group:
                group, names = block // FOLDED, frozenset(_names(self.part(block).parent))
            if _name(block) not in names:
                yield block

    def mend(self, blocks: range) -> None:
        """Remove what an interruption may have left of ``blocks``: files cut short, and files never put in place."""
        mine = range(blocks.start // FOLDED, blocks[-1] // FOLDED + 1) if blocks else ()
        for group in mine:
            folder = self.part(group * FOLDED).parent
            for name in _names(folder):
                number = name.lstrip(".").partition(".")[0]
                if not number.isdecimal() or int(number) not in blocks:
                    continue
                if not name.startswith("."):
                    if not _whole(f"{folder}/{name}"):
                        (folder / name).unlink(missing_ok=True)
                elif _age(folder / name) > LEFT:
                    (folder / name).unlink(missing_ok=True)

    def open(self, sweep: Sweep, path: str, size: Callable[[], int], command: str) -> dict:
        """The manifest, made now or found; ``size`` gives the runs of a block where it is made.

        Of several processes that start at once one makes it and the others wait. Where it is lost, the files of blocks
        tell what they were. ScenarioError if the folder holds another sweep, or one of another version.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with alone(self.folder, ".lock-manifest", PATIENCE):
                about = manifest.found(self.folder) or self._lost()
                if about is None:
                    self._empty()
                else:
                    manifest.check(self.folder, sweep, about)
                if about is None or "runs" not in about:
                    design = Design(sweep, self._sample() if about else None)
                    sampled = self._keep(design) if sweep.design in SAMPLED else ""
                    about = manifest.made(design, path, about["block"] if about else size(), command, sampled)
                    place(self.folder / manifest.NAME, (json.dumps(about, indent=2) + "\n").encode())
                return about
        except OSError as error:
            raise ScenarioError(f"{self.folder}: cannot be written ({error.strerror}); give another --out") from None

    def _lost(self) -> dict | None:
        """What the files of blocks say of their sweep where the manifest is not there; None where there is no file."""
        for path in self.files():
            try:
                return json.loads(pq.read_schema(path).metadata[MARK.encode()])
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return None

    def _empty(self) -> None:
        """ScenarioError if the folder holds something that is no sweep's."""
        ours = {manifest.NAME, manifest.SAMPLE, self.data.name}
        for name in _names(self.folder):
            if not name.startswith(".") and name not in ours:
                raise ScenarioError(f"{self.folder}: holds other files, such as {name}; give another --out or empty it")

    def _keep(self, design: Design) -> str:
        """Keep the sample of a design beside the data; returns its digest."""
        path = self.folder / manifest.SAMPLE
        place(path, manifest.packed(design.shares))
        return manifest.digest(design.shares)

    def _sample(self) -> np.ndarray | None:
        """The sample that was kept, read where it is looked at; None where there is none."""
        try:
            return np.load(self.folder / manifest.SAMPLE, mmap_mode="r")
        except (OSError, ValueError, EOFError):
            return None

    def design(self) -> Design:
        """The design, with the sample that was drawn at the start, whatever a later library would draw."""
        about, sweep = self.manifest(), self.sweep()
        if sweep.design not in SAMPLED:
            return Design(sweep)
        path, shares = self.folder / manifest.SAMPLE, self._sample()
        if shares is None:
            shares = Design(sweep).shares
        if about.get("sample") and manifest.digest(shares) != about["sample"]:
            raise ScenarioError(
                f"{path}: damaged or lost, and the libraries here draw another sample; bring it back from a copy, or install "
                f"the versions that {manifest.NAME} names"
            )
        return Design(sweep, shares)

    def manifest(self) -> dict:
        """The manifest. ScenarioError if there is none or it is damaged."""
        about = manifest.found(self.folder)
        if about is None:
            raise ScenarioError(
                f"{self.folder / manifest.NAME}: not there or damaged; name the folder of a sweep, such as those in results/sweeps, or give the command of the "
                "sweep again, which mends it"
            )
        return about

    def sweep(self) -> Sweep:
        """The sweep as the manifest has it."""
        return manifest.sweep_of(self.manifest())


def place(path: Path, content: bytes) -> None:
    """Put a file in place, whole or not at all, whatever happens to this machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _name(block: int) -> str:
    """The name of a block's file."""
    return f"{block:07d}.parquet"


def _whole(path: str | Path) -> bool:
    """Whether a Parquet file ends with its mark; a million of them are looked at when a sweep goes on."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return False
    try:
        os.lseek(file, -4, os.SEEK_END)
        return os.read(file, 4) == MAGIC
    except OSError:
        return False
    finally:
        os.close(file)


def _names(folder: Path) -> list[str]:
    """The names in a folder; none where it is not there."""
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _age(path: Path) -> float:
    """Seconds since a file was written; 0 where it has gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
