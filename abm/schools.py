"""The schools as tables. A school keeps its row for good; a closed one stays with ``open`` false."""

from typing import NamedTuple

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED, Blueprint
from abm.compiled import shared
from abm.config import CityConfig
from abm.randomness import Key, draw, normal

THEMES = ("arts", "music", "sciences", "languages")


class Schools(NamedTuple):
    """One row a school; the row is the stable id."""

    x: np.ndarray  # (school,) float64 km
    y: np.ndarray  # (school,) float64 km
    district: np.ndarray  # (school,) int32
    sector: np.ndarray  # (school,) int8 STATE, SUBSIDISED, PRIVATE
    fee: np.ndarray  # (school,) float32 1000 euro a year
    intake: np.ndarray  # (school,) int32 places offered to the next entry cohort
    places: np.ndarray  # (school, grade) int32 places of each cohort that is inside
    quality: np.ndarray  # (school,) float32 sd, true
    reputation: np.ndarray  # (school,) float32 sd, believed by the informed
    theme: np.ndarray  # (school,) int8, -1: none, else the number of a theme
    theme_year: np.ndarray  # (school,) int32 first year in which families see the theme, or saw the last; 0: never
    theme_until: np.ndarray  # (school,) int32 first year in which they no longer see it; 0: it stays
    theme_worth: np.ndarray  # (school,) float32 sd, quality that the theme adds while it is seen
    funding: np.ndarray  # (school,) float32 1000 euro a pupil and year of priority funds
    bought: np.ndarray  # (school,) float32 sd, quality bought by funds so far
    outreach: np.ndarray  # (school,) float32 1000 euro a pupil and year of it spent on making the school known
    label: np.ndarray  # (school,) bool, publicly labelled as a priority school
    open: np.ndarray  # (school,) bool
    demand: np.ndarray  # (school,) int32 first choices this year
    entrants: np.ndarray  # (school,) int32 pupils who entered this year
    chance: np.ndarray  # (school,) float32 share of applicants admitted this year
    strained: np.ndarray  # (school,) int8 years in a row above (+) or below (-) the thresholds of response
    unwanted: np.ndarray  # (school,) int8 years in a row short of first choices
    stigmatised: np.ndarray  # (school,) int8 years in a row with a minority share well above the city's


_latest: tuple = (None, None, None)  # plan and configuration of the schools built last, and their table
_KEPT = 10_000  # schools of which the table is kept for the next seed


def build(plan: Blueprint, config: CityConfig, seed: int) -> Schools:
    """The schools of a blueprint. Quality, reputation and fees are drawn from the schools' ids (assumption: normal).

    All else a second seed of the same blueprint shares with the first, as worlds do: nobody writes into it.
    """
    global _latest
    kept, asked, schools = _latest
    if kept is not plan or asked != config:
        schools = _build(plan, config)
        _latest = (plan, config, schools) if schools.open.size <= _KEPT else (None,) * 3
    ids = np.arange(schools.open.size)
    quality = config.quality_spread * normal(Key(seed, "school", 0, 0), ids)
    error = config.quality_spread * normal(Key(seed, "school", 0, 1), ids)
    mean_fee = np.array([0.0, config.subsidised_fee, config.private_fee])[schools.sector]
    return schools._replace(
        fee=(mean_fee * (0.6 + 0.8 * draw(Key(seed, "school", 0, 2), ids))).astype(np.float32),
        quality=quality.astype(np.float32),
        reputation=(0.8 * quality + 0.6 * error).astype(np.float32),
    )


def _build(plan: Blueprint, config: CityConfig) -> Schools:
    """What no seed changes; quality, reputation and fees are yet to be drawn."""
    n = len(plan.school_names)
    places = np.asarray(plan.school_places, np.int32)
    later = np.empty(0, np.float32)
    return Schools(
        x=np.asarray(plan.school_x, float),
        y=np.asarray(plan.school_y, float),
        district=np.asarray(plan.school_district, np.int32),
        sector=np.asarray(plan.school_sector, np.int8),
        fee=later,
        intake=places,
        places=np.repeat(places[:, None], config.grades, axis=1),
        quality=later,
        reputation=later,
        theme=np.full(n, -1, np.int8),
        theme_year=np.zeros(n, np.int32),
        theme_until=np.zeros(n, np.int32),
        theme_worth=np.zeros(n, np.float32),
        funding=np.zeros(n, np.float32),
        bought=np.zeros(n, np.float32),
        outreach=np.zeros(n, np.float32),
        label=np.zeros(n, bool),
        open=np.ones(n, bool),
        demand=np.zeros(n, np.int32),
        entrants=np.zeros(n, np.int32),
        chance=np.ones(n, np.float32),
        strained=np.zeros(n, np.int8),
        unwanted=np.zeros(n, np.int8),
        stigmatised=np.zeros(n, np.int8),
    )


