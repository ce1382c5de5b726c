"""Demography: the oldest grade leaves, families come and go, some become or cease to be vulnerable.

Whether a family comes, goes or changes is drawn from its own stable id, so a policy that moves one family disturbs no other.
The households' table is read twice and written once: that, and the hashes of eight draws a row, is what binds.
"""

import numpy as np

from abm.compiled import in_place
from abm.households import LATE_MARK, Households, blank, odds_against, packed, take
from abm.housing import build_homes
from abm.leaving import Fate, longest_gap, sibling_odds, who_stays
from abm.randomness import EVER, FIRST, SECOND, limit52, luck52, named, processes, uniform64, word
from abm.rules import Rules
from abm.schools import offered
from abm.settling import Newcomers, carry_over, settle
from abm.tolerance import inherit, meet, remember_mixing
from abm.world import World

_ENTRY, _LATE, _HOME, _VULNERABLE, _DETECTED = processes("entry", "late", "home", "vulnerable", "detected")
_ONE, _TINY = np.float32(1), np.float32(1e-9)


def demography(world: World, rules: Rules) -> World:
    """A new school year: grades move up, some leave the city, circumstances change, a cohort enters, others arrive late."""
    world = remember_mixing(build_homes(world, rules))
    rate = detection_rate(world, rules)
    table = change_circumstances(world.households, rules, world.seed, world.year)
    fate = who_stays(world, rules)
    if rules.orders.contact and fate.staying:
        tolerance, rows = table.tolerance.copy(), np.concatenate([np.arange(*run) for run in fate.stays])
        tolerance[rows] = meet(take(table, rows), rules).tolerance
        table = table._replace(tolerance=tolerance)
    new = newcomers(world, rules)
    places = np.empty_like(world.schools.places)
    places[:, 0] = offered(world.schools, rules, world.city.notes.get("class_size", 25))
    places[:, 1:] = world.schools.places[:, :-1]
    gone = table.group[fate.leaves]
    return world._replace(
        households=moved_up(world, rules, table, fate, new, rate),
        schools=world.schools._replace(places=places),
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
    vulnerable, detected = np.empty(table.id.size, bool), np.empty(table.id.size, bool)
    _change(
        table.family, table.id, table.vulnerable, table.detected, odds_against(table.status, settings), word(seed), year,
        float(settings.vulnerable_exit), float(settings.detection), float(settings.false_detection),
        1 / (1 + settings.detection_lag), vulnerable, detected,
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
    count = np.empty((2, *city.entry_rate.shape), np.int64)
    enter, n = _count(
        city.entry_rate, (1 + growth) ** year, 1 + odds, late * world.grades, word(world.seed), year, count
    )
    new = Newcomers(np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int8), np.zeros(n, np.int8), enter)
    _come(count, city.place_first, word(world.seed), year, world.grades, *new[:4])
    return new


def moved_up(world: World, rules: Rules, table: Households, fate: Fate, new: Newcomers, rate: float) -> Households:
    """The new year's table: who stays, a grade up; the entrants, families and younger siblings; those who arrive late."""
    settings, city = rules.households, world.city
    stay, young = fate.staying, fate.older.size
    out = blank(stay + young + new.id.size)
    carry_over(
        table, fate.stays, fate.older, stay + new.enter, word(world.seed), world.year, rate,
        float(settings.false_detection), out,
    )  # fmt: skip
    out.grade[:stay] += 1
    settle(out, stay, young, new, city, rules, world.seed, rate)
    if settings.contact:
        begun = slice(stay, stay + new.enter)
        out.tolerance[begun] = inherit(Households(*[column[begun] for column in out]), world, rules).tolerance
    return out


@in_place
def _change(family, identity, vulnerable, detected, against, seed, year, out, detection, error, promptness, now, seen):
    """Into ``now`` and ``seen`` (household,) bool: vulnerable and detected this year.

    against: (household,) float32 odds against being vulnerable. All is drawn for everybody, needed or not, and chosen from by
    ``&`` and ``|``: these are vector instructions then, where branches, often mispredicted, took three times as long.
    """
    turning, rate = named(seed, _VULNERABLE, year, FIRST), np.float32(out)
    known, due = named(seed, _DETECTED, EVER, FIRST), named(seed, _DETECTED, year, SECOND)
    right, wrong, prompt = limit52(detection), limit52(error), limit52(promptness)
    for h in range(family.size):
        share = _ONE / (_ONE + against[h])
        into = np.float64(min(rate * share / max(_ONE - share, _TINY), _ONE))
        luck = uniform64(turning, family[h])
        now[h] = (vulnerable[h] & (luck >= out)) | ((not vulnerable[h]) & (luck < into))
    for h in range(family.size):
        luck, turn = luck52(known, identity[h]), luck52(due, identity[h]) < prompt
        target = (now[h] & (luck < right)) | ((not now[h]) & (luck < wrong))
        seen[h] = (turn & target) | ((not turn) & detected[h])


@in_place
def _count(rate, growth, firsts, late, seed, year, count):
    """Into ``count`` (2, area, group) whole families who enter and who arrive late; how many enter, and how many in all.

    Of those expected as many as the floor, plus one by the fraction's chance.
    """
    names = named(seed, _ENTRY, year, FIRST), named(seed, _LATE, year, FIRST)
    n, enter = 0, 0
    for k in range(2):
        enter = n
        for a in range(rate.shape[0]):
            for g in range(rate.shape[1]):
                expected = rate[a, g] * growth[g]
                expected = expected * late[g] if k else expected / firsts
                whole = np.int64(np.floor(expected))
                luck = uniform64(names[k], a * rate.shape[1] + g)
                count[k, a, g] = whole + 1 if luck < expected - whole else whole
                n += count[k, a, g]
    return enter, n


@in_place
def _come(count, place_first, seed, year, grades, identity, place, group, grade):
    """The first columns of :class:`Newcomers`. A family's place is one of its area's, drawn from its id."""
    home, into = named(seed, _HOME, EVER, FIRST), named(seed, _LATE, year, SECOND)
    h = np.uint64(0)
    for k in range(2):
        for a in range(count.shape[1]):
            first, places = place_first[a], place_first[a + 1] - place_first[a]
            for g in range(count.shape[2]):
                base = packed(year, a, LATE_MARK if k else 0, g, 0)
                for serial in range(count[k, a, g]):
                    identity[h], group[h] = base | serial, g
                    place[h] = first + np.int64(np.floor(uniform64(home, base | serial) * places))
                    if k:
                        grade[h] = np.floor(uniform64(into, base | serial) * grades)
                    h += np.uint64(1)
