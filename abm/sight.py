"""What choosing families look at, as the kernels take it: options, schools, neighbours, and the families themselves."""

from typing import NamedTuple

import numpy as np

from abm.city import STATE
from abm.households import PROPOSED, Households
from abm.messages import doubts, shown
from abm.randomness import Key, household_keys
from abm.rules import Rules
from abm.schools import fee_due, theme_visible, true_quality
from abm.tickets import felt_ways, held
from abm.ways import Ways, kilometres
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
    """What families look at: last year's schools and neighbours; few arrays, so that a look costs few gathers."""

    distance: Ways | np.ndarray  # by row of PLACE; for kernels (chooser, slot) float32 km, see :func:`with_ways`
    school: np.ndarray  # (school, column) float32: MAJORITY ... COLOUR
    neighbours: np.ndarray  # (area, group, school) float32 pupils of the own group nearby, by school
    weights: np.ndarray  # (group, term + 1) float32; the last is the distance beyond the knee


class Chooser(NamedTuple):
    """The choosing families, one row each."""

    whole: np.ndarray  # (chooser, 5) int32: PLACE (its row of distances), GROUP, AREA, HOME_ZONE, SIBLING_SCHOOL
    real: np.ndarray  # (chooser, 6 + shown school) float32: RISE ... NEARBY, then the doubts about shown schools
    key: np.ndarray  # (chooser, 3) uint32: keys of errors of belief, of taste for themes, of taste


MAJORITY, MINORITY, WEAK, BELIEVED, SCHOOL_FEE, IS_PRIVATE, SCHOOL_THEME, SCHOOL_ZONE, DOUBT_AT, COLOUR = range(10)
PLACE, GROUP, AREA, HOME_ZONE, SIBLING_SCHOOL = range(5)
RISE, TOP, FALL, IGNORANCE, PRICE, NEARBY, SHOWN = range(7)
OWN, LOOK_WEAK, LOOK_BELIEVED, LOOK_FEE, LOOK_PRIVATE, LOOK_THEME, LOOK_ZONE, KM, ATTEND, DOUBT, LOOKS = range(11)
BEYOND = len(TERMS)
IDEAL = -1.0  # own-side share that stands for whatever a family likes best


