"""The figures of a trial: the years, the causes, and the change by every index beside the published one."""

import textwrap

import numpy as np

from abm.figures.style import (
    GRID,
    INK,
    MAJORITY,
    MINORITY,
    MUTED,
    NEAREST,
    as_percent,
    grid,
    look,
    picture,
    sheet,
    spaced,
)
from experiments.statistics import quantiles
from experiments.trials.analysis import BAND, CAUSES, MAIN, OBSERVED, Found, causes, change, percent
from experiments.trials.measures import INDICES, SHOWN, Cell

COLOUR = {"detected": MINORITY, "vulnerable": MAJORITY, "minority": NEAREST}
NAME = {"detected": "detected", "vulnerable": "truly vulnerable", "minority": "the minority"}


def draw(f: Found) -> list:
    """All figures."""
    return [trajectory(f), parts(f), forest(f)]


def shown(f: Found) -> list:
    """Published figures that the model has."""
    return [figure for figure in f.trial.published if figure.grades]


def trajectory(f: Found):
    """D by year of detected and truly vulnerable pupils in what happened; detection alone; the published change as an arrow."""
    title = "Segregation of detected and of truly vulnerable pupils"
    key = ((0.012, "—", "detected", MINORITY), (0.135, "—", "truly vulnerable", MAJORITY), (0.325, "- -", "detected, if nothing but detection had changed: the artefact", MINORITY))  # fmt: skip
    with look("trajectory"):
        figure, axes = sheet(title, 3.7, 1, len(shown(f)), key=key, sharey=True)
        for ax, target in zip(axes[0], shown(f), strict=True):
            ends = [_line(ax, f, OBSERVED, target.grades, kind, "-") for kind in ("detected", "vulnerable")]
            ends.append(_line(ax, f, "detection", target.grades, "detected", (0, (4, 2))))
            _arrow(ax, f, target)
            _frame(ax, f, target, ends)
        top = max(ax.get_ylim()[1] for ax in axes[0])
        axes[0, 0].set_ylim(0, top)
        axes[0, 0].set_ylabel("D (0: spread evenly, 1: nothing shared)")
        words = (
            f"Lines: mean of {len(f.values)} draws; bands: 90 % of them; both with the plan and the demography of those years unless said otherwise. "
            f"Arrow: the published change, from the model's mean of {_span(f.trial.before)}; which index it is of is not known. "
            f"Dotted: the year before the plan's first."
        )
        return picture("trajectory", title, words, figure)


def _line(ax, f: Found, future: str, grades: str, kind: str, style) -> tuple[float, str]:
    """Mean and band of one series; its end and colour."""
    series, years, colour = f.series(future, Cell(grades, kind, MAIN)), f.trial.years, COLOUR[kind]
    if style == "-":
        low, _, high = np.moveaxis(quantiles(series.T, BAND), -1, 0)
        ax.fill_between(years, low, high, color=colour, alpha=0.16, linewidth=0)
    ax.plot(years, series.mean(axis=0), linestyle=style, color=colour, lw=1.8 if style == "-" else 1.2)
    return float(series.mean(axis=0)[-1]), colour


def _arrow(ax, f: Found, target) -> None:
    """From the mean of the years before to what the published change makes of it."""
    level = change(f, OBSERVED, Cell(target.grades, "detected", MAIN)).before.mean()
    x, end = f.trial.years[-1] + 1.1, level * (1 + target.value)
    ax.plot([f.trial.before[0], x], [level, level], color=INK, lw=0.6, ls=":")
    ax.annotate(
        "", (x, end), (x, level), arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
    )
    ax.annotate(f"published\n{percent(target.value)}", (x, (level + end) / 2), (5, 0), textcoords="offset points", fontsize=7.5, va="center")  # fmt: skip


def _frame(ax, f: Found, target, ends: list[tuple[float, str]]) -> None:
    years = f.trial.years
    ax.axvline(f.trial.start - 1, color=MUTED, lw=0.8, ls=":")
    ax.set_xlim(years[0], years[-1] + 2.8)
    ax.set_xticks(years, [str(year) if k % 2 == 0 else "" for k, year in enumerate(years)])
    ax.set_title(target.title)
    ax.set_xlabel("year of admission")
    grid(ax)
    gap = 0.05 * max(end for end, _ in ends)
    for (end, colour), height in zip(ends, spaced([end for end, _ in ends], gap), strict=True):
        ax.annotate(
            f"{end:.2f}", (years[-1], height), (3, 0), textcoords="offset points", color=colour, fontsize=7, va="center"
        )


