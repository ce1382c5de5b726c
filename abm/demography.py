"""Demography: the oldest grade leaves, families come and go, some become or cease to be vulnerable.

Whether a family comes, goes or changes is drawn from its own stable id, so a policy that moves one family disturbs no other.
The households' table is read twice and written once: that, and the hashes of eight draws a row, is what binds.
"""

import numpy as np

from abm.compiled import in_place, kernel
from abm.households import LATE_MARK, OFFER, Households, blank, entry_year, odds_against, packed, take
from abm.housing import build_homes
from abm.leaving import Fate, longest_gap, sibling_odds, who_stays
from abm.randomness import PROCESSES, named, uniform64, word
from abm.rules import Rules
from abm.schools import offered
from abm.settling import Newcomers, settle
from abm.tolerance import inherit, meet, remember_mixing
from abm.world import World

_ENTRY, _LATE, _HOME, _VULNERABLE, _DETECTED = (
    PROCESSES[name] for name in ("entry", "late", "home", "vulnerable", "detected")
)
_ONE, _TINY = np.float32(1), np.float32(1e-9)


def demography(world: World, rules: Rules) -> World:
    """A new school year: grades move up, some leave the city, circumstances change, a cohort enters, others arrive late."""
    world = remember_mixing(build_homes(world, rules))
    rate = detection_rate(world, rules)
    table = change_circumstances(world.households, rules, world.seed, world.year)
    fate = who_stays(world, rules)
    if rules.orders.contact:
        tolerance, rows = table.tolerance.copy(), np.concatenate([np.arange(*run) for run in fate.stays])
        tolerance[rows] = meet(take(table, rows), rules).tolerance
        table = table._replace(tolerance=tolerance)
    new = newcomers(world, rules)
    entry = offered(world.schools, rules, world.city.notes.get("class_size", 25))
    places = np.concatenate([entry[:, None], world.schools.places[:, :-1]], axis=1)
    gone = table.group[fate.leaves]
    return world._replace(
        households=moved_up(world, rules, table, fate, new, rate),
        schools=world.schools._replace(places=places.astype(np.int32, copy=False)),
        ledger={**world.ledger, "detection": rate},
        events=world.events._replace(
            left_group=gone, left_unhappy=np.zeros(gone.size, bool), late=new.id.size - new.enter
        ),
    )


def change_circumstances(table: Households, rules: Rules, seed: int, year: int) -> Households:
    """Some vulnerable families cease to be so; as many others, by status, become vulnerable (a stationary share).

    Detection follows what it ought to be, with a lag: each year a share 1/(1 + lag) of the differences is put right.
    """
    settings = rules.households
    vulnerable, detected = _change(
        table.family, table.id, table.vulnerable, table.detected, odds_against(table.status, settings),
        word(seed), year, float(settings.vulnerable_exit), float(settings.detection), float(settings.false_detection), 1 / (1 + settings.detection_lag),
    )  # fmt: skip
    return table._replace(vulnerable=vulnerable, detected=detected)


def detection_rate(world: World, rules: Rules) -> float:
    """Share of the vulnerable among newcomers whom the authority finds: it moves to the rate of the rules with the lag."""
    settings = rules.households
    last = world.ledger.get("detection", settings.detection)
    return last + (settings.detection - last) / (1 + settings.detection_lag)


def newcomers(world: World, rules: Rules) -> Newcomers:
    """First children who enter this year, by area and group, and families who arrive during it, in any grade."""
    year, city = world.year, world.city
    growth, late = (rules.by_group(f"demography.{lever}").astype(float) for lever in ("growth", "late_arrivals"))
    odds = sibling_odds(rules) if longest_gap(world) else 0.0
    return Newcomers(
        *_come(
            city.entry_rate, (1 + growth) ** year, 1 + odds, late * world.grades, word(world.seed), city.place_first,
            year, world.grades,
        )
    )  # fmt: skip


def moved_up(world: World, rules: Rules, table: Households, fate: Fate, new: Newcomers, rate: float) -> Households:
    """The new year's table: who stays, a grade up; the entrants, families and younger siblings; those who arrive late."""
    settings, city = rules.households, world.city
    stay, young = fate.staying, fate.older.size
    out = blank(stay + young + new.id.size)
    _move_up(
        table, fate.stays, fate.older, stay, stay + new.enter, word(world.seed), world.year, rate,
        float(settings.false_detection), out,
    )  # fmt: skip
    settle(out, stay, young, new, city, rules, world.seed, rate)
    if settings.contact:
        begun = slice(stay, stay + new.enter)
        out.tolerance[begun] = inherit(Households(*[column[begun] for column in out]), world, rules).tolerance
    return out


