"""Access: choices met, places found, ways to school, envy."""

import numpy as np

from abm.households import LATE, entry_year
from abm.indicators.census import NOWHERE, Census, ratio, sides
from abm.rules import Rules
from abm.schools import theme_visible
from abm.world import World


def access(world: World, rules: Rules, counted: Census):
    """Rows of access by group: of this year's entrants where choices are concerned, of all pupils otherwise."""
    heads = counted.cells[..., :NOWHERE].sum(axis=3)
    masks = {name: (groups, slice(None)) for name, groups in sides(rules).items()} | {"vulnerable": (slice(None), 1)}
    for name, part in masks.items():
        pupils = heads[part].sum()
        yield "distance_km", name, "city", ratio(counted.metres[part].sum() / 1000, pupils)
    if world.round is not None:
        yield from _choices(world, rules)
    if rules.orders.protected:
        table = world.households
        new = (table.way == LATE) & (entry_year(table.id) == world.year)
        at_protected = new & np.isin(table.school, rules.orders.protected)
        yield "late_at_protected", "all", "city", float(at_protected.sum())
    yield "justified_envy", "all", "city", float(world.events.envy)
    yield "closed_schools", "all", "city", float(len(world.events.closed))
    seen = theme_visible(world.schools, world.year)
    yield "themed_schools", "all", "city", float((seen & world.schools.open).sum())


def _choices(world: World, rules: Rules):
    """Shares of all entrants, those who left the city included."""
    turn = world.round
    placed = turn.offer >= 0
    listed = (turn.lists[:, :3] == turn.offer[:, None]) & placed[:, None]
    hits = {
        "first_choice": listed[:, :1].any(axis=1),
        "first_choice_true": placed & (turn.offer == turn.favourite),
        "top_three": listed.any(axis=1),
    }
    cell = turn.group.astype(np.int64) * 2 + turn.vulnerable
    size = np.bincount(cell, minlength=world.groups * 2).reshape(-1, 2)
    for indicator, hit in hits.items():
        met = np.bincount(cell, hit, minlength=world.groups * 2).reshape(-1, 2)
        for name, groups in sides(rules).items():
            yield indicator, name, "city", ratio(met[groups].sum(), size[groups].sum())
        yield indicator, "vulnerable", "city", ratio(met[:, 1].sum(), size[:, 1].sum())
    if rules.admission.preassigned > 0:
        asked = turn.proposed >= 0
        yield "proposed", "all", "city", float(asked.sum())
        yield (
            "proposals_accepted",
            "all",
            "city",
            ratio((asked & (turn.lists[:, 0] == turn.proposed)).sum(), asked.sum()),
        )
    stayed = np.isin(turn.id[~placed], world.households.id[world.households.grade == 0], assume_unique=True)
    yield "ex_officio", "all", "city", ratio(stayed.sum(), placed.size)
