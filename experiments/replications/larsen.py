"""Larsen, E. N. (2015). The Microfoundations of School Segregation: An Agent-based Computational Approach. Master's thesis, University of Oslo.

The thesis (http://hdl.handle.net/10852/46198) builds on the model of Stoica & Flache (2014) and on Schelling's: households
choose schools by ethnic composition and distance. It asks whether mild preferences against being in a small minority suffice
to segregate schools, and what a preference for near schools does. We know its abstract and the rule that is repeated here, but
not its figures: families first judge the nearest school by who sits there, and only then may apply elsewhere. So
directions are checked, not sizes: this two-step choice segregates schools beyond the assignment of everybody to the local
school; it is the composition of the local school that drives families out; those who leave are majority families with many
minority pupils at their local school.

What is the same:

- Two groups, choice by composition and distance alone, a threshold for the share of the own side at the nearest school
  (``choice.first_look = "tolerance"``), feedback from choices to compositions.
- The local school is open to all its residents, another only where there is room: the Oslo rule.

What differs, and why:

- A city in kilometres with catchments and cohorts instead of a grid; each year the entrants choose, by last year's composition.
- Thresholds differ between families (sd .1), and between the sides: with 40 % minority one threshold for both would make the
  minority the one that leaves first.
- Whoever looks further chooses by the logit of this model: distance, composition, taste.
- Two contrasts take the mechanism apart. Blind: nobody looks first and nobody minds composition, so families leave for taste
  and distance. First look only: families judge the local school, but whoever leaves chooses blind to composition.
"""

import numpy as np
import pandas as pd

from abm.config import Config
from abm.figures.style import (  # fmt: skip
    HOMES,
    MAJORITY,
    MINORITY,
    MUTED,
    NEAREST,
    SCHOOLS,
    Picture,
    as_percent,
    grid,
    look,
    picture,
    sheet,
    spaced,
)
from abm.model import SchoolChoiceModel
from abm.segregation import dissimilarity
from abm.world import World
from experiments.engine import forget
from experiments.replications.checks import Check, above, below
from experiments.replications.lab import Case, Lab
from experiments.replications.paper import Outcome

CITE = "Larsen 2015, master's thesis, University of Oslo"
CLAIM = "Families who judge the local school first and leave it for its composition segregate schools beyond assignment to the nearest."

ASSIGNED, TWO_STEP, LOOK_ONLY, ONE_STEP, BLIND = "nobody leaves", "two steps", "first look only", "one step", "blind"
VARIANTS = {
    ASSIGNED: ('choice.first_look="content"', "choice.content=1.0"),
    TWO_STEP: (),
    LOOK_ONLY: ("choice.peers=0.0",),
    ONE_STEP: ('choice.first_look="none"',),
    BLIND: ('choice.first_look="none"', "choice.peers=0.0"),
}
THRESHOLDS, THRESHOLDS_QUICK = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8), (0.3, 0.6, 0.8)
SEEDS, SWEEP_SEEDS = 16, 6
QUICK, SWEEP_QUICK = 4, 2
COLOURS = {ASSIGNED: NEAREST, TWO_STEP: SCHOOLS, LOOK_ONLY: HOMES, ONE_STEP: MUTED, BLIND: MUTED}


def play(config: Config, seed: int) -> dict[str, float]:
    """D of schools at the end, and who is away from the local school."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=lambda *_: {}).run()
    out = measured(model.world)
    forget(model)
    return out


def measured(world: World) -> dict[str, float]:
    """D of schools and of catchments, leavers by side, minority share in the catchments of the majority's leavers and stayers."""
    table, n = world.households, world.schools.open.size
    rows = table.school >= 0
    local, school, minority = world.city.local[table.place[rows]], table.school[rows], table.group[rows] > 0
    away = school != local
    homes = np.stack([np.bincount(local[minority == side], minlength=n) for side in (True, False)], axis=1)
    heads = np.stack([np.bincount(school[minority == side], minlength=n) for side in (True, False)], axis=1)
    share = (homes[:, 0] / np.maximum(homes.sum(axis=1), 1))[local]
    gone, here = share[away & ~minority], share[~away & ~minority]
    return {
        "d": float(dissimilarity(heads)),
        "d_catchment": float(dissimilarity(homes)),
        "away_majority": float(away[~minority].mean()),
        "away_minority": float(away[minority].mean()),
        "local_gap": float(gone.mean() - here.mean()) if gone.size and here.size else float("nan"),
        "majority_gap": float((~minority[away]).mean() - (~minority).mean()) if away.any() else float("nan"),
    }


def replicate(lab: Lab) -> Outcome:
    """The variants over seeds, and the two-step choice over the majority's threshold."""
    seeds, few = (QUICK, SWEEP_QUICK) if lab.quick else (SEEDS, SWEEP_SEEDS)
    cases = [
        Case({"variant": name}, lab.scenario("larsen", *overrides), seed)
        for name, overrides in VARIANTS.items() for seed in range(1, seeds + 1)
    ]  # fmt: skip
    cases += [
        Case({"variant": name, "threshold": f}, lab.scenario("larsen", *VARIANTS[name], f"households.tolerance.majority={f}"), seed)
        for name in (TWO_STEP, LOOK_ONLY) for f in (THRESHOLDS_QUICK if lab.quick else THRESHOLDS) for seed in range(1, few + 1)
    ]  # fmt: skip
    runs = lab.play(play, cases, "cities")
    main = runs[runs.threshold.isna()]
    sweep = runs[runs.threshold.notna()].groupby(["variant", "threshold"]).mean(numeric_only=True).drop(columns="seed").reset_index()  # fmt: skip
    means = (
        main.groupby("variant", sort=False).mean(numeric_only=True).drop(columns=["seed", "threshold"]).reset_index()
    )
    return Outcome(
        _checks(main),
        [_figure(main, sweep, few)],
        {"variants": means, "thresholds": sweep},
        [*_notes(means), _who_leaves(sweep)],
    )


