"""The difference from the baseline by year, small multiples, and the baseline's own drift beside them."""

from matplotlib.ticker import MaxNLocator

from abm.figures.style import INK, MUTED, NEAREST, grid, look, picture, sheet
from experiments.compare.figures.look import limits, tint, wrapped, zero
from experiments.compare.result import Result
from experiments.compare.rows import strongest

PANELS, SHEETS, COLUMNS = 8, 2, 3  # policies a figure, figures at most, panels beside each other


def trajectories(r: Result) -> list:
    """Up to SHEETS pictures of PANELS policies each: of more policies those with the largest effects."""
    pool = r.rows if len(r.rows) <= PANELS else r.full
    shown = strongest(pool, PANELS * SHEETS)
    return [_sheet(r, shown[k : k + PANELS], k // PANELS, len(shown)) for k in range(0, len(shown), PANELS)]


def _sheet(r: Result, rows: list, number: int, shown: int):
    title = "How the difference grows, and what remains after the end"
    if shown > PANELS:
        title += f" ({number + 1} of {-(-shown // PANELS)})"
    name = "trajectories" + (f"-{number + 1}" if number else "")
    paths = r.paths[r.paths.measure == "D"]
    high = -(-(len(rows) + 1) // COLUMNS)
    with look(name):
        figure, axes = sheet(title, 0.7 + 1.75 * high, high, COLUMNS, sharex=True)
        flat = list(axes.flat)
        _drift(flat[0], r, paths[paths.arm == "baseline"])
        own = paths[paths.arm.isin([row.arm for row in rows])]
        low, top = limits(own.effect, [*own.low, *own.high, *own.gap_q05, *own.gap_q95], r.plan.smallest)
        for ax, row in zip(flat[1:], rows, strict=False):
            path = paths[paths.arm == row.arm]
            colour = tint(row.D_verdict)
            zero(ax, r.plan.smallest, upright=False)
            ax.fill_between(path.year, path.gap_q05, path.gap_q95, color=colour, alpha=0.13, linewidth=0)
            ax.fill_between(path.year, path.low, path.high, color=colour, alpha=0.3, linewidth=0)
            ax.plot(path.year, path.effect, color=colour)
            ax.set_ylim(low, top)
            ax.set_title(wrapped(r.title(row), 28), fontsize=8)
        for ax in flat[len(rows) + 1 :]:
            ax.set_visible(False)
        for k, ax in enumerate(flat[: len(rows) + 1]):
            _frame(ax, r, k + COLUMNS > len(rows))
        return picture(name, title, _caption(r, len(rows), shown), figure)


def _drift(ax, r: Result, path) -> None:
    """The baseline itself: its level, on a scale of its own."""
    ax.fill_between(path.year, path.q05, path.q95, color=NEAREST, alpha=0.15, linewidth=0)
    ax.plot(path.year, path["mean"], color=NEAREST)
    ax.set_title("The baseline's own D\n(level, own scale)", fontsize=8)
    room = 0.1 * float((path.q95 - path.q05).max() + 1e-3)
    ax.set_ylim(float(path.q05.min()) - room, float(path.q95.max()) + room)


def _frame(ax, r: Result, lowest: bool) -> None:
    ax.set_xlim(0, max(r.last, 1))
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    if r.plan.after:
        ax.axvline(r.plan.years, color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
        ax.annotate(
            "end", (r.plan.years, 0.02), xycoords=("data", "axes fraction"), textcoords="offset points", xytext=(-3, 0),
            fontsize=7, color=MUTED, ha="right",
        )  # fmt: skip
    if lowest:
        ax.set_xlabel("years")
        ax.tick_params(labelbottom=True)
    grid(ax)


def _caption(r: Result, here: int, shown: int) -> str:
    few = shown < len(r.rows)
    rest = (
        f" Drawn are {shown} of {len(r.rows)} futures, those with the largest effects; paths.csv has all."
        if few
        else ""
    )
    return (
        f"First panel: D of the baseline, mean and 5 to 95 % of {r.plan.seeds} seeds. Other panels, one scale: policy minus "
        "baseline; line: mean of the paired differences, dark band: its 95 % interval, pale band: 5 to 95 % of the seeds, grey: "
        f"too small to matter. {'The dashed line is the last year in force. ' if r.plan.after else ''}"
        f"Source: paired runs of the model.{rest}"
    )
