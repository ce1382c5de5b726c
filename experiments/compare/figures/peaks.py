"""Two peaks: where D ends, seed by seed, with and without the policy, and who switches between basins."""

import numpy as np

from abm.figures.style import INK, MUTED, grid, look, picture, sheet
from experiments import statistics as stats
from experiments.compare.figures.look import tint, wrapped
from experiments.compare.result import Result
from experiments.compare.rows import strongest

PANELS, COLUMNS, WITHOUT = 6, 3, 3  # panels and columns; panels where nobody has two peaks


def peaks(r: Result) -> list:
    """One picture: the policies with two peaks, or a few of the largest effects if there are none."""
    double = [row for row in r.rows if row.two_peaks]
    rows = strongest(double, PANELS) or strongest(r.full, WITHOUT)
    if not rows:
        return []
    title = "Where runs end: one peak or two" if double else "Where runs end: no sign of two peaks"
    if r.plan.seeds < stats.FEWEST * 2:
        title = "Where runs end (too few seeds to see two peaks)" if not double else title
    with look("peaks"):
        high = -(-len(rows) // COLUMNS)
        key = ((0.012, "—", "with the policy", INK), (0.3, "- -", "baseline", MUTED))
        figure, axes = sheet(title, 0.8 + 1.9 * high, high, COLUMNS, key=key, sharex=True, sharey=True)
        flat = list(axes.flat)
        for ax, row in zip(flat, rows, strict=False):
            _panel(ax, r, row)
        for ax in flat[len(rows) :]:
            ax.set_visible(False)
        for ax in flat[max(0, len(rows) - COLUMNS) : len(rows)]:
            ax.set_xlabel(f"D in year {r.plan.years}")
            ax.tick_params(labelbottom=True)
        axes[0, 0].set_ylabel("share of runs below")
        return [picture("peaks", title, _caption(r, len(double)), figure)]


def _panel(ax, r: Result, row) -> None:
    """Empirical distribution functions of both, and the split between the basins."""
    level = r.runs.level("D", r.plan.years)[:, 0]
    base, policy = level[0], level[r.runs.arms.index(row.arm)]
    for values, style, colour in ((base, "--", MUTED), (policy, "-", tint(row.D_verdict))):
        x = np.sort(values[np.isfinite(values)])
        if x.size:
            ax.step(
                [x[0], *x], np.linspace(0, 1, x.size + 1), where="post", linestyle=style, color=colour, linewidth=1.5
            )
            ax.plot(x, (np.arange(x.size) + 1) / x.size, ".", color=colour, markersize=3)
    words = "one basin"
    if row.two_peaks:
        split = float(stats.basins(np.concatenate([base, policy])).split)
        ax.axvline(split, color=INK, linewidth=0.9, linestyle=":")
        words = f"{100 * row.switched:.0f} % of runs switch basin"
    ax.set_title(f"{wrapped(r.title(row), 30, 1)}\n{words}", fontsize=8)
    ax.set_ylim(0, 1.02)
    grid(ax, "both")


def _caption(r: Result, double: int) -> str:
    found = f"{double} of {len(r.rows)} policies show" if double else "No policy shows"
    return (
        f"Each dot is a run: the curve tells what share of the {r.plan.seeds} seeds ends at or below a value of D. {found} two "
        "peaks, baseline and policy taken together: then a mean misleads, and what counts is how many runs switch from one "
        "basin to the other (dotted: the line between them). The test would rather miss two peaks than invent them. Source: "
        "paired runs of the model."
    )
