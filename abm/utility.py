"""The utility of a school to a family: one function with options, used by every choice in the model.

Default: a multinomial logit (McFadden 1974), a weighted sum of terms plus Gumbel taste of scale 1. The published models'
forms are options of the same function: V^a D^(1-a) (Sage & Flache 2021) and a V + (1-a) D (Dignum et al. 2022).
All arithmetic is float32 with a logarithm of its own, so that results repeat to the bit on any machine, compiled or not.
"""

from typing import NamedTuple

import numpy as np

from abm.city import STATE
from abm.compiled import kernel
from abm.households import Households
from abm.randomness import Key, bits32, household_key, stream, uniform32
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
    """Options and weights as the kernels take them."""

    form: np.int64  # LOGIT, COBB_DOUGLAS, ADDITIVE
    distance_form: np.int64  # FARTHEST, MIN_MAX, RATIO
    weights: np.ndarray  # (group, term) float32
    beyond: np.ndarray  # (group,) float32 utility per km beyond the knee
    knee: np.float32  # km
    peers_full: np.float32  # M
    alpha: np.float32
    farthest: np.float32  # km, longest distance in the city
    ratio_p: np.float32  # km
    ratio_q: np.float32
    beta: np.float32
    noisy: bool  # Gumbel taste
    taste: np.uint64  # stream of the taste
    theme: np.uint64  # stream of the taste for themes
    belief: np.uint64  # stream of the errors of belief
    noise: np.float32  # sd of the error of belief without information
    prior: np.float32  # pupils


class Scene(NamedTuple):
    """What families look at: last year's schools and neighbours, and the city."""

    distance: np.ndarray  # (place, school) float32 km
    reputation: np.ndarray  # (school,) float32 sd
    own_share: np.ndarray  # (side, school) float32
    vulnerable: np.ndarray  # (school,) float32
    neighbours: np.ndarray  # (area, group, school) float32 pupils of the own group nearby, by school
    nearby: np.ndarray  # (area, group) float32 pupils of the own group nearby
    theme: np.ndarray  # (school,) int64 visible theme, -1: none
    fee: np.ndarray  # (school,) float32 1000 euro
    private: np.ndarray  # (school,) bool private or subsidised
    zone: np.ndarray  # (place,) int32
    school_zone: np.ndarray  # (school,) int32
    place_area: np.ndarray  # (place,) int32


class Chooser(NamedTuple):
    """The columns of the choosing families, one row each."""

    place: np.ndarray  # (chooser,) int32
    group: np.ndarray  # (chooser,) int8
    tolerance: np.ndarray  # (chooser,) float32
    ignorance: np.ndarray  # (chooser,) float32 1 - information
    price: np.ndarray  # (chooser,) float32 weight of a fee relative to mean status
    family: np.ndarray  # (chooser,) int64
    id: np.ndarray  # (chooser,) int64
    sibling: np.ndarray  # (chooser,) int32 school of an older sibling, -1: none


def settings(world: World, rules: Rules) -> Settings:
    """The options of this year's choices."""
    c = rules.choice
    year = 0 if c.taste == "persistent" else world.year
    return Settings(
        form=np.int64(FORMS[c.form]),
        distance_form=np.int64(DISTANCE_FORMS[c.distance_form]),
        weights=np.ascontiguousarray(np.stack([rules.by_group(f"choice.{name}") for name in TERMS], axis=1)),
        beyond=rules.by_group("choice.distance_beyond"),
        knee=np.float32(c.knee_km),
        peers_full=np.float32(c.peers_full),
        alpha=np.float32(c.alpha),
        farthest=np.float32(world.city.distance.max(initial=0.0)),
        ratio_p=np.float32(c.ratio_p),
        ratio_q=np.float32(c.ratio_q),
        beta=np.float32(c.beta),
        noisy=c.taste != "none",
        taste=np.uint64(stream(Key(world.seed, "taste", year))),
        theme=np.uint64(stream(Key(world.seed, "taste", 0, 1))),
        belief=np.uint64(stream(Key(world.seed, "belief", world.year))),
        noise=np.float32(rules.perception.noise),
        prior=np.float32(c.emulation_prior),
    )


