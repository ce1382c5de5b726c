"""What choosing families look at, as the kernels take it: options, schools, neighbours, and the families themselves."""

from typing import NamedTuple

import numpy as np

from abm.beliefs import beliefs
from abm.city import STATE
from abm.compiled import in_place, inlined, kernel, shared
from abm.households import PROPOSED, Households
from abm.lanes import RECORD
from abm.messages import doubts, shown
from abm.nearby import Nearby
from abm.randomness import EVER, FIRST, SECOND, household_key, named, processes, word
from abm.rules import Rules
from abm.schools import fee_due, in_view
from abm.tickets import felt_ways, held
from abm.ways import Ways
from abm.world import World

TERMS = ("distance", "reputation", "peers", "vulnerable", "emulation", "theme", "fee", "private", "zone", "sibling")
DISTANCE, REPUTATION, PEERS, VULNERABLE, EMULATION, THEME, FEE, APPEAL, ZONE, SIBLING = range(10)
LOGIT, COBB_DOUGLAS, ADDITIVE = 0, 1, 2
FARTHEST, MIN_MAX, RATIO = 0, 1, 2
FORMS = {"logit": LOGIT, "cobb_douglas": COBB_DOUGLAS, "additive": ADDITIVE}
DISTANCE_FORMS = {"farthest": FARTHEST, "min_max": MIN_MAX, "ratio": RATIO}


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
    noise: np.float32  # sd of the error of belief without information, of what is heard and not read


class Scene(NamedTuple):
    """What families look at: last year's schools and neighbours."""

    ways: Ways  # by row of PLACE, and as felt with each ticket
    school: np.ndarray  # (school, 8) float32: MAJORITY ... DOUBT_AT
    nearby: (
        np.ndarray
    )  # (area * group, school) float32 pupils nearby by school; (0, 0): in cells, as in :class:`abm.nearby.Nearby`
    first: np.ndarray  # (area * group + 1,) int64
    cell: np.ndarray  # (cell,) int32
    heads: np.ndarray  # (cell,) float32
    crowd: np.ndarray  # (area * group,) float32 all pupils of a group in an area, with the prior, at least 1
    weights: np.ndarray  # (group, term + 1) float32; the last is the distance beyond the knee


class Chooser(NamedTuple):
    """The choosing families, one row each."""

    whole: (
        np.ndarray
    )  # (chooser, 5) int32: PLACE (its row of distances), GROUP, CROWD (area and group), HOME_ZONE, SIBLING_SCHOOL
    real: np.ndarray  # (chooser, 5 + shown school) float32: RISE ... PRICE, then the doubts about shown schools
    key: np.ndarray  # (chooser, 3) uint32: keys of errors of belief, of taste for themes, of taste


# What is known of a school, its record; then what a family sees besides; then the terms that are alike for neighbours.
MAJORITY, MINORITY, WEAK, BELIEVED, SCHOOL_FEE, KIND, COLOUR, DOUBT_AT, OWN, KM, ATTEND, DOUBT = range(12)
OF_DISTANCE, OF_WEAK, OF_ATTEND, OF_PRIVATE, OF_ZONE, LOOKS = range(12, 18)
PLACE, GROUP, CROWD, HOME_ZONE, SIBLING_SCHOOL = range(5)
RISE, TOP, FALL, IGNORANCE, PRICE, SHOWN = range(6)
_PRIVATE, _ZONED = 8, 16  # of a kind: themes take three bits, a private school one, zones those above
BEYOND = len(TERMS)
_WEIGHTS = (*(f"choice.{name}" for name in TERMS), "choice.distance_beyond")
_ONE, _MOST_PRICE = np.float32(1), np.float32(8)
_BELIEF, _TASTE = processes("belief", "taste")
IDEAL = -1.0  # own-side share that stands for whatever a family likes best


