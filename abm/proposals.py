"""Pre-assignment: before the match the authority proposes a school to entrants whom it knows to be vulnerable.

A family that ranks the proposed school first has accepted and holds its place before the match; otherwise it has refused
and takes part like all others.
"""

import numpy as np

from abm.compiled import kernel
from abm.households import Households
from abm.lanes import with_more
from abm.randomness import Key, draw, permutation
from abm.rules import Rules
from abm.schools import official, outside_match
from abm.sight import FEE, PRICE, SCHOOL_FEE, Chooser, Scene
from abm.world import World


def propose(world: World, rules: Rules, table: Households, sibling: np.ndarray) -> np.ndarray:
    """(chooser,) int32 school proposed to each of the entrants in ``table``, -1: none.

    Of the detected without an older sibling in the stage a share is asked, one after another in a keyed order: of the
    nearest schools that may be proposed, the one with the lowest share of detected pupils, if below the city's.
    """
    out = np.full(table.id.size, -1, np.int32)
    settings = rules.admission
    if settings.preassigned == 0:
        return out
    asked = table.detected & (sibling < 0) & (draw(Key(world.seed, "proposal"), table.id) < settings.preassigned)
    rows = np.flatnonzero(asked)
    rows = rows[permutation(Key(world.seed, "proposal", world.year, 1), table.id[rows])]
    share, city = detected_share(world)
    able = proposable(world, rules)
    out[rows] = _propose(
        table.place[rows], world.city.nearest, able, share, city, most_proposals(world, rules, able),
        np.int64(settings.preassign_radius),
    )  # fmt: skip
    return out


def detected_share(world: World) -> tuple[np.ndarray, float]:
    """(school,) share of the pupils now inside who are detected, and the city's; a school without pupils has the city's."""
    table = world.households
    inside = table.school >= 0
    n = world.schools.open.size
    pupils = np.bincount(table.school[inside], minlength=n)
    known = np.bincount(table.school[inside & table.detected], minlength=n)
    city = known.sum() / max(pupils.sum(), 1)
    return np.where(pupils > 0, known / np.maximum(pupils, 1), city), float(city)


def proposable(world: World, rules: Rules) -> np.ndarray:
    """(school,) bool: in the match, without a fee unless the authority pays it, and among those ordered, if any are."""
    able = official(world.schools, rules)
    if rules.admission.preassign_fees:
        able = world.schools.open & ~outside_match(world.schools, rules)
    if rules.orders.proposed:
        named = np.zeros(able.size, bool)
        named[list(rules.orders.proposed)] = True
        able = able & named
    return able


def most_proposals(world: World, rules: Rules, able: np.ndarray) -> np.ndarray:
    """(school,) int64 how many times a school may be proposed: its reserved places, or a share of all if that is more.

    Never more than its places, or than its maximum of detected pupils: whoever accepts has a place.
    """
    places, settings, orders = world.schools.places[:, 0], rules.admission, rules.orders
    reserved, maximum = np.full(places.size, settings.reserved), np.full(places.size, settings.maximum)
    for column, table in ((reserved, orders.reserved), (maximum, orders.maximum)):
        column[list(table)] = list(table.values())
    wanted = np.floor(np.maximum(reserved, settings.preassign_share) * places + 0.5)
    return np.where(able, np.minimum(wanted, np.floor(maximum * places + 1e-9)), 0).astype(np.int64)


def with_proposed(considered: np.ndarray, proposed: np.ndarray) -> np.ndarray:
    """(chooser, slot) the considered schools, with the last slot for the proposed ones that are not among them; more slots if need be."""
    if not (proposed >= 0).any():
        return considered
    known = (considered == proposed[:, None]).any(axis=1) | (proposed < 0)
    considered = considered.copy() if (known | (considered[:, -1] < 0)).all() else with_more(considered)
    considered[~known, -1] = proposed[~known]
    return considered


def bonus(rules: Rules, proposed: np.ndarray, table: Households, columns: Chooser, view: Scene) -> np.ndarray:
    """(chooser,) float32 what the proposed school is worth beyond its utility: the benefit, and its fee if that is paid."""
    settings = rules.admission
    fee = np.zeros(proposed.size, np.float32)
    if settings.preassigned == 0 or not (proposed >= 0).any():
        return fee
    if settings.preassign_fees and rules.choice.form == "logit":
        weight = view.weights[table.group, FEE]
        fee = -weight * view.school[np.maximum(proposed, 0), SCHOOL_FEE] * columns.real[:, PRICE]
    worth = rules.choice.beta * (settings.preassign_benefit + fee)
    return np.where(proposed >= 0, worth, 0).astype(np.float32)


def accepted(proposed: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """(row,) int64 rows of the families that list the proposed school first: they have accepted."""
    if not lists.size or proposed.max() < 0:
        return np.empty(0, np.int64)
    return np.flatnonzero((proposed >= 0) & (lists[:, 0] == proposed))


@kernel
def _propose(place, nearest, able, share, limit, room, radius):
    """(family,) int32 school proposed to each in turn, -1: none; ``room`` (school,) goes down."""
    out = np.full(place.size, np.int32(-1), np.int32)
    for h in range(place.size):
        best, least, looked = -1, limit, 0
        for k in range(nearest.shape[1]):
            s = nearest[place[h], k]
            if s < 0 or looked == radius:
                break
            if able[s]:
                looked += 1
                if room[s] > 0 and share[s] < least:
                    best, least = s, share[s]
        if best >= 0:
            out[h] = best
            room[best] -= 1
    return out
