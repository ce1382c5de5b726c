"""Cost against effect, with the policies that no other beats on both."""

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from abm.figures.style import INK, MUTED, grid, look, picture, sheet, spaced
from experiments.compare.figures.look import limits, mark, short, tint, zero
from experiments.compare.result import Result
from experiments.compare.text import money

NAMED = 9  # policies named at the right


def frontier(r: Result) -> list:
    """One picture; none where nothing costs anything."""
    rows = [row for row in r.rows if np.isfinite([row.cost, row.D_effect]).all()]
    costs = np.array([row.cost for row in rows])
    if not rows or not (np.abs(costs) > 0).any():
        return []
    title = f"What it costs and what it does to D in year {r.plan.years}"
    with look("frontier"):
        figure, axes = sheet(title, 4.6)
        ax = axes[0, 0]
        zero(ax, r.plan.smallest, upright=False)
        best = sorted((row for row in rows if row.efficient), key=lambda row: row.cost)
        ax.step([row.cost for row in best], [row.D_effect for row in best], where="post", color=INK, linewidth=0.9)
        for row in rows:
            ax.plot([row.cost] * 2, [row.D_low, row.D_high], color=tint(row.D_verdict), linewidth=1, alpha=0.6)
            mark(ax, row.cost, row.D_effect, row.D_verdict, 7 if row.efficient else 5)
        _axes(ax, costs)
        ends = [v for row in rows for v in (row.D_low, row.D_high)]
        ax.set_ylim(*limits([row.D_effect for row in rows], ends, r.plan.smallest))
        others = sorted((row for row in rows if not row.efficient and not row.bundle), key=lambda row: row.D_effect)
        named = [*best, *others][:NAMED]
        _names(ax, r, named)
        ax.set_ylabel(f"change of D in year {r.plan.years} (down: less segregation)")
        return [picture("frontier", title, _caption(r, len(rows), len(named)), figure)]


def _axes(ax, costs: np.ndarray) -> None:
    """Euro from the least to the most; where they differ by powers of ten, by these."""
    paid = np.abs(costs[costs != 0])
    if paid.max() / paid.min() > 50:
        least, most = int(np.floor(np.log10(paid.min()))), int(np.ceil(np.log10(paid.max())))
        ax.set_xscale("symlog", linthresh=10.0**least, linscale=1.0)
        powers = 10.0 ** np.arange(least + 1, most + 1, max(1, (most - least) // 4))
        ax.set_xticks([*(-powers if costs.min() < 0 else ()), 0.0, *powers])
    else:
        room = 0.05 * (max(costs.max(), 0) - min(costs.min(), 0))
        ax.set_xlim(min(costs.min(), 0) - room, max(costs.max(), 0) + room)
        ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: money(value)))
    ax.set_xlabel("cost, euro a year, mean of the years in force (assumption)")
    grid(ax, "both")


def _names(ax, r: Result, named: list) -> None:
    """Names at the right, at the heights of their marks where there is room, with a thin line to each."""
    low, high = ax.get_ylim()
    named = sorted(named, key=lambda row: (row.D_effect, -row.cost))
    at = spaced([(min(max(row.D_effect, low), high) - low) / (high - low) for row in named], 0.058)
    shift = max(max(at, default=0.0) - 1.0, 0.0)
    for row, y in zip(named, at, strict=True):
        ax.annotate(
            short(r.title(row), 30), (row.cost, row.D_effect), (1.03, y - shift), xycoords="data",
            textcoords="axes fraction", fontsize=7.5, va="center", annotation_clip=False,
            fontweight="bold" if row.efficient else "normal", color=INK if row.efficient else MUTED,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.4, "alpha": 0.6, "shrinkB": 3},
        )  # fmt: skip


def _caption(r: Result, all_: int, named: int) -> str:
    few = f" {named} of {all_} are named." if named < all_ else ""
    return (
        "The stepped line is the efficient frontier (names in bold): no other policy costs at most as much and lowers D more, "
        "by the means alone; where upright bars (95 % interval from seeds) overlap, the order may be chance. Costs are "
        f"assumptions; a policy that is given no price stands at zero.{few} Signs as in the first figure. Source: paired "
        "runs of the model."
    )
