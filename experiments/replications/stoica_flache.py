"""Stoica, V. I. & Flache, A. (2014). From Schelling to Schools: A Comparison of a Model of Residential Segregation with a
Model of School Segregation. Journal of Artificial Societies and Social Simulation 17(1) 5.

Families with the preferences of Schelling's model choose schools instead of homes. Composition alone drives schools apart
as it does neighbourhoods; a preference for nearby schools tempers this, and integration is kept for a wider range of
tolerance than without it.

Only these directions are compared: figures of the paper, and some of its settings, were not at hand.

What is the same: a torus of 100 x 100 cells; schools on random cells; a school's catchment are the cells nearest to it
(its Voronoi cell), and it has as many places as its catchment has cells; everybody starts in its catchment's school; two
groups live at random; a family weighs the share x of its own side at a school, V(x) with its peak at the preferred share
f, against the way to it. Tolerance is read from f: the lower f, the more of the others a family likes to have.

What is assumed, and marked so in the scenario:

- 30 schools, density .9, two equal groups; V falls to M = .6 where all are of the own side.
- U = V^a D^(1-a), D = (dmax - d)/dmax, the form of this line of models; the weight of distance is 1 - a. Choices by
  P ~ exp(12 U), one family after another on compositions as they stand, as in Sage & Flache (2021), who built on this model.
- A tick gives every family one turn; 20 ticks. Segregation hardly changes after ten.

What differs for sure: the paper compares its school model with a residential one of its own and varies the share of the
minority; this replication keeps to the school model with equal groups. Schelling's residential model is another page.

The contrast. Giving distance a weight takes weight from composition, and this alone could keep schools mixed: choices
then follow chance. So the same weight of composition is played with all schools equally near (1/(1 + (d/p)^q) with p of
100,000 km: D = 1 for all). What is left of the effect is due to distance. It is taken at a weight of distance of .7: from .8
on composition has so little weight left that chance alone keeps the schools of the mildest families mixed.
"""

import numpy as np
import pandas as pd

from abm.config import Config
from abm.figures import style
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from abm.segregation import dissimilarity
from experiments.engine import forget
from experiments.replications import checks
from experiments.replications.lab import Case, Lab
from experiments.replications.paper import Outcome

CITE = "Stoica & Flache 2014, JASSS 17(1) 5"
CLAIM = "A preference for nearby schools tempers self-organised school segregation: integration survives for a wider range of tolerance."
WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)
SHARES = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)
QUICK_WEIGHTS, QUICK_SHARES = (0.0, 0.7), (0.4, 0.5, 0.6)
MIDDLE, SHARE = 0.7, 0.5  # weight of distance and preferred share of the contrast
INTEGRATED = 0.3  # D below which schools count as integrated, an older convention of the field (low segregation)
NOWHERE = ('choice.distance_form="ratio"', "choice.ratio_p=100000.0")