def scene(world: World, rules: Rules) -> Scene:
    """What families look at this year; whoever has a school in the households' table is a neighbour there."""
    city, schools, table = world.city, world.schools, world.households
    areas, n = len(city.area_names), schools.open.size
    has = table.school >= 0
    cell = (city.place_area[table.place[has]].astype(np.int64) * world.groups + table.group[has]) * n + table.school[
        has
    ]
    neighbours = np.bincount(cell, minlength=areas * world.groups * n).reshape(areas, world.groups, n)
    seen = theme_visible(schools, world.year, rules.response.theme_lag, rules.response.theme_life)
    return Scene(
        distance=city.distance,
        reputation=schools.reputation,
        own_share=world.seen.own_share,
        vulnerable=world.seen.vulnerable,
        neighbours=neighbours.astype(np.float32),
        nearby=neighbours.sum(axis=2).astype(np.float32),
        theme=np.where(seen, schools.theme, -1).astype(np.int64),
        fee=schools.fee,
        private=schools.sector != STATE,
        zone=city.zone,
        school_zone=city.school_zone,
        place_area=city.place_area,
    )


def choosers(table: Households, sibling: np.ndarray, rules: Rules, reached: np.ndarray) -> Chooser:
    """The columns of ``table`` that choice needs. ``reached`` (chooser,) share of missing information that is given."""
    ignorance = (1 - table.information) * (1 - reached)
    price = np.exp2(-table.status / np.float32(rules.choice.fee_status))
    return Chooser(
        place=table.place,
        group=table.group,
        tolerance=table.tolerance,
        ignorance=ignorance.astype(np.float32),
        price=np.minimum(price, 8.0).astype(np.float32),
        family=table.family,
        id=table.id,
        sibling=sibling.astype(np.int32),
    )


_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_ROOT2 = np.float32(1.4142135)
_LN2 = np.float32(0.6931472)
_L3, _L5, _L7, _L9 = np.float32(2 / 3), np.float32(2 / 5), np.float32(2 / 7), np.float32(2 / 9)
_FRACTION, _EXPONENT_OF_ONE, _BIAS, _S23 = np.int32(0x7FFFFF), np.int32(0x3F800000), np.int32(127), np.int32(23)
_E1, _E2, _E3, _E4, _E5 = (np.float32(c) for c in (0.6931472, 0.24022651, 0.05550411, 0.009618129, 0.0013333558))
_BYTE = np.uint32(255)
_S8, _S16, _S24 = np.uint32(8), np.uint32(16), np.uint32(24)
_IRWIN_MEAN, _IRWIN_SCALE = np.float32(510.0), np.float32(1 / 147.80053)


@kernel
def ln(x):
    """Natural logarithm of a positive normal float32, error below 1e-6: exponent, then the series of atanh."""
    bits = np.float32(x).view(np.int32)
    exponent = np.int32(np.int32(bits >> _S23) - _BIAS)
    m = np.int32((bits & _FRACTION) | _EXPONENT_OF_ONE).view(np.float32)
    if m > _ROOT2:
        m = m * _HALF
        exponent = np.int32(exponent + np.int32(1))
    t = (m - _ONE) / (m + _ONE)
    q = t * t
    series = t * (_TWO + q * (_L3 + q * (_L5 + q * (_L7 + q * _L9))))
    return np.float32(exponent) * _LN2 + series


@kernel
def power(x, y):
    """x^y for float32 x >= 0: 2^(y log2 x), relative error below 1e-5; 0^0 = 1."""
    if y == _ZERO:
        return _ONE
    if x <= _ZERO:
        return _ZERO
    e = y * (ln(x) / _LN2)
    e = min(max(e, np.float32(-126.0)), np.float32(126.0))
    whole = np.floor(e)
    f = np.float32(e - whole)
    scale = np.int32(np.int32(np.int32(whole) + _BIAS) << _S23).view(np.float32)
    return scale * (_ONE + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5)))))


@kernel
def gumbel(bits):
    """A standard Gumbel number from 32 random bits."""
    return -ln(-ln(uniform32(bits)))


@kernel
def bell(bits):
    """A nearly normal number of mean 0 and variance 1 from 32 random bits: the sum of four bytes (Irwin-Hall)."""
    z = np.uint32(bits)
    total = (z & _BYTE) + ((z >> _S8) & _BYTE) + ((z >> _S16) & _BYTE) + (z >> _S24)
    return (np.float32(np.uint32(total)) - _IRWIN_MEAN) * _IRWIN_SCALE


