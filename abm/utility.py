"""The utility of a school to a family: one function with options, used by every choice in the model.

Default: a multinomial logit (McFadden 1974), a weighted sum of terms plus Gumbel taste of scale 1. The published models'
forms are options of the same function: V^a D^(1-a) (Sage & Flache 2021) and a V + (1-a) D (Dignum et al. 2022).
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.floats import bell, gumbel, power
from abm.randomness import bits32, uniform32
from abm.sight import (
    APPEAL,
    AREA,
    ATTEND,
    BELIEVED,
    BEYOND,
    COBB_DOUGLAS,
    COLOUR,
    DISTANCE,
    DOUBT,
    DOUBT_AT,
    EMULATION,
    FALL,
    FARTHEST,
    FEE,
    GROUP,
    HOME_ZONE,
    IS_PRIVATE,
    KM,
    LOGIT,
    LOOK_BELIEVED,
    LOOK_FEE,
    LOOK_PRIVATE,
    LOOK_THEME,
    LOOK_WEAK,
    LOOK_ZONE,
    NEARBY,
    OWN,
    PEERS,
    PRICE,
    RATIO,
    REPUTATION,
    RISE,
    SCHOOL_FEE,
    SCHOOL_THEME,
    SCHOOL_ZONE,
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
    nearby: np.float32
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
        real[h, NEARBY],
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


@inlined
def gather(h, considered, whole, real, distance, school, neighbours, look):
    """What chooser ``h`` sees of each considered school, into ``look`` (column, slot); empty slots show school 0."""
    g, area = whole[h, GROUP], whole[h, AREA]
    side = min(np.int64(g), 1)
    for slot in range(considered.shape[1]):
        s = max(considered[h, slot], 0)
        own = school[s, side]
        look[OWN, slot] = own if own >= _ZERO else _ONE / real[h, RISE]
        look[LOOK_WEAK, slot] = school[s, WEAK]
        doubt = real[h, np.uint32(np.int32(school[s, DOUBT_AT]))]
        look[DOUBT, slot] = doubt
        look[LOOK_BELIEVED, slot] = school[s, BELIEVED] + doubt * school[s, COLOUR]
        look[LOOK_FEE, slot] = school[s, SCHOOL_FEE]
        look[LOOK_PRIVATE, slot] = school[s, IS_PRIVATE]
        look[LOOK_THEME, slot] = school[s, SCHOOL_THEME]
        look[LOOK_ZONE, slot] = school[s, SCHOOL_ZONE]
        look[KM, slot] = distance[h, slot]
        look[ATTEND, slot] = neighbours[area, g, s]


@inlined
def terms(f, w, s, look, slot, o):
    """The ten weighted terms of the logit utility of school ``s``, seen in ``slot``, in the order of TERMS (float32)."""
    km, theme = look[KM, slot], look[LOOK_THEME, slot]
    believed = look[LOOK_BELIEVED, slot] + o.noise * look[DOUBT, slot] * bell(bits32(f.belief, np.uint32(s)))
    taste = uniform32(bits32(f.theme, np.uint32(np.int32(theme))))
    return (
        w.distance * km + w.beyond * max(km - o.knee, _ZERO),
        w.reputation * believed,
        w.peers * composition_value(look[OWN, slot], f.rise, f.top, f.fall),
        w.vulnerable * look[LOOK_WEAK, slot],
        w.emulation * (look[ATTEND, slot] / f.nearby),
        w.theme * taste if theme >= _ZERO else _ZERO,
        w.fee * look[LOOK_FEE, slot] * f.price,
        w.private * look[LOOK_PRIVATE, slot],
        w.zone if (f.zone >= _ZERO) & (f.zone == look[LOOK_ZONE, slot]) else _ZERO,
        w.sibling if f.sibling == s else _ZERO,
    )


@inlined
def published(f, look, slot, o, nearest, farthest):
    """float32 utility in the forms of the published models: V^a D^(1-a) or a V + (1-a) D."""
    value = composition_value(look[OWN, slot], f.rise, f.top, f.fall)
    near = distance_value(look[KM, slot], nearest, farthest, o)
    if o.form == COBB_DOUGLAS:
        return power(value, o.alpha) * power(near, _ONE - o.alpha)
    return o.alpha * value + (_ONE - o.alpha) * near


@inlined
def score(h, considered, whole, real, key, distance, school, neighbours, weights, o, look, out):
    """Utility plus taste of each school in row ``h`` of ``considered`` (chooser, slot) into ``out`` (slot,) float32.

    The arrays are those of :class:`Chooser` and :class:`Scene`; ``look`` (column, slot) is scratch. -inf in empty slots.
    The schools are gathered first, so that the loop over terms has neither gathers nor branches and becomes vector
    instructions; functions are pasted in and arrays handed over one by one, since each array that goes through a call
    or a tuple costs numba two atomic operations, more than a utility.
    """
    gather(h, considered, whole, real, distance, school, neighbours, look)
    f = family(h, whole, real, key)
    w = weigh(np.int64(whole[h, GROUP]), weights)
    slots = considered.shape[1]
    if o.form == LOGIT:
        for slot in range(slots):
            t = terms(f, w, considered[h, slot], look, slot, o)
            out[slot] = o.beta * (t[0] + t[1] + t[2] + t[3] + t[4] + t[5] + t[6] + t[7] + t[8] + t[9])
    else:
        nearest, farthest = np.float32(np.inf), _ZERO
        for slot in range(slots):
            if considered[h, slot] >= 0:
                nearest, farthest = min(nearest, look[KM, slot]), max(farthest, look[KM, slot])
        for slot in range(slots):
            out[slot] = o.beta * published(f, look, slot, o, nearest, farthest)
    if o.noisy:
        for slot in range(slots):
            out[slot] = out[slot] + gumbel(bits32(f.taste, np.uint32(considered[h, slot])))
    for slot in range(slots):
        out[slot] = out[slot] if considered[h, slot] >= 0 else np.float32(-np.inf)