def play(config: Config, seed: int) -> dict:
    """School D at the start, after half of the steps and at the end; mean way to school in km."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=_nothing)
    out = [_d(model)]
    for _ in range(config.run.years):
        model.step()
        out.append(_d(model))
    table = model.world.households
    way = float(model.world.city.km(table.place, table.school).mean())
    forget(model)
    return {"start": out[0], "half": out[len(out) // 2], "d": out[-1], "km": way}


def _nothing(world, rules, before, first) -> Indicators:
    return Indicators([], rules.minority)


def _d(model: SchoolChoiceModel) -> float:
    return float(dissimilarity(model.world.seen.heads[:, 0]))


def replicate(lab: Lab) -> Outcome:
    """The map of D over the weight of distance and the preferred share, and the contrast without distance."""
    weights, shares = (QUICK_WEIGHTS, QUICK_SHARES) if lab.quick else (WEIGHTS, SHARES)
    seeds = range(1, 4)

    def cases(weight: float, *extra: str) -> list[Case]:
        alpha = f"choice.alpha={round(1 - weight, 3)}"
        return [
            Case(
                {"weight": weight, "f": f, "near": not extra},
                lab.scenario("stoica_flache", f"households.tolerance={f}", alpha, *extra), seed,
            )
            for f in shares for seed in seeds
        ]  # fmt: skip

    every = [case for weight in weights for case in cases(weight)] + cases(MIDDLE, *NOWHERE)
    runs = lab.play(play, every, "stoica_flache")
    table = runs.groupby(["near", "weight", "f"])[["start", "half", "d", "km"]].agg(["mean", "std"])
    table.columns = ["_".join(names) for names in table.columns]
    return Outcome(_checks(runs), [_map(runs)], {"map": table.reset_index()}, _notes(runs))


def _seeds(runs: pd.DataFrame, weight: float, f: float, near: bool = True) -> np.ndarray:
    """(seed,) D at the end."""
    rows = runs[(runs.weight == weight) & (runs.f == f) & (runs.near == near)]
    return rows.sort_values("seed").d.to_numpy()


def _limits(runs: pd.DataFrame, weight: float, near: bool = True) -> np.ndarray:
    """(seed,) preferred share up to which schools stay integrated."""
    shares = np.sort(runs.f.unique())
    by_share = np.stack([_seeds(runs, weight, f, near) for f in shares])
    return np.array([limit(shares, d) for d in by_share.T])


def limit(shares: np.ndarray, d: np.ndarray) -> float:
    """Preferred share at which ``d`` first rises above INTEGRATED, by a straight line between the two beside it."""
    above = np.flatnonzero(d > INTEGRATED)
    if above.size == 0:
        return float(shares[-1])
    k = above[0]
    if k == 0:
        return float(shares[0])
    return float(np.interp(INTEGRATED, [d[k - 1], d[k]], [shares[k - 1], shares[k]]))


def _checks(runs: pd.DataFrame) -> list[checks.Check]:
    """Both directions, each with its contrast."""
    alone, there = _seeds(runs, 0.0, SHARE), _seeds(runs, MIDDLE, SHARE)
    elsewhere = _seeds(runs, MIDDLE, SHARE, near=False)
    wide, narrow = _limits(runs, MIDDLE), _limits(runs, 0.0)
    words = f"f = {SHARE:g}"
    same = "contrast, within a seed: the same weight of composition, and all schools equally near"
    rows = [
        checks.above(f"D by composition alone, {words}", 0.5, alone, "self-organised segregation: there is something to temper"),
        checks.above(f"fall of D, distance 0 to {MIDDLE:g}, {words}", 0.0, alone - there, "direction of the paper, within a seed"),
        checks.above(f"of this due to distance itself, {words}", 0.0, elsewhere - there, same),
        checks.above(f"wider range of f, distance 0 to {MIDDLE:g}", 0.0, wide - narrow, f"direction of the paper: f up to which D stays below {INTEGRATED:g}, within a seed"),
        checks.above("of this due to distance itself", 0.0, wide - _limits(runs, MIDDLE, near=False), same),
    ]  # fmt: skip
    slopes = []
    for _, rows_of_seed in runs[runs.near & (runs.f >= SHARE)].groupby("seed"):
        slopes.append(np.mean([np.polyfit(part.weight, part.d, 1)[0] for _, part in rows_of_seed.groupby("f")]))
    why = f"direction of the paper: slope of D on the weight of distance, mean over f from {SHARE:g}"
    return [*rows, checks.below("slope of D on the weight of distance", 0.0, slopes, why)]


def _notes(runs: pd.DataFrame) -> list[str]:
    """Where the limit lies by weight, and how far families go."""
    near = runs[runs.near]
    limits = ", ".join(f"{w:g}: {_limits(runs, w).mean():.2f}" for w in np.sort(near.weight.unique()))
    change = (near.d - near.half).abs().mean()
    ways = near[near.f == SHARE].groupby("weight").km.mean()
    far = _limits(runs, MIDDLE, near=False).mean()
    return [
        f"Preferred share f up to which D stays below {INTEGRATED:g}, by weight of distance: {limits}. The highest f played "
        "stands where none was too high.",
        f"At a weight of distance of {MIDDLE:g} with all schools equally near it is {far:.2f}: what composition lost in "
        "weight explains this much, and distance the rest.",
        f"D changes by {change:.3f} on average in the second half of the ticks.",
        f"Mean way to school at f = {SHARE:g}: " + ", ".join(f"{km:.1f} km at {w:g}" for w, km in ways.items()) + ".",
    ]


def _map(runs: pd.DataFrame) -> style.Picture:
    """D over the weight of distance and the preferred share; beside it the contrast."""
    near = runs[runs.near].groupby(["f", "weight"]).d.mean().unstack()
    with style.look("stoica_flache"):
        figure, axes = style.sheet("A wish for nearby schools keeps them mixed", 3.8, 1, 2, width_ratios=(1.5, 1))
        ax = axes[0, 0]
        edges = (np.arange(n + 1) - 0.5 for n in reversed(near.shape))
        ax.pcolormesh(*edges, near.to_numpy(), cmap=style.SHARE, vmin=0, vmax=1)
        for (y, x), d in np.ndenumerate(near.to_numpy()):
            ax.text(
                x,
                y,
                _short(d),
                ha="center",
                va="center",
                fontsize=7.5,
                color="#ffffff" if d > 0.6 else "#1b1f25",
            )
        ax.set_xticks(range(near.shape[1]), [f"{w:g}" for w in near.columns])
        ax.set_yticks(range(near.shape[0]), [f"{f:g}" for f in near.index])
        ax.set(xlabel="weight of distance, 1 - a", ylabel="preferred share of the own side, f", title="school D")
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)
        _beside(axes[0, 1], runs)
        caption = (
            f"Left: dissimilarity of schools after 20 ticks, mean of {runs.seed.nunique()} seeds; pale is integrated. From left to right "
            "distance gains weight against composition, upwards families get less tolerant. Right: the same over the "
            f"preferred share, without a weight of distance, with {MIDDLE:g}, and with the same weight of composition where "
            "all schools are equally near. From schoolflight replicate stoica_flache."
        )  # fmt: skip
        return style.picture("map", "School D over the weight of distance and tolerance", caption, figure)


def _short(d: float) -> str:
    """A share without its zero, as papers print it: .27, and 1 for what rounds to it."""
    return "1" if d >= 0.995 else f"{d:.2f}"[1:]


def _beside(ax, runs: pd.DataFrame) -> None:
    """D over the preferred share for no weight of distance, a middle one, and its contrast."""
    shares = np.sort(runs.f.unique())
    lines = (
        (0.0, True, style.INK, "-", "no weight"),
        (MIDDLE, False, style.MUTED, "--", f"{MIDDLE:g}, all equally near"),
        (MIDDLE, True, style.MAJORITY, "-", f"{MIDDLE:g}"),
    )
    for row, (weight, is_near, colour, line, words) in enumerate(lines):
        d = [_seeds(runs, weight, f, is_near).mean() for f in shares]
        ax.plot(shares, d, color=colour, ls=line, marker="o", ms=3)
        ax.text(0.98, 0.16 - 0.065 * row, words, color=colour, fontweight="bold", transform=ax.transAxes, ha="right")
    ax.axhline(INTEGRATED, color=style.MUTED, lw=0.8, ls=":")
    ax.set(xlabel="preferred share of the own side, f", title="the same, by weight of distance", ylim=(0, 1.04))
    style.grid(ax)
