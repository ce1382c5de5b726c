"""Schools beside their neighbourhoods, and how many schools there are of each composition."""

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy.spatial import cKDTree

from abm.city import SECTORS
from abm.figures.style import (
    INK,
    MARKER,
    MINORITY,
    MUTED,
    SECTOR,
    SECTOR_NAME,
    as_percent,
    grid,
    look,
    picture,
    sheet,
)  # fmt: skip
from abm.summary import Numbers

FAR = 0.1  # distance of a school's share from its neighbourhood's that is counted
BINS = np.linspace(0, 1, 21)


def surroundings(n: Numbers, table) -> np.ndarray:
    """(row,) minority share among the pupils who live in a school's catchment; not-a-number if that is unknown.

    A private school is nobody's local school: the share of the small area nearest to it stands for its catchment.
    """
    share = table.local_minority_share.to_numpy(float).copy()
    if not (table.sector == SECTORS[0]).any():
        return share
    other = (table.sector != SECTORS[0]).to_numpy() | (share == 0)
    share[other] = np.nan
    if n.plan is not None:
        total = n.plan.pupils.sum(axis=1)
        lived = np.flatnonzero(total > 0)
        tree = cKDTree(np.stack([n.plan.area_x[lived], n.plan.area_y[lived]], 1))
        near = lived[tree.query(table.loc[other, ["x_km", "y_km"]].to_numpy(float))[1]]
        share[other] = n.plan.pupils[near, 1:].sum(axis=1) / total[near]
    return share


def beside_catchment(n: Numbers):
    """Each school's share against its catchment's, start beside end."""
    table = n.schools[n.schools.seed == n.typical]
    if table.empty or not n.two_sides:
        return None
    table = table.assign(around=surroundings(n, table))
    title = "Each school beside its neighbourhood"
    with look("catchments"):
        figure, axes = sheet(title, 4.0, 1, len(n.moments), sharex=True, sharey=True, key=_sector_key(table))
        top = max(table.minority_share.max(), np.nan_to_num(table.around).max(), 0.1) * 1.04
        for ax, (year, words) in zip(axes[0], n.moments, strict=True):
            rows = table[(table.year == year) & table.around.notna()]
            _scatter(ax, rows, table.pupils.max(), top)
            far = ((rows.minority_share - rows.around).abs() >= FAR).sum()
            ax.set_title(f"{words}: {far} of {len(rows)} schools are\n10 points or more off their neighbourhood")
            ax.set_xlabel(f"{n.sides[1]} share where the school stands")
        axes[0, 0].set_ylabel(f"{n.sides[1]} share in the school")
        caption = (
            "Each mark is a school, larger with more pupils; on the line it mirrors its neighbourhood, above it has more "
            f"{n.sides[1]} pupils. Neighbourhood: the pupils who live in its catchment (private schools: the nearest "
            f"small area at the start). One run, seed {n.typical}, nearest to the median of {len(n.seeds)}. "
            "Source: this run of the model."
        )
        return picture("catchments", title, caption, figure)


def _sector_key(table) -> tuple:
    """Sectors in words, each with its mark."""
    signs = {"o": "●", "s": "■", "^": "▲"}
    there = [sector for sector in SECTORS if (table.sector == sector).any()]
    return tuple(
        (0.012 + 0.3 * i, signs[MARKER[sector]], f"{SECTOR_NAME[sector]}s", SECTOR[sector])
        for i, sector in enumerate(there)
    )


def _scatter(ax, table, largest: float, top: float) -> None:
    """Schools of one year over the diagonal."""
    ax.plot([0, top], [0, top], color=MUTED, linewidth=1)
    for sector, marker in MARKER.items():
        rows = table[table.sector == sector]
        ax.scatter(
            rows.around, rows.minority_share, s=5 + 70 * rows.pupils / largest, marker=marker, color=SECTOR[sector],
            alpha=0.75, edgecolors=INK, linewidths=0.4,
        )  # fmt: skip
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    ax.xaxis.set_major_formatter(as_percent)
    ax.yaxis.set_major_formatter(as_percent)
    grid(ax, "both")


def distribution(n: Numbers):
    """How many schools there are of each minority share, start and end, mean over seeds."""
    table = n.schools
    if table.empty or not n.two_sides:
        return None
    title = f"How many schools there are of each {n.sides[1]} share"
    with look("distribution"):
        figure, axes = sheet(title, 2.7, 1, len(n.moments), sharex=True, sharey=True)
        for ax, (year, words) in zip(axes[0], n.moments, strict=True):
            rows = table[table.year == year]
            counts = np.stack([np.histogram(part.minority_share, BINS)[0] for _, part in rows.groupby("seed")])
            ax.bar(BINS[:-1], counts.mean(axis=0), 0.05, align="edge", color=MINORITY, edgecolor="none", alpha=0.85)
            ax.set_ylim(0, max(ax.get_ylim()[1], counts.mean(axis=0).max() * 1.22))
            mean = float((rows.minority_share * rows.pupils).sum() / rows.pupils.sum())
            ax.axvline(mean, color=INK, linewidth=1)
            ax.annotate(
                f"all pupils: {100 * mean:.0f} %", (mean, 0.97), (5, 0), xycoords=("data", "axes fraction"),
                textcoords="offset points", va="top",
            )  # fmt: skip
            ax.set_title(words)
            ax.set_xlim(0, max(0.5, min(1.0, table.minority_share.max() + 0.05)))
            ax.xaxis.set_major_formatter(as_percent)
            ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            ax.set_xlabel(f"{n.sides[1]} share in the school")
            grid(ax)
        axes[0, 0].set_ylabel("schools")
        caption = (
            f"Number of schools by the share of {n.sides[1]} pupils, in steps of 5 points; mean of {len(n.seeds)} "
            f"run{'s' * (len(n.seeds) > 1)}. The upright line is the share among all pupils. Source: this run of the model."
        )
        return picture("distribution", title, caption, figure)
