"""The figures of signs among sets: a row a policy, and where in the space of parameters each policy's sign lies."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize

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
    rows, widest = -(-len(f.policies) // COLUMNS), _widest(f)
    with look("sign_sets"):
        figure, axes = sheet(title, 0.9 + 2.5 * rows, rows=rows, columns=min(COLUMNS, len(f.policies)))
        panels = list(axes.flat)
        for ax, one in zip(panels, f.policies, strict=False):
            _panel(ax, f, one, widest)
        for ax in panels[len(f.policies) :]:
            ax.set_axis_off()
        scale = ScalarMappable(Normalize(-widest, widest), EFFECT)
        bar = figure.colorbar(scale, ax=panels, shrink=0.5, aspect=30, extend="both")
        bar.set_label(f"change of {words(f.indicator)}: blue lowers, orange raises")
        bar.outline.set_visible(False)
        caption = (
            "A point is a set of parameters that was drawn, over the two parameters that tell the policy's signs apart best. "
            "Dark ring: the sign is clear over seeds. Dashed: the value that separates the signs best, drawn where the effect "
            "differs between sets by more than chance and has both signs."
        )
        return picture("sign_sets", title, caption, figure)


def _widest(f: Flips) -> float:
    """End of the colours: nine in ten effects lie within."""
    return float(np.nanquantile(np.abs([one.mean for one in f.policies]), 0.9)) or 1e-6


def _panel(ax, f: Flips, one: Flip, widest: float) -> None:
    """The sets of one policy."""
    keys, there = list(one.telling.key[:2]), one.there
    across = f.x[keys[0]][there]
    up = f.x[keys[1]][there] if len(keys) > 1 else one.mean[there]
    rings = np.where(one.sure[there] != 0, INK, "#b8bec4")
    ax.scatter(
        across, up, s=22, c=one.mean[there], cmap=EFFECT, vmin=-widest, vmax=widest, edgecolors=rings, linewidths=0.9
    )
    if one.flips and np.isfinite(one.telling.cut[0]):
        ax.axvline(one.telling.cut[0], color=MUTED, ls="--", lw=1)
    ax.set_title(f"{words(one.policy)}: lowers with probability {as_percent(round(one.probability, 2))}")
    ax.set(xlabel=keys[0], ylabel=keys[1] if len(keys) > 1 else "change")
    ax.tick_params(length=2)
