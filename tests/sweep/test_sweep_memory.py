"""The memory of the process that conducts a sweep does not grow with the number of runs."""

import gc
import itertools
import tracemalloc

from experiments.sweep import conduct as conducting
from experiments.sweep.block import Done, _parquet
from experiments.sweep.conduct import Pilot, conduct
from experiments.sweep.dataset import Dataset
from experiments.sweep.spec import load
from tests.builders import ROOT

EARLY, LATE = 200, 2000  # blocks
TEXT = f"""
base = "{ROOT / "configs" / "classroom.toml"}"
seeds = {LATE}
years = 0
indicators = ["dissimilarity"]
[vary]
"choice.peers" = [0.0, 4.0]
"""


def at_once(item):
    """A block that is done at once: a row a run."""
    rows = [
        (f"{point}-{seed}", point, seed, 0, "dissimilarity", 0.5, "", values["choice.peers"])
        for point, values, seeds in item.points
        for seed in seeds
    ]
    return Done(item.block, len(rows), 0, _parquet(rows, item.columns, item.mark))


def test_memory_does_not_grow_with_runs(tmp_path, monkeypatch):
    """Between block 200 and block 2000 fewer than 50 bytes a block are added; a block's item alone has thousands."""
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT)
    monkeypatch.setattr(conducting, "pilot", lambda sweep, path: Pilot(0.01, 100))
    monkeypatch.setattr(conducting, "block_size", lambda sweep, seconds, workers: 2)
    monkeypatch.setattr(conducting, "play", at_once)
    held, count, put = {}, itertools.count(1), Dataset.put

    def watched(self, block, content):
        if block == 0:
            put(self, block, content)
        now = next(count)
        if now in (EARLY, LATE):
            gc.collect()
            held[now] = tracemalloc.get_traced_memory()[0]

    monkeypatch.setattr(Dataset, "put", watched)
    tracemalloc.start()
    try:
        whole = conduct(load(path), "sweep.toml", tmp_path / "out", 1, "command", bar=False)
    finally:
        tracemalloc.stop()
    assert whole == (2 * LATE, 2 * LATE)
    assert held[LATE] - held[EARLY] < 50 * (LATE - EARLY)
