"""A comparison in the terminal: one row a policy, then what the numbers can and cannot say."""

import numpy as np
import pandas as pd

from experiments.compare.plan import Plan

COLUMNS = (  # heading, measure, digits, factor
    ("H", "H", 3, 1), ("isolation", "isolation", 3, 1), ("flight %", "flight", 1, 100), ("1st choice %", "first_choice", 1, 100),
    ("km majority", "distance_majority", 2, 1), ("km minority", "distance_minority", 2, 1), ("gap sd*", "gap", 3, 1),
)  # fmt: skip


def text(plan: Plan, effects: pd.DataFrame, summary: pd.DataFrame, paths: pd.DataFrame) -> str:
    """The comparison as lines for a terminal of 160 characters."""
    end = plan.years
    lines = [
        f"{plan.base.city.name}: {len(plan.arms)} futures against the baseline, {plan.seeds} seeds, {plan.burn_in} years before, "
        f"{plan.years} with the policies, {plan.after} after them",
        drift(plan, paths),
        "",
        f"Change of D (minority) with its 95 % interval from paired seeds, by year; the verdict is on year {end}, with the",
        f"false claims of the whole table held to 5 %, against a smallest effect of interest of {plan.smallest:g}.",
        "",
    ]
    head = ["policy", *(f"year {y}" for y in plan.milestones), "verdict", "opposite %", "euro/year*", "euro per .01 D*"]
    lines += table(head, [_row(plan, effects, arm) for arm in summary.itertuples()])
    lines += ["", f"Change of other figures in year {end}, with half the width of the 95 % interval:", ""]
    lines += table(["policy", *(c[0] for c in COLUMNS)], [_others(effects, arm, end) for arm in summary.itertuples()])
    lines += ["", "Who is concerned:", ""]
    head = [
        "policy",
        "treated pupils",
        "treated schools",
        "elsewhere: majority",
        "minority",
        "correlation of pairs",
        "switch basin %",
    ]
    lines += table(head, [_people(arm) for arm in summary.itertuples()])
    lines += [*_interactions(summary), "", *notes(plan, summary)]
    return "\n".join(lines)


def drift(plan: Plan, paths: pd.DataFrame) -> str:
    """What the baseline does by itself meanwhile."""
    base = paths[(paths.arm == "baseline") & (paths.measure == "D")].set_index("year")["mean"]
    last = plan.years + plan.after
    return f"The baseline's own D goes from {base[0]:.3f} to {base[plan.years]:.3f} in year {plan.years}, {base[last]:.3f} in year {last}."


def _row(plan: Plan, effects: pd.DataFrame, arm) -> list[str]:
    own = effects[(effects.arm == arm.arm) & (effects.measure == "D")].set_index("year")
    cells = [f"{own.effect[y]:+.3f} ({own.low[y]:+.3f} {own.high[y]:+.3f})" for y in plan.milestones]
    price = f"{money(arm.euro_low)} to {money(arm.euro_high)}" if np.isfinite(arm.euro_per_point) else "undefined"
    if arm.cost == 0:
        price = "-"
    return [arm.title, *cells, arm.D_verdict, f"{100 * arm.D_opposite:.0f}", money(arm.cost), price]


def _others(effects: pd.DataFrame, arm, year: int) -> list[str]:
    own = effects[(effects.arm == arm.arm) & (effects.year == year)].set_index("measure")
    cells = []
    for _, name, digits, factor in COLUMNS:
        half = (own.high[name] - own.low[name]) / 2
        known = np.isfinite(own.effect[name])
        cells.append(f"{factor * own.effect[name]:+.{digits}f} ±{factor * half:.{digits}f}" if known else "-")
    return [arm.title, *cells]


def _people(arm) -> list[str]:
    rho = f"{arm.correlation:.2f}" if np.isfinite(arm.correlation) else "-"
    return [
        arm.title, f"{arm.treated_pupils:,.0f}", f"{arm.treated_schools:,.1f}", f"{arm.elsewhere_majority:,.0f}",
        f"{arm.elsewhere_minority:,.0f}", rho, f"{100 * arm.switched:.0f}" if arm.two_peaks else "one basin",
    ]  # fmt: skip


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
            f"Verdicts rest on {len(plan.sets) - 1} sets of parameters with {plan.set_seeds} seeds each; the intervals by year on seeds alone."
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
