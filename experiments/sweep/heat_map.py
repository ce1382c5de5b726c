"""A picture of a sweep over a full grid: the mean of an indicator by its first two keys."""

import math

import numpy as np
import pandas as pd

from experiments.sweep.dataset import Dataset

MOST = 40  # levels of a key that are drawn: more could not be told apart
WRITTEN = 200  # cells up to which each has its figure written into it
DIGITS = 14  # columns up to which a cell is wide enough for its figure


def heat_map(dataset: Dataset, rows: pd.DataFrame, indicator: str, year: int) -> str:
    """Draw the mean over the first two varied keys, other keys averaged; says where, and which levels were left out.

    "" with fewer than two keys, or samples. All levels are in heat_map.csv.
    """
    from abm.figures.style import look
    from abm.results import write

    sweep = dataset.sweep()
    if len(sweep.factors) < 2 or sweep.design != "grid":
        return ""
    down, across = (factor.key for factor in sweep.factors[:2])
    cells = rows.pivot_table(index=down, columns=across, values="mean", sort=False)
    if cells.empty:
        return ""
    shown, note = cells.iloc[_some(len(cells)), _some(cells.shape[1])], ""
    left = [
        f"{_drawn(n)} of {n} levels of {key}" for key, n in zip((down, across), cells.shape, strict=True) if n > MOST
    ]
    if left:
        note = f"drawn: {' and '.join(left)}; all are in heat_map.csv"
    with look("sweep"):
        drawn = _picture(shown, f"{indicator} in year {year}, by {down} and {across}", sweep.seeds, note)
    path = dataset.folder / "heat_map.png"
    path.write_bytes(drawn.png)
    write(dataset.folder / "heat_map.csv", cells.to_csv(float_format="%.8g"))
    return f"{path} ({note})" if note else str(path)


def _some(count: int) -> list[int]:
    """At most ``MOST`` of ``count`` levels, evenly spread, the first and the last among them."""
    return sorted({round(float(i)) for i in np.linspace(0, count - 1, min(count, MOST))})


def _drawn(count: int) -> int:
    return len(_some(count))


def _picture(cells: pd.DataFrame, title: str, seeds: int, note: str):
    """The picture of a table of means (levels down, levels across)."""
    from abm.figures.style import INK, picture, sheet

    figure, axes = sheet(title, 1.4 + 0.32 * len(cells))
    ax = axes[0, 0]
    mesh = ax.pcolormesh(np.ma.masked_invalid(cells), cmap="cividis_r")
    middle = (np.nanmin(cells) + np.nanmax(cells)) / 2
    if cells.size <= WRITTEN and cells.shape[1] <= DIGITS:
        for (row, column), mean in np.ndenumerate(cells.to_numpy()):
            if math.isfinite(mean):
                color = "white" if mean > middle else INK
                text = f"{mean:#.3g}".rstrip(".")
                ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=7, color=color)
    ax.set_xticks(np.arange(cells.shape[1]) + 0.5, [_short(value) for value in cells.columns])
    ax.set_yticks(np.arange(cells.shape[0]) + 0.5, [_short(value) for value in cells.index])
    if cells.shape[1] > DIGITS:
        ax.tick_params(axis="x", rotation=90)
    ax.set(xlabel=str(cells.columns.name), ylabel=str(cells.index.name))
    ax.tick_params(length=0)
    figure.colorbar(mesh, ax=ax, shrink=0.9, label=f"mean over {seeds} seeds")
    words = f"Mean over {seeds} seeds and all other keys of the sweep."
    return picture("heat_map", title, f"{words} {note[:1].upper()}{note[1:]}." if note else words, figure)


def _short(value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
