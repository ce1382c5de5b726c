"""The utility of a school to a family: one function with options, used by every choice in the model.

Default: a multinomial logit (McFadden 1974), a weighted sum of terms plus Gumbel taste of scale 1. The published models'
forms are options of the same function: V^a D^(1-a) (Sage & Flache 2021) and a V + (1-a) D (Dignum et al. 2022).
All arithmetic is float32 with a logarithm of its own, so that results repeat to the bit on any machine, compiled or not.
"""

from typing import NamedTuple

import numpy as np

from abm.city import STATE
from abm.compiled import inlined
from abm.households import Households
from abm.randomness import Key, bits32, household_keys, uniform32
from abm.rules import Rules
from abm.schools import theme_visible
from abm.world import World

TERMS = ("distance", "reputation", "peers", "vulnerable", "emulation", "theme", "fee", "private", "zone", "sibling")
DISTANCE, REPUTATION, PEERS, VULNERABLE, EMULATION, THEME, FEE, APPEAL, ZONE, SIBLING = range(10)
LOGIT, COBB_DOUGLAS, ADDITIVE = 0, 1, 2
FARTHEST, MIN_MAX, RATIO = 0, 1, 2
FORMS = {"logit": LOGIT, "cobb_douglas": COBB_DOUGLAS, "additive": ADDITIVE}
DISTANCE_FORMS = {"farthest": FARTHEST, "min_max": MIN_MAX, "ratio": RATIO}
THEMES = ("arts", "music", "sciences", "languages")


class Settings(NamedTuple):
    """Options as the kernels take them: scalars only."""

    form: np.int64  # LOGIT, COBB_DOUGLAS, ADDITIVE
    distance_form: np.int64  # FARTHEST, MIN_MAX, RATIO
    knee: np.float32  # km
    alpha: np.float32
    farthest: np.float32  # km, longest distance in the city
    ratio_p: np.float32  # km
    ratio_q: np.float32
    beta: np.float32
    noisy: bool  # Gumbel taste
    noise: np.float32  # sd of the error of belief without information


class Scene(NamedTuple):
    """What families look at: last year's schools and neighbours; few arrays, so that a look costs few gathers."""

    distance: np.ndarray  # (place, school) float32 km
    school: np.ndarray  # (school, column) float32: MAJORITY ... SCHOOL_ZONE
    neighbours: np.ndarray  # (area, group, school) float32 pupils of the own group nearby, by school
    weights: np.ndarray  # (group, term + 1) float32; the last is the distance beyond the knee


class Chooser(NamedTuple):
    """The choosing families, one row each."""

    whole: np.ndarray  # (chooser, 5) int32: PLACE, GROUP, AREA, HOME_ZONE, SIBLING_SCHOOL
    real: np.ndarray  # (chooser, 6) float32: RISE, TOP, FALL, IGNORANCE, PRICE, NEARBY
    key: np.ndarray  # (chooser, 3) uint32: keys of errors of belief, of taste for themes, of taste


MAJORITY, MINORITY, WEAK, BELIEVED, SCHOOL_FEE, IS_PRIVATE, SCHOOL_THEME, SCHOOL_ZONE = range(8)
PLACE, GROUP, AREA, HOME_ZONE, SIBLING_SCHOOL = range(5)
RISE, TOP, FALL, IGNORANCE, PRICE, NEARBY = range(6)
OWN, LOOK_WEAK, LOOK_BELIEVED, LOOK_FEE, LOOK_PRIVATE, LOOK_THEME, LOOK_ZONE, KM, ATTEND = range(9)
BEYOND = len(TERMS)


