"""The figures of signs among sets: a row a policy, and where in the space of parameters each policy's sign lies."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from abm.figures.style import GRID, INK, MAJORITY, MINORITY, MUTED, Picture, as_percent, look, picture, sheet
from abm.summary.numbers import words
from experiments.exploration.flips import Flip, Flips

EFFECT = LinearSegmentedColormap.from_list("effect", [MAJORITY, "#e4e4e0", MINORITY])
COLUMNS = 2  # of panels
TICKS = (0, 0.25, 0.5, 0.75, 1)


def shares(f: Flips) -> Picture:
    """Of all sets, at how many each policy clearly lowers the indicator, clearly raises it, or neither can be told."""
    title = f"Does a policy lower {words(f.indicator)}, whichever set of parameters is true?"
    key = (
        (0.012, "■", "clearly lowers it", MAJORITY),
        (0.2, "■", "cannot be told from few seeds", GRID),
        (0.49, "■", "clearly raises it", MINORITY),
    )
    with look("policy_signs"):
        figure, axes = sheet(title, 1.5 + 0.36 * len(f.policies), key=key)
        ax, at = axes[0, 0], np.arange(len(f.policies))[::-1]
        left = np.zeros(at.size)
        for sign, colour in ((-1, MAJORITY), (0, GRID), (1, MINORITY)):
            width = np.array([one.share(sign) for one in f.policies])
            ax.barh(at, width, 0.62, left=left, color=colour)
            left = left + width
        for y, one in zip(at, f.policies, strict=True):
            ax.plot([one.probability] * 2, [y - 0.4, y + 0.4], color=INK, lw=2)
            ax.annotate(
                f"{as_percent(round(one.probability, 2))}   {np.nanmean(one.mean):+.4f}", (1.02, y),
                xycoords=("axes fraction", "data"), va="center", fontsize=8, annotation_clip=False,
            )  # fmt: skip
        ax.annotate("probability that\nit lowers,  mean change", (1.02, at[0] + 0.55), xycoords=("axes fraction", "data"), fontsize=7, color=MUTED, annotation_clip=False)  # fmt: skip
        ax.set_yticks(at, [words(one.policy) for one in f.policies])
        ax.set(xlim=(0, 1), ylim=(-0.6, at[0] + 0.6), xlabel=f"share of the {f.sweep.samples} sets that were drawn")
        ax.set_xticks(TICKS, [as_percent(tick) for tick in TICKS])
        ax.tick_params(length=0)
        caption = (
            f"Each set was run with and without the policy over {f.sweep.seeds} seeds of its own. Clearly: the 95 % interval over "
            "seeds leaves 0 out. Upright line: the probability that the policy lowers it in a set drawn by its weight, with the "
            f"noise of the seeds allowed for. Sets: {f.sweep.posterior}."
        )
        return picture("policy_signs", title, caption, figure)


def maps(f: Flips) -> Picture:
    """Each policy's effect over the two parameters that separate its signs best; one point a set."""
    title = f"Where in the sets each policy lowers {words(f.indicator)}"
    rows = -(-len(f.policies) // COLUMNS)
    key = (
        (0.012, "▼", "lowers it", MAJORITY),
        (0.16, "▲", "raises it", MINORITY),
        (0.31, "○", "dark edge: clear over seeds", INK),
        (0.62, "¦", "value that separates the signs best", MUTED),
    )
    with look("sign_sets"):
        columns = min(COLUMNS, len(f.policies))
        figure, axes = sheet(title, 0.9 + 2.6 * rows, rows=rows, columns=columns, key=key)
        panels = list(axes.flat)
        for ax, one in zip(panels, f.policies, strict=False):
            _panel(ax, f, one)
        for ax in panels[len(f.policies) :]:
            ax.set_axis_off()
        caption = (
            "A mark is a set of parameters that was drawn, over the two parameters that tell the policy's signs apart best; the "
            "deeper its colour, the larger the change, on a scale of each policy's own. Dashed line: only where the effect differs "
            "between sets by more than chance and has both signs."
        )
        return picture("sign_sets", title, caption, figure)


def _panel(ax, f: Flips, one: Flip) -> None:
    """The sets of one policy; nine in ten effects lie within the ends of its colours."""
    keys, there = list(one.telling.key[:2]), one.there
    own, sure = one.mean[there], one.sure[there]
    widest = float(np.quantile(np.abs(own), 0.9)) or 1e-6
    across = f.x[keys[0]][there].to_numpy()
    up = f.x[keys[1]][there].to_numpy() if len(keys) > 1 else own
    for sign, mark in ((-1, "v"), (0, "o"), (1, "^")):
        some = np.sign(own) == sign
        edges = [INK if clear else "#b8bec4" for clear in sure[some]]
        ax.scatter(
            across[some], up[some], s=26, marker=mark, c=own[some], cmap=EFFECT, vmin=-widest, vmax=widest, edgecolors=edges,
            linewidths=0.9,
        )  # fmt: skip
    if one.flips and np.isfinite(one.telling.cut[0]):
        ax.axvline(one.telling.cut[0], color=MUTED, ls="--", lw=1)
    ax.set_title(f"{words(one.policy)}\n", fontweight="bold")
    chance = as_percent(round(one.probability, 2))
    ax.annotate(f"lowers it with probability {chance}; full colour: {widest:.2g}", (0, 1.03), xycoords="axes fraction", fontsize=7.5, color=MUTED)  # fmt: skip
    ax.set(xlabel=keys[0], ylabel=keys[1] if len(keys) > 1 else "change")
    ax.tick_params(length=2)
