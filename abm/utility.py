"""The utility of a school to a family: one function with options, used by every choice in the model.

Default: a multinomial logit (McFadden 1974), a weighted sum of terms plus Gumbel taste of scale 1. The published models'
forms are options of the same function: V^a D^(1-a) (Sage & Flache 2021) and a V + (1-a) D (Dignum et al. 2022).
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import in_place, inlined, pasted
from abm.floats import bell, gumbel, power
from abm.looking import gather, sight
from abm.randomness import bits32, uniform32
from abm.sight import (
    APPEAL,
    BEYOND,
    COBB_DOUGLAS,
    DISTANCE,
    EMULATION,
    FALL,
    FARTHEST,
    FEE,
    GROUP,
    HOME_ZONE,
    KM,
    LOGIT,
    PEERS,
    PRICE,
    RATIO,
    REPUTATION,
    RISE,
    SIBLING,
    SIBLING_SCHOOL,
    THEME,
    TOP,
    VULNERABLE,
    ZONE,
)

_ZERO, _ONE = np.float32(0), np.float32(1)


@inlined
def composition_value(x, rise, top, fall):
    """V(x), single-peaked: x/f up to the preferred share f, then down to M at x = 1 (Stoica & Flache 2014).

    The smaller of two lines, with ``rise``, ``top`` and ``fall`` as :func:`peak` gives them.
    """
    return min(x * rise, top + (_ONE - x) * fall)


@inlined
def distance_value(km, nearest, farthest, o):
    """D of a distance, 1 next door: the normalisations of the published models."""
    if o.distance_form == RATIO:
        return _ONE / (_ONE + power(km / o.ratio_p, o.ratio_q))
    if o.distance_form == FARTHEST:
        return (o.farthest - km) / max(o.farthest, np.float32(1e-6))
    if farthest <= nearest:
        return _ONE
    return (farthest - km) / (farthest - nearest)


class Family(NamedTuple):
    """One chooser's scalars, read once before its schools are looked at."""

    rise: np.float32
    top: np.float32
    fall: np.float32
    price: np.float32
    zone: np.float32
    sibling: np.int32
    belief: np.uint32  # keys of its random numbers
    theme: np.uint32
    taste: np.uint32


@inlined
def family(h, who):
    """The scalars of chooser ``h`` of ``who``, a :class:`Chooser`."""
    return Family(
        who.real[h, RISE],
        who.real[h, TOP],
        who.real[h, FALL],
        who.real[h, PRICE],
        np.float32(who.whole[h, HOME_ZONE]),
        who.whole[h, SIBLING_SCHOOL],
        who.key[h, 0],
        who.key[h, 1],
        who.key[h, 2],
    )


class Weights(NamedTuple):
    """The weights of one group, read once a family."""

    distance: np.float32
    reputation: np.float32
    peers: np.float32
    vulnerable: np.float32
    emulation: np.float32
    theme: np.float32
    fee: np.float32
    private: np.float32
    zone: np.float32
    sibling: np.float32
    beyond: np.float32


@inlined
def weigh(g, weights):
    """The weights of group ``g`` of ``weights`` (group, term + 1)."""
    return Weights(
        weights[g, DISTANCE],
        weights[g, REPUTATION],
        weights[g, PEERS],
        weights[g, VULNERABLE],
        weights[g, EMULATION],
        weights[g, THEME],
        weights[g, FEE],
        weights[g, APPEAL],
        weights[g, ZONE],
        weights[g, SIBLING],
        weights[g, BEYOND],
    )