def parts(f: Found):
    """What the change of D is made of, for detected and truly vulnerable pupils."""
    title = "What the change of D is made of"
    kinds = ("detected", "vulnerable")
    key = tuple((x, "●", f"{NAME[kind]} pupils", COLOUR[kind]) for x, kind in zip((0.012, 0.2), kinds, strict=True))
    rows = [*CAUSES, "all"]
    with look("parts"):
        figure, axes = sheet(title, 3.6, 1, len(shown(f)), key=key, sharey=True, sharex=True)
        for ax, target in zip(axes[0], shown(f), strict=True):
            for k, kind in enumerate(kinds):
                cell = Cell(target.grades, kind, MAIN)
                made = {**causes(f, cell), "all": change(f, OBSERVED, cell).share}
                for y, name in enumerate(rows):
                    _dot(ax, made[name], -y - 0.16 + 0.32 * (1 - k), COLOUR[kind])
            ax.plot([target.value] * 2, [-len(rows) + 0.55, -len(rows) + 1.45], color=INK, lw=2)
            ax.annotate(f"published {percent(target.value)}", (target.value, -len(rows) + 0.5), (0, -3), textcoords="offset points", ha="center", va="top", fontsize=7)  # fmt: skip
            _upright(ax, target.title)
            ax.set_ylim(-len(rows) + 0.05, 0.6)
        axes[0, 0].set_yticks([-y for y in range(len(rows))], [textwrap.fill({**CAUSES, "all": "All together: what happened"}[name], 27) for name in rows])  # fmt: skip
        words = (
            f"Change from {_span(f.trial.before)} to {_span(f.trial.after)} as a share of D before. Dots: mean; lines: 90 % of {len(f.values)} draws, "
            "all futures of a draw with the same seed. The first five add up to the last. The truly vulnerable are the yardstick: "
            "counting more of them moves nobody, so the artefact is 0 for them."
        )
        return picture("parts", title, words, figure)


def forest(f: Found):
    """The change in what happened by index and pupils, beside the published one."""
    title = "The same change by other indices and of other pupils"
    names = list(INDICES)
    key = tuple((x, "●", NAME[kind], COLOUR[kind]) for x, kind in zip((0.012, 0.14, 0.33), SHOWN, strict=True))
    with look("forest"):
        figure, axes = sheet(title, 3.9, 1, len(shown(f)), key=key, sharey=True, sharex=True)
        for ax, target in zip(axes[0], shown(f), strict=True):
            for y, index in enumerate(names):
                for k, kind in enumerate(SHOWN):
                    share = change(f, OBSERVED, Cell(target.grades, kind, index)).share
                    _dot(ax, share, -y + 0.24 * (1 - k), COLOUR[kind])
            ax.axvline(target.value, color=INK, lw=1.4)
            ax.annotate(f"published {percent(target.value)}", (target.value, -len(names) + 0.45), (0, 0), textcoords="offset points", ha="center", va="top", fontsize=7, bbox={"boxstyle": "round,pad=0.15", "fc": "#fffffe", "ec": "none"})  # fmt: skip
            _upright(ax, target.title)
            ax.set_ylim(-len(names) + 0.1, 0.6)
        axes[0, 0].set_yticks([-y for y in range(len(names))], [textwrap.fill(INDICES[name], 22) for name in names])
        words = (
            f"Plan and demography together, {_span(f.trial.before)} to {_span(f.trial.after)}. Dots: mean; lines: 90 % of {len(f.values)} draws. "
            "D above chance: (D - E)/(1 - E), with E the D of the same pupils dealt at random (Carrington & Troske 1997)."
        )
        return picture("forest", title, words, figure)


def _dot(ax, share: np.ndarray, y: float, colour: str) -> None:
    low, _, high = quantiles(share, BAND)
    ax.plot([low, high], [y, y], color=colour, lw=1.6, alpha=0.55, solid_capstyle="butt")
    ax.plot(share.mean(), y, "o", color=colour, ms=4.2)


def _upright(ax, title: str) -> None:
    ax.axvline(0, color=MUTED, lw=0.8)
    ax.xaxis.set_major_formatter(as_percent)
    ax.set_title(title)
    ax.set_xlabel("change, as a share of before")
    ax.grid(True, axis="x", color=GRID)
    ax.tick_params(length=0)


def _span(years: tuple[int, ...]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
