"""Housing: what the authority orders about homes changes where new families live; what was built stays.

Called by demography before the year's families come. Entry rates (area, group) move; the city's totals by group do not.
"""

import numpy as np

from abm.rules import Rules
from abm.world import World


def build_homes(world: World, rules: Rules) -> World:
    """Mixed housing, then revitalisation, as ordered. No order, no change."""
    if rules.orders.housing:
        rate = mix(world.city.entry_rate, world.city.area_district, rules.orders.housing)
        world = world._replace(city=world.city._replace(entry_rate=rate))
    return revitalise(world, rules) if rules.orders.revitalised else world


def mix(rate: np.ndarray, district: np.ndarray, orders: dict[int, float]) -> np.ndarray:
    """(area, group) entry rates with the share ``orders[d]`` of the new families of district d dealt out mixed.

    Districts with the same share are one pool: each of its areas moves towards the pool's composition, so that the
    totals of its areas and those of its groups stay. district: (area,).
    """
    out = rate.copy()
    for share in set(orders.values()):
        inside = np.isin(district, [d for d, r in orders.items() if r == share])
        pool = rate[inside]
        if pool.sum() > 0:
            mixed = pool.sum(axis=1, keepdims=True) * pool.sum(axis=0) / pool.sum()
            out[inside] = pool + share * (mixed - pool)
    return out


def revitalise(world: World, rules: Rules) -> World:
    """Revitalised districts draw majority families from the rest of the city and push out some of the minority.

    New families there are of higher status (which is also the price of a home), elsewhere of lower; the amenity of
    their areas grows, and the quality of their schools by new buildings. If no other area is left to draw from, homes
    and status stay. Sizes per unit of pull are the rules' (assumptions).
    """
    city, settings = world.city, rules.moving
    pull = np.zeros(len(city.district_names))
    pull[list(rules.orders.revitalised)] = list(rules.orders.revitalised.values())
    area_pull = pull[city.area_district]
    rate = draw_majority(city.entry_rate, city.area_district, pull, settings.displacement)
    status = city.area_status + settings.revival_status * _balanced(area_pull, rate.sum(axis=1))
    quality = world.schools.quality + settings.revival_quality * pull[world.schools.district]
    city = city._replace(entry_rate=rate, area_status=status.astype(np.float32))
    return world._replace(
        city=city,
        schools=world.schools._replace(quality=quality.astype(np.float32)),
        ledger=world.ledger | {"amenity": (amenity(world) + area_pull).astype(np.float32)},
    )


def draw_majority(rate: np.ndarray, district: np.ndarray, pull: np.ndarray, displacement: float) -> np.ndarray:
    """(area, group) entry rates after the majority of each pulling district grew by ``pull`` (district,) of itself.

    The newcomers are dealt over the district's areas by all families there (new homes everywhere); they come from the
    other districts' areas, in proportion to the majority there, as far as there is any. For each that comes,
    ``displacement`` of the district's minority, at most all, leaves its areas evenly and goes to the other districts'
    areas, in proportion to its own groups there (to all families there, for a group with none). district: (area,).
    """
    districts = pull.size
    outside = pull[district] <= 0
    there = rate[outside, 0].sum()
    gain = np.bincount(district, rate[:, 0], districts) * pull
    if there <= 0 or gain.sum() <= 0:
        return rate
    gain *= min(1.0, there / gain.sum())
    families = np.bincount(district, rate.sum(axis=1), districts)
    minority = np.bincount(district, rate[:, 1:].sum(axis=1), districts)
    gone = np.minimum(displacement * gain, minority) / np.maximum(minority, 1e-12)
    out = rate.copy()
    out[:, 0] += (gain / np.maximum(families, 1e-12))[district] * rate.sum(axis=1)
    out[outside, 0] -= rate[outside, 0] / there * gain.sum()
    for g in range(1, rate.shape[1]):
        leaving = rate[:, g] * gone[district]
        weight = rate[outside, g] if rate[outside, g].sum() > 0 else rate[outside].sum(axis=1)
        out[:, g] -= leaving
        out[outside, g] += weight / weight.sum() * leaving.sum()
    return out


def amenity(world: World) -> np.ndarray:
    """(area,) float32 sum of the pulls of revitalisation so far."""
    return world.ledger.get("amenity", np.zeros(len(world.city.area_names), np.float32))


def _balanced(rise: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(area,) ``rise`` where there is one, and what keeps the weighted mean elsewhere; all zero if there is no elsewhere."""
    outside = (rise <= 0) & (weight > 0)
    if not outside.any():
        return np.zeros(rise.size)
    return np.where(outside, -(rise * weight).sum() / weight[outside].sum(), rise)
