"""The world at the end of a run on whose way nothing is measured: for papers whose figure is read off the last state."""

import numpy as np

from abm.config import Config
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from abm.rules import Rules
from abm.world import World
from experiments.engine import forget


def last_world(config: Config, seed: int) -> tuple[World, Rules]:
    """The world after all years of the scenario, and the rules of its last year."""
    model = SchoolChoiceModel(config, seed, collect=False, measure=_nothing).run()
    forget(model)
    return model.world, model.rules


def _nothing(world: World, rules: Rules, before: World, first: np.ndarray) -> Indicators:
    return Indicators((), rules.minority)