@inlined
def terms(f, w, s, seen, o):
    """The ten weighted terms of the logit utility of school ``s``, seen as :class:`Sight`, in the order of TERMS (float32)."""
    believed = seen.believed + seen.doubt * seen.colour
    believed = believed + o.noise * seen.doubt * bell(bits32(f.belief, np.uint32(s)))
    taste = uniform32(bits32(f.theme, np.uint32(np.int32(seen.theme))))
    return (
        w.distance * seen.km + w.beyond * max(seen.km - o.knee, _ZERO),
        w.reputation * believed,
        w.peers * peers(f, seen),
        w.vulnerable * seen.weak,
        w.emulation * seen.attend,
        w.theme * taste if seen.theme >= _ZERO else _ZERO,
        w.fee * seen.fee * f.price,
        w.private * seen.private,
        w.zone if (f.zone >= _ZERO) & (f.zone == seen.zone) else _ZERO,
        w.sibling if f.sibling == s else _ZERO,
    )


@inlined
def peers(f, seen):
    """V of the composition that a family sees."""
    return composition_value(seen.own if seen.own >= _ZERO else _ONE / f.rise, f.rise, f.top, f.fall)


@inlined
def published(f, seen, o, nearest, farthest):
    """float32 utility in the forms of the published models: V^a D^(1-a) or a V + (1-a) D."""
    near = distance_value(seen.km, nearest, farthest, o)
    if o.form == COBB_DOUGLAS:
        return power(peers(f, seen), o.alpha) * power(near, _ONE - o.alpha)
    return o.alpha * peers(f, seen) + (_ONE - o.alpha) * near


@pasted
def utility(h, considered, who, view, o, room, row):
    """Utility of each school in row ``h`` of ``considered`` (chooser, slot), before taste, into the worth of ``room`` at ``row``.

    who, view, o, room: a :class:`Chooser`, :class:`Scene`, :class:`Settings` and :class:`Desk`. The schools are gathered
    first, so that the loop over terms has neither gathers nor branches and becomes vector instructions. To be called from
    functions compiled ``in_place`` only: where numba counts references, each array handed over costs more than a utility.
    """
    gather(h, considered, who, view, room)
    look, luck, worth = room.look, room.luck, room.worth
    f = family(h, who)
    w = weigh(np.int64(who.whole[h, GROUP]), view.weights)
    if o.form == LOGIT:
        for k in range(worth.shape[1]):
            t = terms(f, w, considered[h, k], sight(look, k), o)
            worth[row, k] = o.beta * (t[0] + t[1] + t[2] + t[3] + t[4] + t[5] + t[6] + t[7] + t[8] + t[9])
            luck[row, k] = bits32(f.taste, np.uint32(considered[h, k]))
    else:
        nearest, farthest = np.float32(np.inf), _ZERO
        for k in range(worth.shape[1]):
            if considered[h, k] >= 0:
                nearest, farthest = min(nearest, look[KM, k]), max(farthest, look[KM, k])
        for k in range(worth.shape[1]):
            worth[row, k] = o.beta * published(f, sight(look, k), o, nearest, farthest)
            luck[row, k] = bits32(f.taste, np.uint32(considered[h, k]))


@inlined
def taste(considered, room, families, noisy):
    """Add the Gumbel taste to the worth of the first ``families`` in ``room``; -inf in empty slots of ``considered``.

    A loop of its own: one family's two logarithms take longer to come out than those of others take to go in.
    """
    worth = room.worth
    for row in range(families):
        h = room.rows[row]
        if noisy:
            for k in range(worth.shape[1]):
                worth[row, k] = worth[row, k] + gumbel(room.luck[row, k])
        for k in range(worth.shape[1]):
            worth[row, k] = worth[row, k] if considered[h, k] >= 0 else np.float32(-np.inf)


@in_place
def score(families, considered, who, view, o, room):
    """Utility plus taste of what the choosers ``room.rows[:families]`` consider, row by row into the worth.

    considered: (chooser, slot) int32. The one kernel that works out utilities: all choices call it for a few families at a
    time, so that it is compiled once and the call costs little.
    """
    for row in range(families):
        utility(room.rows[row], considered, who, view, o, room, row)
    taste(considered, room, families, o.noisy)
