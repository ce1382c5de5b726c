"""Families who do not choose: they list their local school alone, and never look again."""

import numpy as np

from abm.households import Households
from abm.randomness import Key, draw
from abm.rules import Rules
from abm.world import World


def inert(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(chooser,) bool: the families of ``table`` who do not choose, all but the share ``choice.choosers`` of their group.

    Keyed by family, for good: who chooses at a lower share chooses at a higher one too, and siblings do alike.
    """
    share = rules.by_group("choice.choosers")
    if (share >= 1).all():
        return np.zeros(table.id.size, bool)
    share = share[table.group]
    return draw(Key(world.seed, "chooser"), table.family) >= share


def with_local_alone(lists: np.ndarray, still: np.ndarray, local: np.ndarray) -> np.ndarray:
    """(chooser, rank) int32 lists; the families ``still`` (chooser,) bool name their ``local`` school (chooser,) alone."""
    out = np.where(still[:, None], np.int32(-1), lists)
    out[still, :1] = local[still, None]
    return out
