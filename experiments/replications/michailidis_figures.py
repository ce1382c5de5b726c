"""The figures of Michailidis et al. 2024: school segregation by the weight of composition, and what new links change."""

import pandas as pd

from abm.figures.style import (
    HOMES,
    INK,
    MAJORITY,
    MINORITY,
    MUTED,
    NEAREST,
    Picture,
    as_percent,
    grid,
    look,
    picture,
    sheet,
)
from experiments.replications.centrality import KINDS

COMMAND = "schoolflight replicate michailidis"
COLOUR = {"closeness": MAJORITY, "betweenness": NEAREST, "degree": MINORITY, "random": MUTED}
NETWORK = {"twelve nodes": "twelve nodes", "blocks": "block model, 100 nodes", "lattice": "lattice, 50 nodes"}


def by_weight(runs: pd.DataFrame) -> Picture:
    """School D of the two communities by c, with what was published and the residential D."""
    name, title = "weight", "Two communities: distance up to c = .59, then full sorting"
    mean = runs.groupby("c")["last"].mean()
    with look(name):
        figure, axes = sheet(title, 2.9)
        ax = axes[0, 0]
        ax.plot([-0.03, 1], [runs.homes.mean()] * 2, color=HOMES, lw=1.2, ls="--")
        ax.text(1.03, runs.homes.mean(), "residential", color=HOMES, va="center")
        ax.axvline(1 / 1.7, color=MUTED, lw=0.8, ls=":")
        ax.text(1 / 1.7 - 0.01, 0.2, "c = 1/1.7", color=MUTED, ha="right")
        ax.plot(mean.index, mean, color=INK, marker="o", ms=4, lw=1.2)
        ax.text(1.03, mean.iloc[-1], "schools, ours", color=INK, va="center")
        known = [(0, 0.55), (0.2, 0.55), (0.4, 0.55), (0.6, 1), (0.8, 1), (1, 1)]
        ax.plot(*zip(*known, strict=True), ls="", marker="o", ms=10, mfc="none", mec=MINORITY, mew=1.2)
        ax.text(0.8, 0.9, "recomputed\nfrom the paper", color=MINORITY, ha="center", va="top")
        ax.set(xlim=(-0.03, 1.2), ylim=(0, 1.08), xlabel="c, weight of composition against distance", ylabel="school dissimilarity D")  # fmt: skip
        ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
        grid(ax)
        caption = (
            "Dissimilarity of two schools at nodes 5 and 8 after the last rounds. Up to c = .59 all go to the nearer school, "
            f"and schools are as the communities; above, each group fills the school of its own. Made by {COMMAND}."
        )
        return picture(name, title, caption, figure)


def by_links(mean: pd.DataFrame) -> Picture:
    """Reduction of D by number of new links, a line a strategy; networks across, c down."""
    name, title = "links", "New links mix schools if distance alone counts, else they may sort"
    kinds, weights = [k for k in NETWORK if (mean.network == k).any()], [0.0, 0.2]
    marks = (("—", "closeness", MAJORITY), ("—", "betweenness", NEAREST), ("—", "degree", MINORITY))
    marks += (("—", "random links", MUTED), ("—", "for all", INK), ("- -", "for the group worst off", INK))
    with look(name):
        key, x = [], 0.012
        for mark, words, colour in marks:
            if words not in KINDS or (mean.strategy == words).any():
                key.append((x, mark, words, colour))
                x += 0.055 + 0.0095 * len(words)
        figure, axes = sheet(title, 4.6, 2, len(kinds), key=tuple(key), sharey="row", sharex=True)
        for i, c in enumerate(weights):
            for j, kind in enumerate(kinds):
                ax = axes[i, j]
                ax.axhline(0, color=MUTED, lw=0.8)
                ax.axhline(0.35, color=HOMES, lw=1, ls=":")
                if (i, j) == (1, 0):
                    ax.text(mean.links.max(), 0.33, "published: up to 35 %", color=HOMES, ha="right", va="top", fontsize=7.5)  # fmt: skip
                for strategy, rows in mean[(mean.network == kind) & (mean.c == c)].groupby("strategy", sort=False):
                    style = "--" if strategy.startswith("group ") else "-"
                    ax.plot([0, *rows.links], [0, *rows["mean"]], style, color=COLOUR[strategy.removeprefix("group ")], lw=1.3)  # fmt: skip
                ax.set_title(f"{NETWORK[kind]}, c = {c:g}")
                ax.yaxis.set_major_formatter(as_percent)
                grid(ax)
            axes[i, 0].set_ylabel("reduction of D")
        for ax in axes[-1]:
            ax.set_xlabel("new links")
            ax.set_xticks(range(0, mean.links.max() + 1, 2 if mean.links.max() > 3 else 1))
        caption = (
            "Share by which the schools' dissimilarity lies below that of the same seed without new links (below the line: "
            "above it), mean over seeds. Links are added one at a time; each raises the named centrality of the least "
            f"central school most. Made by {COMMAND}."
        )
        return picture(name, title, caption, figure)
