"""The figures of an exploration: coverage against density, and the sign of the effect over the two leading factors."""

import numpy as np
import pandas as pd

from abm.figures.style import GRID, INK, MAJORITY, MINORITY, MUTED, Picture, as_percent, grid, look, picture, sheet
from experiments.exploration.analysis import Exploration
from experiments.exploration.signs import PARTS, certain

DOT = 16.0


def trade_off(e: Exploration) -> Picture:
    """Each step of the first box's peeling: how much of the failure it holds, and how purely."""
    title = f"Boxes in which {e.sweep.effect} fails"
    with look("trade_off"):
        figure, axes = sheet(title, 3.4)
        ax, steps = axes[0, 0], e.found.trade
        ax.plot(steps.coverage, steps.density, "-", color=GRID, zorder=1)
        ax.scatter(steps.coverage, steps.density, s=DOT, color=MUTED, zorder=2)
        for number, box in enumerate(e.found.boxes, 1):
            ax.scatter(box.coverage, box.density, s=3 * DOT, color=MINORITY, zorder=3)
            ax.annotate(f"box {number}", (box.coverage, box.density), (6, 4), textcoords="offset points", fontsize=7.5)
        ax.axhline(e.failed.mean(), color=MUTED, ls=":", lw=1)
        ax.annotate("all points", (0, e.failed.mean()), (2, 3), textcoords="offset points", color=MUTED, fontsize=7)
        ax.set(
            xlim=(0, 1.05),
            ylim=(0, 1.05),
            xlabel="coverage: share of all failing points",
            ylabel="density: share that fails",
        )
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(as_percent)
        grid(ax, "both")
        words = "Each dot is a step of PRIM's peeling, from all points (right) to a small box (left); orange: the boxes told above, after limits in doubt were dropped (hence off the line)."
        return picture("trade_off", title, words, figure)


def sign_map(e: Exploration) -> Picture:
    """Points by the sign of their effect over the two leading factors, other factors wherever they were; shares by cell."""
    first, second = e.leading[:2]
    title = f"Where {e.sweep.effect} lowers {e.depends.indicator}, and where it raises it"
    key = (
        (0.012, "▼", "lowers it", MAJORITY),
        (0.2, "▲", "raises it", MINORITY),
        (0.38, "■", "full: clear over the seeds", INK),
    )
    with look("sign_map"):
        figure, axes = sheet(title, 4.6, key=key)
        ax, mean, sure = axes[0, 0], e.effects.mean(axis=1), certain(e.effects)
        across, across_names = _place(e.x[second])
        up, up_names = _place(e.x[first])
        for sign, mark, colour in ((-1, "v", MAJORITY), (1, "^", MINORITY)):
            side = np.sign(mean) == sign
            for clear in (False, True):
                some = side & ((sure != 0) == clear)
                fill = colour if clear else "none"
                ax.scatter(
                    across[some], up[some], s=DOT, marker=mark, facecolors=fill, edgecolors=colour, linewidths=0.8
                )
        none = mean == 0
        ax.scatter(across[none], up[none], s=DOT / 2, marker=".", color=MUTED)
        _cells(ax, e, across, up)
        ax.set(xlabel=second, ylabel=first)
        for axis, names in ((ax.xaxis, across_names), (ax.yaxis, up_names)):
            if names:
                axis.set_ticks(range(len(names)), names)
        words = "In each cell: the share of points at which the policy lowers it; other factors lie wherever the design put them."
        return picture("sign_map", title, words, figure)


def _cells(ax, e: Exploration, across: np.ndarray, up: np.ndarray) -> None:
    """Thin lines between the cells, with the share of points below 0."""
    below = e.effects.mean(axis=1) < 0
    edges = [np.linspace(values.min(), values.max(), PARTS + 1) for values in (across, up)]
    for edge in edges[0][1:-1]:
        ax.axvline(edge, color=MUTED, lw=0.6)
    for edge in edges[1][1:-1]:
        ax.axhline(edge, color=MUTED, lw=0.6)
    at = [
        np.clip(np.searchsorted(edge[1:-1], values, "right"), 0, PARTS - 1)
        for edge, values in zip(edges, (across, up), strict=True)
    ]
    for i in range(PARTS):
        for j in range(PARTS):
            inside = (at[0] == i) & (at[1] == j)
            if inside.any():
                where = ((edges[0][i] + edges[0][i + 1]) / 2, (edges[1][j] + edges[1][j + 1]) / 2)
                ax.annotate(as_percent(round(below[inside].mean(), 2)), where, ha="center", va="center", fontsize=10, fontweight="bold", color=INK, bbox={"boxstyle": "round,pad=0.2", "fc": "#fffffe", "ec": "none", "alpha": 0.8})  # fmt: skip


def _place(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """(point,) coordinates, and names of the ticks where they are levels."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(float), []
    names = sorted(column.unique())
    return column.map({name: k for k, name in enumerate(names)}).to_numpy(float), list(names)
