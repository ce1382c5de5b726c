"""Places: classes added and cut by demand, fees, closing."""

import numpy as np

from abm.city import PRIVATE, STATE
from abm.rules import Rules
from abm.supply import close
from abm.world import World


def change_places(world: World, rules: Rules) -> World:
    """A school adds an entry class after years of too many first choices, and cuts one after years of empty places.

    State schools do; private ones only with ``private_places``; subsidised ones have the places that are agreed.
    """
    settings, schools = rules.response, world.schools
    size = world.city.notes.get("class_size", 25)  # the intake is in classes of the city's size, whatever is ordered
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
    return close(world, rules, small)
