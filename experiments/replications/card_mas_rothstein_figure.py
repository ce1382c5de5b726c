"""The figure of the replication of Card, Mas & Rothstein (2008): changes by base share, points found, how often a jump is found."""

import numpy as np
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
from experiments.statistics.tipping import SEARCHES

PLANTED = (0.1, 0.2, 0.3)  # thresholds of the cities that have one
LEVEL = 0.05  # of the tests for a jump
COLOURS = dict(zip(PLANTED, (MAJORITY, MINORITY, HOMES), strict=True))
STEP = 0.025  # width of the bins of schools


def planted_and_found(panels: pd.DataFrame, found: pd.DataFrame) -> Picture:
    """Change by base share; points found against planted; how often a jump is found."""
    title = "Planted tipping points are found, and only where they are"
    with look("card_mas_rothstein"):
        figure, axes = sheet(title, 3.3, 1, 3, width_ratios=(1.7, 1, 1))
        _changes(axes[0, 0], panels)
        _points(axes[0, 1], found)
        _rejections(axes[0, 2], found)
        return picture("tipping", title, (
            "Left: change of majority pupils over five years as a share of the school's pupils in the base year, means of state "
            "schools of all cities in steps of 2.5 points of the base-year minority share; dotted: the planted threshold. "
            "Middle: the point found in each city by either search, and as a line the planted one. Right: share of cities in which a "
            "jump is found at the 5 % level (dotted) on schools that were not searched, and, hollow, on the schools searched. "
            "From schoolflight replicate card_mas_rothstein."
        ), figure)  # fmt: skip


def _changes(ax, panels: pd.DataFrame) -> None:
    kinds = [(panels.planted == at, COLOURS[at], "-") for at in PLANTED]
    kinds += [(panels.placebo == "no threshold", MUTED, "--"), (panels.placebo == "nobody leaves", INK, ":")]
    edges = np.arange(0, 0.5 + STEP / 2, STEP)
    for rows, colour, style in kinds:
        share, change = (np.concatenate(panels[rows][column].to_list()) for column in ("share", "change"))
        where = np.digitize(share, edges) - 1
        means = np.array(
            [change[where == k].mean() if (where == k).sum() > 4 else np.nan for k in range(edges.size - 1)]
        )
        ax.plot(edges[:-1] + STEP / 2, means, style, color=colour, linewidth=1.6)
        if style == "--":
            ax.text(0.01, np.nanmax(means[:5]) + 0.02, "no threshold", color=colour, fontsize=7.5)
    for at in PLANTED:
        ax.axvline(at, ymax=0.9, color=COLOURS[at], linewidth=0.9, linestyle=":")
        ax.text(at, 0.11, f"planted\nat {at * 100:g} %", color=COLOURS[at], fontsize=7.5, ha="center", va="center")
    ax.text(0.5, 0.03, "nobody leaves", color=INK, fontsize=7.5, ha="right")
    ax.set(xlim=(0, 0.5), xlabel="minority share in the base year", title="Change of the majority, share of pupils")
    ax.set_ylim(None, 0.16)
    ax.xaxis.set_major_formatter(as_percent)
    ax.yaxis.set_major_formatter(as_percent)
    grid(ax)


def _points(ax, found: pd.DataFrame) -> None:
    for k, (search, marker) in enumerate(zip(SEARCHES, ("o", "D"), strict=True)):
        for at in PLANTED:
            here = found[(found.search == search) & (found.planted == at)]
            x = k + np.linspace(-0.22, 0.22, len(here))
            ax.plot(x, here["at"], marker, color=COLOURS[at], markersize=2.6, alpha=0.75, linewidth=0)
    for at in PLANTED:
        ax.axhline(at, color=COLOURS[at], linewidth=0.9, linestyle=":")
    ax.set(xlim=(-0.5, 1.5), ylim=(0, 0.45), title="Point found")
    ax.set_xticks([0, 1], ["structural\nbreak", "fixed\npoint"])
    ax.yaxis.set_major_formatter(as_percent)
    grid(ax)


def _rejections(ax, found: pd.DataFrame) -> None:
    for k, search in enumerate(SEARCHES):
        here = found[found.search == search]
        for shift, rows, colour in ((-0.2, here.planted.notna(), MAJORITY), (0.2, here.placebo.notna(), NEAREST)):
            fair, naive = ((here[rows][column] < LEVEL).mean() for column in ("p", "p_naive"))
            ax.bar(k + shift, naive, 0.34, facecolor="none", edgecolor=colour, linewidth=0.9)
            ax.bar(k + shift, fair, 0.34, color=colour)
    ax.axhline(LEVEL, color=MUTED, linestyle=":", linewidth=0.9)
    ax.text(-0.4, 1.12, "planted", color=MAJORITY, va="center", fontsize=7.5)
    ax.text(0.5, 1.12, "placebo", color=NEAREST, va="center", fontsize=7.5)
    ax.set(xlim=(-0.5, 1.5), ylim=(0, 1.2), title="Cities with a jump")
    ax.set_yticks(np.arange(0, 1.01, 0.2))
    ax.set_xticks([0, 1], ["structural\nbreak", "fixed\npoint"])
    ax.yaxis.set_major_formatter(as_percent)
    grid(ax)
