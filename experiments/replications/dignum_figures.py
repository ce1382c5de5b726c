"""The figures of the replication of Dignum et al. (2022): school segregation over alpha, and the map of its excess."""

import numpy as np
import pandas as pd

from abm.figures.style import HOMES, INK, MINORITY, MUTED, Picture, grid, look, picture, sheet


def curves(alone: pd.DataFrame, reference: dict[float, float]) -> Picture:
    """School H against alpha from random homes: ours as lines, the recomputed figures as rings."""
    title = "Weight on composition segregates schools, also from random homes"
    with look("dignum"):
        figure, axes = sheet(title, 3.6)
        ax = axes[0, 0]
        for (variant, part), colour, shift, mark in zip(
            alone.groupby("variant", sort=False), (INK, MINORITY), (-0.004, 0.004), ("o-", "s--"), strict=True
        ):
            runs = part.groupby("alpha").school_h
            mean, sd = runs.mean(), runs.std().fillna(0)
            ax.errorbar(mean.index + shift, mean, sd, fmt=mark, ms=3.5, color=colour, capsize=2)
            ax.annotate(variant, (1.03, mean.iloc[-1]), color=colour, va="center", annotation_clip=False)
        ax.plot(list(reference), list(reference.values()), "D", color=HOMES, mfc="none", ms=9, ls="none")
        ax.annotate("reference,\n3 seeds", (0.4, reference[0.4]), (0.45, reference[0.4] - 0.2), color=HOMES, arrowprops={"arrowstyle": "-", "color": HOMES})  # fmt: skip
        ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.1), xlabel="alpha, weight of composition (the rest: nearness)")
        ax.set_title(
            "Theil's H of schools when settled, f = .5, M = .6, homes at random (0: all alike, 1: wholly apart)"
        )
        grid(ax)
        caption = (
            f"Lines: this model, mean over {alone.seed.nunique()} seeds, bars one standard deviation. Diamonds: recomputed with the "
            "authors' code. With alpha 0 only nearness counts, with 1 only who attends; there the floor of 50 pupils, below which "
            "nobody leaves a school, decides."
        )
        return picture("curves", title, caption, figure)


def excess_map(rows: pd.DataFrame) -> Picture:
    """Excess of school over residential H over alpha and f, a panel for each M and one for homes judged as in the code."""
    title = "With equal tolerance, where are schools more segregated than homes?"
    rows = rows[(rows.distance_form == "min_max") & (rows.form == "additive")]
    panels = [(full, "same", f"M = {full:g}") for full in sorted(rows[rows.own_cell == "same"].full.unique())]
    if (rows.own_cell == "area").any():
        panels.append((0.6, "area", "M = 0.6, own home\nas in the authors' code"))
    with look("dignum_map"):
        figure, axes = sheet(title, 3.3, 1, len(panels), sharey=True)
        for ax, (full, own, words) in zip(axes[0], panels, strict=True):
            part = rows[(rows.full == full) & (rows.own_cell == own)]
            heat = _panel(ax, part, sorted(rows.tolerance.unique()), sorted(rows.alpha.unique()))
            ax.set_title(words, fontsize=8, color=INK if own == "same" else MUTED)
        axes[0, 0].set_ylabel("f, preferred share of the own group")
        bar = figure.colorbar(heat, ax=axes[0].tolist(), shrink=0.9, aspect=30, pad=0.015)
        bar.set_label("school H minus residential H")
        bar.outline.set_visible(False)
        caption = (
            "Each cell: mean difference in hundredths, schools settled after homes settled, with the same f and M in both; alpha is "
            "the weight of composition in the choice of a school (the rest: nearness, from the nearest to the farthest school). "
            "Orange: schools more segregated; pale: little difference; purple: less; no figure: not run. Grey figures: not clearly beyond 5 hundredths (95 % interval)."
        )
        return picture("map", title, caption, figure)


def _panel(ax, part: pd.DataFrame, tolerances: list[float], alphas: list[float]):
    """One heat map with its figures; empty where nothing was run."""
    size = (len(tolerances), len(alphas))
    table = part.pivot(index="tolerance", columns="alpha", values="excess").reindex(tolerances, columns=alphas)
    holds = part.pivot(index="tolerance", columns="alpha", values="holds").reindex(tolerances, columns=alphas)
    heat = ax.pcolormesh(
        np.arange(size[1] + 1) - 0.5, np.arange(size[0] + 1) - 0.5, table, cmap="PuOr_r", vmin=-1, vmax=1
    )
    for (row, column), value in np.ndenumerate(table.to_numpy()):
        if np.isfinite(value):
            colour = INK if holds.to_numpy()[row, column] else "#9aa3ac"
            ax.text(column, row, f"{100 * value:.0f}".replace("-0", "0"), ha="center", va="center", fontsize=6.5, color="white" if abs(value) > 0.75 else colour)  # fmt: skip
    ax.set_xticks(range(size[1]), [f"{alpha:g}".lstrip("0") or "0" for alpha in alphas])
    ax.set_yticks(range(size[0]), [f"{f:g}".lstrip("0") for f in tolerances])
    ax.tick_params(length=0)
    ax.set_xlabel("alpha")
    return heat
