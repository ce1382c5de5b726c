"""The figures of a calibration: published against predicted, priors against posterior, how the distance fell."""

import math

import numpy as np
import pandas as pd

from abm.figures.style import CHANCE, GRID, INK, MAJORITY, MINORITY, MUTED, Picture, grid, look, picture, sheet
from experiments.calibration.inference import Posterior
from experiments.calibration.spec import Calibration
from experiments.posterior import WEIGHT, quantile

FAR = 10.0  # tolerances at which the axis of targets ends
BINS = 15  # of a parameter's range


def against(targets: pd.DataFrame) -> Picture:
    """A row a target: published value with its tolerance, and the band of what the fitted model predicts."""
    title = "Published figures and what the fitted model predicts"
    rows = targets.iloc[::-1].reset_index(drop=True)
    key = ((0.012, "●", "fitted", MAJORITY), (0.13, "◆", "held out, never seen by the fit", MINORITY))
    with look("targets"):
        figure, axes = sheet(title, 1.35 + 0.34 * len(rows), key=key)
        ax = axes[0, 0]
        reach = min(max(3.0, 1.15 * np.nanmax(_ends(rows).abs().to_numpy(), initial=3.0)), FAR)
        ax.axvspan(-2, 2, color=GRID, alpha=0.45, lw=0)
        ax.axvspan(-1, 1, color=GRID, lw=0)
        ax.axvline(0, color=INK, lw=1)
        for at, row in rows.iterrows():
            _band(ax, float(at), row, reach)
        ax.set_yticks(range(len(rows)), rows.target)
        ax.set(xlim=(-reach, reach), ylim=(-0.6, len(rows) - 0.4), xlabel="predicted less published, in tolerances")
        ax.tick_params(length=0)
        caption = (
            "0 is the published value; the dark band is one tolerance, the pale band two, within which a target counts as met. "
            "Mark: median of the cities that the posterior predicts, line: from the 5 % to the 95 % quantile; an arrow: beyond the "
            "axis. On the right: published value, then the prediction."
        )
        return picture("targets", title, caption, figure)


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["q05", "q95"]].sub(rows.value, axis=0).div(rows.tolerance, axis=0)


def _band(ax, at: float, row: pd.Series, reach: float) -> None:
    held = row.use == "held out"
    low, middle, high = ((row[name] - row.value) / row.tolerance for name in ("q05", "q50", "q95"))
    colour, mark = (MINORITY, "D") if held else (MAJORITY, "o")
    if math.isfinite(middle):
        ax.plot(np.clip([low, high], -reach, reach), [at, at], color=colour, lw=2.2, solid_capstyle="butt")
        beyond = abs(middle) > reach
        shape = (">" if middle > 0 else "<") if beyond else mark
        ax.plot([np.clip(middle, -reach, reach)], [at], shape, color=colour, ms=6, clip_on=False)
    told = f"{row.value:.3g} → {row.q50:.3g} ({row.q05:.3g} to {row.q95:.3g})"
    ax.annotate(told, (1.02, at), xycoords=("axes fraction", "data"), va="center", fontsize=7.5, color=INK, annotation_clip=False)  # fmt: skip


def parameters(calibration: Calibration, table: pd.DataFrame) -> Picture:
    """A panel a parameter: the prior as a line, the posterior as bars, its median as a mark."""
    title = "Free parameters before and after the fit"
    columns = min(3, len(calibration.free))
    height = 0.7 + 1.9 * -(-len(calibration.free) // columns)
    key = ((0.012, "—", "before: the prior", CHANCE), (0.22, "■", "after: the posterior", MAJORITY), (0.45, "▲", "its median", MINORITY))  # fmt: skip
    with look("parameters"):
        figure, axes = sheet(title, height, -(-len(calibration.free) // columns), columns, key=key)
        for ax in axes.flat[len(calibration.free) :]:
            ax.set_visible(False)
        for ax, factor in zip(axes.flat, calibration.free, strict=False):
            edges = np.linspace(factor.low, factor.high, BINS + 1)
            weight, _ = np.histogram(table[factor.key], edges, weights=table[WEIGHT])
            ax.bar(edges[:-1], weight / weight.sum(), np.diff(edges), align="edge", color=MAJORITY, alpha=0.75, lw=0)
            ax.plot([factor.low, factor.high], [1 / BINS] * 2, color=CHANCE, lw=1.6)
            ax.plot([quantile(table[factor.key], table[WEIGHT], 0.5)], [0], "^", color=MINORITY, ms=7, clip_on=False)
            ax.set(xlim=(factor.low, factor.high), ylim=(0, None), yticks=[], title=factor.key)
            ax.spines["left"].set_visible(False)
        caption = (
            "Each panel runs over the prior's range, all of which was equally likely beforehand (the flat line). Bars as flat as "
            "that line: the targets say nothing of this parameter. Bars piled up at an edge: the range may be too narrow."
        )
        return picture("parameters", title, caption, figure)


def distances(fit: Posterior) -> Picture:
    """The distance within which sets were accepted, by generation, with the simulations that it took."""
    title = "How near the simulations came, by generation"
    rows = fit.generations
    with look("distances"):
        figure, axes = sheet(title, 2.9)
        ax = axes[0, 0]
        ax.plot(rows["t"] + 1, rows["epsilon"], color=MAJORITY, marker="o", ms=4)
        for row in rows.itertuples():
            ax.annotate(f"{row.samples:,}", (row.t + 1, row.epsilon), (0, 6), textcoords="offset points", ha="center", fontsize=7, color=MUTED)  # fmt: skip
        ax.set(xlabel="generation", ylabel="distance, in tolerances", ylim=(0, 1.18 * rows["epsilon"].max()))
        ax.set_xticks(rows["t"] + 1)
        ax.margins(x=0.06)
        grid(ax)
        caption = (
            "Largest accepted distance: root of the sum of the squared gaps of all fitted targets, in tolerances, with the "
            "tolerances' own noise in it. Numbers: simulations of the generation. A curve that has flattened has come as near as it can."
        )
        return picture("distances", title, caption, figure)
