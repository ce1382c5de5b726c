"""Futures by centre and year: the model's demand with what varies from year to year, rounded and cut off at the places.

Rivals are drawn beside, under the same cohort or none, so that scores tell what each part is worth.
"""

import math
from typing import NamedTuple

import numpy as np

from experiments.forecast.levels import Levels, from_z, to_z
from experiments.forecast.observed import Panel
from experiments.forecast.spec import Forecast

RIVALS = {
    "persistence": "the last fitted year again, spread by the changes over as many years",
    "mean": "the mean of the fitted years, spread by the gaps around it",
    "mean_cohort": "the same times the size of the cohort",
    "nearest": "the model's families at the nearest centre with places: no choice",
    "levels": "each centre's level by statistics alone, with the cohort and the places: everything but the agents",
}
REACHED = 1.0  # z: a centre whose simulated demand stays farther from what is wanted counts as not reached


class Fit(NamedTuple):
    """What the runs of the model say together."""

    demand: np.ndarray  # (member, year after the fit, centre) first choices, scaled to the demand to meet
    nearest: np.ndarray  # (member, year after the fit, centre) the same if everybody went to the nearest centre
    own: np.ndarray  # (year after the fit,) variance, z, of the model's demand around its mean gap to that to meet
    shift: np.ndarray  # (year after the fit, centre) mean gap, z: what the model adds to the demand to meet
    news: np.ndarray  # (year after the fit,) share of the mean gaps' variance that is not chance of the runs
    missed: int  # centres whose demand no appeal meets in the first year


def gather(members: list[dict], levels: Levels, codes: tuple[str, ...]) -> Fit:
    """The runs' results in the order of ``codes`` (centre,).

    A centre's mean gap to the demand to meet holds the chance of so few runs. It is shrunk to the mean of all centres by
    the share of its variance that this chance makes (James & Stein 1961).
    """
    wanted = from_z(levels.level[: len(members)])
    demand, nearest = [], []
    for member, goal in zip(members, wanted, strict=True):
        row = {code: i for i, code in enumerate(member["codes"])}
        rows = [row[code] for code in codes]
        first = np.array(member["wanted"], float)[:, rows]
        demand.append(first * (goal.sum() / max(first.mean(axis=0).sum(), 1e-9)))
        nearest.append(np.array(member["nearest"], float)[:, rows])
    demand = np.array(demand)
    gap = to_z(demand) - to_z(wanted)[:, None, :]
    shift = gap.mean(axis=0)
    own = gap.var(axis=0, ddof=1).mean(axis=1)
    missed = int((np.abs(shift[0]) > REACHED).sum())
    news = np.clip(1 - own / len(members) / np.maximum(shift.var(axis=1), 1e-12), 0, 1)
    demand = from_z(to_z(demand) - (1 - news)[:, None] * (shift - shift.mean(axis=1, keepdims=True)))
    return Fit(demand, np.array(nearest), own, shift, news, missed)


def cohorts(plan: Forecast, panel: Panel, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(draw, year from the first after the fit) size of the cohort over that of the last fitted year.

    A year whose change is told in the file takes it; another takes the mean and the spread of all changes before it.
    """
    known = list(np.diff(np.log(np.nansum(panel.first + panel.other, axis=0))))
    steps = []
    for year in range(plan.fit_until + 1, max(plan.targets) + 1):
        if year in plan.change:
            centre, width = math.log1p(plan.change[year]), plan.change_sd
            known.append(centre)
        else:
            centre = float(np.mean(known)) if known else 0.0
            width = max(float(np.std(known, ddof=1)) if len(known) > 1 else 0.0, plan.change_sd)
        steps.append(centre + width * rng.standard_normal(draws))
    return np.exp(np.cumsum(np.array(steps), axis=0)).T


def futures(plan: Forecast, panel: Panel, levels: Levels, fit: Fit) -> dict[str, np.ndarray]:
    """(draw, target, centre) whole first choices, of the model and of each rival."""
    rng = np.random.default_rng([plan.seed, 2])
    of = np.repeat(np.arange(plan.members), plan.draws)  # member of each draw
    size = cohorts(plan, panel, of.size, rng)
    places = future_places(plan, panel, of.size, rng)
    at = [year - plan.fit_until - 1 for year in plan.targets]
    out = {name: np.empty((of.size, len(at), len(panel.codes))) for name in ("model", *RIVALS)}
    for j, year in enumerate(at):
        cohort, room = size[:, year, None], places[:, year]
        noise = rng.standard_normal((of.size, len(panel.codes)))
        varies = levels.chance + (year + 1) * levels.drift  # variance around the level of the last fitted year, z
        extra = np.sqrt(np.maximum(varies - fit.own[year], 0))[of, None]
        out["model"][:, j] = cut(from_z(to_z(fit.demand[of, year]) + extra * noise) * cohort, room)
        out["levels"][:, j] = cut(from_z(levels.level[of] + np.sqrt(varies)[of, None] * noise) * cohort, room)
        out["nearest"][:, j] = cut(fit.nearest[of, year] * cohort, panel.places[:, -1])
        for name, times in (("persistence", 1.0), ("mean", 1.0), ("mean_cohort", cohort)):
            out[name][:, j] = cut(naive(panel, name, year + 1, of.size, rng) * times, panel.places[:, -1])
    return {name: values.astype(np.int32) for name, values in out.items()}


def cut(demand: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whole first choices, no more than the places, no fewer than none."""
    return np.clip(np.rint(demand), 0, places)


def future_places(plan: Forecast, panel: Panel, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(draw, year after the fit, centre) places: the last fitted year's, or changed each year as within the fitted years."""
    years = max(plan.targets) - plan.fit_until
    out = np.broadcast_to(panel.places[:, -1], (draws, years, len(panel.codes)))
    change = np.diff(panel.places, axis=1)
    change = change[np.isfinite(change)]
    if plan.places == "held" or not change.size:
        return out
    return np.maximum(out + rng.choice(change, out.shape).cumsum(axis=1), 1)


def naive(panel: Panel, name: str, ahead: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(draw, centre) first choices ``ahead`` years after the last by persistence, else by the mean of the fitted years."""
    first = panel.first
    if name == "persistence":
        span = min(ahead, first.shape[1] - 1)
        spread = (first[:, span:] - first[:, :-span]) if span else np.zeros((1, 1))
        centre = first[:, -1]
    else:
        count = np.isfinite(first).sum(axis=1)
        centre = np.nanmean(first, axis=1)
        times = np.sqrt((count + 1) / np.maximum(count - 1, 1))  # of a new year around the mean of ``count``
        spread = (first - centre[:, None]) * times[:, None]
    spread = spread[np.isfinite(spread)]
    return centre + rng.choice(spread, (draws, centre.size))
