"""Pictures of a league: the ranking with its intervals, the response to the dose, and the round at an equal budget."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from abm.figures.style import INK, MUTED, grid, look, picture, sheet
from experiments.compare.figures.look import AREA, interval, limits, short, signed, wrapped, zero
from experiments.compare.text import money

COLUMNS = 5
SIGNS = {"o": "●", "s": "■", "^": "▲", "D": "◆", "v": "▼", "P": "✚"}


def draw(doses, budget, rows) -> dict[str, list]:
    """The league's pictures by kind."""
    return {
        "ranking": [ranking(doses, rows)] if rows else [],
        "response": [response(doses, rows)] if any(len(row.doses) > 1 for row in rows) else [],
        "budget": [at_budget(budget, rows)] if budget and any(row.budget for row in rows) else [],
    }


def _key(rows) -> tuple:
    """The areas that are there, each with its mark."""
    there = [area for area in AREA if any(row.area == area for row in rows)]
    places = np.cumsum([0.012] + [0.045 + 0.0118 * len(area) for area in there])
    return tuple((float(x), SIGNS[AREA[a][1]], a, AREA[a][0]) for x, a in zip(places, there, strict=False))


def _bars(name: str, title: str, caption: str, rows, parts, smallest: float, head: tuple[str, str]):
    """Rows of dots and bars. parts: for each row its dose, the text beside it, and whether it is pale."""
    with look(name):
        widths = {"width_ratios": (3.0, 2.7), "wspace": 0}
        figure, axes = sheet(title, 1.35 + 0.21 * len(rows), 1, 2, key=_key(rows), sharey=True, gridspec_kw=widths)
        ax, words = axes[0]
        words.axis("off")
        words.set_xlim(0, 1)
        low, high = limits([p[0].effect for p in parts], [v for p in parts for v in p[0][2:]], smallest)
        zero(ax, smallest)
        for y, (row, (dose, text, pale)) in enumerate(zip(rows, parts, strict=True)):
            colour, marker = AREA[row.area]
            if np.isfinite(dose[2:]).all():
                ax.plot(
                    [max(dose.low, low), min(dose.high, high)], [y, y], color=colour, linewidth=2, solid_capstyle="butt"
                )
            if np.isfinite(dose.effect):
                ax.plot(
                    [dose.effect],
                    [y],
                    marker,
                    color=colour,
                    markersize=5.5,
                    markerfacecolor=colour if pale else "#fffffe",
                )
            words.text(0.135, y, signed(dose.effect), ha="right", va="center", fontsize=7.5)
            words.text(0.16, y, f"({interval(dose.low, dose.high)})", va="center", fontsize=7.5)
            words.text(0.68, y, text, va="center", fontsize=7.5, color=INK if pale else MUTED)
        words.text(0.16, -0.9, head[0], va="bottom", fontsize=7.5, color=MUTED)
        words.text(0.68, -0.9, head[1], va="bottom", fontsize=7.5, color=MUTED)
        ax.set_xlim(low, high)
        ax.set_ylim(len(rows) - 0.4, -0.7)
        ax.set_yticks(range(len(rows)), [f"{short(row.title, 30)}  {row.rank}" for row in rows])
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("change of D, policy minus baseline (left: less segregation)")
        grid(ax, "x")
        return picture(name, title, caption, figure)


def ranking(r, rows):
    """Policies by effect at full intensity; open marks cannot be told apart from the first."""
    parts = [(row.doses[-1], "first" if not k else "behind the first" if row.apart else "not told apart", row.apart or not k)
             for k, row in enumerate(rows)]  # fmt: skip
    tied = sum(not p[2] for p in parts)
    title = f"Policies at full intensity by their effect on D in year {r.plan.years}"
    caption = (
        f"Mean and 95 % interval of {r.plan.seeds} paired seeds; numbers beside the names are ranks by the mean. {tied} of "
        f"{len(rows)} policies (open marks) cannot be told apart from the first: the interval of their difference from it, made wide "
        "enough to hold for all policies together, includes zero. Seeds only: other parameters may give another order. "
        "Shaded: too small to matter. Source: paired runs of the model."
    )
    return _bars("ranking", title, caption, rows, parts, r.plan.smallest, ("95 % interval", "against the first"))


def at_budget(r, rows):
    """Policies by effect at the same spending, with what each really spent."""
    kept = sorted(
        (row for row in rows if row.budget), key=lambda row: (not np.isfinite(row.budget.effect), row.budget.effect)
    )
    parts = [(row.budget, f"{money(row.spent)} ({row.budget.percent} %)", True) for row in kept]
    title = f"The same money for each: effect on D in year {r.plan.years}"
    caption = (
        f"Mean and 95 % interval of {r.plan.seeds} paired seeds, at the intensity that should spend the common budget, at most in full. "
        "At the right: euro a year really spent (assumption) and the intensity. Policies that cost nothing, or less in full, do "
        "not spend it all; intensities buy whole schools, so spending moves in steps. Numbers beside the names: ranks at "
        "full intensity. Source: paired runs of the model."
    )
    return _bars(
        "equal-budget", title, caption, kept, parts, r.plan.smallest, ("95 % interval", "euro spent (assumption)")
    )


def response(r, rows):
    """The effect at each intensity, a panel for each policy."""
    rows = sorted(rows, key=lambda row: (list(AREA).index(row.area), row.rank))
    high = -(-len(rows) // COLUMNS)
    title = "What more of a policy does: effect on D by intensity"
    with look("response"):
        figure, axes = sheet(title, 0.9 + 1.15 * high, high, COLUMNS, key=_key(rows), sharex=True, sharey=True)
        flat = list(axes.flat)
        doses = [d for row in rows for d in row.doses]
        low, top = limits([d.effect for d in doses], [v for d in doses for v in d[2:]], r.plan.smallest)
        for ax, row in zip(flat, rows, strict=False):
            x, own = [0, *(d.percent for d in row.doses)], np.array([[0, 0, 0], *(d[1:] for d in row.doses)])
            zero(ax, r.plan.smallest, upright=False)
            colour, marker = AREA[row.area]
            ax.fill_between(x, own[:, 1], own[:, 2], color=colour, alpha=0.22, linewidth=0)
            ax.plot(x, own[:, 0], marker=marker, color=colour, markersize=3.5, linewidth=1.3)
            ax.set_title(wrapped(row.title, 22, 1), fontsize=7.5)
            ax.set_ylim(low, top)
            ax.set_xticks([0, 50, 100])
            ax.yaxis.set_major_locator(MaxNLocator(4))
            ax.tick_params(labelsize=7)
            grid(ax)
        for k, ax in enumerate(flat):
            ax.set_visible(k < len(rows))
            if k < len(rows) <= k + COLUMNS:
                ax.tick_params(labelbottom=True)
                ax.set_xlabel("intensity, %", fontsize=7.5)
        caption = (
            f"Change of D in year {r.plan.years} at each intensity: mean and 95 % interval of {r.plan.seeds} paired seeds, one scale; at "
            "zero a policy is the baseline. Intensity is the strength of a policy or, where it treats schools or places one by one, "
            "the share of its possible targets. Ordered by area, then by rank. Source: paired runs of the model."
        )
        return picture("response", title, caption, figure)
