"""Places: classes added and cut by demand, fees, closing."""

import numpy as np

from abm.city import PRIVATE, STATE, rezone
from abm.classes import class_sizes
from abm.enrolment import look, place_officially
from abm.households import RELOCATED
from abm.rules import Rules
from abm.schools import public
from abm.world import World


def change_places(world: World, rules: Rules) -> World:
    """A school adds an entry class after years of too many first choices, and cuts one after years of empty places.

    State schools do; private ones only with ``private_places``; subsidised ones have the places that are agreed.
    """
    settings, schools = rules.response, world.schools
    size = class_sizes(world, rules)
    offered = np.maximum(schools.places[:, 0], 1)
    free = schools.open & ((schools.sector == STATE) | (settings.private_places & (schools.sector == PRIVATE)))
    much = free & (schools.demand > settings.grow_above * offered)
    little = free & (schools.entrants < settings.shrink_below * offered)
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
