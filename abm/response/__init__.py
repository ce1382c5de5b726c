"""Respond: schools look back on the year and act. Each response can be switched off, so that its part can be seen.

``memory`` what a school remembers; ``themes`` applications and offers; ``funds`` teachers and outreach; ``places``
classes, fees and closing.
"""

from abm.response.funds import spend_funds
from abm.response.memory import remember
from abm.response.places import change_fees, change_places, close_schools
from abm.response.themes import adopt_themes
from abm.rules import Rules
from abm.world import World


def respond(world: World, rules: Rules) -> World:
    """Every school looks back on the year and acts; what it does shows next year or later."""
    for response in (remember, adopt_themes, spend_funds, change_places, change_fees):
        world = response(world, rules)
    return close_schools(world, rules)


__all__ = ["adopt_themes", "change_fees", "change_places", "close_schools", "remember", "respond", "spend_funds"]
