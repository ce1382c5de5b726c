"""One simulation of a calibration: the city under a set of parameters, and the figures of its entry cohorts."""

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import reduce
from operator import add
from pathlib import Path

from abm.cache_folder import DIGEST
from abm.config import Config
from abm.indicators import Indicators, observe
from abm.model import SchoolChoiceModel
from abm.values import with_values
from abm.world import World
from experiments.calibration.cohorts import Cohort, entrants, near_home
from experiments.calibration.measures import View, measure
from experiments.calibration.spec import Calibration
from experiments.engine import forget

SEEDS = 2**31  # seeds of simulations are below
SOURCES = ("cohorts", "measures", "simulation")  # files of this folder that a simulated figure depends on
CODE = hashlib.blake2b(
    DIGEST.encode() + b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in SOURCES), digest_size=8
).hexdigest()  # the version of the model and of what is measured


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


def seen(
    calibration: Calibration, values: Mapping[str, float], seed: int, start: str = "", settle: int | None = None
) -> View:
    """The entry cohorts of the last ``pool`` years of one city. ``start``, ``settle``: others than the calibration's."""
    config = with_values(calibration.config, values)
    if start:
        config = dataclasses.replace(config, city=dataclasses.replace(config.city, start=start))
    years = calibration.settle if settle is None else settle
    world, cohorts = played(config, seed, years + calibration.pool)
    return view(world, config, pooled(cohorts[-calibration.pool :]))


def simulate(calibration: Calibration, values: Mapping[str, float], seed: int, start: str = "") -> dict[str, float]:
    """Figures by target of one city. What the values make impossible, such as a target about nobody, is not a number."""
    return figures(calibration, seen(calibration, values, seed, start))


def figures(calibration: Calibration, cohort: View) -> dict[str, float]:
    """What each target measures of a cohort."""
    return {target.name: measure(cohort, target.measure) for target in calibration.targets}
