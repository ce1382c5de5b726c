"""The forest plot: every policy's effect on D with its interval, the band that does not matter, the verdict."""

import numpy as np

from abm.figures.style import INK, MUTED, grid, look, picture, sheet
from experiments.compare.figures.look import interval, limits, mark, short, signed, tint, zero
from experiments.compare.result import Result

ROWS = 40  # on one sheet of A4
KEY = (
    (0.012, "▼", "lowers", "#0072b2"), (0.13, "▲", "raises", "#c85400"), (0.25, "■", "too small to matter", MUTED),
    (0.45, "○", "not known", MUTED),
)  # fmt: skip


def forest(r: Result) -> list:
    """One picture for every ROWS rows; bundles stay with their parts."""
    groups: list[list] = [[]]
    for k, row in enumerate(r.rows):
        parts = sum(1 for other in r.rows[k + 1 :] if other.bundle == row.arm) if not row.bundle else 0
        if groups[-1] and len(groups[-1]) + 1 + parts > ROWS:
            groups.append([])
        groups[-1].append(row)
    return [_sheet(r, rows, k, len(groups)) for k, rows in enumerate(groups) if rows]


def ends(r: Result, row) -> list[float]:
    """All values that the row of a policy shows."""
    e = r.effect(row.arm)
    return [e.effect, e.low, e.high] + ([e.sets_low, e.sets_high] if r.layered else [])


def _sheet(r: Result, rows: list, number: int, of: int):
    end, smallest = r.plan.years, r.plan.smallest
    part = f" ({number + 1} of {of})" if of > 1 else ""
    title = f"What each policy does to D in year {end}, its last in force{part}"
    name = "forest" + (f"-{number + 1}" if number else "")
    with look(name):
        widths = {"width_ratios": (3.0, 2.7), "wspace": 0}
        figure, axes = sheet(title, 1.25 + 0.21 * len(rows), 1, 2, key=KEY, sharey=True, gridspec_kw=widths)
        ax, words = axes[0]
        words.axis("off")
        effects = [r.effect(row.arm).effect for row in r.rows]
        low, high = limits(effects, [v for row in r.rows for v in ends(r, row)], smallest)
        zero(ax, smallest)
        for y, row in enumerate(rows):
            _row(ax, r, row, y, low, high)
            _words(words, r, row, y)
        ax.set_xlim(low, high)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_yticks(range(len(rows)), [("    " if row.bundle else "") + short(r.title(row)) for row in rows])
        for label, row in zip(ax.get_yticklabels(), rows, strict=True):
            label.set_color(MUTED if row.bundle else INK)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("change of D, policy minus baseline (left: less segregation)")
        grid(ax, "x")
        return picture(name, title, _caption(r), figure)


def _row(ax, r: Result, row, y: int, low: float, high: float) -> None:
    e, colour = r.effect(row.arm), tint(row.D_verdict)
    if r.layered and np.isfinite([e.sets_low, e.sets_high]).all():
        ax.plot([max(e.sets_low, low), min(e.sets_high, high)], [y + 0.24] * 2, color=INK, linewidth=0.7)
        ax.plot([e.sets_lowest, e.sets_highest], [y + 0.24] * 2, "|", color=INK, markersize=5, markeredgewidth=0.8)
    if np.isfinite([e.low, e.high]).all():
        ax.plot([max(e.low, low), min(e.high, high)], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
        for beyond, x, sign in ((e.low < low, low, "<"), (e.high > high, high, ">")):
            if beyond:
                ax.plot([x], [y], sign, color=colour, markersize=4, clip_on=False)
    if np.isfinite(e.effect):
        mark(ax, min(max(e.effect, low), high), y, row.D_verdict)


def _words(ax, r: Result, row, y: int) -> None:
    """Effect, interval and verdict as text beside the bar."""
    e = r.effect(row.arm)
    look_ = {"va": "center", "fontsize": 7.5}
    ax.set_xlim(0, 1)
    ax.text(0.135, y, signed(e.effect), ha="right", **look_)
    ax.text(0.16, y, f"({interval(e.low, e.high)})", **look_)
    ax.text(0.7, y, row.D_verdict, color=tint(row.D_verdict), **look_)


def _caption(r: Result) -> str:
    text = (
        f"Marks: mean of the paired differences of {r.plan.seeds} seeds; thick bars: their 95 % interval. Shaded: changes "
        f"below {r.plan.smallest:g}, too small to matter. The verdict is stricter than the bars: it holds false claims over "
        "the whole table to 5 %. "
    )
    if r.layered:
        text += (
            f"Thin lines below: 95 % interval over {len(r.plan.sets) - 1} further sets of parameters; strokes: the lowest "
            "and the highest set. "
        )
    if any(row.bundle for row in r.rows):
        text += "Indented: each policy of the bundle above alone. "
    return text + "An arrow: the bar goes on. Source: paired runs of the model."