def peak(tolerance: np.ndarray, full: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) float32 slope of the rising line, and value at 1 and slope of the falling one, for preferred shares f (n,).

    V = x/f for x <= f, else M + (1 - x)(1 - M)/(1 - f) with M = ``full``, (n,) or for all; f = 1 has no falling part.
    """
    f = np.asarray(tolerance, np.float64)
    return _peaks(f, np.broadcast_to(np.asarray(full, np.float64), f.shape).copy())


def settings(world: World, rules: Rules) -> Settings:
    """The options of this year's choices."""
    known = rules.kept.get("settings") or rules.kept.setdefault("settings", _settings(rules))
    return known if known.form == LOGIT else known._replace(farthest=np.float32(farthest(world)))


def _settings(rules: Rules) -> Settings:
    """What of them follows from the rules alone."""
    c, p = rules.choice, rules.perception
    return Settings(
        form=np.int64(FORMS[c.form]),
        distance_form=np.int64(DISTANCE_FORMS[c.distance_form]),
        knee=np.float32(c.knee_km),
        alpha=np.float32(c.alpha),
        farthest=np.float32(0),
        ratio_p=np.float32(c.ratio_p),
        ratio_q=np.float32(c.ratio_q),
        beta=np.float32(c.beta),
        noisy=c.taste != "none",
        noise=np.float32(p.noise * (1 - p.growth) * (1 - p.lights) * (1 - p.prior)),
    )


def farthest(world: World) -> float:
    """Longest distance in the city, km: on a torus that of any two points, else that of a home to a school."""
    torus = world.city.torus_km
    return torus / np.sqrt(2) if torus else world.city.ways.longest()


def scene(world: World, rules: Rules, neighbours: Nearby) -> Scene:
    """What families look at this year. ``neighbours``: pupils nearby, by the school they attend."""
    city, schools, seen = world.city, world.schools, world.seen
    own_share = seen.own_share
    if rules.perception.empty == "ideal":
        own_share = np.where(seen.heads.sum(axis=(1, 2)) > 0, own_share, np.float32(IDEAL))
    look = np.empty((schools.open.size, RECORD), np.float32)
    _look(
        own_share, seen.vulnerable, *beliefs(world, rules), fee_due(schools, rules), schools.sector, schools.theme,
        schools.theme_year, schools.theme_until, world.year, city.school_zone, look,
    )  # fmt: skip
    for k, s in enumerate(shown(rules)):
        look[s, DOUBT_AT] = SHOWN + k
    crowd = np.maximum(neighbours.total + np.float32(rules.choice.emulation_prior), 1)
    return Scene(felt_ways(world, rules), look, *neighbours[:-1], crowd, rules.weights(_WEIGHTS))


def choosers(world: World, rules: Rules, table: Households, sibling: np.ndarray, reached: np.ndarray) -> Chooser:
    """The families of ``table`` as the kernels take them.

    sibling: (chooser,) school of an older sibling, -1: none; reached: (chooser,) share of missing information given.
    """
    city, c = world.city, rules.choice
    row = table.place
    if rules.orders.tickets:
        row = (row + city.place_area.size * held(world, rules, table)).astype(np.int32)
    who = Chooser(*_choosers(
        table.id, table.family, table.group, row, table.place, city.place_area, city.zone, sibling, table.information,
        reached, np.exp2(-table.status / np.float32(c.fee_status)), paid(rules, table), table.tolerance, table.tolerant,
        float(c.peers_full), float(rules.households.tolerant_full), SHOWN + len(shown(rules)), world.groups,
        word(world.seed), world.year, 0 if c.taste == "persistent" else world.year,
    ))  # fmt: skip
    if shown(rules):
        who.real[:, SHOWN:] = doubts(world, rules, table, (1 - table.information) * (1 - reached))
    return who


