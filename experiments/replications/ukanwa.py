"""Ukanwa, K., Jones, A. C. & Turner, B. L. (2022). School choice increases racial segregation even when parents do not
care about race. Proceedings of the National Academy of Sciences 119(35) e2117979119.

Black and White parents weigh what a school offers differently (a conjoint study; above all its performance).
Simulated choices show that therefore unmitigated choice segregates schools, even if nobody looks at who else
attends; if both had similar preferences, choice would reduce segregation. The more families choose, the more.

Only the abstract and summaries could be read: the estimated weights, the simulated districts and the size of the
effect are not reproduced, only the two directions and the dose.

What is the same:

- Nobody looks at composition: all terms but the way and a school's quality are off. Quality is independent of place
  and of pupils.
- The comparison: D of the schools chosen against D if all went to the nearest school, on the same city (paired by
  seed).
- The dose: the share of families who choose at all (option choice.choosers), the others go to their local school. Who
  chooses at a lower share also does at a higher one.

What differs, and why:

- A synthetic city, a new map for each seed, with assumed weights: Black families weigh quality, White families the
  way. The direction of the paper is kept; with the weights the other way round the result is much the same.
- A logit with taste instead of the segments of the conjoint study.
- In the main runs no school is full, so that the comparison is with the nearest school itself; a variant has places
  for 20 % more than the pupils, given by lottery.

Switched off: with equal weights the excess must vanish (it turns), with distance alone it must be exactly none, and
so where nobody chooses.
"""

import numpy as np

from abm import segregation
from abm.config import Config
from abm.figures.style import INK, MAJORITY, MINORITY, MUTED, PAPER, Picture, grid, look, picture, sheet
from abm.indicators import Indicators
from abm.indicators.census import against, census
from abm.model import SchoolChoiceModel
from experiments.engine import forget
from experiments.replications.checks import above, below, near
from experiments.replications.lab import Case, Lab
from experiments.replications.paper import Outcome
from experiments.statistics.student import t_radius

CITE = "Ukanwa, Jones & Turner 2022, PNAS 119(35) e2117979119"
CLAIM = (
    "Race-blind choice segregates schools beyond the nearest-school pattern if the groups weigh quality and commute "
    "differently, and integrates them if they do not."
)
ALIKE = ("choice.distance=-0.9", "choice.reputation=1.1")  # the mean of both groups' weights
WEIGHTS = {
    "apart": (),
    "alike": ALIKE,
    "apart, the other way round": ("choice.distance={White=-0.3, Black=-1.5}", "choice.reputation={White=2.0, Black=0.2}"),
    "all as White families": ("choice.distance=-1.5", "choice.reputation=0.2"),
    "all as Black families": ("choice.distance=-0.3", "choice.reputation=2.0"),
    "the way alone, without taste": ("choice.distance=-1.0", "choice.reputation=0.0", 'choice.taste="none"'),
    "apart, few places": ("city.slack=0.2",),
    "alike, few places": (*ALIKE, "city.slack=0.2"),
}  # fmt: skip
HOMES = (0.1, 0.2, 0.4, 0.6, 0.8)  # residential D


def watch(world, rules, before, first) -> Indicators:
    """D of the schools, of the nearest schools and of homes."""
    counted = census(world)
    members = np.zeros((world.groups, 2, 2), bool)
    members[1:] = True
    heads = {"": counted.schools, "_nearest": counted.nearest, "_residential": counted.areas}
    rows = [
        (f"dissimilarity{kind}", rules.minority, "city", segregation.dissimilarity(against(table, members)))
        for kind, table in heads.items()
    ]
    return Indicators(rows, rules.minority)


