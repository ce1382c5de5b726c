"""One simulation of a calibration: the city under a set of parameters, and the figures of its entry cohorts."""

from collections.abc import Mapping
from functools import reduce
from operator import add

from abm.config import Config
from abm.indicators import Indicators, observe
from abm.model import SchoolChoiceModel
from abm.world import World
from experiments.calibration.cohorts import Cohort, entrants, near_home
from experiments.calibration.measures import View, measure
from experiments.calibration.spec import Calibration
from experiments.engine import forget
from experiments.posterior import with_values

SEEDS = 2**31  # seeds of simulations are below


def played(config: Config, seed: int, years: int) -> tuple[World, list[Cohort]]:
    """The world after ``years`` and the entry cohort of each, in order. What is near home is judged at the start."""
    watching = any(policy.when.indicator for policy in config.policies)

    def measured(world, rules, before, first) -> Indicators:
        return observe(world, rules, before, first) if watching else Indicators((), rules.minority)

    model = SchoolChoiceModel(config, seed, collect=False, measure=measured)
    cohorts, close = [], near_home(model.world)
    for _ in range(years):
        model.step()
        cohorts.append(entrants(model.world, close))
    forget(model)
    return model.world, cohorts


def view(world: World, config: Config, cohort: Cohort) -> View:
    """The cohort with what measures need to know of the schools."""
    schools, city = world.schools, config.city
    kinds = tuple(world.city.notes.get("school_kinds", ()))
    return View(cohort, schools.sector, schools.x, schools.y, kinds, city.groups, city.minority)


def pooled(cohorts: list[Cohort]) -> Cohort:
    """Several years' cohorts as one."""
    return reduce(add, cohorts)


def simulate(calibration: Calibration, values: Mapping[str, float], seed: int, start: str = "") -> dict[str, float]:
    """Figures by target of one city: the cohorts of the last ``pool`` years. ``start``: another one than the scenario's.

    What the values make impossible, such as a target about nobody, is not a number.
    """
    config = with_values(calibration.config, values)
    if start:
        config = with_values(config, {"city.start": start})
    world, cohorts = played(config, seed, calibration.settle + calibration.pool)
    seen = view(world, config, pooled(cohorts[-calibration.pool :]))
    return {target.name: measure(seen, target.measure) for target in calibration.targets}
