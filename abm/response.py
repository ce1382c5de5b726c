"""Schools respond: themes, what funds buy, classes added or cut, closing, fees. Each response can be switched off."""

import numpy as np

from abm.city import PRIVATE, STATE, rezone
from abm.enrolment import look, place_officially
from abm.households import RELOCATED
from abm.randomness import Key, draw
from abm.reputation import standardised
from abm.rules import Rules
from abm.schools import THEMES, public
from abm.world import World


def respond(world: World, rules: Rules) -> World:
    """Every school looks back on the year and acts; what it does shows next year or later."""
    for response in (adopt_themes, receive_funds, spend_funds, change_places, change_fees):
        world = response(world, rules)
    return close_schools(world, rules)


def adopt_themes(world: World, rules: Rules) -> World:
    """Of the open state schools without a theme, those most in need take the authority's offer; old themes end.

    Need: share of the minority plus lack of first choices per place, both standardised (assumption).
    """
    settings, schools = rules.response, world.schools
    if not settings.themes:
        return world
    over = (schools.theme >= 0) & (settings.theme_life > 0)
    over &= world.year - schools.theme_year >= settings.theme_lag + settings.theme_life
    theme = np.where(over, -1, schools.theme).astype(np.int8)
    candidates = schools.open & (schools.sector == STATE) & (theme < 0)
    demand = schools.demand / np.maximum(schools.places[:, 0], 1)
    need = standardised(world.seen.own_share[1], candidates) - standardised(demand, candidates)
    chosen = np.lexsort((np.arange(need.size), -np.where(candidates, need, -np.inf)))
    chosen = chosen[: min(settings.theme_funds, int(candidates.sum()))]
    number = np.floor(draw(Key(world.seed, "school", world.year, 3), chosen) * len(THEMES))
    theme[chosen] = number.astype(np.int8)
    since = schools.theme_year.copy()
    since[chosen] = world.year
    events = world.events._replace(themed=tuple(int(s) for s in chosen))
    return world._replace(schools=schools._replace(theme=theme, theme_year=since), events=events)


# MERGE: the execution of orders.funding and orders.teachers in its simplest form; whoever owns the schools' spending
# replaces this function. Labels (orders.labelled) are published in abm/reputation.py.
TEACHER = 60.0  # 1000 euro a year, cost of a teacher (assumption)


def receive_funds(world: World, rules: Rules) -> World:
    """This year's priority funds: as ordered, and further teachers at their cost, in 1000 euro a pupil."""
    funding = np.zeros(world.schools.open.size)
    pupils = np.maximum(world.seen.heads.sum(axis=(1, 2)), 1)
    for s, teachers in rules.orders.teachers.items():
        funding[s] += teachers * TEACHER / pupils[s]
    for s, amount in rules.orders.funding.items():
        funding[s] += amount
    return world._replace(schools=world.schools._replace(funding=funding.astype(np.float32)))


def spend_funds(world: World, rules: Rules) -> World:
    """Quality bought moves towards what this year's funds would buy in the long run, with the lag of the rules."""
    settings, schools = rules.response, world.schools
    target = settings.funding_quality * schools.funding if settings.funding else 0.0
    step = 1 / (1 + settings.funding_lag)
    bought = schools.bought + step * (target - schools.bought)
    return world._replace(schools=schools._replace(bought=bought.astype(np.float32)))


def change_places(world: World, rules: Rules) -> World:
    """A state school adds an entry class after years of too many first choices, and cuts one after years of empty places."""
    settings, schools = rules.response, world.schools
    size = world.city.notes.get("class_size", 25)
    offered = np.maximum(schools.places[:, 0], 1)
    state = schools.open & (schools.sector == STATE)
    much = state & (schools.demand > settings.grow_above * offered)
    little = state & (schools.entrants < settings.shrink_below * offered)
    strained = np.where(
        much, np.maximum(schools.strained, 0) + 1, np.where(little, np.minimum(schools.strained, 0) - 1, 0)
    )
    grow = settings.places & (strained >= settings.patience)
    shrink = settings.places & (strained <= -settings.patience)
    intake = schools.intake + size * grow
    intake = np.where(shrink, np.maximum(intake - size, np.minimum(intake, size)), intake)
    strained = np.where(grow | (shrink & (intake < schools.intake)), 0, np.clip(strained, -100, 100))
    return world._replace(schools=schools._replace(intake=intake.astype(np.int32), strained=strained.astype(np.int8)))


def change_fees(world: World, rules: Rules) -> World:
    """Private schools raise fees when more want in than there are places, and lower them when a quarter stays empty."""
    settings, schools = rules.response, world.schools
    if not settings.fees:
        return world
    offered = np.maximum(schools.places[:, 0], 1)
    private = schools.open & (schools.sector == PRIVATE)
    step = np.where(
        schools.demand > offered, settings.fee_step, np.where(schools.entrants < 0.75 * offered, -settings.fee_step, 0)
    )
    fee = np.where(private, schools.fee * (1 + step), schools.fee)
    return world._replace(schools=schools._replace(fee=fee.astype(np.float32)))


def close_schools(world: World, rules: Rules) -> World:
    """A school with too few entrants for years, and no class left to cut (or cutting off), closes; its pupils go to the nearest with room."""
    settings, schools = rules.response, world.schools
    small = schools.open & (schools.entrants < settings.close_below) & (schools.strained <= -settings.patience)
    if not settings.close_below or not small.any() or (schools.open & ~small).sum() == 0:
        return world
    is_open = schools.open & ~small
    schools = schools._replace(open=is_open, intake=np.where(is_open, schools.intake, 0).astype(np.int32))
    city = rezone(world.city, is_open, public(schools), schools.intake)
    table = world.households
    sent = np.flatnonzero((table.school >= 0) & ~is_open[np.maximum(table.school, 0)])
    school = table.school.copy()
    school[sent] = -1
    events = world.events._replace(closed=tuple(int(s) for s in np.flatnonzero(small)))
    world = world._replace(schools=schools, city=city, households=table._replace(school=school), events=events)
    return look(place_officially(world, rules, sent, RELOCATED, "nearest"))
