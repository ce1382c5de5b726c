"""The utility of a school to a family: one function with options, used by every choice in the model.

Default: a multinomial logit (McFadden 1974), a weighted sum of terms plus Gumbel taste of scale 1. The published models'
forms are options of the same function: V^a D^(1-a) (Sage & Flache 2021) and a V + (1-a) D (Dignum et al. 2022).
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.floats import bell, power
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
    HOME_ZONE,
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
    distance, weak, attend, private, zone = common_terms(f.zone, w, seen, o)
    believed, peers, theme, fee, sibling = own_terms(f, w, s, seen, o)
    return distance, believed, peers, weak, attend, theme, fee, private, zone, sibling


@inlined
def common_terms(home_zone, w, seen, o):
    """Those that neighbours of one group have in common: distance, vulnerable, emulation, private, zone."""
    return (
        w.distance * seen.km + w.beyond * max(seen.km - o.knee, _ZERO),
        w.vulnerable * seen.weak,
        w.emulation * seen.attend,
        w.private * seen.private,
        w.zone if (home_zone >= _ZERO) & (home_zone == seen.zone) else _ZERO,
    )


@inlined
def own_terms(f, w, s, seen, o):
    """Those that are each family's own: reputation, peers, theme, fee, sibling."""
    believed = seen.believed + seen.doubt * seen.colour
    believed = believed + o.noise * seen.doubt * bell(bits32(f.belief, np.uint32(s)))
    taste = uniform32(bits32(f.theme, np.uint32(np.int32(seen.theme))))
    return (
        w.reputation * believed,
        w.peers * peers(f, seen),
        w.theme * taste if seen.theme >= _ZERO else _ZERO,
        w.fee * seen.fee * f.price,
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