def _checks(runs: pd.DataFrame) -> list[Check]:
    """Directions, as differences within a seed."""
    by = {name: part.set_index("seed") for name, part in runs.groupby("variant")}
    why = "direction; paired by seed, the same city and families"
    base = by[ASSIGNED].d
    return [
        above("D of schools, two steps minus nobody leaves", 0.0, by[TWO_STEP].d - base, why),
        above("minority share of the catchment, majority families who leave minus who stay", 0.0, by[TWO_STEP].local_gap, "direction, within a city"),
        above("the same, two steps minus blind", 0.0, by[TWO_STEP].local_gap - by[BLIND].local_gap, "contrast: it is the local school that drives them; " + why),
        above("share of the majority, those who leave minus all", 0.0, by[TWO_STEP].majority_gap, "direction, within a city; it rests on the thresholds, .6 and .3, which are assumptions"),
        above("D, first look only minus nobody leaves", 0.0, by[LOOK_ONLY].d - base, "contrast: the first look alone segregates; " + why),
        below("D, blind minus nobody leaves", 0.0, by[BLIND].d - base, "contrast: leaving as such does not segregate; " + why),
    ]  # fmt: skip


def _notes(means: pd.DataFrame) -> list[str]:
    at = means.set_index("variant")
    told = [
        f"{name}: D {row.d:.2f}; away from the local school {row.away_majority * 100:.0f} % of the majority, {row.away_minority * 100:.0f} % of the minority."
        for name, row in at.iterrows()
    ]
    return [
        *told,
        "With everybody assigned to the local school some are still away: where a cohort has more residents than places, the rest is placed elsewhere.",
        f"Without the first look twice as many leave, yet D is lower ({at.d[ONE_STEP]:.2f} against {at.d[TWO_STEP]:.2f}): most then leave "
        "schools whose composition suited them, for taste. A rule that lets only the discontent look makes each who leaves a segregating one.",
    ]


def _who_leaves(sweep: pd.DataFrame) -> str:
    """On what the third claim rests."""
    two = sweep[sweep.variant == TWO_STEP]
    told = "; ".join(f"{row.threshold * 100:.0f} %: {row.majority_gap * 100:+.0f} points" for row in two.itertuples())
    return (
        "Whether it is the majority that leaves hangs on its threshold against the minority's (30 %). Share of the majority among those who leave "
        f"minus among all, by the majority's threshold: {told}. D is above that of the catchments at all of them, so tolerant families suffice."
        if (two.d > sweep.d_catchment.mean()).all()
        else f"Share of the majority among those who leave minus among all, by the majority's threshold: {told}."
    )


def _figure(main: pd.DataFrame, sweep: pd.DataFrame, few: int) -> Picture:
    """D by variant; D over the threshold."""
    title = "Leaving for the local school's composition segregates, leaving as such does not"
    with look("larsen"):
        figure, axes = sheet(title, 3.2, 1, 2, width_ratios=(1.1, 1))
        _bars(axes[0, 0], main)
        _lines(axes[0, 1], main[main.seed <= few], sweep)
        return picture("two_steps", title, (
            "Left: D of schools after ten years, by who looks beyond the local school; bars: mean over seeds, dots: seeds; beside them the share "
            "of all majority families who are away from the local school. Right: D over the share of its own side that the mean majority "
            "family wants at the local school (the minority: 30 %), if those who leave choose by composition too, or blind to it; "
            "dashed: D if nobody leaves. From schoolflight replicate larsen."
        ), figure)  # fmt: skip


def _bars(ax, main: pd.DataFrame) -> None:
    names = list(VARIANTS)
    for k, name in enumerate(names):
        part = main[main.variant == name]
        ax.barh(k, part.d.mean(), 0.62, color=COLOURS[name], alpha=0.85)
        ax.plot(part.d, np.full(len(part), k) + np.linspace(-0.2, 0.2, len(part)), "o", color=MINORITY, markersize=1.8)
        ax.text(part.d.max() + 0.02, k, f"{part.away_majority.mean() * 100:.0f} % away", va="center", fontsize=7.5, color=MAJORITY)  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlim=(0, main.d.max() + 0.2), title="D of schools (0: all alike, 1: nothing shared)")
    grid(ax, "x")


def _lines(ax, main: pd.DataFrame, sweep: pd.DataFrame) -> None:
    ends = []
    for name in (TWO_STEP, LOOK_ONLY):
        part = sweep[sweep.variant == name]
        ax.plot(part.threshold, part.d, "-o", color=COLOURS[name], markersize=3)
        ends.append((float(part.d.iloc[-1]), COLOURS[name], name))
    base = main[main.variant == ASSIGNED].d.mean()
    span = [sweep.threshold.min(), sweep.threshold.max()]
    ax.plot(span, [base, base], "--", color=COLOURS[ASSIGNED], linewidth=1.2)
    ends.append((float(base), COLOURS[ASSIGNED], ASSIGNED))
    for y, (_, colour, words) in zip(spaced([e[0] for e in ends], 0.035), ends, strict=True):
        ax.text(span[1] + 0.015, y, words, color=colour, va="center", fontsize=7.5)
    ax.set(xlim=(span[0] - 0.02, span[1] + 0.23), ylim=(0, None), xlabel="wanted share of the own side, majority")
    ax.set_xticks(sorted(sweep.threshold.unique()))
    ax.set_title("D over the majority's threshold")
    ax.xaxis.set_major_formatter(as_percent)
    grid(ax)
