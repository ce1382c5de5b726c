"""The tables of a comparison's page: every number with its interval."""

import numpy as np

from abm.summary.tables import Table
from experiments.compare.figures.look import interval, signed
from experiments.compare.measures import MEASURES
from experiments.compare.result import Result
from experiments.compare.text import money

DIGITS = {
    "index": (3, 1),
    "share": (1, 100),
    "km": (2, 1),
    "sd": (3, 1),
    "pupils": (0, 1),
    "schools": (1, 1),
    "euro": (0, 1),
}
UNIT = {
    "index": "",
    "share": ", points",
    "km": ", km",
    "sd": ", sd",
    "pupils": ", pupils",
    "schools": "",
    "euro": ", euro",
}
THEMES = {
    "Segregation": ("D", "D_vulnerable", "D_detected", "H", "isolation"),
    "Where segregation comes from": ("D_nearest", "D_zone", "D_residential"),
    "Flight of the majority": ("flight", "private", "exits", "left_city"),
    "First choice": ("first_choice", "first_choice_majority", "first_choice_minority", "first_choice_vulnerable"),
    "Way to school": ("distance", "distance_majority", "distance_minority", "distance_vulnerable"),
    "Results and cost (assumptions)": ("gap", "cost", "pupils"),
}


def number(value: float, digits: int = 0) -> str:
    """A figure, or a dash where there is none."""
    return f"{value:,.{digits}f}" if np.isfinite(value) else "-"


def label(r: Result, row) -> str:
    """The row's name, parts of a bundle indented."""
    return ("   " if row.bundle else "") + r.title(row)


def change(r: Result, row, measure: str, year: int | None = None) -> str:
    """A change with its interval, in the measure's unit."""
    e = r.effect(row.arm, measure, year)
    digits, factor = DIGITS[MEASURES[measure].unit]
    if not np.isfinite(e.effect):
        return "-"
    return f"{signed(factor * e.effect, digits)} ({interval(factor * e.low, factor * e.high, digits)})"


def moment(r: Result, year: int) -> str:
    """A milestone in words."""
    if year == r.plan.years:
        return f"year {year}, last in force"
    return f"year {year}, {year - r.plan.years} after the end" if year > r.plan.years else f"year {year}"


def verdicts(r: Result) -> Table:
    """The effect on D in the last year in force with the verdict and what it rests on."""
    head = ["", "change of D (95 % interval)", "verdict", "seeds the other way"]
    rows = [
        [label(r, row), change(r, row, "D"), row.D_verdict, f"{100 * row.D_opposite:.0f} % of {row.D_seeds:.0f}"]
        for row in r.rows
    ]
    if r.layered:
        head.append("over parameter sets (95 % interval)")
        for cells, row in zip(rows, r.rows, strict=True):
            e = r.effect(row.arm)
            cells.append(f"{signed(e.sets_effect)} ({interval(e.sets_low, e.sets_high)})")
    note = (
        f"A change nearer to zero than {r.plan.smallest:g} is too small to matter. The verdict holds false claims over the whole "
        "table to 5 %, so that its own interval is at least as wide as the one shown."
    )
    return Table(f"Change of D in year {r.plan.years}, and the verdict", tuple(head), [tuple(x) for x in rows], note)


def over_time(r: Result) -> Table:
    """Effects at the milestones, the baseline's own drift in the first row."""
    base = r.paths[(r.paths.arm == "baseline") & (r.paths.measure == "D")].set_index("year")["mean"]
    rows = [("Baseline: D itself, its own drift", *(f"{base[y]:.3f}" for y in r.plan.milestones))]
    rows += [(label(r, row), *(change(r, row, "D", y) for y in r.plan.milestones)) for row in r.rows]
    note = f"D of the baseline in year 0: {base[0]:.3f}. Changes are policy minus baseline in the same year."
    return Table(
        "Effects on D by year, and what remains when the money stops",
        ("", *(moment(r, y) for y in r.plan.milestones)),
        rows,
        note,
    )


