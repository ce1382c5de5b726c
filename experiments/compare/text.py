"""A comparison in the terminal: one row a policy, then what the numbers can and cannot say."""

from textwrap import shorten

import numpy as np
import pandas as pd

from experiments.compare.plan import Plan
from experiments.compare.rows import ordered

COLUMNS = (  # heading, measure, digits, factor
    ("H", "H", 3, 1), ("isolation", "isolation", 3, 1), ("flight %", "flight", 1, 100), ("1st ch. %", "first_choice", 1, 100),
    ("km maj.", "distance_majority", 2, 1), ("km min.", "distance_minority", 2, 1), ("gap sd*", "gap", 3, 1),
)  # fmt: skip

WIDEST = 34  # characters of a name


def text(plan: Plan, effects: pd.DataFrame, summary: pd.DataFrame, paths: pd.DataFrame) -> str:
    """The comparison as lines for a terminal of 120 characters: the largest lowering of D first, bundles with their parts."""
    end, arms = plan.years, ordered(summary)
    futures = f"{len(plan.arms)} futures" if len(plan.arms) > 1 else "one future"
    lines = [
        f"{plan.base.city.name}: {futures} against the baseline, {plan.seeds} seeds, {plan.burn_in} years before,",
        f"{plan.years} with the policies, {plan.after} after them",
        drift(plan, paths),
        "",
        "Change of D (minority), ± half its 95 % interval from paired seeds, by year. opp %: seeds with the opposite sign.",
        f"The verdict is on year {end}, with the false claims of the whole table held to 5 %, against a smallest effect of",
        f"interest of {plan.smallest:g}.",
        "",
    ]
    head = ["policy", *(f"year {y}" for y in plan.milestones), "verdict", "opp %"]
    lines += table(head, [_row(plan, effects, arm) for arm in arms])
    lines += ["", f"Change of other figures in year {end}, ± half the 95 % interval:", ""]
    lines += table(["policy", *(c[0] for c in COLUMNS)], [_others(effects, arm, end) for arm in arms])
    lines += [
        "",
        "Cost*, and who is concerned (treated: a year, once for each policy; elsewhere: at another school than in the baseline",
        "of the same seed; switch: seeds that a policy sends to the other of two groups of endings, one: no two groups seen):",
        "",
    ]
    head = ["policy", "euro/year*", "per .01 D*", "pupils", "schools", "majority", "minority", "pairs", "switch"]
    over = ["", "", "", "treated", "treated", "elsewhere", "elsewhere", "corr.", "basin %"]
    lines += table(over, [head, *(_people(arm) for arm in arms)])
    lines += [*_interactions(summary), "", *notes(plan, summary)]
    return "\n".join(lines)


def label(arm) -> str:
    """The name of a row, cut to its column before the years that tell it from others; parts of a bundle are indented."""
    name, comma, years = arm.title.partition(", ") if arm.bundle else (arm.title, "", "")
    return (
        ("  " if arm.bundle else "")
        + shorten(name, WIDEST - 2 - len(comma + years), placeholder=" ...")
        + comma
        + years
    )


def drift(plan: Plan, paths: pd.DataFrame) -> str:
    """What the baseline does by itself meanwhile."""
    base = paths[(paths.arm == "baseline") & (paths.measure == "D")].set_index("year")["mean"]
    last = plan.years + plan.after
    return f"The baseline's own D goes from {base[0]:.3f} to {base[plan.years]:.3f} in year {plan.years}, {base[last]:.3f} in year {last}."


def _row(plan: Plan, effects: pd.DataFrame, arm) -> list[str]:
    own = effects[(effects.arm == arm.arm) & (effects.measure == "D")].set_index("year")
    cells = [_half(own.effect[y], own.low[y], own.high[y], 3) for y in plan.milestones]
    return [label(arm), *cells, arm.D_verdict, f"{100 * arm.D_opposite:.0f}"]


def _half(effect: float, low: float, high: float, digits: int) -> str:
    """A change with half the width of its interval."""
    if not np.isfinite(effect):
        return "-"
    half = f" ±{(high - low) / 2:.{digits}f}" if np.isfinite([low, high]).all() else ""
    return f"{effect + 0.0:+.{digits}f}{half}"


def _others(effects: pd.DataFrame, arm, year: int) -> list[str]:
    own = effects[(effects.arm == arm.arm) & (effects.year == year)].set_index("measure")
    cells = [
        _half(factor * own.effect[name], factor * own.low[name], factor * own.high[name], digits)
        for _, name, digits, factor in COLUMNS
    ]
    return [label(arm), *cells]


def _people(arm) -> list[str]:
    price = "raises D" if arm.D_effect > 0 else f"{money(arm.euro_low)}-{money(arm.euro_high)}"
    price = price if np.isfinite(arm.euro_per_point) else "undefined"
    return [
        label(arm), money(arm.cost), "-" if arm.cost == 0 else price, count(arm.treated_pupils), count(arm.treated_schools),
        count(arm.elsewhere_majority), count(arm.elsewhere_minority), count(arm.correlation, 2),
        f"{100 * arm.switched:.0f}" if arm.two_peaks else "one",
    ]  # fmt: skip


def count(value: float, digits: int = 0) -> str:
    """A number, or a dash where there is none."""
    return f"{value:,.{digits}f}" if np.isfinite(value) else "-"


def _interactions(summary: pd.DataFrame) -> list[str]:
    rows = summary[summary.interaction.notna()]
    if rows.empty:
        return []
    return ["", "Bundles: effect on D minus the sum of the parts' effects (zero: the parts add up)", ""] + [
        f"  {r.title}: {r.interaction:+.3f} ({r.interaction_low:+.3f} {r.interaction_high:+.3f})"
        for r in rows.itertuples()
    ]


def notes(plan: Plan, summary: pd.DataFrame) -> list[str]:
    """What the numbers rest on."""
    out = ["* rests on assumptions: costs, and the achievement gap (its parameters are assumptions throughout)."]
    if len(plan.sets) == 1:
        out.append(
            "The intervals know of the luck of seeds alone, for these parameters; --parameters K shows what other parameters would say."
        )
    else:
        out.append(
            f"Verdicts rest on {len(plan.sets) - 1} sets of parameters, {plan.drawn_from}, with {plan.set_seeds} seeds each; the intervals by year on seeds alone."
        )
    if any("detection" in {p.kind for p in arm.policies} for arm in plan.arms):
        out.append(
            "Detection changes in some futures: figures on detected pupils are not comparable; read the true type."
        )
    return out


def money(euro: float) -> str:
    """Euro in a few characters."""
    if not np.isfinite(euro):
        return "-"
    for unit, word in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(euro) >= unit:
            return f"{euro / unit:.3g}{word}"
    return f"{euro:.0f}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    widths = [max(len(r[k]) for r in [head, *rows]) for k in range(len(head))]
    return [
        "  ".join([r[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(r[1:], widths[1:], strict=True))]).rstrip()
        for r in [head, *rows]
    ]
