"""From runs to effects: paired differences by seed, their intervals, verdicts with the control of false discoveries.

Three tables come out, all tidy: ``effects`` (arm, measure, year), ``summary`` (one row an arm: verdict, price, basins,
who moves, what remains) and ``paths`` (arm, year: mean and quantiles of D and of its difference).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments import statistics as stats
from experiments.compare.measures import MEASURES
from experiments.compare.plan import Plan
from experiments.compare.store import Store

NAMES = list(MEASURES)
JUDGED = ("D", "D_vulnerable")  # measures on which verdicts are given
NEVER = "Not known: it was never in force in these runs, or treated nobody."
PATHS = ("D", "D_vulnerable", "flight")


class Runs:
    """The runs of a comparison as arrays: ``values`` (arm, set, seed, year, measure), nan where a trial is missing."""

    def __init__(self, plan: Plan, table: pd.DataFrame):
        self.plan = plan
        self.arms = ["baseline", *(arm.name for arm in plan.arms)]
        most = max(plan.seeds, plan.set_seeds if len(plan.sets) > 1 else 0)
        shape = (len(self.arms), len(plan.sets), most, plan.years + plan.after + 1, len(NAMES))
        self.values = np.full(shape, np.nan)
        at = {name: k for k, name in enumerate(self.arms)}
        firsts = plan.seed + np.where(table.set > 0, 1_000_000 * table.set, 0)
        index = (table.arm.map(at), table.set, table.seed - firsts, table.year)
        self.values[tuple(np.asarray(part, int) for part in index)] = table[NAMES].to_numpy(float)

    def differences(self, measure: str, year: int) -> np.ndarray:
        """(arm, set, seed) policy minus baseline; treated pupils and the like stand for themselves."""
        return (self.values[1:] - self.values[:1])[..., year, NAMES.index(measure)]

    def level(self, measure: str, year: int) -> np.ndarray:
        """(arm, set, seed) values, the baseline first."""
        return self.values[..., year, NAMES.index(measure)]


def effects(runs: Runs, sequential: bool) -> pd.DataFrame:
    """One row for each arm, measure and milestone: the paired effect, its interval from seeds, and over parameter sets."""
    plan, rows = runs.plan, []
    method = stats.SEQUENTIAL if sequential else stats.STUDENT
    for year in plan.milestones:
        for name, measure in MEASURES.items():
            gap = runs.differences(name, year)
            own = stats.paired(gap[:, 0], method=method)
            spread = stats.quantiles(gap[:, 0])
            levels = stats.moments(runs.level(name, year)[:, 0])[0]
            for a, arm in enumerate(plan.arms):
                row = {
                    "arm": arm.name, "title": arm.title, "bundle": arm.bundle, "measure": name, "label": measure.label,
                    "unit": measure.unit, "assumption": measure.assumed, "year": year, "baseline": levels[0],
                    "policy": levels[a + 1], "effect": own.mean[a], "low": own.low[a], "high": own.high[a], "sd": own.sd[a],
                    "seeds": int(own.n[a]), "opposite": own.opposite[a], "p": own.p[a],
                } | {f"q{q:02d}": spread[a, k] for k, q in enumerate(stats.PERCENT)}  # fmt: skip
                if len(plan.sets) > 2 and np.isfinite(gap[a, 1:]).any():
                    row |= _over_sets(gap[a, 1:])
                rows.append(row)
    return pd.DataFrame(rows)


def _over_sets(gap: np.ndarray) -> dict[str, float]:
    """Columns of the second layer, from differences (set, seed) of the further sets."""
    both = stats.layers(gap)
    return {
        "sets": int(both.overall.n), "sets_effect": float(both.overall.mean), "sets_low": float(both.overall.low),
        "sets_high": float(both.overall.high), "sets_sd": both.between, "sets_opposite": float(both.overall.opposite),
        "sets_lowest": both.lowest, "sets_highest": both.highest,
    }  # fmt: skip


def summary(runs: Runs, sequential: bool) -> pd.DataFrame:
    """One row an arm, in the order of the plan: the verdict on D, and all that an official asks next."""
    plan, end = runs.plan, runs.plan.years
    table = pd.DataFrame(
        [
            {"arm": arm.name, "title": arm.title, "bundle": arm.bundle, "policies": len(arm.policies)}
            for arm in plan.arms
        ]
    )
    for measure in JUDGED:
        for column, values in _judged(runs, measure, end, sequential).items():
            table[f"{measure}_{column}"] = values
    for year in plan.milestones:
        table[f"D_year_{year}"] = stats.paired(runs.differences("D", year)[:, 0]).mean
    base, policy = runs.level("D", end)[:1, 0], runs.level("D", end)[1:, 0]
    pairs = stats.correlation(np.broadcast_to(base, policy.shape), policy)
    table["correlation"], table["seeds_saved"] = pairs.correlation, pairs.reduction
    table["two_peaks"], table["switched"] = _basins(base, policy)
    cost = _in_force(runs, "cost")
    table["cost"] = stats.moments(cost)[0]
    price = stats.ratio(cost, -100 * runs.differences("D", end)[:, 0], method=_method(sequential))
    table["euro_per_point"], table["euro_low"], table["euro_high"] = price.value, price.low, price.high
    table["treated_pupils"] = stats.moments(_in_force(runs, "reached_pupils"))[0]
    table["treated_schools"] = stats.moments(_in_force(runs, "reached_schools"))[0]
    for side in ("majority", "minority"):
        table[f"elsewhere_{side}"] = stats.moments(runs.level(f"elsewhere_{side}", end)[1:, 0])[0]
    still = (table[["cost", "treated_pupils", "treated_schools", "elsewhere_majority", "elsewhere_minority"]] == 0).all(
        axis=1
    )
    for measure in JUDGED:
        table.loc[still, [f"{measure}_verdict", f"{measure}_words"]] = [stats.UNKNOWN, NEVER]
    table["efficient"] = stats.frontier(  # doing nothing is an option too
        np.append(table.cost, 0.0), np.append(-table.D_effect, 0.0)
    )[:-1]
    return table.join(_interactions(runs, end, _method(sequential)), how="left")


def _judged(runs: Runs, measure: str, year: int, sequential: bool) -> dict[str, np.ndarray]:
    """Columns of the verdict on one measure: from seeds, or from seeds and parameter sets together where there are sets."""
    gap, method = runs.differences(measure, year), _method(sequential)
    own = stats.paired(gap[:, 0], method=method)
    about = {"effect": own.mean, "low": own.low, "high": own.high, "opposite": own.opposite, "seeds": own.n}
    of, reach = own, None
    if len(runs.plan.sets) > 2:
        over = [stats.layers(rows[1:]) for rows in gap]
        of = stats.Estimate(*(np.array([getattr(x.overall, f) for x in over], float) for f in stats.Estimate._fields))
        reach = (np.array([x.lowest for x in over]), np.array([x.highest for x in over]))
        method = stats.STUDENT
        about |= {
            "sets_effect": of.mean,
            "sets_lowest": reach[0],
            "sets_highest": reach[1],
            "sets_opposite": of.opposite,
        }
    said = stats.judge(of, runs.plan.smallest, method=method, reach=reach)
    what = "D of the truly vulnerable" if measure == "D_vulnerable" else "D"
    words = [
        stats.sentence(
            str(said.verdict[a]), stats.Estimate(*(field[a] for field in of))._replace(low=said.low[a], high=said.high[a]),
            runs.plan.smallest, said.level[a], what, "seeds" if reach is None else "parameter sets",
        )
        for a in range(len(said.verdict))
    ]  # fmt: skip
    return about | {
        "verdict": said.verdict,
        "verdict_low": said.low,
        "verdict_high": said.high,
        "words": np.array(words),
    }


def _basins(base: np.ndarray, policy: np.ndarray) -> tuple[list[bool], list[float]]:
    """Whether the baseline or the policy by itself ends in two basins, and the share of pairs that switch between them.

    Never of both together: there a plain shift of all runs would look like two peaks.
    """
    two, share, own = [], [], stats.basins(base[0])
    for row in policy:
        found = own if own.two else stats.basins(row)
        two.append(bool(found.two))
        share.append(float(stats.switched(base[0], row, float(found.split)).share) if found.two else 0.0)
    return two, share


def _in_force(runs: Runs, measure: str) -> np.ndarray:
    """(arm, seed) policy minus baseline, mean over the years in which the arm treats anybody or costs anything; else 0."""
    years = slice(1, runs.plan.years + 1)
    gap = (runs.values[1:, 0] - runs.values[:1, 0])[:, :, years]  # (arm, seed, year, measure)
    acting = [NAMES.index(name) for name in ("cost", "reached_pupils", "reached_schools")]
    active = (np.nan_to_num(gap[..., acting]) != 0).any(axis=(1, 3))  # (arm, year)
    total = np.where(active[:, None], gap[..., NAMES.index(measure)], 0.0).sum(axis=-1)
    return total / np.maximum(active.sum(axis=1), 1)[:, None]


def _interactions(runs: Runs, year: int, method: stats.Method) -> pd.DataFrame:
    """Effect of each bundle on D minus the sum of its parts', for arms whose parts were run alone."""
    plan, gap = runs.plan, runs.differences("D", year)[:, 0]
    rows = {}
    for a, arm in enumerate(plan.arms):
        parts = [b for b, other in enumerate(plan.arms) if other.bundle == arm.name]
        if parts:
            found = stats.interaction(gap[a], gap[parts], method=method)
            rows[a] = {"interaction": found.mean, "interaction_low": found.low, "interaction_high": found.high}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["interaction", "interaction_low", "interaction_high"])