def play(config: Config, seed: int) -> dict:
    """D of the schools after one cohort has chosen, that of the nearest schools, their difference, and D of homes."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=watch).run()
    seen = model.indicators
    forget(model)
    d, nearest = seen["dissimilarity"], seen["dissimilarity_nearest"]
    return {"d": d, "nearest": nearest, "excess": d - nearest, "homes": seen["dissimilarity_residential"]}


def replicate(lab: Lab) -> Outcome:
    """Weights apart and alike, in full choice, by the share of families who choose, and by the segregation of homes."""
    seeds = range(1, 1 + (6 if lab.quick else 20))
    shares = (0.0, 0.5, 1.0) if lab.quick else tuple(k / 10 for k in range(11))

    def case(weights, seed, share=1.0, homes=0.4):
        sets = (*WEIGHTS[weights], f"choice.choosers={share}", f"city.residential_dissimilarity={homes}")
        return Case({"weights": weights, "share": share, "residential": homes}, lab.scenario("ukanwa", *sets), seed)

    cases = [case(w, s, share) for w in ("apart", "alike") for share in shares for s in seeds]
    cases += [case(w, s) for w in list(WEIGHTS)[2:] for s in seeds]
    grid_ = () if lab.quick else HOMES
    cases += [case(w, s, homes=h) for w in ("apart", "alike") for h in grid_ if h != 0.4 for s in seeds]
    runs = lab.play(play, cases, "ukanwa")
    curve = runs[(runs.residential == 0.4) & runs.weights.isin(["apart", "alike"])]
    full = runs[(runs.residential == 0.4) & (runs.share == 1)]
    tables = {"dose": summary(curve, ["weights", "share"]), "weights": summary(full, ["weights"])}
    if not lab.quick:
        tables["residence"] = summary(runs[runs.share == 1], ["weights", "residential"])
    return Outcome(checks(curve, full), [drawn(curve, runs, full)], tables, notes(tables))


def summary(runs, by):
    """Mean excess over the nearest schools with its 95 % half-width, and D itself, by the columns ``by``."""
    grouped = runs.groupby(by, sort=False)
    out = grouped.excess.agg(["mean", "std", "size"]).reset_index()
    out["radius"] = [float(t_radius(s, n)) for s, n in zip(out["std"], out["size"], strict=True)]
    out["d"], out["nearest"] = grouped.d.mean().to_numpy(), grouped.nearest.mean().to_numpy()
    return out.rename(columns={"mean": "excess", "std": "sd", "size": "seeds"})


def checks(curve, full) -> list:
    """Both directions, their contrast, the mechanism switched off, and the dose."""
    excess = {name: part.excess.to_numpy() for name, part in full.groupby("weights")}
    why = "D minus D of nearest schools, within a seed"
    slope = {w: slopes(curve[curve.weights == w]) for w in ("apart", "alike")}
    none = curve[curve.share == 0].excess
    dose = "least-squares slope over the shares of choosers, within a seed"
    return [
        above("weights apart: D above nearest school", 0, excess["apart"], why),
        below("weights alike: D above nearest school", 0, excess["alike"], why),
        above("apart minus alike, same city", 0, excess["apart"] - excess["alike"], "paired by seed: what the difference of weights does"),
        above("apart, the other way round: D above nearest school", 0, excess["apart, the other way round"], why),
        below("all with the weights of White families", 0, excess["all as White families"], why),
        below("all with the weights of Black families", 0, excess["all as Black families"], why),
        above("dose, apart: D per share of choosers", 0, slope["apart"], dose),
        below("dose, alike: D per share of choosers", 0, slope["alike"], dose),
        above("few places, apart: D above nearest school", 0, excess["apart, few places"], why),
        below("few places, alike: D above nearest school", 0, excess["alike, few places"], why),
        near("nobody chooses: D above nearest school", 0, none, 1e-9, "exact: the local school is the nearest, and none is full"),
        near("the way alone: D above nearest school", 0, excess["the way alone, without taste"], 1e-9, "exact: the mechanism is switched off"),
    ]  # fmt: skip


def slopes(curve) -> np.ndarray:
    """(seed,) slope of D over the share of choosers."""
    return np.array([np.polyfit(part.share, part.d, 1)[0] for _, part in curve.groupby("seed")])


def notes(tables) -> list[str]:
    """What was found, with its numbers."""
    dose = tables["dose"].set_index(["weights", "share"])
    one = tables["weights"].set_index("weights")
    out = [
        f"D is {one.nearest['apart']:.2f} at the nearest schools, {one.d['apart']:.2f} with weights apart and {one.d['alike']:.2f} with equal "
        f"weights; with few places {one.d['apart, few places']:.2f} and {one.d['alike, few places']:.2f}."
    ]
    apart = dose.loc["apart"]
    above_ = apart.index[apart.excess > apart.radius]
    if above_.size and apart.index[1] < above_.min():
        out.append(
            f"The dose is not monotone from its start: with weights apart D is {apart.excess.iloc[1]:+.3f} (± {apart.radius.iloc[1]:.3f}) of "
            f"nearest school at a share of {apart.index[1]:.0%}, since the first to choose leave their own neighbourhood, and lies above it "
            f"from a share of {above_.min():.0%} on."
        )
    if "residence" in tables:
        rows = tables["residence"].sort_values("residential")
        for weights in ("apart", "alike"):
            part = rows[rows.weights == weights]
            told = ", ".join(f"{e:+.2f} at {r:g}" for e, r in zip(part.excess, part.residential, strict=True))
            out.append(f"By residential D, weights {weights}: {told}.")
    return out


def drawn(curve, runs, full) -> Picture:
    """The dose-response curves, and the effect of full choice by the segregation of homes."""
    title = "Choice blind to race segregates if the groups' weights differ"
    with look("ukanwa"):
        homes = runs[(runs.share == 1) & runs.weights.isin(["apart", "alike"])]
        two = homes.residential.nunique() > 1
        figure, axes = sheet(title, 3.5, 1, 1 + two, sharey=True)
        dose = axes[0, 0]
        _curve(dose, curve, "share", "share of families who choose")
        _few_places(dose, full)
        dose.set_title("The dose, at a residential D of .4")
        dose.set_ylabel("school D minus D of nearest schools")
        if two:
            _curve(axes[0, 1], homes, "residential", "residential D of the city")
            axes[0, 1].set_title("All choose")
        caption = (
            "Change of school D against everybody at the nearest school of the same city: mean and 95 % interval over "
            f"{curve.seed.nunique()} cities. Apart: Black families weigh quality, White families the way; alike: all have the mean of both. "
            "Open squares: places for 20 % more than the pupils. From schoolflight replicate ukanwa."
        )
        return picture("ukanwa", title, caption, figure)


def _few_places(ax, full) -> None:
    """Full choice where schools fill up, beside the ends of the curves."""
    for weights, colour in COLOUR.items():
        part = full[full.weights == f"{weights}, few places"].excess
        radius = float(t_radius(part.std(ddof=1), part.size))
        ax.errorbar(1.05, part.mean(), radius, fmt="s", color=colour, markersize=4.5, markerfacecolor=PAPER)
        if weights == "apart":
            ax.annotate("few places", (1.05, part.mean() - radius), (0, -5), textcoords="offset points", ha="center", va="top", color=MUTED)  # fmt: skip


COLOUR = {"apart": MINORITY, "alike": MAJORITY}


def _curve(ax, runs, x: str, words: str) -> None:
    """Mean excess over ``x`` with its interval, a line for each kind of weights."""
    for weights, colour in COLOUR.items():
        rows = summary(runs[runs.weights == weights], [x]).sort_values(x)
        ax.fill_between(
            rows[x], rows.excess - rows.radius, rows.excess + rows.radius, color=colour, alpha=0.18, linewidth=0
        )
        ax.plot(rows[x], rows.excess, color=colour, marker="o", markersize=4)
        at = rows.iloc[len(rows) // 2]
        up = 1 if weights == "apart" else -1
        ax.annotate(
            f"weights {weights}",
            (at[x], at.excess + up * at.radius),
            (0, up * 14),
            textcoords="offset points",
            ha="center",
            va="center",
            color=colour,
        )
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set_xlabel(words)
    grid(ax)
