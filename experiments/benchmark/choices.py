"""Perceive and rank, the sequential choices, and the twins: the same choices as Mesa objects, and as numpy arrays."""

import numpy as np

from abm.choice import perceive, rank
from abm.config.declare import ScenarioError
from abm.moving import move
from abm.randomness import Key, draw
from abm.staying import looks_again
from abm.transfers import reconsider
from abm.world import Round, World
from experiments.benchmark import towns, twin_mesa, twin_numpy
from experiments.benchmark.figures import Reading
from experiments.benchmark.rounds import Tick, interleave

PUPILS = {"small": 20_000, "city": 50_000, "metropolis": 50_000, "continent": 50_000}
ROUNDS = {"small": 5, "city": 11, "metropolis": 11, "continent": 11}
LEAST_ALIKE = 0.99  # share of lists below which a twin is no twin: worths that close are some in 10,000
MOVERS = 0.1  # share of families who look for a home in a year; the default is none


def choices(size: str, tick: Tick) -> list[Reading]:
    """The real functions and both twins in the same rounds."""
    tick("a city with all terms")
    year = towns.of_choice(PUPILS[size])
    turn, rules = year.ranked.round, year.rules
    objects, arrays = twin_mesa.Town(year.before, rules), twin_numpy.Town(year.before, rules)
    alike = {"Mesa objects": share_alike(objects.lists(), in_table_order(turn))}
    alike["numpy float32"] = share_alike(arrays.lists(), in_table_order(turn))
    for name, share in alike.items():
        if share < LEAST_ALIKE:
            raise ScenarioError(
                f"benchmark: {name} make only {share:.3f} of the lists as the model does; mend the twin"
            )
    looks = int((turn.considered >= 0).sum())
    times = interleave(
        {
            "model": lambda: rank(perceive(year.before, rules), rules),
            "rank": lambda: rank(year.perceived, rules),
            "Mesa objects": objects.lists,
            "numpy float32": arrays.lists,
        },
        ROUNDS[size], tick,
    )  # fmt: skip
    out = [
        Reading("yardstick F", tuple(floor * 1e9 for floor in times.floor)),
        Reading("perceive and rank, per utility evaluation", times.in_floors("model", looks)),
        Reading("rank alone, per utility evaluation", times.in_floors("rank", looks)),
        Reading("considered schools per family", (looks / turn.rows.size,)),
    ]
    for name, share in alike.items():
        out.append(Reading(f"perceive and rank, against {name}", times.ratio(name, "model")))
        out.append(Reading(f"lists alike, {name}", (share,)))
    return out


def in_table_order(turn: Round) -> np.ndarray:
    """(family, rank) the model's lists in the order of the households' table, as the twins make theirs."""
    return turn.lists[np.argsort(turn.rows)]


def share_alike(lists, wanted: np.ndarray) -> float:
    """Share of the lists (family, rank) that are those ``wanted``, rank by rank; a shorter list ends with -1."""
    full = np.full_like(wanted, -1)
    for h, row in enumerate(lists):
        full[h, : len(row)] = row
    return float((full == wanted).all(axis=1).mean())


def sequential(size: str, tick: Tick) -> list[Reading]:
    """Families who choose again one after another: schools in the year, and homes; per family whose turn it is."""
    year = towns.of_choice(PUPILS[size])
    world, rules = year.enrolled, year.rules
    moving = rules.edit("moving.rate", MOVERS)
    times = interleave(
        {"schools": lambda: reconsider(world, rules), "homes": lambda: move(world, moving)}, ROUNDS[size], tick
    )
    enrolled = looks_again(world, rules, world.households)
    schools = turns(world, "reconsider", world.households.id[enrolled], rules.transfers.reconsider)
    homes = turns(world, "move", np.unique(world.households.family), MOVERS)
    return [
        Reading("sequential re-choice of schools, per household", times.in_floors("schools", schools)),
        Reading("sequential moves of home, per household", times.in_floors("homes", homes)),
    ]


def turns(world: World, process: str, ids: np.ndarray, rate: float) -> int:
    """How many of the families with stable ids ``ids`` have a turn this year, each by chance."""
    return int((draw(Key(world.seed, process, world.year), ids) < rate).sum())
