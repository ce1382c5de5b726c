"""What a check by planted parameters leaves behind: tables, figures, a page, and the same in words."""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.page import MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import write
from abm.summary import Table
from experiments.calibration.checked import Checked
from experiments.calibration.planted import Plan

LITTLE = 0.3  # mean contraction below which passing says little
METHOD = (
    "For each city, parameters are drawn from their priors and planted: figures are simulated from them, and each gets the "
    "noise of its target's tolerance. The calibration's own inference then looks for them, knowing the figures only.",
    "If posteriors are right, the planted value is as likely at any rank among draws of its posterior (Cook, Gelman & Rubin "
    "2006; Talts et al. 2018), and half of the central 50 % intervals and nine tenths of the 90 % intervals hold it.",
    "Contraction is 1 - posterior variance / prior variance: 0, the figures say nothing of the parameter; 1, they pin it down. "
    "A parameter with little contraction passes easily: its posterior is its prior. Read both together.",
    "ECDF: whether the distribution of ranks leaves a band that holds the whole curve in 95 % of cases if all is right (the "
    "idea of Saeilynoja, Buerkner & Vehtari 2022). Chi-square: of the histogram; it is shown and not part of the verdict.",
    "A parameter fails where the ECDF's p or that of the 90 % coverage is below .05 divided by the number of these tests "
    "(Bonferroni), and is in doubt where one is below .05.",
)
LIMITS = (
    "What is checked is the inference, for cities that the model itself has made. It says nothing of whether the model is "
    "right about a real city.",
    "The posterior is checked on average over the prior: errors of opposite sign in different places can cancel.",
)  # fmt: skip


