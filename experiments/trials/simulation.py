"""One draw of a trial: a seed and a set of parameters, and all futures of the city from the same moment on."""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from abm.config import Config
from abm.households import MAX_GAP
from abm.indicators import Indicators, observe
from abm.model import SchoolChoiceModel, State
from abm.scenario import configure
from abm.values import with_values
from experiments.engine import forget
from experiments.trials.measures import figures
from experiments.trials.spec import DETECTION, Cohort, Trial


class Future(NamedTuple):
    """What happens from the plan's first year on, and whether the pupils of those years come."""

    title: str
    demography: bool
    detection: bool  # policies of kind detection
    rest: bool  # the rest of the plan


FUTURES = {
    "neither": Future("neither plan nor demography", False, False, False),
    "demography": Future("demography alone", True, False, False),
    "detection": Future("detection alone", False, True, False),
    "undetected": Future("plan without its rise of detection", False, False, True),
    "plan": Future("plan alone", False, True, True),
    "both": Future("plan and demography: what happened", True, True, True),
}


class Draw(NamedTuple):
    """A seed and the values of parameters by dotted key; empty: the scenario's own."""

    seed: int
    values: dict[str, Any]


def run(draw: Draw, trial: Trial) -> dict[str, list[list[float]]]:
    """Figures by future: a row for each of the trial's years.

    All futures share the years of burn-in; those of one demography share the years before the plan too, in which it changes nothing.
    """
    config = with_values(trial.config, draw.values)
    scales = scaled(trial, config)
    begun = _begun(trial, config, draw.seed, scales[trial.first])
    out = {}
    for demography in (False, True):
        model = _model(config, draw.seed, begun)
        early = _followed(model, trial, range(trial.first, trial.start), scales, demography)
        moment = model.state
        forget(model)
        for name, future in FUTURES.items():
            if future.demography == demography:
                model = _model(under(config, trial, future), draw.seed, moment)
                late = _followed(model, trial, range(trial.start, trial.years[-1] + 1), scales, demography)
                forget(model)
                out[name] = early + late
    return out


def _begun(trial: Trial, config: Config, seed: int, scale: np.ndarray) -> State:
    """The moment after the burn-in, with entry cohorts as large and as mixed as in the first year."""
    model = _model(config, seed)
    rate = model.world.city.entry_rate
    for _ in range(trial.burn_in):
        _step(model, rate * scale)
    state = State(with_rate(model.world, rate), model.first, model.indicators)
    forget(model)
    return state


def _model(config: Config, seed: int, moment: State | None = None) -> SchoolChoiceModel:
    watching = any(policy.when.indicator for policy in config.policies)

    def measure(world, rules, before, first) -> Indicators:
        return observe(world, rules, before, first) if watching else Indicators((), rules.minority)

    return SchoolChoiceModel(config, seed, collect=False, measure=measure, state=moment)


def _followed(
    model: SchoolChoiceModel, trial: Trial, years: range, scales: Mapping, demography: bool
) -> list[list[float]]:
    """Step through calendar years; a row of figures for each. The world keeps its own entry rate between years."""
    rows, rate, rules = [], model.world.city.entry_rate, model.config.households
    for year in years:
        _step(model, rate * scales[year if demography else trial.first])
        rows.append(figures(model.world, trial.grades, rules.detection, rules.false_detection))
    model.world = with_rate(model.world, rate)
    return rows


def _step(model: SchoolChoiceModel, rate: np.ndarray) -> None:
    """One school year with entrants to expect (area, group)."""
    model.world = with_rate(model.world, rate)
    model.step()


def with_rate(world, rate: np.ndarray):
    """The world with other entrants (area, group) to expect."""
    return world._replace(city=world.city._replace(entry_rate=rate))


def under(config: Config, trial: Trial, future: Future) -> Config:
    """The configuration with the parts of the plan that a future has, their years counted from the start of the model."""
    later = trial.burn_in + trial.start - trial.first
    entries = {"city": trial.base["city"], "policies": list(trial.plan)}
    policies = tuple(
        dataclasses.replace(policy, start=policy.start + later, end=policy.end + later if policy.end else 0)
        for policy in configure(entries, trial.policies).policies
        if (future.detection if policy.kind == DETECTION else future.rest)
    )
    return dataclasses.replace(config, policies=config.policies + policies)


def scaled(trial: Trial, config: Config) -> dict[int, np.ndarray]:
    """(group,) by calendar year: new families over those of the base, so that entry cohorts are as the file says.

    Younger siblings follow a first child by some years and so come in the numbers of earlier cohorts; first children make
    up for that. With odds o = younger per first child, gaps evenly 1 to L, and wanted cohorts c: n = (1 + o) c - o mean of the
    last L n. Before the first year, n = c. A constant ``demography.growth`` of the base comes on top of this.
    """
    share = config.households.sibling_share
    odds, longest = share / (1 - share), min(MAX_GAP, config.city.grades - 1)
    groups = len(config.city.groups)
    wanted = {year: ratio(cohort, trial.reference, groups) for year, cohort in trial.cohorts.items()}
    past = [wanted[trial.first]] * max(longest, 1)
    out = {}
    for year in trial.years:
        new = wanted[year] if not longest else (1 + odds) * wanted[year] - odds * np.mean(past[-longest:], axis=0)
        out[year] = np.maximum(new, 0.0)
        past.append(out[year])
    return out


def ratio(cohort: Cohort, reference: Cohort, groups: int) -> np.ndarray:
    """(group,) pupils of a cohort over those of the reference: the majority first, then all of the minority alike."""
    majority = cohort.entrants * (1 - cohort.minority_share) / (reference.entrants * (1 - reference.minority_share))
    minority = cohort.entrants * cohort.minority_share / (reference.entrants * reference.minority_share)
    return np.array([majority] + [minority] * (groups - 1))