def peak(tolerance: np.ndarray, full: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) float32 slope of the rising line, and value at 1 and slope of the falling one, for preferred shares f (n,).

    V = x/f for x <= f, else M + (1 - x)(1 - M)/(1 - f) with M = ``full``, (n,) or for all; f = 1 has no falling part.
    """
    f = np.asarray(tolerance, np.float64)
    open_ended = f >= 1
    fall = np.where(open_ended, 0.0, (1 - full) / np.where(open_ended, 1.0, 1 - f))
    top = np.where(open_ended, 1.0, full)
    return (1 / f).astype(np.float32), top.astype(np.float32), fall.astype(np.float32)


def fullness(table: Households, rules: Rules) -> np.ndarray:
    """(n,) float64 M of each family: value V of a school, or an area, with none but the own side."""
    return np.where(table.tolerant, rules.households.tolerant_full, rules.choice.peers_full)


def settings(world: World, rules: Rules) -> Settings:
    """The options of this year's choices."""
    c, p = rules.choice, rules.perception
    return Settings(
        form=np.int64(FORMS[c.form]),
        distance_form=np.int64(DISTANCE_FORMS[c.distance_form]),
        knee=np.float32(c.knee_km),
        alpha=np.float32(c.alpha),
        farthest=np.float32(farthest(world) if c.form != "logit" else 0.0),
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


def scene(world: World, rules: Rules, nearby: np.ndarray) -> Scene:
    """What families look at this year. ``nearby`` (area, group, school) float32: pupils nearby, by school."""
    city, schools, seen = world.city, world.schools, world.seen
    visible = theme_visible(schools, world.year)
    believed, colour = beliefs(world, rules)
    doubt_at = np.full(schools.open.size, IGNORANCE)
    doubt_at[list(shown(rules))] = SHOWN + np.arange(len(shown(rules)))
    own_share = seen.own_share
    if rules.perception.empty == "ideal":
        own_share = np.where(seen.heads.sum(axis=(1, 2)) > 0, own_share, np.float32(IDEAL))
    columns = [
        *own_share,
        seen.vulnerable,
        believed,
        fee_due(schools, rules),
        schools.sector != STATE,
        np.where(visible, schools.theme, -1),
        city.school_zone,
        doubt_at,
        colour,
    ]
    names = [*(f"choice.{name}" for name in TERMS), "choice.distance_beyond"]
    return Scene(
        distance=felt_ways(world, rules),
        school=np.stack(columns, axis=1).astype(np.float32),
        neighbours=nearby,
        weights=np.ascontiguousarray(np.stack([rules.by_group(name) for name in names], axis=1)),
    )


def with_ways(view: Scene, columns: "Chooser", considered: np.ndarray) -> Scene:
    """The scene for kernels: its ways are those of each chooser to the schools it considers (chooser, slot)."""
    return view._replace(distance=kilometres(view.distance, columns.whole[:, PLACE], considered))


def beliefs(world: World, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """(school,) what the informed believe, and what is to be added for the ignorant, who trust its colour or a mean; sd."""
    schools, p = world.schools, rules.perception
    believed, none = schools.reputation, np.zeros(schools.open.size, np.float32)
    if p.growth == 0 and p.lights == 0 and p.prior == 0:
        return believed, none
    quality = true_quality(schools, world.year)
    believed = believed + np.float32(p.growth) * (quality - believed)
    published = quality if p.lights_of == "quality" else believed
    colour = np.where(schools.open, by_thirds(published, schools.open), believed)
    alike = np.float32(believed[schools.open].astype(float).mean()) if schools.open.any() else np.float32(0)
    unseen = np.float32((1 - p.lights) * p.prior) * (alike - believed)
    return believed, np.float32(p.lights) * (colour - believed) + unseen


def by_thirds(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(n,) the mean of each one's third of ``rows`` (n,) bool by ``values`` (n,); equals go by row number."""
    out = np.array(values, np.float32)
    order = np.flatnonzero(rows)[np.argsort(out[rows], kind="stable")]
    for third in np.array_split(order, 3):
        if third.size:
            out[third] = out[third].astype(float).mean()
    return out


def choosers(
    world: World, rules: Rules, table: Households, sibling: np.ndarray, reached: np.ndarray, view: Scene
) -> Chooser:
    """The families of ``table`` as the kernels take them.

    sibling: (chooser,) school of an older sibling, -1: none; reached: (chooser,) share of missing information given.
    """
    area = world.city.place_area[table.place]
    nearby = np.maximum(view.neighbours.sum(axis=2)[area, table.group] + np.float32(rules.choice.emulation_prior), 1)
    price = np.minimum(np.exp2(-table.status / np.float32(rules.choice.fee_status)), 8) * (1 - paid(rules, table))
    year = 0 if rules.choice.taste == "persistent" else world.year
    keys = [
        household_keys(Key(world.seed, "belief", world.year), table.id),
        household_keys(Key(world.seed, "taste", 0, 1), table.family),
        household_keys(Key(world.seed, "taste", year), table.family),
    ]
    row = table.place + world.city.place_area.size * held(world, rules, table)
    ignorance = (1 - table.information) * (1 - reached)
    doubt = doubts(world, rules, table, ignorance)
    whole = [row, table.group, area, world.city.zone[table.place], sibling]
    real = [*peak(table.tolerance, fullness(table, rules)), ignorance, price, nearby, *doubt.T]
    return Chooser(
        whole=np.stack(whole, axis=1).astype(np.int32),
        real=np.stack(real, axis=1).astype(np.float32),
        key=np.stack(keys, axis=1),
    )


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
