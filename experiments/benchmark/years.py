"""Whole years of a city of 5,000 households: without Observe, and Observe by itself."""

from abm.indicators import observe
from abm.model import SchoolChoiceModel
from experiments.benchmark import towns
from experiments.benchmark.figures import Reading
from experiments.benchmark.rounds import Tick, interleave
from experiments.engine import forget

HOUSEHOLDS = 5_000
ROUNDS = {"small": 7, "city": 15, "metropolis": 15, "continent": 15}


def years(size: str, tick: Tick) -> list[Reading]:
    """The model's own step, year after year, in the default model; Observe of the last year with its random baselines."""
    model = SchoolChoiceModel(towns.scenario(HOUSEHOLDS), 1, collect=False, measure=towns.unobserved)
    model.step()
    seen = model.world, model.rules, model.before, model.first
    tasks = {"year": model.step, "Observe": lambda: observe(*seen)}
    times = interleave(tasks, ROUNDS[size], tick)
    entrants = seen[0].round.rows.size
    forget(model)
    return [
        Reading("whole year without Observe, 5,000 households, per entrant", times.in_floors("year", entrants)),
        Reading("Observe, 5,000 households, per entrant", times.in_floors("Observe", entrants)),
    ]
