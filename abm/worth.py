"""What families have: the utility of the present school and of the present home, by the kernels of every choice."""

import numpy as np

from abm.compiled import in_place
from abm.homes import around, home_utility, prospects, terms, wish
from abm.households import take
from abm.looking import TOGETHER, desk
from abm.rules import Rules
from abm.scoring import score
from abm.sight import settings
from abm.transfers import looking
from abm.world import World


def school_worth(world: World, rules: Rules) -> np.ndarray:
    """(household,) float32 utility of each pupil's present school, before beta and taste; nan without a school.

    Seen as by :func:`abm.transfers.reconsider` if all looked now: of the same schools considered, over which the
    distance may be normalised, with the pupil itself counted at its school.
    """
    out = np.full(world.households.id.size, np.nan, np.float32)
    rows = np.flatnonzero(world.households.school >= 0)
    _, considered, present, _, columns, view = looking(world, rules, rows)
    plain = settings(world, rules)._replace(beta=np.float32(1), noisy=False)
    found = np.empty(rows.size, np.float32)
    _of_present_schools(considered, present, columns, view, plain, desk(considered.shape[1], TOGETHER), found)
    out[rows] = found
    return out


def home_worth(world: World, rules: Rules) -> np.ndarray:
    """(household,) float32 utility of each family's present home, before beta and taste, as :func:`abm.moving.move` has it."""
    _, first, member, size = np.unique(world.households.family, True, True, True)
    heads = take(world.households, first)
    found = np.empty(first.size, np.float32)
    _of_present_homes(
        heads.place, size, heads.group, heads.status, heads.tolerance, heads.tolerant, prospects(world, rules),
        terms(world, rules), found,
    )  # fmt: skip
    return found[member]


@in_place
def _of_present_schools(considered, present, who, view, o, room, out):
    """Into ``out`` (family,) float32 the utility of the school in slot ``present`` (family,) of each row of ``considered``."""
    for begin in range(0, out.size, room.rows.size):
        families = min(room.rows.size, out.size - begin)
        for row in range(families):
            room.rows[row] = begin + row
        score(families, considered, who, view, o, room)
        for row in range(families):
            out[begin + row] = room.worth[row, present[begin + row]]


@in_place
def _of_present_homes(place, size, group, status, tolerance, tolerant, homes, what, out):
    """Into ``out`` (family,) float32 the utility of ``place`` (family,), whose ``size`` (family,) pupils are not counted."""
    for h in range(place.size):
        p, side = np.uint32(place[h]), np.uint64(group[h] > 0)
        own, total = around(p, side, size[h], homes, what)
        rise, top, fall = wish(tolerance[h], tolerant[h], group[h], what)
        out[h] = home_utility(own, total, p, homes, rise, top, fall, status[h], what)