def peak(tolerance: np.ndarray, full: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) float32 slope of the rising line, and value at 1 and slope of the falling one, for preferred shares f (n,).

    V = x/f for x <= f, else M + (1 - x)(1 - M)/(1 - f) with M = ``full``; f = 1 has no falling part.
    """
    f = np.asarray(tolerance, np.float64)
    open_ended = f >= 1
    fall = np.where(open_ended, 0.0, (1 - full) / np.where(open_ended, 1.0, 1 - f))
    top = np.where(open_ended, 1.0, full)
    return (1 / f).astype(np.float32), top.astype(np.float32), fall.astype(np.float32)


def settings(world: World, rules: Rules) -> Settings:
    """The options of this year's choices."""
    c = rules.choice
    return Settings(
        form=np.int64(FORMS[c.form]),
        distance_form=np.int64(DISTANCE_FORMS[c.distance_form]),
        knee=np.float32(c.knee_km),
        alpha=np.float32(c.alpha),
        farthest=np.float32(world.city.distance.max(initial=0.0)),
        ratio_p=np.float32(c.ratio_p),
        ratio_q=np.float32(c.ratio_q),
        beta=np.float32(c.beta),
        noisy=c.taste != "none",
        noise=np.float32(rules.perception.noise),
    )


def scene(world: World, rules: Rules, nearby: np.ndarray) -> Scene:
    """What families look at this year. ``nearby`` (area, group, school) float32: pupils nearby, by school."""
    city, schools, seen = world.city, world.schools, world.seen
    visible = theme_visible(schools, world.year, rules.response.theme_lag, rules.response.theme_life)
    columns = [
        *seen.own_share,
        seen.vulnerable,
        schools.reputation,
        schools.fee,
        schools.sector != STATE,
        np.where(visible, schools.theme, -1),
        city.school_zone,
    ]
    names = [*(f"choice.{name}" for name in TERMS), "choice.distance_beyond"]
    return Scene(
        distance=city.distance,
        school=np.stack(columns, axis=1).astype(np.float32),
        neighbours=nearby,
        weights=np.ascontiguousarray(np.stack([rules.by_group(name) for name in names], axis=1)),
    )


def choosers(
    world: World, rules: Rules, table: Households, sibling: np.ndarray, reached: np.ndarray, view: Scene
) -> Chooser:
    """The families of ``table`` as the kernels take them.

    sibling: (chooser,) school of an older sibling, -1: none; reached: (chooser,) share of missing information given.
    """
    area = world.city.place_area[table.place]
    nearby = np.maximum(view.neighbours.sum(axis=2)[area, table.group] + np.float32(rules.choice.emulation_prior), 1)
    price = np.minimum(np.exp2(-table.status / np.float32(rules.choice.fee_status)), 8)
    year = 0 if rules.choice.taste == "persistent" else world.year
    keys = [
        household_keys(Key(world.seed, "belief", world.year), table.id),
        household_keys(Key(world.seed, "taste", 0, 1), table.family),
        household_keys(Key(world.seed, "taste", year), table.family),
    ]
    whole = [table.place, table.group, area, world.city.zone[table.place], sibling]
    real = [*peak(table.tolerance, rules.choice.peers_full), (1 - table.information) * (1 - reached), price, nearby]
    return Chooser(
        whole=np.stack(whole, axis=1).astype(np.int32),
        real=np.stack(real, axis=1).astype(np.float32),
        key=np.stack(keys, axis=1),
    )


_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_ROOT_HALF = np.int32(0x3F3504F3)  # bits of sqrt(1/2)
_LN2 = np.float32(0.6931472)
_L3, _L5, _L7, _L9 = np.float32(2 / 3), np.float32(2 / 5), np.float32(2 / 7), np.float32(2 / 9)
_BIAS, _S23 = np.int32(127), np.int32(23)
_E1, _E2, _E3, _E4, _E5 = (np.float32(c) for c in (0.6931472, 0.24022651, 0.05550411, 0.009618129, 0.0013333558))
_BYTE = np.uint32(255)
_S31, _S32, _POSITIVE = np.int32(31), np.int64(32), np.int32(0x7FFFFFFF)
_LAST_SLOT = np.int64(0xFFFFFFF)
_S8, _S16, _S24 = np.uint32(8), np.uint32(16), np.uint32(24)
_IRWIN_MEAN, _IRWIN_SCALE = np.float32(510.0), np.float32(1 / 147.80053)


