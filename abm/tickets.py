"""Tickets: families who ride free or cheaper feel long ways less, and look at schools that were too far before.

A ticket spares nothing of a way within walking distance (``choice.knee_km``): of each km beyond it the share ``discount``
no longer counts (assumption; nobody rides where one can walk).
"""

import numpy as np

from abm.households import Households
from abm.rules import Rules
from abm.ways import Ways
from abm.world import World


def felt(km: np.ndarray, discount: float, knee: float) -> np.ndarray:
    """float32 km as a family with the ticket feels them: min(km, knee) + (1 - discount) max(km - knee, 0)."""
    knee = np.float32(knee)
    return np.minimum(km, knee) + np.float32(1 - discount) * np.maximum(km - knee, np.float32(0))


def held(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(chooser,) int64: 0 without a ticket, else 1 + the number of the one with the largest discount that it may have."""
    which, best = np.zeros(table.id.size, np.int64), np.zeros(table.id.size)
    district = world.city.area_district[world.city.place_area[table.place]]
    for k, ticket in enumerate(rules.orders.tickets):
        inside = np.isin(table.group, ticket.groups) if ticket.groups else np.ones(table.id.size, bool)
        inside = inside & (np.isin(district, ticket.districts) | (not ticket.districts))
        inside = inside & (table.detected | (not ticket.detected)) & (ticket.discount > best)
        which[inside], best[inside] = k + 1, ticket.discount
    return which


def felt_ways(world: World, rules: Rules) -> Ways:
    """The ways to schools, and in further rows the same as felt with each ticket: row = place + places * held."""
    ways, knee, tickets = world.city.ways, rules.choice.knee_km, rules.orders.tickets
    if not tickets:
        return ways
    if not len(ways.table):
        return ways._replace(felt=np.array([1 - t.discount for t in tickets], np.float32), knee=np.float32(knee))
    return ways._replace(table=np.concatenate([ways.table, *(felt(ways.table, t.discount, knee) for t in tickets)]))


def further(world: World, rules: Rules, table: Households, near: np.ndarray) -> np.ndarray:
    """(chooser,) int64 further nearest schools that a family looks at: those no farther, as felt, than the last of its ``near``."""
    more = np.zeros(table.id.size, np.int64)
    which = held(world, rules, table) if rules.orders.tickets else more
    for k, ticket in enumerate(rules.orders.tickets):
        rows = np.flatnonzero(which == k + 1)
        place = table.place[rows]
        km = world.city.km(place[:, None], world.city.nearest[place])
        known = np.minimum(near[rows], km.shape[1])
        last = np.take_along_axis(km, known[:, None] - 1, 1)
        affordable = (felt(km, ticket.discount, rules.choice.knee_km) <= last).sum(axis=1)
        more[rows] = np.clip(affordable - known, 0, ticket.further)
    return more


def most_further(rules: Rules) -> int:
    """Most further schools that any ticket adds."""
    return max((ticket.further for ticket in rules.orders.tickets), default=0)
