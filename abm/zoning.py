"""Zones as ordered: while an order of zones is in force the city's zones and local schools follow it, then fall back."""

from abm.city import drawn_zones, may_be_local, undrawn
from abm.rules import Rules
from abm.schools import public
from abm.world import World


def follow_order(world: World, rules: Rules) -> World:
    """The world with the zones of ``orders.zoning`` in force, or its own without an order; nothing is done if they are already.

    Only zone, school_zone and local change: no distance does, and nobody changes school by it.
    """
    order, city = rules.orders.zoning, world.city
    if order is city.drawn or order == city.drawn:
        return world
    if order is None:
        return world._replace(city=undrawn(city))
    eligible = may_be_local(world.schools.open, public(world.schools))
    return world._replace(city=drawn_zones(city, order, eligible))
