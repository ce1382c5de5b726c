"""Outreach: a school that spends funds on being known is considered by further families nearby."""

import numpy as np

from abm.households import Households
from abm.randomness import Key, pairs
from abm.rules import Rules
from abm.world import World

MOST = 4  # schools' outreach that a family heeds, the nearest first (assumption)


def heard_of(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(family, slot) int32 schools that families of ``table`` hear of by outreach, -1: none; no slot where none reaches out.

    Of the families within ``outreach_km`` a share ``outreach_reach`` x 1000 euro a pupil hears; a family and a school
    keep their draw for good, so that more money reaches more families and loses none.
    """
    settings, schools = rules.response, world.schools
    if not np.count_nonzero(schools.outreach):
        return np.empty((table.id.size, 0), np.int32)
    active = np.flatnonzero(schools.open & (schools.outreach > 0)).astype(np.int32)
    km = world.city.km(table.place[:, None], active)
    luck = pairs(Key(world.seed, "message", 0, 1000), table.family, np.broadcast_to(active, km.shape)) / 2.0**32
    hears = (km <= settings.outreach_km) & (luck < settings.outreach_reach * schools.outreach[active])
    order = np.argsort(np.where(hears, km, np.inf), axis=1, kind="stable")[:, :MOST]
    return np.where(np.take_along_axis(hears, order, 1), active[order], -1).astype(np.int32)
