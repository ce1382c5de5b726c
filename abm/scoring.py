"""Scores: the utilities of all that a few families consider, and their tastes, worked out in stages that are vector loops.

What neighbours of one group see alike is gathered and weighed once.
"""

import numpy as np

from abm.compiled import in_place, inlined, pasted
from abm.floats import ln
from abm.lanes import LANES, place
from abm.looking import doubts, gather, same_sight, seen, sight
from abm.randomness import bits32, uniform32
from abm.sight import (
    ATTEND,
    CROWD,
    GROUP,
    HOME_ZONE,
    LOGIT,
    MAJORITY,
    MINORITY,
    OF_ATTEND,
    OF_DISTANCE,
    OF_PRIVATE,
    OF_WEAK,
    OF_ZONE,
    OWN,
)  # fmt: skip
from abm.utility import common_terms, family, own_terms, published, weigh

_ZERO, _NOWHERE = np.float32(0), np.float32(-np.inf)


@inlined
def weigh_in_common(h, who, view, o, look):
    """Complete a ``look`` by what follows for chooser ``h`` and its neighbours: its own side, and :func:`common_terms`."""
    w, home_zone = weigh(np.int64(who.whole[h, GROUP]), view.weights), np.float32(who.whole[h, HOME_ZONE])
    side, everyone = min(who.whole[h, GROUP], 1), view.crowd[who.whole[h, CROWD]]
    for page in range(look.shape[0]):
        for i in range(LANES):
            majority, minority = look[page, place(MAJORITY, i)], look[page, place(MINORITY, i)]
            look[page, place(OWN, i)] = majority if side == 0 else minority
            look[page, place(ATTEND, i)] = look[page, place(ATTEND, i)] / everyone
            t = common_terms(home_zone, w, seen(look, page, i), o)
            look[page, place(OF_DISTANCE, i)], look[page, place(OF_WEAK, i)] = t[0], t[1]
            look[page, place(OF_ATTEND, i)], look[page, place(OF_PRIVATE, i)] = t[2], t[3]
            look[page, place(OF_ZONE, i)] = t[4]


@pasted
def utility(h, considered, who, view, o, room, row):
    """Utility of each school in row ``h`` of ``considered`` (chooser, slot), before taste, into the worth of ``room`` at ``row``.

    who, view, o, room: a :class:`Chooser`, :class:`Scene`, :class:`Settings` and :class:`Desk`, whose look shows what the
    chooser sees, so that the loop over terms has neither gathers nor branches and becomes vector instructions. To be called
    from functions compiled ``in_place`` only: where numba counts references, each array handed over costs more than a utility.
    """
    look, worth = room.look, room.worth
    f = family(h, who)
    if o.form == LOGIT:
        w = weigh(np.int64(who.whole[h, GROUP]), view.weights)
        for page in range(look.shape[0]):
            for i in range(LANES):
                k = np.uint64(page * LANES + i)
                own = own_terms(f, w, considered[h, k], seen(look, page, i), o)
                total = look[page, place(OF_DISTANCE, i)] + own[0] + own[1]
                total = total + look[page, place(OF_WEAK, i)] + look[page, place(OF_ATTEND, i)] + own[2] + own[3]
                total = total + look[page, place(OF_PRIVATE, i)] + look[page, place(OF_ZONE, i)] + own[4]
                worth[row, k] = o.beta * total
    else:
        nearest, farthest = np.float32(np.inf), _ZERO
        for k in range(worth.shape[1]):
            if considered[h, k] >= 0:
                km = sight(look, k).km
                nearest, farthest = min(nearest, km), max(farthest, km)
        for k in range(worth.shape[1]):
            worth[row, k] = o.beta * published(f, sight(look, k), o, nearest, farthest)


@inlined
def taste(considered, who, room, families, noisy):
    """Add the Gumbel taste to the worth of the first ``families`` in ``room``; -inf in empty slots of ``considered``.

    Loops of their own, one for each logarithm: one family's take longer to come out than those of others take to go in.
    """
    worth, luck = room.worth, room.luck
    for row in range(families if noisy else 0):
        h = room.rows[row]
        key = who.key[h, 2]
        for b in range(0, worth.shape[1], LANES):
            for i in range(LANES):
                k = np.uint64(b + i)
                luck[row, k] = -ln(uniform32(bits32(key, np.uint32(considered[h, k]))))
    for row in range(families):
        h = room.rows[row]
        for b in range(0, worth.shape[1], LANES):
            for i in range(LANES):
                k = np.uint64(b + i)
                felt = worth[row, k] - ln(luck[row, k]) if noisy else worth[row, k]
                worth[row, k] = felt if considered[h, k] >= 0 else _NOWHERE


@in_place
def score(families, considered, who, view, o, room):
    """Utility plus taste of what the choosers ``room.rows[:families]`` consider, row by row into the worth.

    considered: (chooser, slot) int32. The one kernel that works out utilities: all choices call it for a few families at a
    time, so that it is compiled once and the call costs little.
    """
    for row in range(families):
        h = room.rows[row]
        if row == 0 or not same_sight(h, room.rows[row - 1], considered, who, room.schools):
            gather(h, considered, who, view, room)
            weigh_in_common(h, who, view, o, room.look)
        doubts(h, who, room.look)
        utility(h, considered, who, view, o, room, row)
    taste(considered, who, room, families, o.noisy)
