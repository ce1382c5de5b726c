"""The figures of a sensitivity analysis: what matters most, and whether there were points enough."""

import numpy as np

from abm.figures.style import CHANCE, MAJORITY, MINORITY, MUTED, Picture, grid, look, picture, sheet, spaced
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
    title = f"What {a.what} depends on"
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
    """Bars of mu* with their interval, and sigma as a mark on the same scale; labels beside them never meet."""
    rows = a.table.head(SHOWN)[::-1]
    figure, axes = sheet(title, 1.5 + 0.3 * len(rows))
    ax, at = axes[0, 0], np.arange(len(rows))
    ax.barh(at, rows.mu_star, 0.5, xerr=rows.mu_star_conf, color=MAJORITY, label="mu*", error_kw={"lw": 1})
    ax.plot(rows.sigma, at, "D", ms=5, mfc="white", mec=MINORITY, label="sigma", clip_on=False, zorder=3)
    ax.set_yticks(at, rows.key)
    ax.set(xlim=(0, None), xlabel=f"change of {a.what} over a factor's range, 95 % interval")
    ax.legend(frameon=False, loc="lower right")
    grid(ax, "x")
    words = (
        "Bar: mu*, the mean size of the change when one factor moves over its range. Diamond: sigma, how much that change "
        "differs from place to place; near or beyond the bar's end: the factor acts mostly through others, or not in a straight line. "
    )
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
