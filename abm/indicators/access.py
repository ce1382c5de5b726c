"""Access: choices met, places found, ways to school, envy."""

import numpy as np

from abm.compiled import kernel
from abm.households import LATE, entry_year
from abm.indicators.census import NOWHERE, Census, ratio, with_vulnerable
from abm.rules import Rules
from abm.schools import theme_visible
from abm.world import World


def access(world: World, rules: Rules, counted: Census) -> list:
    """Rows of access by group: of this year's entrants where choices are concerned, of all pupils otherwise."""
    parts, events = with_vulnerable(rules), world.events
    ways = zip(parts.names, _ways(counted.cells, counted.metres, parts.among).tolist(), strict=True)
    rows = [("distance_km", name, "city", ratio(metres / 1000, pupils)) for name, (metres, pupils) in ways]
    if world.round is not None:
        rows += _choices(world, rules)
    if rules.orders.protected:
        table = world.households
        new = (table.way == LATE) & (entry_year(table.id) == world.year)
        at_protected = new & np.isin(table.school, rules.orders.protected)
        rows.append(("late_at_protected", "all", "city", float(np.count_nonzero(at_protected))))
    themed = theme_visible(world.schools, world.year) & world.schools.open
    rows += [
        ("justified_envy", "all", "city", float(events.envy)),
        ("closed_schools", "all", "city", float(len(events.closed))),
        ("themed_schools", "all", "city", float(np.count_nonzero(themed))),
    ]
    return rows


def _choices(world: World, rules: Rules) -> list:
    """Shares of all entrants, those who left the city included."""
    turn, parts = world.round, with_vulnerable(rules)
    met = _met(turn.lists, turn.offer, turn.favourite, turn.families.group, turn.families.vulnerable, parts.among)
    heads = list(zip(parts.names, met.tolist(), strict=True))
    rows = [("first_choice", name, "city", ratio(first, everybody)) for name, (everybody, first, _, _) in heads]
    rows += [("first_choice_true", name, "city", ratio(true, everybody)) for name, (everybody, _, true, _) in heads]
    rows += [("top_three", name, "city", ratio(three, everybody)) for name, (everybody, _, _, three) in heads]
    if rules.admission.preassigned > 0:
        asked = turn.proposed >= 0
        proposed, accepted = map(np.count_nonzero, (asked, asked & (turn.lists[:, 0] == turn.proposed)))
        rows.append(("proposed", "all", "city", float(proposed)))
        rows.append(("proposals_accepted", "all", "city", ratio(accepted, proposed)))
    lost = np.sort(turn.id[turn.offer < 0])
    stayed = _still_there(lost, world.households.id, world.households.grade) if lost.size else 0
    return [*rows, ("ex_officio", "all", "city", ratio(stayed, turn.offer.size))]


@kernel
def _ways(cells, metres, among):
    """(part, 2) metres of way added up, and pupils who have a school; among: the cells (group, vulnerable) of each part."""
    out = np.zeros((among.shape[0], 2), np.int64)
    for part in range(among.shape[0]):
        for cell in range(among.shape[1]):
            for high in range(2):
                out[part, 0] += among[part, cell] * metres[cell // 2, cell % 2, high]
                for where in range(NOWHERE):
                    out[part, 1] += among[part, cell] * cells[cell // 2, cell % 2, high, where]
    return out


@kernel
def _met(lists, offer, favourite, group, vulnerable, among):
    """(part, 4) entrants, and those who got their first, their truly first, one of their first three schools.

    among: the cells (group, vulnerable) of each part.
    """
    count = np.zeros((among.shape[1], 4), np.int64)
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
    out = np.zeros((among.shape[0], 4), np.int64)
    for part in range(among.shape[0]):
        for cell in range(among.shape[1]):
            for k in range(4):
                out[part, k] += among[part, cell] * count[cell, k]
    return out


@kernel
def _still_there(lost, ids, grade):
    """How many of the pupils ``ids`` of the entry grade are among the entrants ``lost``, ids by rising order."""
    count = 0
    for h in range(ids.size):
        if grade[h] == 0:
            low, high = 0, lost.size - 1
            while low < high:
                middle = (low + high) // 2
                if lost[middle] < ids[h]:
                    low = middle + 1
                else:
                    high = middle
            count += lost[low] == ids[h]
    return count
