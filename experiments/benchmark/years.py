"""Whole years of a city of 5,000 households: without Observe, and Observe by itself."""

from itertools import cycle

from abm.indicators import observe
from abm.model import SchoolChoiceModel
from experiments.benchmark import towns
from experiments.benchmark.figures import Reading
from experiments.benchmark.rounds import Tick, interleave
from experiments.engine import forget

HOUSEHOLDS = 5_000
ROUNDS = {"small": 7, "city": 15, "metropolis": 15, "continent": 15}
KEPT = 6  # years that are observed in turn, so that nothing can be remembered from one call to the next


def years(size: str, tick: Tick) -> list[Reading]:
    """The model's own step, year after year, in the default model; Observe of some years with its random baselines."""
    model = SchoolChoiceModel(towns.scenario(HOUSEHOLDS), 1, collect=False, measure=towns.unobserved)
    seen, entrants = [], 0
    for _ in range(KEPT):
        model.step()
        seen.append((model.world, model.rules, model.before, model.first))
        entrants += model.world.round.rows.size
    turn = cycle(seen)
    times = interleave({"year": model.step, "Observe": lambda: observe(*next(turn))}, ROUNDS[size], tick)
    forget(model)
    return [
        Reading("whole year without Observe, 5,000 households, per entrant", times.in_floors("year", entrants / KEPT)),
        Reading("Observe, 5,000 households, per entrant", times.in_floors("Observe", entrants / KEPT)),
    ]
