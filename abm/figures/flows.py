"""Where the pupils of each side and district go, at the start and at the end."""

import numpy as np

from abm.figures.style import (
    INK,
    MAJORITY,
    MINORITY,
    MUTED,
    PAPER,
    SECTOR,
    as_percent,
    grid,
    look,
    picture,
    sheet,
)  # fmt: skip
from abm.summary import Numbers
from abm.summary.numbers import percent

DESTINATIONS = {
    "local school": ("local school", "#a7b1bb"),
    "other state school": ("other state school", SECTOR["state"]),
    "subsidised private school": ("subsidised private", SECTOR["subsidised"]),
    "private school": ("private", SECTOR["private"]),
    "no school": ("no school", PAPER),
}
DARK = "#16191d"  # on coloured ground, in light and in dark pages
DOTS = ((MAJORITY, -0.14, "o"), (MINORITY, 0.14, "D"))
MOST = 24  # districts shown one by one


def flows(n: Numbers):
    """Bars of destinations by side, and by district the share outside the local school; None without pupils."""
    table = n.run.table("flows")
    if not table.pupils.sum():
        return None
    heads = table.pivot_table(
        "pupils", ["year", "side", "home_district", "seed"], "destination", aggfunc="sum", sort=False
    )
    districts = list(dict.fromkeys(table.home_district[table.pupils > 0]))
    several = 1 < len(districts) <= MOST
    title = "Who goes where"
    with look("flows"):
        heights = [1.75, 0.2 + 0.21 * len(districts)] if several else [1.75]
        key = _key(heads)
        high = sum(heights) + 0.25 + 0.3 * several
        figure, axes = sheet(title, high, len(heights), 1, key=key, height_ratios=heights)
        _bars(axes[0, 0], n, heads)
        if several:
            _by_district(axes[1, 0], n, heads, districts)
        return picture("flows", title, _caption(n, several), figure)


def _median(heads, levels: list[str]):
    """Median over seeds of the share of each destination, by ``levels``; none where nobody is."""
    heads = heads.groupby([*levels, "seed"], sort=False).sum()
    total = heads.sum(axis=1)
    return heads[total > 0].div(total[total > 0], axis=0).groupby(levels, sort=False).median()


def _key(heads) -> tuple:
    """Destinations that occur, in words after a square of their colour."""
    used = set(heads.columns[heads.sum() > 0])
    there = [value for name, value in DESTINATIONS.items() if name in used]
    return tuple((0.012 + 0.235 * i, "■", text, colour) for i, (text, colour) in enumerate(there))


def _bars(ax, n: Numbers, heads) -> None:
    """One bar a side and moment, divided by destination."""
    names, shares, y = [], _median(heads, ["year", "side"]), 0.0
    for group, side in n.present:
        for year, words in n.moments:
            if (year, group) in shares.index:
                _bar(ax, y, shares.loc[(year, group)])
                names.append((y, f"{side}, {words}"))
                y += 1
        gone = n.range("left_city", group)
        if gone.seeds and n.last > n.first:
            text = f"{gone.median:,.0f} left the\ncity in the year"
            ax.text(1.01, y - 1, text, va="center", color=MUTED, fontsize=7)
        y += 0.35
    ax.set_yticks(*zip(*names, strict=True))
    ax.tick_params(length=0, labelcolor=INK)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(as_percent)
    ax.spines[["left", "bottom"]].set_visible(False)


def _bar(ax, y: float, shares) -> None:
    """One bar of shares that add up to about one, with figures where they fit."""
    left = 0.0
    for name, (_, colour) in DESTINATIONS.items():
        share = shares.get(name, 0.0)
        ax.barh(y, share, 0.85, left, color=colour, edgecolor=PAPER, linewidth=0.8)
        if share >= 0.045:
            ax.text(left + share / 2, y, f"{100 * share:.0f} %", ha="center", va="center", color=DARK, fontsize=8)
        left += share


def _by_district(ax, n: Numbers, heads, districts: list[str]) -> None:
    """Share outside the local school by home district and side: from the start (small) to the end (large)."""
    outside = 1 - _median(heads, ["year", "side", "home_district"])["local school"]
    for d, name in enumerate(districts):
        for (group, _), (colour, shift, marker) in zip(n.present, DOTS, strict=False):
            ends = [outside.get((year, group, name), np.nan) for year, _ in n.moments]
            ax.plot(ends, [d + shift] * len(ends), color=colour, linewidth=1.2, alpha=0.7)
            ax.plot(ends[:1], [d + shift], marker, color=colour, markersize=2.5)
            ax.plot(ends[-1:], [d + shift], marker, color=colour, markersize=5)
    ax.set_yticks(range(len(districts)), [text if len(text) < 32 else text[:30] + "…" for text in districts])
    ax.set_ylim(len(districts) - 0.4, -0.6)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(as_percent)
    ax.tick_params(length=0, labelcolor=INK)
    words = ": start (small) to end (large)" if len(n.moments) > 1 else ""
    ax.set_title(f"not at their local school, by home district{words}", pad=16)
    marks = ((0.0, "●", MAJORITY), (0.4, "◆", MINORITY))
    for (x, marker, colour), (_, side) in zip(marks, n.present, strict=False):
        ax.annotate(
            f"{marker} {side}", (x, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", color=colour,
            fontweight="bold",
        )  # fmt: skip
    grid(ax, "x")


def _caption(n: Numbers, several: bool) -> str:
    shares = [f"{percent(n.range('private', group).median)} of {side} pupils" for group, side in n.present]
    told = f" At a private school at the end: {', '.join(shares)}." if n.range("private", "all").high > 0 else ""
    below = " Below: the same by district of residence." if several else ""
    return (
        f"Where {' and '.join(side for _, side in n.present)} pupils are at school; medians of {len(n.seeds)} run{'s' * (len(n.seeds) > 1)}.{told}{below} "
        "Source: this run of the model."
    )
