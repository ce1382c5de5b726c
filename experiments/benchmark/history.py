"""Figures that hold on any machine, kept run by run: ``results/benchmark.jsonl``, a line a run."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from abm import __version__
from abm.cache_folder import DIGEST
from experiments.benchmark.figures import RATIOS, TABLE, Reading

HISTORY = Path("results") / "benchmark.jsonl"


def keep(readings: Sequence[Reading], size: str, path: Path = HISTORY) -> None:
    """Add a line with version, date, size and the ratios.

    It is written at once, at the end of the file wherever that is by then: two runs at the same time lose nothing.
    """
    line = {
        "version": __version__,
        "code": DIGEST,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "ratios": {r.name: float(f"{r.value:.4g}") for r in readings if TABLE[r.name].unit in RATIOS},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        file.write(f"{json.dumps(line)}\n".encode())


def read(path: Path = HISTORY) -> list[dict]:
    """All lines, oldest first; a line torn by a crash is left out."""
    if not path.exists():
        return []
    out = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            out.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            continue
    return out
