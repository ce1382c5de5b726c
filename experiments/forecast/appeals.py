"""One run of the city in which every centre's appeal is moved until families want it as much as is known they do.

A centre's appeal is its reputation, the sum of all that its families know of it and the tables do not: the unobserved
quality xi of Berry (1994). It is found as there by a damped fixed point, xi <- xi + gain (log wanted - log simulated),
here one step a simulated year, so that the pupils inside, whom families look at, come along; the gain falls, so that
chance averages out (Robbins & Monro 1951). Then appeals are held (reputation.memory = 1) and more years are run.
"""

from typing import Any, NamedTuple

import numpy as np

from abm.choice import entrants
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.households import take
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from abm.nearest import nearest_with_places
from abm.rules import Rules
from abm.world import World
from experiments.engine import forget

GAIN, STEADY = 1.2, 0.6  # gain of a step, and the share of the years until it falls
STEP, FARTHEST = 1.5, 12.0  # utility: longest step, and farthest from the mean, of an appeal


class Member(NamedTuple):
    """What a run gives; rows of schools are those of the scenario's city."""

    codes: list[str]  # (school,)
    appeal: list[float]  # (school,) utility at the mean weight of reputation
    wanted: list[list[int]]  # (held year, school) families who list the school first
    nearest: list[list[int]]  # (held year, school) the same if everybody went to the nearest school with places
    path: list[float]  # (fitted year,) root mean squared log gap


def run(
    config: Config, seed: int, wanted: dict[str, float], settle: int, hold: int, begin: dict[str, float] | None = None
) -> dict[str, Any]:
    """Fit appeals so that first choices are as ``wanted`` by code, up to the size of the cohort; then hold them.

    begin: appeals by code to set out from, in utility; default: none differs.
    """
    model = SchoolChoiceModel(config, seed, collect=False, measure=_nothing)
    codes = [str(code) for code in model.world.city.notes["school_ids"]]
    goal = np.array([wanted.get(code, np.nan) for code in codes])
    known, weight = np.isfinite(goal), _weight(config, model.world)
    appeal, path = np.array([(begin or {}).get(code, 0.0) for code in codes]), []
    model.world = with_appeal(model.world, appeal / weight)
    for year in range(settle):
        model.step()
        gap = _gap(goal, known, model.world.schools.demand)
        path.append(round(float(np.sqrt((gap[known] ** 2).mean())), 4))
        gain = GAIN * min(1.0, max(STEADY * settle, 1) / (year + 1))
        appeal = appeal + np.clip(gain * gap, -STEP, STEP)
        appeal = np.clip(appeal - appeal[known].mean(), -FARTHEST, FARTHEST)
        model.world = with_appeal(model.world, appeal / weight)
    found = []
    for _ in range(hold):
        model.step()
        found.append((model.world.schools.demand.tolist(), _at_nearest(model).tolist()))
    forget(model)
    first, near = zip(*found, strict=True)
    return Member(codes, [round(float(a), 4) for a in appeal], list(first), list(near), path)._asdict()


def with_appeal(world: World, appeal: np.ndarray) -> World:
    """The world in which schools have these appeals, in sd of reputation."""
    return world._replace(schools=world.schools._replace(reputation=np.asarray(appeal, np.float32)))


def _gap(goal: np.ndarray, known: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """(school,) log of wanted over simulated first choices; 0 where nothing is known."""
    scaled = goal * (demand[known].sum() / np.nansum(goal))
    return np.where(known, np.log(np.where(known, scaled, 1.0) + 0.5) - np.log(demand + 0.5), 0.0)


def _weight(config: Config, world: World) -> float:
    """Mean weight of reputation over the pupils. ScenarioError if there is none, so that an appeal could do nothing."""
    heads = np.bincount(world.households.group, minlength=len(config.city.groups))
    weight = float(Rules.of(config).by_group("choice.reputation").astype(float) @ heads / heads.sum())
    if weight < 0.05:
        raise ScenarioError(f"choice.reputation: weighs {weight:.3g} on average: appeals need a weight of .05 at least")
    return weight * config.choice.beta


def _at_nearest(model: SchoolChoiceModel) -> np.ndarray:
    """(school,) of this year's choosing families, those whose nearest school with places it is."""
    turn, world = model.at_choice.round, model.at_choice
    table = turn.families if turn is not None else take(world.households, entrants(world))
    school = nearest_with_places(table, world.city, world.schools.places * world.schools.open[:, None], world.seed)
    return np.bincount(school[school >= 0], minlength=world.schools.open.size)


def _nothing(world, rules, before, first) -> Indicators:
    return Indicators((), rules.minority)
