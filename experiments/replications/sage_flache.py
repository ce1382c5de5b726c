"""Sage, L. & Flache, A. (2021). Can ethnic tolerance curb self-reinforcing school segregation? A theoretical agent based
model. Journal of Artificial Societies and Social Simulation 24(2) 2.

The paper asks whether more tolerant parents would undo school segregation that feeds on itself. Families of two groups
live on a torus; each is tolerant (likes an even mix best) or intolerant (likes 80 % of its own best and all of its own
better than a minority position). They choose among 30 schools by V^a D^(1-a): a is the weight of composition V, 1 - a
that of proximity D. Schools may be fully segregated although half of the parents are tolerant; tolerance makes most
difference where parents have a moderate preference for nearby schools and homes are little segregated.

The same here:

- 80 x 80 cells on a torus, 10 % empty, 5,760 families, two groups of equal size dealt out at random, tolerance independent of group.
- Residential stage of FM ticks: in each, 250 random families compare their home with 8 random free cells by the composition within 6 cells, P ~ exp(12 V).
- School stage of 1,400 ticks: all start at the nearest school; in each tick 250 random families, one after another, choose among their own school and all with room by P ~ exp(12 U), on compositions as they stand, themselves counted at their own school only; places 403; an empty school counts as ideal.
- Residential D over blocks of 5 x 5 cells, school D over schools.

What differs, and why:

- The published figures of the table are recomputed anchors of two independent programs with few seeds (taken as three), not figures printed in the paper.
- The map of the surface is made with all families acting intolerantly as neighbours (``moving.tolerant_too = false``), so that residential segregation does not depend on the share who are tolerant; the paper compares such maps with others that reflect tolerance, and so does a row of notes here.
- Which family is tolerant is drawn family by family, so the share is exact only on average (standard deviation .7 points).
- One step of the program holds 140 ticks (``transfers.rounds``); nothing else happens in it.
- Random numbers are keyed, so that runs that differ in one parameter share homes, schools, tolerance and turns.

The surface gives both readings of its grid: a in steps of .25 by tolerance in steps of .1, and the other way round.
"""

import itertools

import numpy as np
import pandas as pd

from abm.config import Config
from abm.figures.style import (
    HOMES,
    INK,
    MAJORITY,
    MINORITY,
    MUTED,
    Picture,
    as_percent,
    grid,
    look,
    picture,
    sheet,
    spaced,
)
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from abm.segregation import dissimilarity
from experiments.engine import forget
from experiments.replications.checks import Check, above, near
from experiments.replications.lab import Case, Lab
from experiments.replications.paper import Outcome

CITE = "Sage & Flache 2021, JASSS 24(2) 2"
CLAIM = (
    "School segregation can persist with half of the parents tolerant; tolerance helps most with a moderate preference "
    "for nearby schools and little residential segregation."
)
# School D after 1,400 ticks on random maps, recomputed by two independent programs: (alpha, share tolerant) -> D; where
# the two give a range, its middle.
TABLE = {
    (0.0, 0.0): 0.06, (0.0, 0.5): 0.06, (0.0, 1.0): 0.06,
    (0.1, 0.0): 0.15, (0.1, 0.5): 0.08, (0.1, 1.0): 0.06,
    (0.2, 0.0): 0.93, (0.2, 0.5): 0.27, (0.2, 1.0): 0.07,
    (0.4, 0.0): 1.00, (0.4, 0.5): 0.75, (0.4, 1.0): 0.08,
    (0.8, 0.0): 1.00, (0.8, 0.5): 0.87, (0.8, 1.0): 0.425,
    (1.0, 0.0): 1.00, (1.0, 0.5): 0.91, (1.0, 1.0): 0.335,
}  # fmt: skip
FEW = 3  # seeds of the reference (assumed: "few")
COARSE, FINE = (0.0, 0.25, 0.5, 0.75, 1.0), tuple(round(0.1 * k, 1) for k in range(11))
MAPS = (0, 10, 20, 40, 60)
SWEET = 0.2  # the moderate preference of the table: there the share who are tolerant matters most


