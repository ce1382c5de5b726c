"""Supply: what the authority orders about schools, zones and ways takes place before the school year begins."""

from abm.rules import Rules
from abm.world import World
from abm.zoning import follow_order


def supply(world: World, rules: Rules) -> World:
    """Schools open, move, merge and close; new links change the ways; zones are drawn as ordered. No order, no change."""
    return follow_order(world, rules)
