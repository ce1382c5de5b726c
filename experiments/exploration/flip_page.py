"""What is left of signs among sets: tables, figures, a page "which policies keep their sign?", and the same in words."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from abm.page import FORECAST, MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.report import settings
from abm.results import write
from abm.scenario import configure
from abm.summary import Table
from abm.summary.numbers import percent, words
from experiments.compare.figures import save
from experiments.exploration.flip_figures import maps, shares
from experiments.exploration.flips import RATE, Flip, Flips
from experiments.exploration.page import METHOD, in_words
from experiments.sensitivity.page import city, seeds_of
from experiments.sweep.sets import told as drawn

LIMITS = (
    "Probabilities are over the sets of the file, by their weights: they are worth what the calibration behind it is worth, and hold for what it left free alone; all other parameters stay as in the scenario.",
    "Each set has seeds of its own, the same with and without each policy. The spread over seeds is pooled over the sets, as if it were the same in all, so that few seeds a set suffice; where a policy does nothing, 1 set in 20 is clear by chance alone.",
    "The probability allows for the noise of the seeds (empirical Bayes with normal distributions, Efron & Morris 1975); the plain share of sets below 0 leans to one half where noise is large.",
    "A policy is said to fail in a set where its mean change is not below 0.",
    "Policies are run as their files say, for the years of the sweep; another dose may have another sign. Sizes are not costs.",
)


def write_flips(f: Flips, folder: Path) -> str:
    """Write policy_signs.csv, sign_parameters.csv, set_effects.csv, figures and explore.html; returns the text to print."""
    tables = {
        "policy_signs": signs(f),
        "sign_parameters": pd.concat([one.telling.assign(policy=one.policy) for one in f.policies]),
        "set_effects": pd.concat([f.x.assign(policy=one.policy, effect=one.mean, error=one.error, sign=one.sure) for one in f.policies]),
    }  # fmt: skip
    for name, rows in tables.items():
        write(folder / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g"))
    pictures = [shares(f), maps(f)]
    save(pictures, folder, png=True)
    write(folder / "explore.html", page(f, pictures))
    return told(f)


def signs(f: Flips) -> pd.DataFrame:
    """A row a policy."""
    rows = [
        {"policy": one.policy, "sets": int(one.there.sum()), "probability_lowers": one.probability, "smallest": f.smallest,
         "probability_enough": one.enough, "clearly_lowers": one.share(-1), "not_clear": one.share(0),
         "clearly_raises": one.share(1), "below_0": float((one.mean[one.there] < 0).mean()),
         "mean": float(np.nanmean(one.mean)), "least": float(np.nanmin(one.mean)), "most": float(np.nanmax(one.mean)),
         "error_of_a_set": one.error, "p_same_in_all_sets": one.differ, "sign_flips": one.flips}
        for one in f.policies
    ]  # fmt: skip
    return pd.DataFrame(rows)


def told(f: Flips) -> str:
    """The finding as text."""
    rows = summary(f)
    grid = pd.DataFrame(rows.rows, columns=rows.head).to_string(index=False)
    return "\n\n".join([f"{f.sweep.title}: {about(f)}", grid, *(sentence(f, one) for one in f.policies)])


def about(f: Flips) -> str:
    """What was run."""
    return (
        f"change of {words(f.indicator)} in year {f.year}, {drawn(f.sweep.weights, f.sweep.samples, f.sweep.posterior)}, "
        f"{f.sweep.seeds} seeds each."
    )


def summary(f: Flips) -> Table:
    """A row a policy, in words."""
    head = ["policy", "probability that it lowers", "clearly lowers", "cannot be told", "clearly raises", "mean change"]
    rows = [
        [words(one.policy), percent(one.probability), *(percent(one.share(sign)) for sign in (-1, 0, 1)), f"{np.nanmean(one.mean):+.4f}"]
        for one in f.policies
    ]  # fmt: skip
    if f.smallest:
        head.append(f"probability that it lowers by {f.smallest:g}")
        rows = [[*row, percent(one.enough)] for row, one in zip(rows, f.policies, strict=True)]
    return Table("", tuple(head), [tuple(row) for row in rows])


def sentence(f: Flips, one: Flip) -> str:
    """One policy: how likely it lowers, and where its sign flips."""
    what = words(f.indicator)
    first = f"{words(one.policy).capitalize()} lowers {what} with probability {percent(one.probability)}"
    clear = f": clearly at {percent(one.share(-1))} of the sets, clearly raising it at {percent(one.share(1))}"
    if math.isnan(one.error):
        return f"{first}. With one seed a set nothing is told apart from chance; ask for more seeds."
    return f"{first}{clear}. {flip(f, one)}"


def flip(f: Flips, one: Flip) -> str:
    """Where the sign flips, or why that is not told."""
    own = one.mean[one.there]
    if (own == 0).all():
        return "It changes nothing at all in any set."
    if not one.flips:
        if min((own < 0).sum(), (own >= 0).sum()) == 0:
            return "Its sign is the same in every set that was drawn."
        same = math.isnan(one.differ) or one.differ > RATE
        why = "its effect differs between sets by no more than chance" if same else "too few sets have the other sign"
        return f"Where its sign flips cannot be told: {why}."
    best = one.telling.iloc[0]
    if not best.told:
        return "Its effect differs between sets beyond chance, yet no single parameter tells its signs apart."
    text = (
        f"Its sign hangs most on {best.key}: below {best.cut:.3g} it lowers {words(f.indicator)} at {percent(best.lowers_below)} of the "
        f"sets, above at {percent(best.lowers_above)} (a cut chosen to fit, so that it looks better than it is)."
    )
    if one.found and one.found.boxes:
        text += f" {in_words(one.found.boxes[0], 1, f)}"
        fair = one.found.held_out
        text += (
            ""
            if math.isnan(fair)
            else f" Sought in one half of the sets, {percent(fair)} of such a box fail in the other."
        )
    return text


def page(f: Flips, pictures: list) -> str:
    """The whole page."""
    title = f"Which policies lower {words(f.indicator)}, whichever set of parameters is true?"
    lead = f"{f.sweep.title}: {about(f)} The sets are consistent with what they were calibrated to, as far as that calibration holds."
    ranges = [
        f"{key}: from {f.x[key].min():.3g} to {f.x[key].max():.3g}, median {f.x[key].median():.3g}" for key in f.x
    ]
    return document(title, [
        f"<h1>{escape(title)}</h1>",
        section("In short", f"<div class='answer'>{paragraphs([lead])}{bullets(sentence(f, one) for one in f.policies)}</div>"),
        section("A row a policy", figure(pictures[0]) + table(summary(f))),
        section("Where the sign flips", figure(pictures[1]) + "".join(parameters(one) for one in f.policies)),
        section("The policies", bullets(policy(f, one) for one in f.policies)),
        section("The sets", bullets(ranges)),
        section("How to read this", bullets([*LIMITS, METHOD]), MORE),
    ], Foot(seeds_of(f.sweep), city(f.sweep), f"sets of {Path(f.sweep.posterior).name}", FORECAST))  # fmt: skip


def parameters(one: Flip) -> str:
    """How well each parameter tells one policy's signs apart."""
    rows = [
        (r.key, f"{r.rho:+.2f}", _or_dash(r.separation, "+.2f"), _or_dash(r.p, ".2g"), "yes" if r.told else "no")
        for r in one.telling.itertuples()
    ]
    head = ("parameter", "correlation with the change", "separation of the signs", "p", "beyond chance")
    note = (
        "Correlation: Spearman's, of the change with the parameter. Separation: rank-biserial, 0: tells nothing, 1: it lowers at "
        "low values only, -1: at high values only; p: Mann & Whitney 1947. Beyond chance: with the false claims of this table held to 5 %."
    )
    return f"<details><summary>{escape(words(one.policy))}: each parameter</summary>{table(Table('', head, rows, note))}</details>"


def _or_dash(value: float, form: str) -> str:
    return "-" if math.isnan(value) else f"{value:{form}}"


def policy(f: Flips, one: Flip) -> str:
    """A policy's settings in words."""
    made = configure({"city": f.sweep.base["city"], "policies": f.sweep.arms[one.policy]}).policies
    told_ = [("" if p.kind == one.policy else f"{words(p.kind)}. ") + settings(p) for p in made]
    return f"{words(one.policy)}: {'; '.join(told_)}"