def write_check(plan: Plan, found: Checked, folder: Path, file: str) -> str:
    """Write ranks, uniformity, coverage and contraction as csv, figures and index.html; returns the text to print."""
    from experiments.calibration.planted_figures import draw  # here: matplotlib takes a while to load
    from experiments.compare.figures import save

    named = {"ranks": found.ranks, "uniformity": found.uniform, "coverage": found.coverage, "contraction": found.contraction}  # fmt: skip
    for name, rows in named.items():
        write(folder / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g"))
    pictures = draw(plan.calibration, found)
    save(pictures, folder, png=True)
    write(folder / "index.html", page(plan, found, pictures, file))
    tables = (verdicts(found), covered(found), learnt(found))
    grids = [f"{t.title}:\n{pd.DataFrame(t.rows, columns=t.head).to_string(index=False)}" for t in tables]
    return "\n\n".join([f"{plan.calibration.title}: {cities(found)} cities", *told(found), *grids])


def told(found: Checked) -> list[str]:
    """The findings in sentences."""
    lines = [_verdict(found)]
    lines += [_wrong(row, found) for row in found.uniform.itertuples() if row.verdict != "passes"]
    for level, some in found.coverage.groupby("level"):
        share, ends = some.held.sum() / some.cities.sum(), (some.share.min(), some.share.max())
        lines.append(
            f"Of the central {_percent(level)} intervals {_percent(share)} hold the planted value (by parameter "
            f"{_percent(ends[0])} to {_percent(ends[1])}; one parameter's share is known to about {_percent(_margin(level, found))} "
            "up and down)."
        )
    lines += [
        f"{row.parameter}: contraction {row.contraction_mean:.2f} on average ({row.contraction_q05:.2f} to "
        f"{row.contraction_q95:.2f} in nine tenths of cities); correlation of the posterior mean with the planted value {row.correlation:.2f}."
        + (" Not much is learnt of it, so that passing says little." if row.contraction_mean < LITTLE else "")
        for row in found.contraction.itertuples()
    ]
    return lines


def page(plan: Plan, found: Checked, pictures: list, file: str) -> str:
    """The whole page."""
    c = plan.calibration
    title = f"Does calibration find what was planted? {c.title}"
    priors = [f"{f.key}: planted between {f.low:g} and {f.high:g}, evenly" for f in c.free]
    drawn = [f"{f.key}: from {f.low:g} to {f.high:g}" for f in plan.cities]
    spent = found.ranks.drop_duplicates("number")
    what = [
        f"{cities(found)} cities of {c.scenario}, each with its own layout" + (f" ({'; '.join(drawn)})" if drawn else ""),
        *priors,
        f"Targets: {', '.join(f'{t.name} (tolerance {t.tolerance:g})' for t in c.fitted)}",
        f"Inference: {c.population} particles, {c.generations} generation{'s' * (c.generations > 1)}, "
        f"{spent.simulations.mean():.0f} simulations a city on average; posteriors worth {spent.effective.mean():.0f} equal "
        f"draws on average; accepted figures within {spent.epsilon.median():.1f} tolerances (median)",
    ]  # fmt: skip
    repeat = f"schoolflight planted {file} --cities {cities(found)}"
    return document(title, [
        f"<h1>{escape(title)}</h1>",
        section("In short", f"<div class='answer'>{paragraphs(told(found))}</div>"),
        section("Figures", "".join(figure(drawn) for drawn in pictures)),
        section("Tables", table(verdicts(found)) + table(covered(found)) + table(learnt(found))),
        section("What was done", bullets(what)),
        section("How to read this", bullets([*METHOD, *LIMITS]), MORE),
        section("How to repeat this", f"<p><code>{escape(repeat)}</code></p>"),
    ], Foot(f"a seed a city ({cities(found)})", "none, made-up cities", "priors, tolerances", "checks no model"))  # fmt: skip


def verdicts(found: Checked) -> Table:
    """Tests of uniform ranks."""
    rows = [
        (r.parameter, r.verdict, f"{r.ecdf_p:.2g}", f"{r.coverage_90_p:.2g}", f"{r.chi_square_p:.2g}", f"{r.lean:+.3f}", f"{r.lean_p:.2g}")
        for r in found.uniform.itertuples()
    ]  # fmt: skip
    head = ("parameter", "verdict", "p, ECDF", "p, 90 % coverage", "p, chi-square", "mean rank less .5", "p of that")
    return Table(
        "Are the ranks uniform?", head, rows, "Mean rank less .5: above 0, posteriors lie too low; below, too high."
    )


def covered(found: Checked) -> Table:
    """Coverage of central intervals."""
    rows = [
        (r.parameter, _percent(r.level), f"{r.held} of {r.cities}", _percent(r.share), f"{_percent(r.low)} to {_percent(r.high)}", f"{r.p:.2g}")
        for r in found.coverage.itertuples()
    ]  # fmt: skip
    head = ("parameter", "interval", "hold it", "share", "95 % interval of the share", "p")
    return Table("Do intervals hold the planted value as often as they say?", head, rows)


def learnt(found: Checked) -> Table:
    """Contraction and recovery."""
    rows = [
        (r.parameter, f"{r.contraction_mean:.2f}", f"{r.contraction_q05:.2f} to {r.contraction_q95:.2f}", f"{r.correlation:.2f}",
         f"{r.rmse_prior_sd:.2f}", f"{r.expected_rmse_prior_sd:.2f}", f"{r.bias_prior_sd:+.2f}")
        for r in found.contraction.itertuples()
    ]  # fmt: skip
    head = (
        "parameter",
        "contraction",
        "in nine tenths of cities",
        "correlation with truth",
        "error",
        "error the posterior expects",
        "bias",
    )
    note = "Error: root of the mean squared gap between posterior mean and planted value; errors and bias in sd of the prior."
    return Table("How much is learnt?", head, rows, note)


def cities(found: Checked) -> int:
    """How many there are."""
    return int(found.ranks.number.nunique())


def _verdict(found: Checked) -> str:
    verdict = found.uniform.set_index("parameter").verdict
    fails, doubt = ([str(k) for k in verdict.index[verdict == word]] for word in ("fails", "in doubt"))
    if not fails and not doubt:
        return f"Nothing tells against the posteriors of any of the {len(verdict)} parameters, as far as {cities(found)} cities can show."
    parts = [f"fails for {', '.join(fails)}"] * bool(fails) + [f"is in doubt for {', '.join(doubt)}"] * bool(doubt)
    good = [str(k) for k in verdict.index[verdict == "passes"]]
    return f"The inference {' and '.join(parts)}" + (f"; it passes for {', '.join(good)}." if good else ".")


def _wrong(row, found: Checked) -> str:
    """How a parameter's posteriors are wrong, as far as it shows."""
    held = found.coverage[(found.coverage.parameter == row.parameter) & (found.coverage.level == 0.9)].iloc[0]
    width = "too narrow" if held.share < held.level else "too wide"
    words = [f"90 % intervals hold the planted value in {_percent(held.share)} of cities ({width})"] * int(
        held.p < 0.05
    )
    side = "low" if row.lean > 0 else "high"
    words += [f"posteriors lie too {side} (mean rank {row.lean + 0.5:.2f} of the range, not .5)"] * int(
        row.lean_p < 0.05
    )
    return f"{row.parameter}: {' and '.join(words) or 'its ranks are uneven without a plain pattern'}."


def _margin(level: float, found: Checked) -> float:
    return 1.96 * np.sqrt(level * (1 - level) / cities(found))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
