"""Figures over the years: medians over seeds as lines, the middle 80 % as bands."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from abm.figures.style import (
    CHANCE,
    HOMES,
    MAJORITY,
    MINORITY,
    NEAREST,
    SCHOOLS,
    as_percent,
    grid,
    look,
    picture,
    sheet,
    sides_key,
    spaced,
)  # fmt: skip
from abm.summary import Numbers, change, own_set

CURVES = (
    ("dissimilarity", SCHOOLS, "-", "schools in the model"),
    ("dissimilarity_residential", HOMES, "--", "homes, by small area"),
    ("dissimilarity_nearest", NEAREST, "-.", "if all went to the\nnearest school"),
    ("dissimilarity_random", CHANCE, ":", "by chance alone"),
)
EVENTS = ("exits", "first_choice", "top_three")  # what happens in a school year: none at the start


def trajectory(ax, n: Numbers, name: str, colour: str, group: str = "", style: str = "-") -> float:
    """Draw one indicator: median line and band; returns its last median, not-a-number if there is none."""
    years, band = n.series(name, group)
    if name in EVENTS:
        years, band = years[years > n.first], band[:, years > n.first]
    if not years.size:
        return np.nan
    marker = "o" if years.size == 1 else None
    if len(n.seeds) > 1:
        ax.fill_between(years, band[0], band[2], color=colour, alpha=0.18, linewidth=0)
    ax.plot(years, band[1], style, color=colour, marker=marker, markersize=5)
    return float(band[1][-1])


def frame(ax, n: Numbers, title: str = "", percent: bool = True) -> None:
    """Axes of years from the start to the end, values from zero."""
    ax.set_xlim(n.first - 0.02, max(n.last, n.first + 1))
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    ax.set_ylim(0, None)
    if percent:
        ax.yaxis.set_major_formatter(as_percent)
    ax.set_title(title)
    ax.set_xlabel("school years")
    grid(ax)


def band_words(n: Numbers) -> str:
    """How lines and bands are to be read."""
    if len(n.seeds) < 2:
        return "One run, seed " + str(n.seeds[0]) + ": no range over seeds."
    hold = f", which hold parameter and seed uncertainty together ({own_set(n)})" if n.sets else ""
    return f"Lines: median of {len(n.seeds)} runs; bands: the middle 80 % of them (10 to 90 %){hold}."


def segregation(n: Numbers):
    """D of schools beside D of homes, of the nearest schools and by chance."""
    if not n.two_sides:
        return None
    towards = {1: "schools become more segregated", -1: "schools become less segregated", 0: "no clear change"}
    title = (
        f"In the model, {towards[change(n)]} over {n.last - n.first} years"
        if n.last > n.first
        else "Segregation at the start"
    )
    with look("segregation"):
        figure, axes = sheet(title, 3.6)
        ax = axes[0, 0]
        ends = [(trajectory(ax, n, name, colour, "", style), colour, text) for name, colour, style, text in CURVES]
        frame(ax, n, f"D, segregation of {n.sides[1]} pupils (0: all alike, 1: nothing shared)", percent=False)
        top = max([end for end, *_ in ends if np.isfinite(end)], default=0.0)
        ax.set_ylim(0, max(ax.get_ylim()[1], top * 1.05, 0.1))
        ends = [end for end in ends if np.isfinite(end[0])]
        heights = spaced([end for end, *_ in ends], 0.105 * ax.get_ylim()[1])
        for (end, colour, text), height in zip(ends, heights, strict=True):
            ax.annotate(
                f"{text}: {end:.2f}", (ax.get_xlim()[1], end), (1.02, height), xycoords="data",
                textcoords=("axes fraction", "data"), color=colour, va="center", annotation_clip=False,
            )  # fmt: skip
        return picture("segregation", title, _caption(n), figure)


def _caption(n: Numbers) -> str:
    return (
        f"D is the share of {n.sides[0]} or {n.sides[1]} pupils who would have to change school for every school to have "
        f"the same mix. Beside it: D of homes over {n.resolution}, D if everybody went to the nearest school with "
        f"places, and D if pupils were dealt out at random. {band_words(n)} Source: this run of the model."
    )


def _panels(n: Numbers, name: str, title: str, panels, height: float, caption: str):
    """Panels of both sides' trajectories with a key; None in a run without years, where there is nothing to follow."""
    if n.last == n.first:
        return None
    with look(name):
        figure, axes = sheet(title, height, 1, len(panels), key=sides_key(n.present))
        for ax, (indicator, text, percent) in zip(axes[0], panels, strict=True):
            for (group, _), (colour, style) in zip(n.present, ((MAJORITY, "-"), (MINORITY, "--")), strict=False):
                trajectory(ax, n, indicator, colour, group, style)
            frame(ax, n, text, percent)
            top = ax.get_ylim()[1]
            ax.set_ylim(0, 1.0 if percent and top > 0.8 else max(top, 0.01))
        return picture(name, title, f"{caption} {band_words(n)} Source: this run of the model.", figure)


def flight(n: Numbers):
    """Who is outside the local school, at a private one, and who changes school."""
    panels = [
        ("outside_local_school", "not at their\nlocal school", True),
        ("private", "at a private\nschool", True),
        ("subsidised", "at a subsidised\nprivate school", True),
        ("exits", "changed school\nin the year", True),
    ]
    panels = [p for p in panels if p[0] not in ("private", "subsidised") or n.range(p[0], "all").high > 0]
    caption = "Share of the pupils of each side who are elsewhere than at their local school, and where."
    return _panels(n, "flight", "Who leaves the local school", panels, 2.9, caption)


def access(n: Numbers):
    """Choices met and ways to school."""
    panels = [
        ("first_choice", "new pupils at their\nfirst choice", True),
        ("top_three", "at one of their\nfirst three", True),
        ("distance_km", "mean way to\nschool, km", False),
    ]
    caption = (
        "Share of new pupils admitted to the school they listed first, or to one of the first three they listed, and "
        "the mean distance from home to school of all pupils."
    )
    return _panels(n, "access", "Who gets the school they ask for", panels, 2.9, caption)
