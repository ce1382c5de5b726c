"""Places: classes added and cut by demand, fees, closing."""

import numpy as np

from abm.city import PRIVATE, STATE
from abm.compiled import in_place
from abm.rules import Rules
from abm.supply import close
from abm.world import World


def change_places(world: World, rules: Rules) -> World:
    """A school adds an entry class after years of too many first choices, and cuts one after years of empty places.

    State schools do; private ones only with ``private_places``; subsidised ones have the places that are agreed.
    """
    settings, schools = rules.response, world.schools
    size = world.city.notes.get("class_size", 25)  # the intake is in classes of the city's size, whatever is ordered
    intake, strained = schools.intake.copy(), schools.strained.copy()
    _strain(
        schools.open, schools.sector, schools.places, schools.demand, schools.entrants, intake, strained,
        float(settings.grow_above), float(settings.shrink_below), settings.patience, settings.places, settings.private_places, size,
    )  # fmt: skip
    return world._replace(schools=schools._replace(intake=intake, strained=strained))


def change_fees(world: World, rules: Rules) -> World:
    """Private schools raise fees when more want in than there are places, and lower them when a quarter stays empty."""
    settings, schools = rules.response, world.schools
    if not settings.fees:
        return world
    private = schools.open & (schools.sector == PRIVATE)
    if not private.any():
        return world
    offered = np.maximum(schools.places[:, 0], 1)
    step = np.where(
        schools.demand > offered, settings.fee_step, np.where(schools.entrants < 0.75 * offered, -settings.fee_step, 0)
    )
    fee = np.where(private, schools.fee * (1 + step), schools.fee)
    return world._replace(schools=schools._replace(fee=fee.astype(np.float32)))


def close_schools(world: World, rules: Rules) -> World:
    """A school with too few entrants for years, and no class left to cut (or cutting off), closes; its pupils go to the nearest with room."""
    settings, schools = rules.response, world.schools
    if not settings.close_below:
        return world
    if schools.strained.min(initial=0) > -settings.patience:
        return world
    small = schools.open & (schools.entrants < settings.close_below) & (schools.strained <= -settings.patience)
    if not small.any() or (schools.open & ~small).sum() == 0:
        return world
    return close(world, rules, small)


@in_place
def _strain(
    is_open, sector, places, demand, entrants, intake, strained, grow_above, shrink_below, patience, may, private_may, size
):  # fmt: skip
    """Renew ``intake`` of the next cohort, and ``strained``: years in a row with too many first choices (+) or too few entrants (-)."""
    for s in range(is_open.size):
        offered = max(places[s, 0], 1)
        free = is_open[s] and (sector[s] == STATE or (private_may and sector[s] == PRIVATE))
        run, before = 0, np.int64(intake[s])
        if free and demand[s] > grow_above * offered:
            run = max(np.int64(strained[s]), 0) + 1
        elif free and entrants[s] < shrink_below * offered:
            run = min(np.int64(strained[s]), 0) - 1
        if may and run >= patience:
            intake[s], run = before + size, 0
        elif may and run <= -patience:
            left = max(before - size, min(before, size))
            run = 0 if left < before else run
            intake[s] = left
        strained[s] = min(max(run, -100), 100)
