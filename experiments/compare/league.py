"""The league: every policy of the shelf against the baseline, at several intensities and at an equal budget."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from abm.policies import SHELF
from abm.start import start
from experiments.compare.conduct import idle
from experiments.compare.plan import Arm, Plan

INTENSITIES = (1 / 3, 2 / 3, 1.0)


class Entry(NamedTuple):
    """One policy of the league."""

    kind: str
    area: str
    decided_by: str
    idle: str  # why it takes no part; empty: it does


def entries(plan: Plan, kinds: Iterable[str] = (), level: str = "") -> list[Entry]:
    """The policies of the shelf, or those of ``kinds``, that ``level`` may decide in this city, and whether each can act."""
    out, world = [], start(plan.base, plan.seed)
    for kind, cls in SHELF.items():
        decided = plan.base.authority.decides.get(kind, cls.decided_by)
        if (kinds and kind not in kinds) or (level and decided != level):
            continue
        out.append(Entry(kind, cls.area, decided, idle(plan, arm(kind, 1.0, "100", "100 %"), world)))
    return out


def arm(kind: str, intensity: float, mark: str, words: str) -> Arm:
    """A policy of the shelf with its defaults at an intensity."""
    policy = SHELF[kind](kind=kind, intensity=intensity)
    return Arm(f"{kind}--{mark}", f"{kind.replace('_', ' ')}, {words}", (policy,))


def doses(listed: Iterable[Entry], intensities: Iterable[float]) -> tuple[Arm, ...]:
    """An arm for each policy that takes part and each intensity."""
    return tuple(
        arm(e.kind, i, f"{round(100 * i)}", f"{round(100 * i)} %") for e in listed if not e.idle for i in intensities
    )


def at_budget(listed: Iterable[Entry], costs: dict[str, float], budget: float) -> tuple[Arm, ...]:
    """An arm for each policy that costs anything, at the intensity that spends ``budget`` euro a year, at most in full.

    Costs are taken to rise in proportion to the intensity; what was spent in the end stands beside the result.
    """
    return tuple(
        arm(e.kind, min(1.0, budget / costs[e.kind]), "budget", "equal budget")
        for e in listed
        if not e.idle and costs.get(e.kind, 0) > 0
    )


def full_costs(runs: pd.DataFrame, plan: Plan) -> dict[str, float]:
    """Mean euro a year of each policy at full intensity, over seeds and the years in force, less the baseline's."""
    years = runs[(runs.year >= 1) & (runs.year <= plan.years) & (runs.set == 0)]
    mean = years.groupby("arm").cost.mean()
    return {
        a.policies[0].kind: float(mean[a.name] - mean["baseline"])
        for a in plan.arms
        if a.policies[0].intensity == 1 and a.name in mean
    }


def level_budget(costs: dict[str, float]) -> float:
    """The budget of the round at equal cost: the median of what the policies that cost anything cost in full."""
    paid = sorted(cost for cost in costs.values() if cost > 0)
    return paid[len(paid) // 2] if paid else 0.0