@kernel
def composition_value(x, f, full):
    """V(x), single-peaked: x/f up to the preferred share f, then down to ``full`` at x = 1 (Stoica & Flache 2014)."""
    rise = x / f
    if f >= _ONE:
        return rise
    return min(rise, full + (_ONE - x) * (_ONE - full) / (_ONE - f))


@kernel
def distance_value(km, nearest, farthest, o):
    """D of a distance, 1 next door: the normalisations of the published models."""
    if o.distance_form == RATIO:
        return _ONE / (_ONE + power(km / o.ratio_p, o.ratio_q))
    if o.distance_form == FARTHEST:
        return (o.farthest - km) / max(o.farthest, np.float32(1e-6))
    if farthest <= nearest:
        return _ONE
    return (farthest - km) / (farthest - nearest)


@kernel
def terms(h, s, c, v, o, belief_key, theme_key):
    """The ten weighted terms of the logit utility of school ``s`` for chooser ``h``, in the order of TERMS (float32)."""
    g = np.int64(c.group[h])
    p = c.place[h]
    w = o.weights[g]
    km = v.distance[p, s]
    distance = w[DISTANCE] * km + o.beyond[g] * max(km - o.knee, _ZERO)
    believed = v.reputation[s] + o.noise * c.ignorance[h] * bell(bits32(belief_key, np.uint32(s)))
    side = min(g, 1)
    peers = w[PEERS] * composition_value(v.own_share[side, s], c.tolerance[h], o.peers_full)
    area = v.place_area[p]
    emulation = w[EMULATION] * (v.neighbours[area, g, s] / max(v.nearby[area, g] + o.prior, _ONE))
    theme = _ZERO
    if v.theme[s] >= 0:
        theme = w[THEME] * uniform32(bits32(theme_key, np.uint32(v.theme[s])))
    fee = w[FEE] * v.fee[s] * c.price[h]
    private = w[APPEAL] if v.private[s] else _ZERO
    zone = w[ZONE] if (v.zone[p] >= 0 and v.zone[p] == v.school_zone[s]) else _ZERO
    sibling = w[SIBLING] if c.sibling[h] == s else _ZERO
    return distance, w[REPUTATION] * believed, peers, w[VULNERABLE] * v.vulnerable[s], emulation, theme, fee, private, zone, sibling  # fmt: skip


@kernel
def utility(h, s, c, v, o, nearest, farthest, belief_key, theme_key):
    """float32 utility of school ``s`` for chooser ``h`` without taste; ``nearest``, ``farthest``: km of its schools."""
    if o.form == LOGIT:
        t = terms(h, s, c, v, o, belief_key, theme_key)
        return t[0] + t[1] + t[2] + t[3] + t[4] + t[5] + t[6] + t[7] + t[8] + t[9]
    side = min(np.int64(c.group[h]), 1)
    value = composition_value(v.own_share[side, s], c.tolerance[h], o.peers_full)
    near = distance_value(v.distance[c.place[h], s], nearest, farthest, o)
    if o.form == COBB_DOUGLAS:
        return power(value, o.alpha) * power(near, _ONE - o.alpha)
    return o.alpha * value + (_ONE - o.alpha) * near


@kernel
def score(h, considered, c, v, o, out):
    """Utility plus taste of each considered school of chooser ``h`` into ``out`` (slot,) float32; -inf where there is none."""
    belief_key = household_key(o.belief, c.id[h])
    theme_key = household_key(o.theme, c.family[h])
    taste_key = household_key(o.taste, c.family[h])
    nearest, farthest = np.float32(np.inf), _ZERO
    if o.form != LOGIT and o.distance_form == MIN_MAX:
        for slot in range(considered.size):
            if considered[slot] >= 0:
                km = v.distance[c.place[h], considered[slot]]
                nearest, farthest = min(nearest, km), max(farthest, km)
    for slot in range(considered.size):
        s = considered[slot]
        if s < 0:
            out[slot] = np.float32(-np.inf)
            continue
        u = o.beta * utility(h, s, c, v, o, nearest, farthest, belief_key, theme_key)
        if o.noisy:
            u = u + gumbel(bits32(taste_key, np.uint32(s)))
        out[slot] = u
