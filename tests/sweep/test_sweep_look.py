"""What `results` shows of a sweep with very many levels or keys: as much as fits, and what is left out."""

import pandas as pd
import pytest

from experiments.sweep import look
from experiments.sweep.dataset import Dataset
from experiments.sweep.heat_map import MOST, heat_map
from experiments.sweep.spec import load
from tests.builders import ROOT

KEYS = ("choice.peers", "choice.distance")


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A sweep of 100 x 3 levels that was never run, and its quick table: the mean is the number of the point."""
    path = tmp_path / "sweep.toml"
    levels = "".join(
        f'"{key}" = {{ low = -1.0, high = 1.0, steps = {n} }}\n' for key, n in zip(KEYS, (100, 3), strict=True)
    )
    path.write_text(f'base = "{ROOT / "configs" / "classroom.toml"}"\n[vary]\n{levels}')
    sweep = load(path)
    monkeypatch.setattr(Dataset, "sweep", lambda self: sweep)
    rows = [(x, y) for x in sweep.factors[0].levels for y in sweep.factors[1].levels]
    table = pd.DataFrame(rows, columns=KEYS).assign(mean=range(300), sd=0.5, runs=10)
    table.insert(0, "point", range(300))
    return Dataset(tmp_path), table


def test_a_heat_map_draws_no_more_levels_than_can_be_told_apart(grid):
    """100 levels are cut to 40, which is said; the table beside it has all."""
    data, rows = grid
    said = heat_map(data, rows, "dissimilarity", 10)
    assert f"drawn: {MOST} of 100 levels of choice.peers; all are in heat_map.csv" in said
    assert len(pd.read_csv(data.folder / "heat_map.csv")) == 100
    few = rows[rows["choice.peers"] <= -0.9]
    assert heat_map(data, few, "dissimilarity", 10) == str(data.folder / "heat_map.png")


def test_a_printed_table_is_no_wider_than_the_window(grid, monkeypatch):
    _, rows = grid
    wide = rows.assign(**{f"choice.key{i}": 1.0 for i in range(20)})
    for columns in (60, 100, 400):
        monkeypatch.setenv("COLUMNS", str(columns))
        table, *said = look.printed(wide)
        assert max(map(len, table.split("\n"))) <= columns
        assert said[-1] == "... and 270 more points"
        assert (len(said) == 2) == (columns < 400)
    assert "22 keys are too many" not in look.printed(wide)[1]
    monkeypatch.setenv("COLUMNS", "60")
    assert "of 22 keys are too many for this window: choice.key" in look.printed(wide)[1]
