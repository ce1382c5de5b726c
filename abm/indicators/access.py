"""Access: choices met, places found, ways to school, envy."""

import functools

import numpy as np

from abm.compiled import kernel
from abm.households import LATE, entry_year
from abm.indicators.census import NOWHERE, Census, ratio, with_vulnerable
from abm.rules import Rules
from abm.schools import in_view
from abm.sorting import rising
from abm.world import World


def access(world: World, rules: Rules, counted: Census) -> list:
    """Rows of access by group: of this year's entrants where choices are concerned, of all pupils otherwise."""
    parts, events, stock = with_vulnerable(rules.groups, rules.minority), world.events, world.schools
    *kms, themed = _ways(
        counted.cells,
        counted.metres,
        parts.among,
        stock.theme,
        stock.theme_year,
        stock.theme_until,
        stock.open,
        world.year,
    ).tolist()
    rows = list(zip(*_labels(rules.groups, rules.minority, ("distance_km",)), kms, strict=True))
    if world.round is not None:
        rows += _choices(world, rules)
    if rules.orders.protected:
        table = world.households
        new = (table.way == LATE) & (entry_year(table.id) == world.year)
        at_protected = new & np.isin(table.school, rules.orders.protected)
        rows.append(("late_at_protected", "all", "city", float(np.count_nonzero(at_protected))))
    rows += [
        ("justified_envy", "all", "city", float(events.envy)),
        ("closed_schools", "all", "city", float(len(events.closed))),
        ("themed_schools", "all", "city", themed),
    ]
    return rows


@functools.cache
def _labels(groups: tuple[str, ...], minority: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Indicator, group and scope, a column each, of rows of the city: each of ``names`` of every part of the pupils."""
    rows = [(name, part, "city") for name in names for part in with_vulnerable(groups, minority).names]
    return tuple(zip(*rows, strict=True))


_MET = ("first_choice", "first_choice_true", "top_three")


def _choices(world: World, rules: Rules) -> list:
    """Shares of all entrants, those who left the city included."""
    turn, table, who = world.round, world.households, world.round.families
    *met, ex_officio = _met(
        turn.lists, turn.offer, turn.favourite, who.id, who.group, who.vulnerable, table.id, table.grade,
        with_vulnerable(rules.groups, rules.minority).among,
    ).tolist()  # fmt: skip
    rows = list(zip(*_labels(rules.groups, rules.minority, _MET), met, strict=True))
    if rules.admission.preassigned > 0:
        asked = turn.proposed >= 0
        proposed, accepted = map(np.count_nonzero, (asked, asked & (turn.lists[:, 0] == turn.proposed)))
        rows.append(("proposed", "all", "city", float(proposed)))
        rows.append(("proposals_accepted", "all", "city", ratio(accepted, proposed)))
    return [*rows, ("ex_officio", "all", "city", ex_officio)]


@kernel
def _ways(cells, metres, among, theme, begun, until, is_open, year):
    """Mean way of the pupils of each part who have a school, km, and open schools with a theme that families see.

    among: the cells (group, vulnerable) of each part; the last four are of (school,).
    """
    out = np.full(among.shape[0] + 1, np.nan)
    for part in range(among.shape[0]):
        way, pupils = np.int64(0), np.int64(0)
        for cell in range(among.shape[1]):
            for high in range(2):
                way += among[part, cell] * metres[cell // 2, cell % 2, high]
                for where in range(NOWHERE):
                    pupils += among[part, cell] * cells[cell // 2, cell % 2, high, where]
        if pupils > 0:
            out[part] = way / 1000 / pupils
    themed = 0
    for s in range(theme.size):
        themed += in_view(theme[s], begun[s], until[s], year) and is_open[s]
    out[-1] = themed
    return out


@kernel
def _met(lists, offer, favourite, identity, group, vulnerable, ids, grade, among):
    """Shares of the entrants: who got the first, the truly first, one of the first three schools, each (part,); who is ex officio.

    The last are those of the entry grade, among all pupils ``ids``, to whom no school was offered. among: the cells (group,
    vulnerable) of each part.
    """
    count, lost, left = np.zeros((among.shape[1], 4), np.int64), np.empty(offer.size, np.int64), 0
    for k in range(offer.size):
        cell = 2 * np.uint32(group[k]) + np.uint32(vulnerable[k])
        count[cell, 3] += 1
        if offer[k] >= 0:
            three = False
            for r in range(min(3, lists.shape[1])):
                three |= lists[k, r] == offer[k]
            count[cell, 0] += lists.shape[1] > 0 and lists[k, 0] == offer[k]
            count[cell, 1] += offer[k] == favourite[k]
            count[cell, 2] += three
        else:
            lost[left] = identity[k]
            left += 1
    parts = among.shape[0]
    out = np.full(3 * parts + 1, np.nan)
    for part in range(parts):
        entrants = np.int64(0)
        for cell in range(among.shape[1]):
            entrants += among[part, cell] * count[cell, 3]
        for k in range(3 if entrants > 0 else 0):
            found = np.int64(0)
            for cell in range(among.shape[1]):
                found += among[part, cell] * count[cell, k]
            out[k * parts + part] = found / entrants
    if offer.size > 0:
        out[-1] = _still_there(lost[:left], ids, grade) / offer.size
    return out


@kernel
def _still_there(lost, ids, grade):
    """How many of the pupils ``ids`` of the entry grade are among the entrants ``lost``."""
    if lost.size == 0:
        return 0
    order, count = rising(np.zeros(lost.size, np.float64), lost), 0
    for h in range(ids.size):
        if grade[h] == 0:
            low, high = 0, lost.size - 1
            while low < high:
                middle = (low + high) // 2
                if lost[order[middle]] < ids[h]:
                    low = middle + 1
                else:
                    high = middle
            count += lost[order[low]] == ids[h]
    return count
