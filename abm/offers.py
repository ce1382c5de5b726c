"""Admit: priorities as points, a lottery, and who gets which place by them.

How the places are given is in :mod:`abm.giving`. The lottery may be drawn more than once: the first draw takes effect,
the others tell only what families might as well have seen.
"""

import numpy as np

from abm.admission import audit
from abm.compiled import in_place
from abm.giving import Applications, give
from abm.points import GUARANTEED, Entrants, any_guaranteed, entrants, local_if_guaranteed, points
from abm.proposals import accepted
from abm.randomness import Key, pairs, permutation
from abm.reserves import limiting, limits
from abm.rules import Rules
from abm.schools import outside_match
from abm.world import World


def admit(world: World, rules: Rules) -> World:
    """Give places to the entrants; note each school's demand and the chance of admission for next year."""
    turn = world.round
    table = entrants(world)
    lists = np.ascontiguousarray(turn.lists, dtype=np.int32)
    if any_guaranteed(rules):
        guaranteed = local_if_guaranteed(world, rules, table)
        if (guaranteed >= 0).any():
            lists = with_local_school(lists, guaranteed)
    asked = with_accepted(applications(world, rules, table, lists, turn.sibling), accepted(turn.proposed, lists))
    places = world.schools.places[:, 0] * world.schools.open
    held = give(rules, asked, places)
    offer, demand, chance = np.empty(held.size, np.int32), np.zeros((2, places.size), np.int32), np.empty(places.size, np.float32)  # fmt: skip
    _note(lists, held, offer, demand, chance)
    further = [
        _named(lists, give(rules, asked._replace(lottery=lottery(world, rules, table, lists, k)), places))
        for k in range(1, rules.admission.draws)
    ]
    return world._replace(
        schools=world.schools._replace(demand=demand[0], chance=chance),
        round=turn._replace(lists=lists, offer=offer, redrawn=np.column_stack(further) if further else turn.redrawn),
        events=world.events._replace(envy=count_envy(rules, asked, held, places)),
    )


def count_envy(rules: Rules, asked: Applications, held: np.ndarray, places: np.ndarray) -> int:
    """Families with justified envy by their points; types are set apart only where places are reserved or limited.

    held: (chooser,) rank on its list of the school that each family gets, -1: none.
    """
    apart = np.zeros(places.size, bool)
    if limiting(rules):
        least, most = limits(rules, asked, places)
        apart = ((least > 0) | (most < places[:, None])).any(axis=1) & ~asked.outside
    return audit.envious(held, asked.lists, asked.points, asked.types, apart)


def with_accepted(asked: Applications, rows: np.ndarray) -> Applications:
    """The applications when the families at ``rows`` have accepted a proposal: their place is sure, and nobody's to envy."""
    if not rows.size:
        return asked
    points = asked.points.copy()
    points[rows, 0] += 2 * GUARANTEED
    return asked._replace(points=points, accepted=rows)


def with_local_school(lists: np.ndarray, local: np.ndarray) -> np.ndarray:
    """(chooser, rank + 1) lists with the guaranteed ``local`` school (-1: none) at the end where it is not listed."""
    lists = np.column_stack([lists, np.full(len(lists), -1, np.int32)])
    missing = ~(lists == local[:, None]).any(axis=1)
    end = (lists >= 0).sum(axis=1)
    lists[np.flatnonzero(missing), end[missing]] = local[missing]
    return lists


def applications(world: World, rules: Rules, table: Entrants, lists: np.ndarray, sibling: np.ndarray) -> Applications:
    """Points of each listed school, lottery numbers, and types."""
    return Applications(
        lists=lists,
        points=points(world, rules, table, lists, sibling),
        lottery=lottery(world, rules, table, lists),
        types=table.detected.astype(np.int32),
        outside=outside_match(world.schools, rules),
    )


def lottery(world: World, rules: Rules, table: Entrants, lists: np.ndarray, draw: int = 0) -> np.ndarray:
    """(chooser,) uint32 lottery numbers by the families' stable ids, or (chooser, rank) one a school; 0: the draw that counts."""
    key = Key(world.seed, "lottery", world.year, draw)
    if rules.admission.tie_breaking == "multiple":
        return pairs(key, table.id, lists)
    luck = np.empty(table.id.size, np.uint32)
    luck[permutation(key, table.id)] = np.arange(table.id.size, dtype=np.uint32)
    return luck


def _named(lists: np.ndarray, held: np.ndarray) -> np.ndarray:
    """(chooser,) int32 the school on rank ``held`` (chooser,) of each list, -1 where that is -1."""
    return np.where(held >= 0, lists[np.arange(held.size), held], -1).astype(np.int32)


@in_place
def _note(lists, held, offer, demand, chance):
    """Into ``offer`` (chooser,) the school that each ``held`` rank stands for; onto ``demand`` (2, school) first choices and offers.

    Into ``chance`` (school,) the share of its first choices for whom it has a place.
    """
    for k in range(held.size):
        h = np.uint64(k)
        offer[h] = -1
        if held[h] >= 0:
            offer[h] = lists[h, np.uint64(held[h])]
            demand[1, np.uint64(offer[h])] += 1
        if lists.shape[1] > 0 and lists[h, 0] >= 0:
            demand[0, np.uint64(lists[h, 0])] += 1
    for s in range(chance.size):
        chance[s] = 1 - max(demand[0, s] - demand[1, s], 0) / max(demand[0, s], 1)