@kernel
def _change(family, identity, vulnerable, detected, against, seed, year, out, detection, error, promptness):
    """(household,) bool: vulnerable and detected this year. ``against``: (household,) float32 odds against being vulnerable.

    All is drawn for everybody, needed or not: without a branch these are vector instructions.
    """
    n, rate = family.size, np.float32(out)
    turning, known, due = (
        named(seed, _VULNERABLE, year, 0),
        named(seed, _DETECTED, 0, 0),
        named(seed, _DETECTED, year, 1),
    )
    now, seen = np.empty(n, np.bool_), np.empty(n, np.bool_)
    for h in range(n):
        share = _ONE / (_ONE + against[h])
        into = min(rate * share / max(_ONE - share, _TINY), _ONE)
        luck = uniform64(turning, family[h])
        now[h] = (luck >= out) if vulnerable[h] else (luck < into)
        target = uniform64(known, identity[h]) < (detection if now[h] else error)
        seen[h] = target if uniform64(due, identity[h]) < promptness else detected[h]
    return now, seen


@kernel
def _come(rate, growth, firsts, late, seed, place_first, year, grades):
    """The columns of :class:`Newcomers`: whole families drawn from those expected by area and group.

    As many as the floor, plus one by the fraction's chance. A family's place is one of its area's, drawn from its id.
    """
    entering, arriving = named(seed, _ENTRY, year, 0), named(seed, _LATE, year, 0)
    home, into = named(seed, _HOME, 0, 0), named(seed, _LATE, year, 1)
    areas, groups = rate.shape
    count, n = np.empty((2, areas, groups), np.int64), 0
    for k in range(2):
        for a in range(areas):
            for g in range(groups):
                expected = rate[a, g] * growth[g]
                expected = expected * late[g] if k else expected / firsts
                whole = np.floor(expected)
                count[k, a, g] = np.int64(whole)
                count[k, a, g] += uniform64(arriving if k else entering, a * groups + g) < expected - whole
                n += count[k, a, g]
    identity, place, group, grade = (
        np.empty(n, np.int64),
        np.empty(n, np.int32),
        np.empty(n, np.int8),
        np.zeros(n, np.int8),
    )
    h, enter = 0, count[0].sum()
    for k in range(2):
        for a in range(areas):
            for g in range(groups):
                for serial in range(count[k, a, g]):
                    identity[h] = packed(year, a, LATE_MARK if k else 0, g, serial)
                    number = np.floor(uniform64(home, identity[h]) * (place_first[a + 1] - place_first[a]))
                    place[h], group[h] = place_first[a] + np.int32(number), g
                    if k:
                        grade[h] = np.floor(uniform64(into, identity[h]) * grades)
                    h += 1
    return identity, place, group, grade, enter


@in_place
def _move_up(old, stays, older, staying, begin, seed, year, detection, error, new):
    """Into ``new``: who stays, a grade up, and from ``begin`` on younger siblings of the ``older`` (child,) int64 rows.

    A younger sibling is of the same family and like the older child, but for its id, and is detected or not anew.
    """
    _copy(old.id, stays, older, begin, new.id)
    _copy(old.family, stays, older, begin, new.family)
    _copy(old.place, stays, older, begin, new.place)
    _copy(old.group, stays, older, begin, new.group)
    _copy(old.status, stays, older, begin, new.status)
    _copy(old.information, stays, older, begin, new.information)
    _copy(old.tolerance, stays, older, begin, new.tolerance)
    _copy(old.tolerant, stays, older, begin, new.tolerant)
    _copy(old.workplace, stays, older, begin, new.workplace)
    _copy(old.vulnerable, stays, older, begin, new.vulnerable)
    _copy(old.detected, stays, older, begin, new.detected)
    _copy(old.grade, stays, older, begin, new.grade)
    _copy(old.school, stays, older, begin, new.school)
    _copy(old.way, stays, older, begin, new.way)
    _copy(old.rank, stays, older, begin, new.rank)
    for h in range(staying):
        new.grade[h] += 1
    known = named(seed, _DETECTED, 0, 0)
    for h in range(begin, begin + older.size):
        family = new.id[h] & ((np.int64(1) << 50) - 1)
        new.id[h] = packed(year, 0, year - entry_year(new.id[h]), 0, 0) | family
        new.detected[h] = uniform64(known, new.id[h]) < (detection if new.vulnerable[h] else error)
        new.grade[h], new.school[h], new.way[h], new.rank[h] = 0, -1, OFFER, -1


@in_place
def _copy(column, stays, older, begin, out):
    """The rows of the runs ``stays``, to the front of ``out``, and those ``older``, from ``begin`` on."""
    to = np.uint64(0)
    for run in range(stays.shape[0]):
        at = np.uint64(stays[run, 0])
        for k in range(stays[run, 1] - stays[run, 0]):
            out[to + np.uint64(k)] = column[at + np.uint64(k)]
        to += np.uint64(stays[run, 1]) - at
    for k in range(older.size):
        out[begin + k] = column[np.uint64(older[k])]
