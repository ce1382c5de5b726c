"""One trial: a seed and a set of parameters, the baseline and every arm from the same moment on."""

import dataclasses
import functools
import json
from pathlib import Path

import numpy as np

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.indicators import headlines, observe
from abm.model import SchoolChoiceModel, State
from abm.values import with_values
from experiments.compare.measures import figures, seats, standings
from experiments.compare.plan import Arm, Plan, from_plain
from experiments.compare.store import Store
from experiments.engine import forget

BASELINE = Arm("baseline", "Baseline", ())


def run_trial(unit: tuple[int, int], plan: str, folder: str) -> tuple[int, int]:
    """Run what is missing of the trial ``unit`` (set, seed) of the plan (as JSON) and write each arm's rows; returns the unit.

    All arms start from one moment, the end of the burn-in, so they share every family, school and random number.
    """
    made, store = _plan(plan), Store(Path(folder))
    number_of_set, seed = unit
    missing = [arm for arm in (BASELINE, *made.arms) if not store.whole(unit, arm.name, made.years + made.after + 1)]
    if not missing:
        return unit
    config = with_values(made.base, made.sets[number_of_set] | {"outcomes.on": True})  # on: they change nothing else
    begun = burn_in(config, seed, made.burn_in)
    horizon, there = made.burn_in + made.years + made.after, {}
    for arm in (BASELINE, *(arm for arm in missing if arm != BASELINE)):
        counted = {made.burn_in + year for year in made.milestones}
        model = future(config, seed, begun, made.policies(arm), counted, horizon)
        try:
            rows, homes = _follow(model, made, there)
        except ScenarioError as error:
            raise ScenarioError(f"{arm.source or arm.name}, seed {seed}: {error}") from None
        if arm in missing:
            store.write(unit, arm.name, rows, homes)
    return unit


@functools.lru_cache(maxsize=2)
def _plan(text: str) -> Plan:
    return from_plain(json.loads(text))


def burn_in(config: Config, seed: int, years: int) -> State:
    """The moment from which baseline and policies part."""
    watching = any(policy.when.indicator for policy in config.policies)
    model = SchoolChoiceModel(config, seed, collect=False, measure=observe if watching else headlines)
    for _ in range(years):
        model.step()
    state = State(model.world, model.first, observe(model.world, model.rules, model.before, model.first))
    forget(model)
    return state


def future(
    config: Config, seed: int, begun: State, policies: tuple, milestones: set[int], years: int
) -> SchoolChoiceModel:
    """A model that goes on from a moment under some policies; it measures in full at milestones and where a policy watches."""
    config = dataclasses.replace(config, policies=policies, run=dataclasses.replace(config.run, years=years))
    watching = any(policy.when.indicator for policy in policies)

    def measure(world, rules, before, first):
        function = observe if watching or world.year in milestones else headlines
        return function(world, rules, before, first)

    return SchoolChoiceModel(config, seed, collect=False, measure=measure, state=begun)


def _follow(model: SchoolChoiceModel, plan: Plan, there: dict) -> tuple[list[list[float]], dict[int, np.ndarray]]:
    """The figures of each year, and who stands where at the milestones. The first to come, the baseline, fills ``there``."""
    first = not there
    rows, homes = [], {}
    for year in range(plan.years + plan.after + 1):
        if year:
            model.step()
        counted = year in plan.milestones
        if counted and first:
            there[year] = seats(model.world.households)
        rows.append(figures(model, there[year] if counted else None))
        if counted:
            homes[year] = standings(model, there[year])
    forget(model)
    return rows, homes
