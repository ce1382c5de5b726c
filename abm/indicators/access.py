"""Access: choices met, places found, ways to school, envy."""

import numpy as np

from abm.households import EX_OFFICIO
from abm.indicators.flight import groups
from abm.rules import Rules
from abm.schools import theme_visible
from abm.world import World


def access(world: World, rules: Rules):
    """Rows of access by group: of this year's entrants where choices are concerned, of all pupils otherwise."""
    table = world.households
    masks = groups(world, rules)
    km = world.city.distance[table.place, np.maximum(table.school, 0)].astype(np.float64)
    has = table.school >= 0
    for group, member in masks.items():
        rows = member & has
        yield "distance_km", group, "city", float(km[rows].mean()) if rows.any() else float("nan")
    for group, member in masks.items():
        yield "unplaced", group, "city", float((member & ~has).sum())
    if world.round is not None:
        yield from _choices(world, rules)
    yield "justified_envy", "all", "city", float(world.events.envy)
    yield "closed_schools", "all", "city", float(len(world.events.closed))
    seen = theme_visible(world.schools, world.year, rules.response.theme_lag, rules.response.theme_life)
    yield "themed_schools", "all", "city", float((seen & world.schools.open).sum())


def _choices(world: World, rules: Rules):
    """Shares of all entrants, those who left the city included."""
    turn = world.round
    listed = turn.lists[:, :3] == turn.offer[:, None]
    placed = turn.offer >= 0
    hits = {
        "first_choice": placed & listed[:, :1].any(axis=1),
        "first_choice_true": placed & (turn.offer == turn.favourite),
        "top_three": placed & listed.any(axis=1),
    }
    masks = {"all": np.ones(placed.size, bool)}
    masks |= {name: turn.group == g for g, name in enumerate(rules.groups)}
    masks |= {rules.minority: turn.group > 0, "vulnerable": turn.vulnerable}
    for group, member in masks.items():
        for name, hit in hits.items():
            yield name, group, "city", float(hit[member].mean()) if member.any() else float("nan")
    official = (world.households.way == EX_OFFICIO) & (world.households.grade == 0)
    yield "ex_officio", "all", "city", float(official.sum() / max(placed.size, 1))