def appended(schools: Schools, **row) -> Schools:
    """The table with one more school at its end; columns not named in ``row`` are zero, or false."""
    columns = {}
    for name, column in schools._asdict().items():
        value = np.asarray(row.get(name, 0)).astype(column.dtype)
        columns[name] = np.concatenate([column, np.broadcast_to(value, (1, *column.shape[1:]))])
    return Schools(**columns)


def full_class(schools: Schools, rules, city_size: int) -> np.ndarray:
    """(school,) int64 pupils of a full class: the city's ``city_size``, or as ordered for the school."""
    size = np.full(schools.open.size, city_size, np.int64)
    for s, pupils in rules.orders.class_size.items():
        size[s] = pupils
    return size


def offered(schools: Schools, rules, city_size: int) -> np.ndarray:
    """(school,) int32 places of the next entry cohort: the school's own intake, in classes and by the factor as ordered.

    The number of classes is that of the intake in classes of the city's size; so an intake of 50 in classes of 25 gives
    40 in classes of 20. Halves are rounded up. The intake itself is not touched: without orders it holds again.
    """
    if not (rules.orders.class_size or rules.orders.intake):
        return schools.intake
    factor = np.ones(schools.open.size)
    for s, times in rules.orders.intake.items():
        factor[s] = times
    places = schools.intake * full_class(schools, rules, city_size) / city_size * factor
    return np.floor(places + 0.5 + 1e-9).astype(np.int32)


def theme_visible(schools: Schools, year: int) -> np.ndarray:
    """(school,) bool: families see the school's theme in ``year``."""
    return in_view(schools.theme, schools.theme_year, schools.theme_until, year)


@shared
def in_view(theme, begins, until, year):
    """Whether families see a theme in ``year``: of one school, or of an array of them."""
    return (theme >= 0) & (begins <= year) & ((year < until) | (until == 0))


def true_quality(schools: Schools, year: int) -> np.ndarray:
    """(school,) float32 sd: quality at the start, plus what funds bought, plus what a visible theme adds."""
    quality = schools.quality + schools.bought
    return quality + schools.theme_worth * theme_visible(schools, year) if (schools.theme >= 0).any() else quality


def fee_due(schools: Schools, rules) -> np.ndarray:
    """(school,) float32 1000 euro a year that a family pays: what the school asks, less what is ordered to be paid for it."""
    due = schools.fee.copy()
    for s, share in rules.orders.fee.items():
        due[s] *= np.float32(share)
    return due


def outside_match(schools: Schools, rules) -> np.ndarray:
    """(school,) bool: the school gives its places before and outside the match."""
    stand = np.zeros(3, bool)  # by sector
    stand[PRIVATE], stand[SUBSIDISED] = rules.admission.private == "outside", rules.admission.subsidised == "outside"
    outside = stand[schools.sector]
    if rules.orders.inside:
        outside[list(rules.orders.inside)] = False
    return outside


def gives_by(mechanism: str, rules, schools: int) -> np.ndarray:
    """(school,) bool: the school gives its places by this mechanism: the general one, or its own if it is a pilot."""
    out = np.full(schools, rules.admission.mechanism == mechanism)
    for s, own in rules.orders.mechanism.items():
        out[s] = own == mechanism
    return out


def official(schools: Schools, rules) -> np.ndarray:
    """(school,) bool: the authority may place a pupil here ex officio: open, in the match, and without a fee if so ruled.

    A school whose fee is ordered to be paid in full has none for the family, so it counts while the order lasts.
    """
    inside = schools.open & ~outside_match(schools, rules)
    free = inside & ((schools.sector == STATE) | (fee_due(schools, rules) == 0))
    return free if rules.admission.ex_officio_state and free.any() else inside


def public(schools: Schools) -> np.ndarray:
    """(school,) bool: of the state, or private but asking no fee; one of these is everybody's local school.

    A fee that the authority pays for a while does not count: the map of local schools, by which flight is measured, does
    not move with a subsidy.
    """
    return (schools.sector == STATE) | (schools.fee == 0)