def themes(r: Result, year: int) -> list[Table]:
    """All other measures at a milestone, by theme."""
    out = []
    for theme, names in THEMES.items():
        kept = [n for n in names if r.effects[(r.effects.measure == n) & (r.effects.year == year)].effect.notna().any()]
        heads = [MEASURES[n].label.replace(" (assumption)", "") + UNIT[MEASURES[n].unit] for n in kept]
        heads = [f"{h} (assumption)" if MEASURES[n].assumed else h for h, n in zip(heads, kept, strict=True)]
        rows = [(label(r, row), *(change(r, row, n, year) for n in kept)) for row in r.rows]
        note = ""
        if "D_detected" in kept and r.detection_changes:
            note = "Warning: detection changes in some futures; D of the detected is not comparable between them and the baseline. Read the true type."
        if kept:
            out.append(Table(f"{theme}, {moment(r, year)}", ("", *heads), rows, note))
    return out


def people(r: Result) -> Table:
    """How many are reached, and how many sit elsewhere."""
    majority, minority = r.sides
    head = (
        "",
        "pupils treated, a year",
        "schools treated, a year",
        f"{majority} pupils elsewhere",
        f"{minority} pupils elsewhere",
    )
    rows = [
        (label(r, row), number(row.treated_pupils), number(row.treated_schools), number(row.elsewhere_majority), number(row.elsewhere_minority))
        for row in r.rows
    ]  # fmt: skip
    note = (
        "Treated: mean of the years in force; in a bundle a school or pupil counts once for each policy that treats it. Elsewhere: "
        f"pupils who in year {r.plan.years} sit at another school than in the baseline of the same seed, whoever moved them and in "
        "whichever direction."
    )
    return Table("How many pupils", head, rows, note)


def costs(r: Result) -> Table:
    """Cost and euro per point of D, both assumptions."""
    rows = [(label(r, row), number(row.cost), price(row), "yes" if row.efficient else "no") for row in r.rows]
    head = ("", "euro a year (assumption)", "euro a year per .01 of D (assumption; 95 %)", "efficient by the means")
    note = "Undefined: the effect on D may be zero, or D may rise, so that no price can be told. Zero: the policy was given no price."
    return Table("Cost, and price of a point of D (assumptions)", head, rows, note)


def price(row) -> str:
    """Euro per point with its interval; undefined where the effect may be zero, none where D rises."""
    if not np.isfinite(row.euro_per_point):
        return "undefined"
    if row.D_effect > 0:
        return "raises D"
    ends = (
        f"{money(row.euro_low)} to {money(row.euro_high)}"
        if np.isfinite([row.euro_low, row.euro_high]).all()
        else "undefined"
    )
    return f"{money(row.euro_per_point)} ({ends})"


def pairs(r: Result) -> Table:
    """What pairing gained, and the spread of the differences."""
    head = (
        "",
        "correlation of pairs",
        "unpaired seeds needed per paired seed",
        "5 %",
        "25 %",
        "50 %",
        "75 %",
        "95 %",
        "runs that switch basin",
    )
    rows = []
    for row in r.rows:
        e = r.effect(row.arm)
        spread = (signed(q) for q in (e.q05, e.q25, e.q50, e.q75, e.q95))
        switch = f"{100 * row.switched:.0f} %" if row.two_peaks else "one basin seen"
        rows.append((label(r, row), number(row.correlation, 2), number(row.seeds_saved, 1), *spread, switch))
    note = "Quantiles of the paired differences of D over seeds. A correlation near 1 means that the same luck befell both futures."
    return Table("The pairs, and the spread of the differences", head, rows, note)


def interactions(r: Result) -> Table | None:
    """Effects of bundles beyond the sum of their parts."""
    rows = [
        (r.title(row), f"{signed(row.interaction)} ({interval(row.interaction_low, row.interaction_high)})")
        for row in r.rows if np.isfinite(row.interaction)
    ]  # fmt: skip
    note = "Effect of the bundle on D minus the sum of its parts' effects: below zero the parts help each other, zero: they add up."
    return (
        Table("Bundles: more or less than their parts", ("", "interaction (95 % interval)"), rows, note)
        if rows
        else None
    )
