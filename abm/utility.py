"""The utility of a school to a family: one function with options, used by every choice in the model.

Default: a multinomial logit (McFadden 1974), a weighted sum of terms plus Gumbel taste of scale 1. The published models'
forms are options of the same function: V^a D^(1-a) (Sage & Flache 2021) and a V + (1-a) D (Dignum et al. 2022).
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.floats import bell, gumbel, power
from abm.nearby import heads_at
from abm.randomness import bits32, uniform32
from abm.ranking import LANES
from abm.sight import (
    APPEAL,
    ATTEND,
    BELIEVED,
    BEYOND,
    COBB_DOUGLAS,
    COLOUR,
    CROWD,
    DISTANCE,
    DOUBT,
    DOUBT_AT,
    EMULATION,
    FALL,
    FARTHEST,
    FEE,
    GROUP,
    HOME_ZONE,
    IGNORANCE,
    IS_PRIVATE,
    KM,
    LOGIT,
    LOOK_BELIEVED,
    LOOK_COLOUR,
    LOOK_DOUBT,
    LOOK_FEE,
    LOOK_PRIVATE,
    LOOK_THEME,
    LOOK_WEAK,
    LOOK_ZONE,
    LOOKS,
    NEARBY,
    OWN,
    PEERS,
    PLACE,
    PRICE,
    RATIO,
    REPUTATION,
    RISE,
    SCHOOL_FEE,
    SCHOOL_THEME,
    SCHOOL_ZONE,
    SHOWN,
    SIBLING,
    SIBLING_SCHOOL,
    THEME,
    TOP,
    VULNERABLE,
    WEAK,
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
def family(h, whole, real, key):
    """The scalars of chooser ``h``."""
    return Family(
        real[h, RISE],
        real[h, TOP],
        real[h, FALL],
        real[h, PRICE],
        np.float32(whole[h, HOME_ZONE]),
        whole[h, SIBLING_SCHOOL],
        key[h, 0],
        key[h, 1],
        key[h, 2],
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


class Desk(NamedTuple):
    """Room in which kernels look at the schools of a few families at a time; all slots are whole vectors of 16."""

    ids: np.ndarray  # (family + 1, slot) int32 schools of each family; the last row: those that ``look`` shows
    look: np.ndarray  # (column, slot) float32 what the present family sees
    luck: np.ndarray  # (family, slot) uint32 random bits of its taste
    worth: np.ndarray  # (family, slot) float32 utility, with taste after :func:`taste`


def desk(slots: int, families: int = 1) -> Desk:
    """Room for ``families`` who each look at ``slots`` schools."""
    shape = families, -(-slots // LANES) * LANES
    ids = np.full((families + 1, shape[1]), -1, np.int32)
    return Desk(ids, np.zeros((LOOKS, shape[1]), np.float32), np.zeros(shape, np.uint32), np.zeros(shape, np.float32))


@inlined
def forget(ids):
    """Have all schools looked at anew: the family is of another place or group than the last, or the schools changed."""
    for k in range(ids.shape[1]):
        ids[ids.shape[0] - 1, k] = -1


@inlined
def gather(h, considered, whole, real, distance, school, first, cell, heads, ids, look, row):
    """What chooser ``h`` sees of each considered school, into ``look`` (column, slot); its schools into ``ids`` at ``row``.

    What families of one place and group see alike stays from one to the next, unless told to :func:`forget`.
    """
    seen, new = ids.shape[0] - 1, np.int32(0)
    for k in range(considered.shape[1]):
        s = considered[h, k]
        ids[row, k] = s
        new |= np.int32(s >= 0) & np.int32(s != ids[seen, k])
    if new != 0:
        place, side, crowd, nearby = whole[h, PLACE], min(whole[h, GROUP], 1), whole[h, CROWD], real[h, NEARBY]
        for k in range(considered.shape[1]):
            s = considered[h, k]
            if s >= 0 and s != ids[seen, k]:
                ids[seen, k] = s
                look[OWN, k] = school[s, side]
                look[LOOK_WEAK, k] = school[s, WEAK]
                look[LOOK_BELIEVED, k] = school[s, BELIEVED]
                look[LOOK_COLOUR, k] = school[s, COLOUR]
                look[LOOK_FEE, k] = school[s, SCHOOL_FEE]
                look[LOOK_PRIVATE, k] = school[s, IS_PRIVATE]
                look[LOOK_THEME, k] = school[s, SCHOOL_THEME]
                look[LOOK_ZONE, k] = school[s, SCHOOL_ZONE]
                look[LOOK_DOUBT, k] = school[s, DOUBT_AT]
                look[KM, k] = distance[place, s]
                look[ATTEND, k] = heads_at(first, cell, heads, crowd, s) / nearby
    if real.shape[1] == SHOWN:
        for k in range(look.shape[1]):
            look[DOUBT, k] = real[h, IGNORANCE]
    else:
        for k in range(look.shape[1]):
            look[DOUBT, k] = real[h, np.uint32(np.int32(look[LOOK_DOUBT, k]))]


class Sight(NamedTuple):
    """What a family sees of one school: a column of ``look``, in the order of its rows (:mod:`abm.sight`)."""

    own: np.float32  # share of its own side, negative: whatever it likes best
    weak: np.float32
    believed: np.float32
    colour: np.float32
    fee: np.float32
    private: np.float32
    theme: np.float32
    zone: np.float32
    km: np.float32
    attend: np.float32
    doubt: np.float32


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


@inlined
def utility(
    h,
    considered,
    whole,
    real,
    key,
    distance,
    school,
    first,
    cell,
    heads,
    crowd,
    weights,
    o,
    ids,
    look,
    luck,
    worth,
    row,
):
    """Utility of each school in row ``h`` of ``considered`` (chooser, slot), before taste, into ``worth`` at ``row``.

    The arrays are those of :class:`Chooser`, :class:`Scene` and :class:`Desk`. The schools are gathered first, so that the
    loop over terms has neither gathers nor branches and becomes vector instructions; functions are pasted in and arrays
    handed over one by one: each array that went through a call or a tuple would cost more than a utility.
    """
    gather(h, considered, whole, real, distance, school, first, cell, heads, ids, look, row)
    f = family(h, whole, real, key)
    w = weigh(np.int64(whole[h, GROUP]), weights)
    if o.form == LOGIT:
        for k in range(worth.shape[1]):
            seen = Sight(
                look[OWN, k], look[LOOK_WEAK, k], look[LOOK_BELIEVED, k], look[LOOK_COLOUR, k], look[LOOK_FEE, k],
                look[LOOK_PRIVATE, k], look[LOOK_THEME, k], look[LOOK_ZONE, k], look[KM, k], look[ATTEND, k], look[DOUBT, k],
            )  # fmt: skip
            t = terms(f, w, ids[row, k], seen, o)
            worth[row, k] = o.beta * (t[0] + t[1] + t[2] + t[3] + t[4] + t[5] + t[6] + t[7] + t[8] + t[9])
            luck[row, k] = bits32(f.taste, np.uint32(ids[row, k]))
    else:
        nearest, farthest = np.float32(np.inf), _ZERO
        for k in range(worth.shape[1]):
            if ids[row, k] >= 0:
                nearest, farthest = min(nearest, look[KM, k]), max(farthest, look[KM, k])
        for k in range(worth.shape[1]):
            seen = Sight(
                look[OWN, k], look[LOOK_WEAK, k], look[LOOK_BELIEVED, k], look[LOOK_COLOUR, k], look[LOOK_FEE, k],
                look[LOOK_PRIVATE, k], look[LOOK_THEME, k], look[LOOK_ZONE, k], look[KM, k], look[ATTEND, k], look[DOUBT, k],
            )  # fmt: skip
            worth[row, k] = o.beta * published(f, seen, o, nearest, farthest)
            luck[row, k] = bits32(f.taste, np.uint32(ids[row, k]))


@inlined
def taste(ids, luck, worth, families, noisy):
    """Add the Gumbel taste to ``worth`` (family, slot) of the first ``families``; -inf in empty slots.

    A loop of its own, since one family's two logarithms take longer to come than others' need to be begun.
    """
    for row in range(families):
        if noisy:
            for k in range(worth.shape[1]):
                worth[row, k] = worth[row, k] + gumbel(luck[row, k])
        for k in range(worth.shape[1]):
            worth[row, k] = worth[row, k] if ids[row, k] >= 0 else np.float32(-np.inf)


@inlined
def score(
    h, considered, whole, real, key, distance, school, first, cell, heads, crowd, weights, o, ids, look, luck, worth
):
    """Utility plus taste of each school in row ``h`` of ``considered`` (chooser, slot) into the first row of ``worth``."""
    utility(
        h,
        considered,
        whole,
        real,
        key,
        distance,
        school,
        first,
        cell,
        heads,
        crowd,
        weights,
        o,
        ids,
        look,
        luck,
        worth,
        0,
    )
    taste(ids, luck, worth, 1, o.noisy)
