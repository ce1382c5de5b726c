"""The two stages of Dignum et al. (2022), each run until it has settled: families move home, then change school."""

import dataclasses

import numpy as np

from abm import segregation
from abm.config import Config
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel, State
from abm.worth import home_worth, school_worth
from experiments.engine import forget
from experiments.replications.convergence import Settled, settle

ALPHAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
FEW_ALPHAS = (0.0, 0.2, 0.4, 1.0)
MOST = 300  # steps of a stage, as in the tests of the authors' code


def at_schools(config: Config, seed: int) -> dict:
    """The school stage alone, from random homes and random schools."""
    return _schools(config, seed)


def over_alpha(config: Config, seed: int) -> dict:
    """Homes first; from the same homes, schools at each alpha of ALPHAS: lists of results."""
    return _over(ALPHAS, config, seed)


def over_few(config: Config, seed: int) -> dict:
    """The same at the alphas of FEW_ALPHAS."""
    return _over(FEW_ALPHAS, config, seed)


def _over(alphas: tuple[float, ...], config: Config, seed: int) -> dict:
    state, homes = _homes(config, seed)
    runs = []
    for alpha in alphas:
        choice = dataclasses.replace(config.choice, alpha=alpha)
        runs.append(_schools(dataclasses.replace(config, choice=choice), seed, state))
    return homes | {"alpha": list(alphas)} | {key: [run[key] for run in runs] for key in runs[0]}


def _homes(config: Config, seed: int) -> tuple[State, dict]:
    """The residential stage until it has settled: the moment after it, and what came of it."""
    run = dataclasses.replace(config.run, calendar=("move",))
    model = SchoolChoiceModel(dataclasses.replace(config, run=run), seed, collect=False, measure=_nothing)

    def step() -> bool:
        model.step()
        return model.world.events.rehomed > 0

    end = settle(step, lambda: home_worth(model.world, model.rules), lambda: residential_h(model.world), MOST)
    state = model.state
    forget(model)
    return state, {"homes_h": residential_h(state.world)} | _told("homes", end)


def _schools(config: Config, seed: int, state: State | None = None) -> dict:
    """The school stage until it has settled, from ``state`` or from the start: what came of it."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=_nothing, state=state)
    cycle = int(np.ceil(1 / config.transfers.reconsider))  # without taste nothing is left to chance

    def step() -> bool:
        model.step()
        return model.world.events.moved_id.size > 0

    end = settle(step, lambda: school_worth(model.world, model.rules), lambda: school_h(model.world), MOST, cycle)
    forget(model)
    return {"school_h": school_h(model.world), "nearest": _nearest(model.world)} | _told("schools", end)


def _told(stage: str, end: Settled) -> dict:
    return {f"{stage}_{name}": value for name, value in end._asdict().items()}


def school_h(world) -> float:
    """Theil's H of the schools."""
    return segregation.theil_h(world.seen.heads.sum(axis=1))


def residential_h(world) -> float:
    """Theil's H of the neighbourhoods."""
    table, areas = world.households, len(world.city.area_names)
    heads = np.bincount(world.city.place_area[table.place] * 2 + table.group, minlength=2 * areas)
    return segregation.theil_h(heads.reshape(areas, 2))


def _nearest(world) -> float:
    """Share of families at the nearest school, or at one as near."""
    table, city = world.households, world.city
    return float((city.km(table.place, table.school) <= city.distance.min(axis=1)[table.place]).mean())


def _nothing(world, rules, before, first) -> Indicators:
    """No indicators in a step: the stages measure themselves."""
    return Indicators([], rules.minority)