def paid(rules: Rules, table: Households) -> np.ndarray:
    """(chooser,) float32 share of its fee that the authority pays for each family; fees of an accepted proposal go on."""
    share = np.zeros(table.id.size, np.float32)
    if rules.admission.preassigned > 0 and rules.admission.preassign_fees:
        share[table.way == PROPOSED] = 1
    for cover in rules.orders.covered:
        inside = np.isin(table.group, cover.groups) if cover.groups else np.ones(table.id.size, bool)
        inside = inside & (table.detected | (not cover.detected))
        share = np.where(inside, np.maximum(share, np.float32(cover.share)), share)
    return share


@shared
def kind_of(theme, private, zone):
    """What a school is, in one whole number, so that a family looks it up at once. Theme (to 6), zone (below a million); -1: none."""
    return (theme + 1) + _PRIVATE * private + _ZONED * (zone + 1)


@inlined
def parts_of(kind):
    """(private, theme, zone) float32 of a school's :func:`kind_of`, a float32 that holds it exactly."""
    whole = np.int32(kind)
    private = np.float32(np.int32(np.int32(whole >> np.int32(3)) & np.int32(1)))
    theme = np.float32(np.int32(whole & np.int32(7))) - _ONE
    return private, theme, np.float32(np.int32(whole >> np.int32(4))) - _ONE


@inlined
def peak_of(f, full):
    """As :func:`peak`, of one family."""
    if f >= 1:
        return np.float32(1 / f), np.float32(1), np.float32(0)
    return np.float32(1 / f), np.float32(full), np.float32((1 - full) / (1 - f))


@in_place
def _look(own_share, weak, believed, colour, fee, sector, theme, begins, until, year, zone, look):
    """The records (school, 8) of :class:`Scene`; what is doubted of all schools is the family's ignorance."""
    for s in range(look.shape[0]):
        look[s, MAJORITY], look[s, MINORITY], look[s, WEAK] = own_share[0, s], own_share[1, s], weak[s]
        look[s, BELIEVED], look[s, COLOUR], look[s, SCHOOL_FEE] = believed[s], colour[s], fee[s]
        theirs = theme[s] if in_view(theme[s], begins[s], until[s], year) else -1
        look[s, KIND], look[s, DOUBT_AT] = kind_of(theirs, sector[s] != STATE, zone[s]), IGNORANCE


@kernel
def _peaks(f, full):
    rise, top, fall = np.empty(f.size, np.float32), np.empty(f.size, np.float32), np.empty(f.size, np.float32)
    for h in range(f.size):
        rise[h], top[h], fall[h] = peak_of(f[h], full[h])
    return rise, top, fall


@kernel
def _choosers(
    identity, family, group, row, place, place_area, zone, sibling, information, reached, price, paid, tolerance, tolerant,
    full, tolerant_full, columns, groups, seed, year, tasted,
):  # fmt: skip
    """The arrays of :class:`Chooser`; the columns of doubts about shown schools are left to be filled.

    tasted: the year of which its taste is.
    """
    n = identity.size
    belief, theme = named(seed, _BELIEF, year, FIRST), named(seed, _TASTE, EVER, SECOND)
    taste = named(seed, _TASTE, tasted, FIRST)
    whole, real, key = np.empty((n, 5), np.int32), np.empty((n, columns), np.float32), np.empty((n, 3), np.uint32)
    for h in range(n):
        whole[h, PLACE], whole[h, GROUP] = row[h], group[h]
        whole[h, CROWD] = place_area[place[h]] * groups + group[h]
        whole[h, HOME_ZONE], whole[h, SIBLING_SCHOOL] = zone[place[h]], sibling[h]
        own_full = tolerant_full if tolerant[h] else full
        real[h, RISE], real[h, TOP], real[h, FALL] = peak_of(np.float64(tolerance[h]), own_full)
        real[h, IGNORANCE] = (_ONE - information[h]) * (_ONE - reached[h])
        real[h, PRICE] = min(price[h], _MOST_PRICE) * (_ONE - paid[h])
        key[h, 0], key[h, 1] = household_key(belief, identity[h]), household_key(theme, family[h])
        key[h, 2] = household_key(taste, family[h])
    return whole, real, key
