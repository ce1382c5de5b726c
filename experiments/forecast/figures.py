"""The figures of a forecast: the city's total, and after scoring how calibrated and how good it was."""

import numpy as np
import pandas as pd

from abm.figures.style import (
    GRID,
    INK,
    MAJORITY,
    MINORITY,
    MUTED,
    NEAREST,
    Picture,
    as_percent,
    grid,
    look,
    picture,
    sheet,
)
from experiments.forecast.scores import QUANTILES

WORDS = {
    "model": "the model", "persistence": "last year again", "mean": "mean of the fitted years", "mean_cohort": "mean, times the cohort",
    "nearest": "nearest centre", "levels": "statistics alone",
}  # fmt: skip
COLOUR = {"model": MAJORITY, "persistence": MINORITY, "levels": NEAREST}


def total(about: dict, draws: pd.DataFrame, cases: pd.DataFrame | None) -> Picture:
    """First choices of all centres by year: as fitted, as forecast, and as they came."""
    title = "Families placed at their first choice, all forecast centres"
    model = draws[draws["forecaster"] == "model"]
    by_year = {year: own.filter(regex=r"^d\d+$").sum().to_numpy() for year, own in model.groupby("year")}
    years = list(by_year)
    q = np.array([np.quantile(by_year[year], QUANTILES) for year in years])
    with look("total"):
        figure, axes = sheet(title, 3.2)
        ax = axes[0, 0]
        ax.vlines(years, q[:, 0], q[:, 4], color=MAJORITY, lw=2, alpha=0.45)
        ax.vlines(years, q[:, 1], q[:, 3], color=MAJORITY, lw=6, alpha=0.6)
        ax.plot(years, q[:, 2], "o", color=MAJORITY, ms=5)
        ax.plot(about["fit"], about["first"], "o-", color=INK, ms=5)
        ax.annotate(
            "observed, fitted", (about["fit"][0], about["first"][0]), (0, 9), textcoords="offset points", color=INK
        )
        ax.annotate(
            "forecast, with 50 and 90 %", (years[0], q[0, 4]), (6, 0), textcoords="offset points", color=MAJORITY
        )
        if cases is not None:
            came = cases[cases["forecaster"] == "model"].groupby("year")["actual"].sum()
            ax.plot(came.index, came.to_numpy(), "D", color=MINORITY, ms=6)
            ax.annotate("came", (came.index[-1], came.iloc[-1]), (-34, -3), textcoords="offset points", color=MINORITY)
        low = min([*about["first"], *q[:, 0]]) * 0.97
        ax.set(ylabel="families", ylim=(low, None), xticks=[*about["fit"], *years])
        grid(ax)
        words = "The cohort's size is one draw for the whole city, so a total is more uncertain than chance alone would make it."
        return picture("total", title, words, figure)


def calibration(cases: pd.DataFrame) -> Picture:
    """Where the actual figures lie in the forecasts, and how often the intervals hold them."""
    title = "Were the stated ranges right?"
    key = tuple((0.55 + 0.2 * (i % 2), "●", WORDS[name], COLOUR[name]) for i, name in enumerate(("model", "levels")))
    with look("calibration"):
        figure, axes = sheet(title, 3.4, 1, 2, key=key)
        left, right = axes[0]
        values = cases.loc[cases["forecaster"] == "model", "pit"].to_numpy()
        share, edges = np.histogram(values, 10, (0, 1))
        left.bar(edges[:-1], share / share.sum(), 0.1, align="edge", color=MAJORITY, edgecolor="#fffffe")
        left.axhline(0.1, color=INK, lw=1, ls=":")
        left.annotate(
            "dotted: calibrated",
            (0.5, 1),
            (0, -8),
            ha="center",
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=7.5,
        )
        left.set(
            xlabel="place of the actual figure in the forecast (PIT)",
            ylabel="share of centres and years",
            ylim=(0, max(0.15, 1.15 * share.max() / share.sum())),
        )
        left.yaxis.set_major_formatter(as_percent)
        nominal = np.arange(0.05, 1, 0.05)
        right.plot([0, 1], [0, 1], color=GRID, lw=1.5)
        for name in ("levels", "model"):
            own = cases.loc[cases["forecaster"] == name, "pit"].to_numpy()
            held = [(np.abs(own - 0.5) <= p / 2).mean() for p in nominal]
            right.plot(nominal, held, "o-", ms=3, lw=1.2, color=COLOUR[name])
        right.set(xlabel="stated chance of an interval", ylabel="share that it held", xlim=(0, 1), ylim=(0, 1))
        for axis in (right.xaxis, right.yaxis):
            axis.set_major_formatter(as_percent)
        grid(left)
        grid(right, "both")
        words = "Left: bars at the ends mean ranges too narrow, a slope means a forecast too high or too low. Right: below the line, ranges hold too little."
        return picture("calibration", title, words, figure)


def against(cases: pd.DataFrame) -> Picture:
    """Forecast against actual figure, a panel a year."""
    title = "Forecast against what came"
    own = cases[cases["forecaster"] == "model"]
    years = sorted(own["year"].unique())
    key = ((0.012, "●", "had places left in the last fitted year", MAJORITY), (0.5, "●", "was full", MINORITY))
    with look("against"):
        figure, axes = sheet(title, 3.9, 1, len(years), key=key, sharex=True, sharey=True)
        most = float(own[["actual", "median"]].max().max()) * 1.05
        for ax, year in zip(axes[0], years, strict=True):
            ax.plot([0, most], [0, most], color=MUTED, lw=1)
            for full, colour in ((False, MAJORITY), (True, MINORITY)):
                some = own[(own["year"] == year) & (own["full"] == full)]
                ax.scatter(some["median"], some["actual"], s=9, color=colour, alpha=0.6, linewidths=0)
            ax.set(title=str(year), xlabel="median forecast, families", xlim=(0, most), ylim=(0, most), aspect="equal")
            grid(ax, "both")
        axes[0, 0].set_ylabel("placed at first choice, families")
        words = "A dot is a centre; on the line the median was right."
        return picture("against", title, words, figure)


def skill(scores: pd.DataFrame) -> Picture:
    """CRPS by forecaster and year."""
    title = "Error of the forecasts (CRPS), by year"
    own = scores[scores["by"] == "year"]
    names = [name for name in WORDS if name in set(own["forecaster"]) and name != "nearest"]
    parts = sorted(own["part"].unique(), key=str)
    with look("skill"):
        figure, axes = sheet(title, 2.7, 1, len(parts), sharey=True, sharex=True)
        for ax, part in zip(axes[0], parts, strict=True):
            values = own[own["part"] == part].set_index("forecaster")["crps"]
            for i, name in enumerate(names):
                ax.plot(values[name], i, "o", color=COLOUR.get(name, INK), ms=6)
                ax.annotate(f"{values[name]:.2f}", (values[name], i), (7, -3), textcoords="offset points", fontsize=8)
            ax.set(title=str(part), xlabel="families a centre; smaller is better", ylim=(len(names) - 0.5, -0.5))
            ax.margins(x=0.25)
            grid(ax, "x")
        axes[0, 0].set_yticks(range(len(names)), [WORDS[name] for name in names])
        words = "CRPS is the mean distance between forecast and figure, less what spread is owed to honest doubt. Nearest centre is far off and left out; the table has it."
        return picture("skill", title, words, figure)
