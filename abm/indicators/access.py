"""Access: choices met, places found, ways to school, envy."""

import numpy as np

from abm.compiled import kernel
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
    count = _met(turn.lists, turn.offer, turn.favourite, turn.families.group, turn.families.vulnerable, world.groups)
    parts = {name: count[:, groups].sum(axis=(1, 2)).tolist() for name, groups in sides(rules).items()}
    parts["vulnerable"] = count[:, :, 1].sum(axis=1).tolist()
    for k, indicator in enumerate(("first_choice", "first_choice_true", "top_three"), start=1):
        for name, met in parts.items():
            yield indicator, name, "city", ratio(met[k], met[0])
    if rules.admission.preassigned > 0:
        asked = turn.proposed >= 0
        yield "proposed", "all", "city", float(asked.sum())
        yield (
            "proposals_accepted",
            "all",
            "city",
            ratio((asked & (turn.lists[:, 0] == turn.proposed)).sum(), asked.sum()),
        )
    stayed = _still_there(np.sort(turn.id[turn.offer < 0]), world.households.id, world.households.grade)
    yield "ex_officio", "all", "city", ratio(stayed, placed.size)


@kernel
def _met(lists, offer, favourite, group, vulnerable, groups):
    """(4, group, vulnerable) entrants, and those who got their first, their truly first, one of their first three schools."""
    count = np.zeros((4, groups, 2), np.int64)
    for k in range(offer.size):
        g, v = group[k], np.int64(vulnerable[k])
        count[0, g, v] += 1
        if offer[k] < 0:
            continue
        count[2, g, v] += offer[k] == favourite[k]
        for r in range(min(3, lists.shape[1])):
            if lists[k, r] == offer[k]:
                count[1, g, v] += r == 0
                count[3, g, v] += 1
                break
    return count


@kernel
def _still_there(lost, ids, grade):
    """How many of the pupils ``ids`` of the entry grade are among the entrants ``lost``, ids by rising order."""
    count = 0
    for h in range(ids.size):
        if grade[h] == 0 and lost.size > 0:
            low, high = 0, lost.size - 1
            while low < high:
                middle = (low + high) // 2
                if lost[middle] < ids[h]:
                    low = middle + 1
                else:
                    high = middle
            count += lost[low] == ids[h]
    return count