def paths(runs: Runs, sequential: bool) -> pd.DataFrame:
    """One row for each arm, measure and year: mean and 5-95 % over seeds of the value and of the paired difference."""
    rows = []
    for name in PATHS:
        for year in range(runs.plan.years + runs.plan.after + 1):
            level, gap = runs.level(name, year)[:, 0], runs.differences(name, year)[:, 0]
            gap = np.concatenate([np.zeros_like(gap[:1]), gap]) if len(gap) else np.zeros_like(level[:1])
            of, by = stats.quantiles(level, (5, 95)), stats.quantiles(gap, (5, 95))
            own = stats.paired(gap, method=_method(sequential))
            for a, arm in enumerate(runs.arms):
                rows.append(
                    {
                        "arm": arm, "measure": name, "year": year, "mean": stats.moments(level[a])[0], "q05": of[a, 0], "q95": of[a, 1],
                        "effect": own.mean[a], "low": own.low[a], "high": own.high[a], "gap_q05": by[a, 0], "gap_q95": by[a, 1],
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def precise_enough(width: float, most: int) -> Callable[[Plan, Store], int]:
    """How many more seeds until the interval of every arm's effect on D is narrower than ``width``, at most ``most`` in all."""

    def more(plan: Plan, store: Store) -> int:
        if plan.seeds >= most:
            return 0
        if plan.seeds < stats.FEWEST:
            return min(stats.FEWEST, most) - plan.seeds
        store.finish(plan, plan.units(), None, {})
        gap = _changes_of_d(plan, store)
        if stats.precise(gap, width).all():
            return 0
        wanted = max(stats.more_seeds(row, width) for row in gap)
        return min(max(wanted, 1), plan.seeds, most - plan.seeds)  # at most twice as many at a time

    return more


def how_precise(plan: Plan, store: Store, width: float) -> str:
    """Whether seeds were added until all intervals were narrower than ``width``, or only until no more were allowed."""
    wide = int(np.sum(~stats.precise(_changes_of_d(plan, store), width)))
    if not wide:
        return f"With {plan.seeds} seeds every interval of D in year {plan.years} is narrower than {width:g}."
    return (
        f"With {plan.seeds} seeds, the most allowed, {wide} of {len(plan.arms)} intervals of D in year {plan.years} are not yet "
        f"narrower than {width:g}; --most-seeds allows more."
    )


def _changes_of_d(plan: Plan, store: Store) -> np.ndarray:
    """(arm, seed) policy minus baseline in the last year in force, under the scenario's own parameters."""
    return Runs(plan, store.runs()).differences("D", plan.years)[:, 0]


def _method(sequential: bool):
    return stats.SEQUENTIAL if sequential else stats.STUDENT
