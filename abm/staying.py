"""Who looks no further than the local school: families who do not choose at all, and those whom a first look contents.

Both list their local school alone. Off by default (``choice.choosers`` = 1, ``choice.first_look`` = "none").
"""

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


def stays(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(chooser,) bool: a first look at its local school contents the family of ``table`` (a two-step choice, Larsen 2015)."""
    if rules.choice.first_look == "none":
        return np.zeros(table.id.size, bool)
    side = (table.group > 0).astype(np.int64)
    own, other = (world.seen.own_share[which, world.city.local[table.place]] for which in (side, 1 - side))
    if rules.choice.first_look == "tolerance":
        return own >= table.tolerance
    return other <= rules.by_group("choice.content")[table.group]


def looks_again(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(household,) bool: enrolled, a family that chooses, and not one whose local school it attends contents it."""
    if _all_look(rules):
        return table.school >= 0
    at_home = stays(world, rules, table) & (table.school == world.city.local[table.place])
    return (table.school >= 0) & ~at_home & ~inert(world, rules, table)


def _all_look(rules: Rules) -> bool:
    """Every family chooses, and no first look contents it."""
    if rules.choice.first_look != "none":
        return False
    if "all_look" not in rules.kept:
        rules.kept["all_look"] = bool((rules.by_group("choice.choosers") >= 1).all())
    return rules.kept["all_look"]


def local_alone(world: World, rules: Rules, table: Households, lists, favourite) -> tuple[np.ndarray, np.ndarray]:
    """``lists`` (chooser, rank) and ``favourite`` (chooser,) int32 where those who look no further list their local school.

    It is the favourite of those whom it contents; what the others would like best is kept.
    """
    if _all_look(rules):
        return lists, favourite
    content = stays(world, rules, table)
    still = content | inert(world, rules, table)
    if not still.any():
        return lists, favourite
    only = np.full_like(lists, -1)
    only[:, 0] = world.city.local[table.place]
    return np.where(still[:, None], only, lists), np.where(content, only[:, 0], favourite)