def play(config: Config, seed: int) -> dict[str, float]:
    """One run: residential D over blocks, school D at the start and at the end."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=_nothing)
    world = model.world
    homes = np.zeros((len(world.city.area_names), 2))
    np.add.at(homes, (world.city.place_area[world.households.place], world.households.group), 1)
    start = world.seen.heads.sum(axis=1)
    end = model.run().world.seen.heads.sum(axis=1)
    forget(model)
    return {
        "residential_d": float(dissimilarity(homes)),
        "start_d": float(dissimilarity(start)),
        "school_d": float(dissimilarity(end)),
    }


def replicate(lab: Lab) -> Outcome:
    """The table, the surface and the sweet spot."""
    seeds = range(1, 3 if lab.quick else 11)
    few = range(1, 2 if lab.quick else 4)
    wanted = [(0, *cell, seed) for cell in TABLE for seed in seeds]
    wanted += [(60, alpha, tolerant, seed) for alpha in (SWEET, 1.0) for tolerant in (0.0, 0.5) for seed in seeds]
    if not lab.quick:
        wanted += [(fm, *cell, seed) for fm in MAPS for cell in surface_cells() for seed in few]
    runs = lab.play(play, [_case(lab, *one) for one in dict.fromkeys(wanted)], "Sage & Flache")
    rows = surface(runs)
    pictures = [_curves(runs)] if lab.quick else [_curves(runs), _surface(rows)]
    notes = _tolerant_maps(lab, few)
    return Outcome(checks(runs), pictures, {"surface": rows}, notes)


def surface_cells() -> list[tuple[float, float]]:
    """(alpha, share tolerant) of the surface: both readings of its grid, without repeats."""
    return sorted(set(itertools.product(COARSE, FINE)) | set(itertools.product(FINE, COARSE)))


def surface(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a cell: fm, alpha, tolerant, residential_d, school_d_mean, school_d_sd, seeds."""
    cells = runs.groupby(["fm", "alpha", "tolerant"], as_index=False)
    return cells.agg(
        residential_d=("residential_d", "mean"),
        school_d_mean=("school_d", "mean"),
        school_d_sd=("school_d", "std"),
        seeds=("seed", "count"),
    )


def checks(runs: pd.DataFrame) -> list[Check]:
    """The table's cells, persistence with half tolerant, and the sweet spot in alpha and in residential segregation."""

    def d(fm: int, alpha: float, tolerant: float) -> pd.Series:
        at = runs[(runs.fm == fm) & (runs.alpha == alpha) & (runs.tolerant == tolerant)]
        return at.set_index("seed").school_d

    def gain(fm: int, alpha: float) -> pd.Series:
        return d(fm, alpha, 0.0) - d(fm, alpha, 0.5)

    out = [
        near(f"school D, alpha {alpha:g}, {tolerant:.0%} tolerant", reference, values, *tolerance(alpha, tolerant, values.size))
        for (alpha, tolerant), reference in TABLE.items()
        if (values := d(0, alpha, tolerant)).size
    ]  # fmt: skip
    half = "the paper's headline: segregation persists although half of the parents are tolerant"
    sweet = "the paper's sweet spot; difference within each seed"
    seeds = d(60, SWEET, 0.5).index
    here = gain(0, SWEET)[seeds]
    return [
        *out,
        above("school D with half tolerant, alpha .4, against .5", 0.5, d(0, 0.4, 0.5)[seeds], half),
        above(f"gain of half tolerant at alpha {SWEET:g} less that without proximity", 0, here - gain(0, 1.0)[seeds], sweet),
        above(f"gain of half tolerant at alpha {SWEET:g} less that by proximity alone", 0, here - gain(0, 0.0)[seeds], sweet),
        above("gain of half tolerant on a random map less that after 60 ticks of moves", 0, here - gain(60, SWEET)[seeds], sweet),
    ]  # fmt: skip


def tolerance(alpha: float, tolerant: float, seeds: int) -> tuple[float, str]:
    """Two standard errors of the difference between the mean of the reference's few seeds and that of ours; and why.

    The reference's sd is said to be mostly up to .05, and up to .15 at high alpha; where D is near its floor or its
    ceiling it cannot be that large, and .015 is taken.
    """
    reference = TABLE[alpha, tolerant]
    if alpha >= 0.8 and tolerant > 0:
        sd, about = 0.15, "up to .15 at high alpha, where a few mixed schools come and go"
    elif 0.15 < reference < 0.95:
        sd, about = 0.05, "mostly up to .05"
    else:
        sd, about = 0.015, "taken as .015 where D is near its floor or ceiling"
    width = 2 * sd * np.sqrt(1 / FEW + 1 / seeds)
    return round(
        width + 0.005, 3
    ), f"two standard errors of a difference between {FEW} and {seeds} seeds; the reference's sd is {about}"


def _case(lab: Lab, fm: int, alpha: float, tolerant: float, seed: int, reflecting: bool = False) -> Case:
    config = lab.scenario(
        "sage_flache", f"moving.settle={fm}", f"choice.alpha={alpha}", f"households.tolerant={tolerant}",
        f"moving.tolerant_too={'true' if reflecting else 'false'}",
    )  # fmt: skip
    return Case({"fm": fm, "alpha": alpha, "tolerant": tolerant}, config, seed)


