"""The figures of a sensitivity analysis: what matters most, and whether there were points enough."""

import numpy as np

from abm.figures.style import CHANCE, INK, MAJORITY, MINORITY, MUTED, Picture, grid, look, picture, sheet, spaced
from experiments.sensitivity.analysis import Analysis
from experiments.sensitivity.indices import main_column

SHOWN = 12
WORDS = {
    "S1": "alone (first order)",
    "ST": "with all interactions (total)",
    "median": "PAWN, median distance",
    "mu_star": "mu*",
}


def ranking(a: Analysis) -> Picture:
    """Bars of first and total indices (Sobol), or of PAWN; mu* against sigma for Morris."""
    title = f"What the {a.what} depends on"
    with look("sensitivity"):
        if a.sweep.design == "morris":
            return picture("ranking", title, *_morris(a, title))
        rows = a.table.head(SHOWN)[::-1]
        figure, axes = sheet(title, 1.2 + 0.32 * len(rows))
        ax, at = axes[0, 0], np.arange(len(rows))
        if a.sweep.design == "sobol":
            ax.barh(at + 0.18, rows.ST, 0.34, xerr=rows.ST_conf, color=MAJORITY, label=WORDS["ST"], error_kw={"lw": 1})
            ax.barh(at - 0.18, rows.S1, 0.34, xerr=rows.S1_conf, color=MINORITY, label=WORDS["S1"], error_kw={"lw": 1})
            ax.legend(frameon=False, loc="lower right")
            ax.set_xlabel("share of the variance between points, 95 % interval")
            caption = "Total less first order is what a factor does through others. "
        else:
            ax.barh(at, rows["median"], 0.5, color=MAJORITY)
            ax.axvline(float(rows.noise.iloc[0]), color=CHANCE, ls=":")
            ax.annotate("a factor that does nothing", (float(rows.noise.iloc[0]), len(rows) - 0.4), color=MUTED, fontsize=7, annotation_clip=False)  # fmt: skip
            ax.set_xlabel(WORDS["median"])
            caption = (
                "PAWN: how far the distribution of the result moves when the factor is held in a tenth of its range. "
            )
        ax.set_yticks(at, rows.key)
        ax.set_xlim(0, None)
        grid(ax, "x")
        return picture("ranking", title, caption + _chance(a), figure)


def _morris(a: Analysis, title: str):
    figure, axes = sheet(title, 4.2)
    ax, rows = axes[0, 0], a.table.head(SHOWN)
    top = max(rows.mu_star.max(), rows.sigma.max(), 1e-12)
    ax.scatter(a.table.mu_star, a.table.sigma, color=MAJORITY, zorder=3)
    heights = spaced(list(rows.sigma), 0.045 * top * 1.1)
    for row, height in zip(rows.itertuples(), heights, strict=True):
        ax.annotate(
            row.key, (row.mu_star, row.sigma), (row.mu_star + 0.02 * top, height), va="center", fontsize=7.5, color=INK
        )
    ax.plot([0, 1.05 * top], [0, 1.05 * top], ":", color=MUTED)
    ax.set(
        xlim=(0, 1.35 * top),
        ylim=(-0.02 * top, 1.15 * top),
        xlabel="mu*, mean size of the effect over its range",
        ylabel="sigma: how much it depends on the rest",
    )
    grid(ax, "both")
    words = "Right: matters much. Above the dotted line: mostly through others, or not in a straight line. "
    return words + _chance(a), figure


def convergence(a: Analysis) -> Picture:
    """The main index of the leading factors against the number of points."""
    title = "Were there points enough?"
    with look("convergence"):
        figure, axes = sheet(title, 3.2)
        ax, leading = axes[0, 0], list(a.table.key.head(6))
        lines = {key: a.convergence[a.convergence.key == key] for key in leading}
        ends = [float(rows.value.iloc[-1]) for rows in lines.values()]
        top = max([*a.convergence.value, 1e-12])
        for (key, rows), end, height in zip(lines.items(), ends, spaced(ends, 0.07 * top), strict=True):
            ax.plot(rows.points, rows.value, marker="o", ms=3)
            ax.annotate(key, (rows.points.iloc[-1], end), (1.02, height), textcoords=("axes fraction", "data"), va="center", fontsize=7.5, color=ax.lines[-1].get_color(), annotation_clip=False)  # fmt: skip
        ax.set_xscale("log", base=2)
        ax.set_xticks(sorted(set(a.convergence.points)), [f"{n:,}" for n in sorted(set(a.convergence.points))])
        ax.minorticks_off()
        ax.set(ylim=(min(0, a.convergence.value.min()), 1.05 * top), xlabel="points")
        ax.set_title(WORDS[main_column(a.sweep.design)])
        grid(ax)
        return picture(
            "convergence", title, "Lines that still rise or cross at the right end ask for more samples.", figure
        )


def _chance(a: Analysis) -> str:
    return (
        "" if a.chance != a.chance else f"Of the variance between points {100 * a.chance:.0f} % is chance of the seeds."
    )
