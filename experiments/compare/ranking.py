"""The league's table: policies by their effect at full intensity, each beside what cannot be told apart from the first."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments import statistics as stats
from experiments.compare.league import Entry
from experiments.compare.result import Result


class Dose(NamedTuple):
    """An intensity and the effect on D at it."""

    percent: int
    effect: float
    low: float
    high: float


class Row(NamedTuple):
    """One policy of the league."""

    rank: int
    kind: str
    title: str
    area: str
    decided_by: str
    doses: tuple[Dose, ...]  # rising; the last is the full intensity
    summary: Any  # the row of the summary at full intensity
    behind: Dose  # its effect less that of the first; the interval holds for all rows together
    apart: bool  # whether that interval is above zero
    after: Dose  # effect in the last year of all
    budget: Dose | None  # effect at the equal budget, percent: the intensity it bought
    spent: float  # euro a year at the equal budget


def ranked(doses: Result, budget: Result | None, entries: list[Entry]) -> list[Row]:
    """Policies that took part, the largest lowering of D first."""
    known = {entry.kind: entry for entry in entries}
    arms = {arm.name: (arm.policies[0].kind, round(100 * arm.policies[0].intensity)) for arm in doses.plan.arms}
    full = [row for row in doses.rows if arms[row.arm][1] == 100 and arms[row.arm][0] in known]
    gap = doses.runs.differences("D", doses.plan.years)[:, 0]
    at = {arm.name: k for k, arm in enumerate(doses.plan.arms)}
    bought = {arm.policies[0].kind: arm for arm in budget.plan.arms} if budget else {}
    paid = {row.arm: row for row in budget.rows} if budget else {}
    level = 1 - 0.05 / max(len(full) * (len(full) - 1) / 2, 1)  # any two: the first is chosen from the same runs
    out = []
    for k, row in enumerate(full):
        kind = arms[row.arm][0]
        behind = stats.paired(gap[at[row.arm]] - gap[at[full[0].arm]], level=level)
        own = sorted((percent, name) for name, (other, percent) in arms.items() if other == kind)
        arm = bought.get(kind)
        out.append(Row(
            k + 1, kind, kind.replace("_", " "), known[kind].area, known[kind].decided_by,
            tuple(_dose(doses, name, percent) for percent, name in own), row,
            Dose(100, float(behind.mean), float(behind.low), float(behind.high)), bool(k and behind.low > 0),
            _dose(doses, row.arm, 100, doses.last),
            _dose(budget, arm.name, round(100 * arm.policies[0].intensity)) if arm else None,
            float(paid[arm.name].cost) if arm else np.nan,
        ))  # fmt: skip
    return out


def _dose(r: Result, arm: str, percent: int, year: int | None = None) -> Dose:
    e = r.effect(arm, "D", year)
    return Dose(percent, float(e.effect), float(e.low), float(e.high))


def table(rows: list[Row]) -> pd.DataFrame:
    """league.csv: one row a policy."""
    out = []
    for row in rows:
        s = row.summary
        line = {"rank": row.rank, "policy": row.kind, "area": row.area, "decided_by": row.decided_by}
        for dose in row.doses:
            line |= _columns(f"D_{dose.percent}", dose)
        line |= {"verdict": s.D_verdict, "behind_first": row.behind.effect, "behind_low": row.behind.low,
                 "behind_high": row.behind.high, "told_apart_from_first": row.apart, "cost_assumption": s.cost,
                 "euro_per_point_assumption": s.euro_per_point, "euro_low": s.euro_low, "euro_high": s.euro_high}  # fmt: skip
        line |= _columns("D_after_end", row.after)
        line |= _columns("D_equal_budget", row.budget or Dose(0, np.nan, np.nan, np.nan))
        out.append(line | {"spent_equal_budget_assumption": row.spent})
    return pd.DataFrame(out)


def _columns(name: str, dose: Dose) -> dict[str, float]:
    return {name: dose.effect, f"{name}_low": dose.low, f"{name}_high": dose.high}
