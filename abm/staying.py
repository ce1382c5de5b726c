"""Who looks no further than the local school: families whose first look at it contents them list it alone.

A two-step choice (Larsen 2015): the local school is judged by who sits there; only where that does not do, a family
compares schools as usual. Off by default (``choice.first_look``).
"""

import numpy as np

from abm.households import Households
from abm.rules import Rules
from abm.world import World


def stays(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(chooser,) bool: the family of ``table`` looks no further than its local school."""
    if rules.choice.first_look == "none":
        return np.zeros(table.id.size, bool)
    side = (table.group > 0).astype(np.int64)
    own, other = (world.seen.own_share[which, world.city.local[table.place]] for which in (side, 1 - side))
    if rules.choice.first_look == "tolerance":
        return own >= table.tolerance
    return other <= rules.by_group("choice.content")[table.group]


def at_home(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(household,) bool: the family looks no further than its local school and has a child there: it does not look again."""
    return stays(world, rules, table) & (table.school == world.city.local[table.place])


def local_alone(world: World, rules: Rules, table: Households, lists, favourite) -> tuple[np.ndarray, np.ndarray]:
    """``lists`` (chooser, rank) and ``favourite`` (chooser,) int32 where those who stay list and like the local school only."""
    stay = stays(world, rules, table)
    if not stay.any():
        return lists, favourite
    only = np.full_like(lists, -1)
    only[:, 0] = world.city.local[table.place]
    return np.where(stay[:, None], only, lists), np.where(stay, only[:, 0], favourite)
