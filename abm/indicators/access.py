"""Access: choices met, places found, ways to school, envy."""

import numpy as np

from abm.compiled import kernel
from abm.households import LATE, entry_year
from abm.indicators.census import NOWHERE, Census, ratio, with_vulnerable
from abm.rules import Rules
from abm.schools import theme_visible
from abm.world import World


def access(world: World, rules: Rules, counted: Census):
    """Rows of access by group: of this year's entrants where choices are concerned, of all pupils otherwise."""
    parts = with_vulnerable(rules)
    heads = counted.cells[..., :NOWHERE].sum(axis=(2, 3)).ravel()
    ways = parts.sums(np.array([counted.metres.sum(axis=2).ravel(), heads]).T)
    for name, (metres, pupils) in zip(parts.names, ways, strict=True):
        yield "distance_km", name, "city", ratio(metres / 1000, pupils)
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
    yield "themed_schools", "all", "city", float(np.count_nonzero(seen & world.schools.open))


def _choices(world: World, rules: Rules):
    """Shares of all entrants, those who left the city included."""
    turn, parts = world.round, with_vulnerable(rules)
    met = _met(turn.lists, turn.offer, turn.favourite, turn.families.group, turn.families.vulnerable, world.groups)
    heads = list(zip(parts.names, parts.sums(met), strict=True))
    for k, indicator in enumerate(("first_choice", "first_choice_true", "top_three"), start=1):
        for name, of in heads:
            yield indicator, name, "city", ratio(of[k], of[0])
    if rules.admission.preassigned > 0:
        asked = turn.proposed >= 0
        yield "proposed", "all", "city", float(asked.sum())
        yield (
            "proposals_accepted",
            "all",
            "city",
            ratio(np.count_nonzero(asked & (turn.lists[:, 0] == turn.proposed)), np.count_nonzero(asked)),
        )
    stayed = _still_there(np.sort(turn.id[turn.offer < 0]), world.households.id, world.households.grade)
    yield "ex_officio", "all", "city", ratio(stayed, turn.offer.size)


@kernel
def _met(lists, offer, favourite, group, vulnerable, groups):
    """(group x vulnerable, 4) entrants, and those who got their first, their truly first, one of their first three schools."""
    count = np.zeros((2 * groups, 4), np.int64)
    for k in range(offer.size):
        cell = 2 * np.uint32(group[k]) + np.uint32(vulnerable[k])
        count[cell, 0] += 1
        if offer[k] >= 0:
            three = False
            for r in range(min(3, lists.shape[1])):
                three |= lists[k, r] == offer[k]
            count[cell, 1] += lists.shape[1] > 0 and lists[k, 0] == offer[k]
            count[cell, 2] += offer[k] == favourite[k]
            count[cell, 3] += three
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