@inlined
def ln(x):
    """Natural logarithm of a positive normal float32, error below 1e-6: exponent, then the series of atanh.

    The fraction is taken in [sqrt(1/2), sqrt(2)) by integer arithmetic: a branch here would be mispredicted half the time.
    """
    bits = np.float32(x).view(np.int32)
    exponent = np.int32(np.int32(bits - _ROOT_HALF) >> _S23)
    m = np.int32(bits - np.int32(exponent << _S23)).view(np.float32)
    t = (m - _ONE) / (m + _ONE)
    q = t * t
    series = t * (_TWO + q * (_L3 + q * (_L5 + q * (_L7 + q * _L9))))
    return np.float32(exponent) * _LN2 + series


@inlined
def power(x, y):
    """x^y for float32 x >= 0: 2^(y log2 x), relative error below 1e-5; 0^0 = 1."""
    if y == _ZERO:
        return _ONE
    if x <= _ZERO:
        return _ZERO
    e = y * (ln(x) / _LN2)
    e = min(max(e, np.float32(-126.0)), np.float32(126.0))
    whole = np.floor(e + _HALF)  # the series runs over [-1/2, 1/2], where it is a hundred times nearer than over [0, 1]
    f = np.float32(e - whole)
    scale = np.int32(np.int32(np.int32(whole) + _BIAS) << _S23).view(np.float32)
    return scale * (_ONE + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5)))))


@inlined
def gumbel(bits):
    """A standard Gumbel number from 32 random bits."""
    return -ln(-ln(uniform32(bits)))


@inlined
def bell(bits):
    """A nearly normal number of mean 0 and variance 1 from 32 random bits: the sum of four bytes (Irwin-Hall)."""
    z = np.uint32(bits)
    total = (z & _BYTE) + ((z >> _S8) & _BYTE) + ((z >> _S16) & _BYTE) + (z >> _S24)
    return (np.float32(np.uint32(total)) - _IRWIN_MEAN) * _IRWIN_SCALE


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
    ignorance: np.float32
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
        real[h, IGNORANCE],
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
def gather(h, considered, whole, distance, school, neighbours, look):
    """What chooser ``h`` sees of each considered school, into ``look`` (column, slot); empty slots show school 0."""
    g, place, area = whole[h, GROUP], whole[h, PLACE], whole[h, AREA]
    side = min(np.int64(g), 1)
    for slot in range(considered.shape[1]):
        s = max(considered[h, slot], 0)
        look[OWN, slot] = school[s, side]
        look[LOOK_WEAK, slot] = school[s, WEAK]
        look[LOOK_BELIEVED, slot] = school[s, BELIEVED]
        look[LOOK_FEE, slot] = school[s, SCHOOL_FEE]
        look[LOOK_PRIVATE, slot] = school[s, IS_PRIVATE]
        look[LOOK_THEME, slot] = school[s, SCHOOL_THEME]
        look[LOOK_ZONE, slot] = school[s, SCHOOL_ZONE]
        look[KM, slot] = distance[place, s]
        look[ATTEND, slot] = neighbours[area, g, s]


@inlined
def terms(f, w, s, look, slot, o):
    """The ten weighted terms of the logit utility of school ``s``, seen in ``slot``, in the order of TERMS (float32)."""
    km, theme = look[KM, slot], look[LOOK_THEME, slot]
    believed = look[LOOK_BELIEVED, slot] + o.noise * f.ignorance * bell(bits32(f.belief, np.uint32(s)))
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
    gather(h, considered, whole, distance, school, neighbours, look)
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


@inlined
def order_key(worth, slot):
    """int64 that orders like (worth, lower slot first): exact, and a maximum of integers is one vector instruction."""
    bits = np.float32(worth).view(np.int32)
    bits = np.int32(bits ^ np.int32(np.int32(bits >> _S31) & _POSITIVE))
    return (np.int64(bits) << _S32) | np.int64(_LAST_SLOT - slot)


@inlined
def rank_of(key, slot):
    """How many of the order keys are higher than that of ``slot``: its rank, found by counting, without a branch."""
    rank = np.int64(0)
    for k in range(key.size):
        rank += np.int64(key[k] > key[slot])
    return rank