def _tolerant_maps(lab: Lab, seeds: range) -> list[str]:
    """The contrast of the paper: maps unrelated to tolerance against maps that reflect it, at the sweet spot."""
    out = {}
    for reflecting in (False, True):
        runs = lab.play(play, [_case(lab, 40, SWEET, 0.5, seed, reflecting) for seed in seeds], "maps")
        out[reflecting] = runs[["residential_d", "school_d"]].mean()
    return [
        f"Maps of 40 ticks, half tolerant, alpha {SWEET:g}: all acting intolerantly as neighbours, residential D "
        f"{out[False].residential_d:.2f} and school D {out[False].school_d:.2f}; the tolerant acting tolerantly, "
        f"{out[True].residential_d:.2f} and {out[True].school_d:.2f}."
    ]


def _nothing(world, rules, before, first) -> Indicators:
    return Indicators((), rules.minority)


def _curves(runs: pd.DataFrame) -> Picture:
    """School D against alpha on random maps, ours as lines, the recomputed anchors as rings."""
    title = "Tolerance helps most where nearness matters, but not too much"
    with look("sage_flache"):
        figure, axes = sheet(title, 3.9)
        ax = axes[0, 0]
        kinds = ((0.0, MINORITY, "o"), (0.5, INK, "s"), (1.0, MAJORITY, "^"))
        means = {
            share: runs[(runs.fm == 0) & (runs.tolerant == share)].groupby("alpha").school_d for share, *_ in kinds
        }
        heights = spaced([means[share].mean().loc[1.0] for share, *_ in kinds], 0.07)
        for (share, colour, mark), height in zip(kinds, heights, strict=True):
            mean = means[share].mean()
            ax.errorbar(mean.index, mean, means[share].std().fillna(0), color=colour, capsize=2)
            points = [(alpha, reference) for (alpha, tolerant), reference in TABLE.items() if tolerant == share]
            ax.plot(*zip(*points, strict=True), mark, color=colour, mfc="none", ms=8, ls="none")
            ax.annotate(
                f"{as_percent(share)} tolerant", (1.03, height), color=colour, va="center", annotation_clip=False
            )
        ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.05), xlabel="alpha, weight of composition (the rest: nearness)")
        ax.set_title("D of schools after 1,400 ticks, homes at random")
        grid(ax)
        caption = (
            "Lines: this model, mean over seeds, bars one standard deviation. Open marks: the anchors recomputed by two "
            "independent programs (where they differ, the middle). With alpha 0 only nearness counts, with 1 only who attends."
        )
        return picture("curves", title, caption, figure)


def _surface(rows: pd.DataFrame) -> Picture:
    """Heat maps of school D over alpha and the share who are tolerant, a panel for each residential map."""
    title = "School D over alpha and the share of tolerant parents"
    with look("sage_flache_surface"):
        figure, axes = sheet(title, 2.9, 1, len(MAPS), sharey=True)
        for ax, fm in zip(axes[0], MAPS, strict=True):
            part = rows[(rows.fm == fm) & rows.alpha.isin(COARSE) & rows.tolerant.isin(FINE)]
            table = part.pivot(index="tolerant", columns="alpha", values="school_d_mean")
            ax.pcolormesh(np.arange(6) - 0.5, np.arange(12) - 0.5, table, cmap="cividis_r", vmin=0, vmax=1)
            for (row, column), value in np.ndenumerate(table.to_numpy()):
                ax.text(column, row, f"{value:.2f}"[-3:] if value < 0.995 else "1", ha="center", va="center", fontsize=6, color="white" if value > 0.5 else INK)  # fmt: skip
            ax.set_xticks(range(5), [f"{alpha:g}".lstrip("0") or "0" for alpha in COARSE])
            ax.set_yticks(range(0, 11, 2), [as_percent(tolerant) for tolerant in FINE[::2]])
            ax.set_title(f"FM {fm}: homes {part.residential_d.mean():.2f}", fontsize=8, color=HOMES if fm else MUTED)
            ax.tick_params(length=0)
            ax.set_xlabel("alpha")
        axes[0, 0].set_ylabel("share tolerant")
        caption = (
            "Each cell: mean D of schools after 1,400 ticks; dark is segregated. Panels: ticks of the residential stage "
            "(FM) and the D of homes over blocks of 5 x 5 cells to which they lead. The finer steps of alpha are in surface.csv."
        )
        return picture("surface", title, caption, figure)
