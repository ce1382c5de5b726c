"""Boards of Schelling's model: how this model and Mesa's example play one, from the same start, and what is counted on it."""

import inspect
from collections.abc import Callable

import numpy as np

from abm.config import Config
from abm.homes import cells
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from abm.world import World
from experiments.engine import forget


def play(config: Config, seed: int) -> dict:
    """Our board over the steps: mean share of like neighbours, share of the content, families who moved."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=_nothing)

    def step() -> int:
        model.step()
        return model.world.events.rehomed

    out = _series(config, step, lambda: board(model.world))
    forget(model)
    return out


def play_mesa(config: Config, seed: int) -> dict:
    """Mesa's example from our board of the same seed: the same three series."""
    return _mesas(config, seed, in_turn=False)


def play_mesa_in_turn(config: Config, seed: int) -> dict:
    """The same with Mesa's agents judged when their turn comes."""
    return _mesas(config, seed, in_turn=True)


def _mesas(config: Config, seed: int, in_turn: bool) -> dict:
    ours = SchoolChoiceModel(config, seed, collect=False, measure=_nothing)
    start = board(ours.world)
    forget(ours)
    model = reference(start, config.households.tolerance, config.moving.radius, seed)

    def step() -> int:
        before = {agent: agent.cell for agent in model.agents}
        if in_turn:
            model.agents.shuffle_do(_judged_now)
        else:
            model.step()
        return sum(agent.cell is not cell for agent, cell in before.items())

    out = _series(config, step, lambda: mesa_board(model, start.shape))
    forget(model)
    return out


def _judged_now(agent) -> None:
    agent.assign_state()
    agent.step()


def _series(config: Config, step: Callable[[], int], sides: Callable[[], np.ndarray]) -> dict:
    """The three series of a program that goes on by ``step() -> moves`` and shows its board by ``sides()``.

    A step in which nobody moved is the last: whoever has been judged content stays so.
    """
    out = {"like": [], "content": [], "moved": []}
    moved = 0
    for now in range(config.run.years + 1):
        if now:
            moved = step() if now == 1 or moved else 0
        if now < 2 or moved:
            like = alike(sides(), config.city.torus)
        out["like"].append(float(np.nanmean(like)))
        out["content"].append(float(content(like, config.households.tolerance)))
        out["moved"].append(moved)
    return out


def _nothing(world, rules, before, first) -> Indicators:
    return Indicators([], rules.minority)


def board(world: World) -> np.ndarray:
    """(line, column) side of the family of each cell, 0 or 1; -1: free."""
    n = world.city.cells
    out = np.full(n * n, -1)
    out[cells(world.city)[world.households.place]] = world.households.group > 0
    return out.reshape(n, n)


def alike(sides: np.ndarray, torus: bool) -> np.ndarray:
    """(family,) share of the families in the eight cells around who are of the own side; nan: nobody lives there."""
    around = np.pad(sides, 1, mode="wrap") if torus else np.pad(sides, 1, constant_values=-1)
    n, m = sides.shape
    parts = [around[1 + dy : n + 1 + dy, 1 + dx : m + 1 + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    own = sum((part == sides) & (sides >= 0) for part in parts)
    total = sum(part >= 0 for part in parts)
    share = np.where(total > 0, own / np.maximum(total, 1), np.nan)
    return share[sides >= 0]


def content(like: np.ndarray, wanted: float) -> float:
    """Share of the families who have their wish; whoever has no neighbours has not."""
    return np.mean(np.nan_to_num(like, nan=0.0) >= wanted - 1e-9)


def reference(start: np.ndarray, wanted: float, radius: int, seed: int):
    """Mesa's Schelling model with the families of ``start`` (line, column), not with its own random ones."""
    from mesa.examples.basic.schelling import model as example
    from mesa.examples.basic.schelling.agents import SchellingAgent

    options = {"height": start.shape[0], "width": start.shape[1], "density": 0.0, "homophily": wanted, "radius": radius}
    if "scenario" in inspect.signature(example.Schelling).parameters:  # from Mesa 3.5
        model = example.Schelling(example.SchellingScenario(**options, rng=seed))
    else:
        model = example.Schelling(**options, seed=seed)
    for y, x in np.argwhere(start >= 0):
        SchellingAgent(model, model.grid[int(x), int(y)], int(start[y, x]), homophily=wanted, radius=radius)
    model.happy = 0
    model.agents.do("assign_state")
    return model


def mesa_board(model, shape: tuple[int, int]) -> np.ndarray:
    """(line, column) side of the family of each cell of Mesa's model; -1: free."""
    out = np.full(shape, -1)
    for agent in model.agents:
        x, y = agent.cell.coordinate
        out[y, x] = agent.type
    return out
