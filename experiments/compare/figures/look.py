"""What the pictures of a comparison share: a sign for each verdict and area, short titles, zero and the band around it."""

import textwrap

import numpy as np

from abm.figures.style import HOMES, INK, MAJORITY, MINORITY, MUTED, NEAREST
from experiments.statistics import LOWERS, RAISES, SMALL, UNKNOWN

SIGN = {  # verdict: marker, colour, filled
    LOWERS: ("v", MAJORITY, True), RAISES: ("^", MINORITY, True), SMALL: ("s", MUTED, True), UNKNOWN: ("o", MUTED, False),
}  # fmt: skip
AREA = {  # colour and marker, so that colour alone carries nothing
    "admission": (MAJORITY, "o"), "supply": ("#e69f00", "s"), "detection": (NEAREST, "^"), "communication": (HOMES, "D"),
    "priority": (MINORITY, "v"), "neighbourhood": ("#56b4e9", "P"),
}  # fmt: skip
BAND = "#8a949e"


def short(title: str, width: int = 34) -> str:
    """A title cut to a width, at a word."""
    return textwrap.shorten(title, width, placeholder=" …") if len(title) > width else title


def wrapped(title: str, width: int, lines: int = 2) -> str:
    """A title over at most some lines; a unit stays beside its number."""
    title = title.replace(" %", "\u00a0%")
    return "\n".join(textwrap.wrap(title, width, max_lines=lines, placeholder=" …"))


def zero(ax, smallest: float, upright: bool = True) -> None:
    """The line of no effect and the band within which an effect is too small to matter."""
    line, band = (ax.axvline, ax.axvspan) if upright else (ax.axhline, ax.axhspan)
    if smallest > 0:
        band(-smallest, smallest, color=BAND, alpha=0.2, linewidth=0)
    line(0, color=INK, linewidth=0.8)


def mark(ax, x: float, y: float, verdict: str, size: float = 5.5) -> None:
    """The sign of a verdict."""
    marker, colour, filled = SIGN.get(verdict, SIGN[UNKNOWN])
    ax.plot(
        [x], [y], marker, color=colour, markersize=size, markerfacecolor=colour if filled else "#fffffe",
        markeredgewidth=1.1, zorder=5,
    )  # fmt: skip


def tint(verdict: str) -> str:
    """The colour of a verdict."""
    return SIGN.get(verdict, SIGN[UNKNOWN])[1]


def limits(effects, ends, smallest: float) -> tuple[float, float]:
    """Ends of an axis on which all effects, zero and its band lie; a bar much wider than these may run off it."""
    core = np.array([v for v in (*effects, 2 * smallest, -2 * smallest, 1e-6, -1e-6) if np.isfinite(v)])
    low, high = float(core.min()), float(core.max())
    found = np.array([v for v in ends if np.isfinite(v)])
    if found.size:
        room = max(high - low, float(np.quantile(found, 0.9) - np.quantile(found, 0.1)))
        low, high = min(low, max(found.min(), low - room)), max(high, min(found.max(), high + room))
    room = 0.04 * (high - low)
    return low - room, high + room


def interval(low: float, high: float, digits: int = 3) -> str:
    """An interval in words."""
    return (
        f"{signed(low, digits)}\u00a0to\u00a0{signed(high, digits)}"
        if np.isfinite([low, high]).all()
        else "no interval"
    )


def signed(value: float, digits: int = 3) -> str:
    """A change with its sign and a true minus; zero has none."""
    if not np.isfinite(value):
        return "-"
    text = f"{value:+.{digits}f}"
    return (text[1:] if float(text) == 0 else text).replace("-", "\u2212")
