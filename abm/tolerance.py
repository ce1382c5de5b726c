"""Tolerance: contact programmes lower the own share that families prefer; in the long run, so may mixed schools.

Two ways. A programme reaches the families of today's pupils. The long loop reaches tomorrow's parents: what they want
depends on whom they met at school, ``contact_lag`` years and more ago. Its sign is open and it is off by default.
"""

import numpy as np

from abm.households import Households
from abm.rules import Rules
from abm.world import World, two_sides

LEAST, MOST = 0.05, 1.0  # limits of the preferred share, as for new families


def meet(table: Households, rules: Rules) -> Households:
    """Families with a child at a school with a contact programme lower their preferred share, not below the floor.

    All children of a family share it; a family with two programmes takes the stronger one. Who prefers less than the
    floor already stays as it is.
    """
    orders = rules.orders.contact
    if not orders or not table.id.size:
        return table
    step = np.zeros(max(*orders, int(table.school.max())) + 2)  # the last entry is for children without a school
    step[list(orders)] = list(orders.values())
    family, member = np.unique(table.family, return_inverse=True)
    fall = np.zeros(family.size)
    np.maximum.at(fall, member, step[table.school])
    floor = np.minimum(rules.households.contact_floor, table.tolerance)
    return table._replace(tolerance=np.maximum(table.tolerance - fall[member], floor).astype(np.float32))


def mixing(side: np.ndarray) -> tuple[float, float]:
    """Share of the other side among the schoolmates of the average pupil, of the majority and of the minority.

    side: (school, side) pupils, as :func:`abm.world.two_sides` counts them.
    """
    other = side[:, ::-1] / np.maximum(side[:, :1] + side[:, 1:], 1)
    met = np.add.reduce(np.ascontiguousarray((side * other).T), 1) / np.maximum(np.add.reduce(side), 1)
    return float(met[0]), float(met[1])


def remember_mixing(world: World) -> World:
    """The world whose ledger knows who sat where at the end of last year: {year: (school, side) pupils}."""
    past = world.ledger.get("mixing", {})
    return world._replace(ledger=world.ledger | {"mixing": past | {world.year - 1: two_sides(world.seen.heads)}})


def experienced(world: World, rules: Rules) -> np.ndarray:
    """(side,) how much more of the other side this year's new parents met at school than was usual at the start.

    The mean over the ``contact_span`` years that end ``contact_lag`` years ago; years before the start count as it.
    """
    settings, past = rules.households, world.ledger.get("mixing", {})
    if not past:
        return np.zeros(2)
    first = min(past)
    years = [max(world.year - settings.contact_lag - k, first) for k in range(settings.contact_span)]
    known = np.array([mixing(past.get(year, past[first])) for year in years])
    return known.mean(axis=0) - np.array(mixing(past[first]))


def inherit(table: Households, world: World, rules: Rules) -> Households:
    """New families whose preferred share follows what the parents met as pupils: f - contact x experienced mixing."""
    if rules.households.contact == 0:
        return table
    shift = rules.households.contact * experienced(world, rules)
    wanted = table.tolerance - shift[(table.group > 0).astype(np.int64)]
    return table._replace(tolerance=np.clip(wanted, LEAST, MOST).astype(np.float32))
