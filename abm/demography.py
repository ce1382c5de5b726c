"""Demography: the oldest grade leaves, families come and go, some become or cease to be vulnerable.

Whether a family comes, goes or changes is drawn from its own stable id, so a policy that moves one family disturbs no other.
The households' table is read twice and written once: that, and the hashes of eight draws a row, is what binds.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.households import (
    LATE,
    LATE_MARK,
    MAX_GAP,
    OFFER,
    YEAR0,
    Households,
    entry_year,
    make,
    packed,
    sibling_gap,
    take,
    vulnerability,
)
from abm.housing import build_homes
from abm.randomness import Key, draw, stream, uniform64
from abm.rules import Rules
from abm.schools import offered
from abm.tolerance import inherit, meet, remember_mixing
from abm.world import World


def demography(world: World, rules: Rules) -> World:
    """A new school year: grades move up, some leave the city, circumstances change, a cohort enters, others arrive late."""
    world = remember_mixing(build_homes(world, rules))
    rate = detection_rate(world, rules)
    table = change_circumstances(world.households, rules, world.seed, world.year)
    fate = who_stays(world, rules)
    if rules.orders.contact:
        tolerance = table.tolerance.copy()
        tolerance[fate.stays] = meet(take(table, fate.stays), rules).tolerance
        table = table._replace(tolerance=tolerance)
    families, late = newcomers(world, rules, rate)
    entry = offered(world.schools, rules, world.city.notes.get("class_size", 25))
    places = np.concatenate([entry[:, None], world.schools.places[:, :-1]], axis=1)
    gone = table.group[fate.leaves]
    return world._replace(
        households=moved_up(world, rules, table, fate, families, late, rate),
        schools=world.schools._replace(places=places.astype(np.int32, copy=False)),
        ledger={**world.ledger, "detection": rate},
        events=world.events._replace(left_group=gone, left_unhappy=np.zeros(gone.size, bool), late=late.id.size),
    )


def change_circumstances(table: Households, rules: Rules, seed: int, year: int) -> Households:
    """Some vulnerable families cease to be so; as many others, by status, become vulnerable (a stationary share).

    Detection follows what it ought to be, with a lag: each year a share 1/(1 + lag) of the differences is put right.
    """
    settings = rules.households
    out = settings.vulnerable_exit
    share = vulnerability(table.status, settings)
    into = np.minimum(out * share / np.maximum(1 - share, 1e-9), 1.0)
    names = (Key(seed, "vulnerable", year), Key(seed, "detected"), Key(seed, "detected", year, 1))
    vulnerable, detected = _change(
        table.family, table.id, table.vulnerable, table.detected, into, *map(stream, names), float(out),
        float(settings.detection), float(settings.false_detection), 1 / (1 + settings.detection_lag),
    )  # fmt: skip
    return table._replace(vulnerable=vulnerable, detected=detected)


def detection_rate(world: World, rules: Rules) -> float:
    """Share of the vulnerable among newcomers whom the authority finds: it moves to the rate of the rules with the lag."""
    settings = rules.households
    last = world.ledger.get("detection", settings.detection)
    return last + (settings.detection - last) / (1 + settings.detection_lag)


class Fate(NamedTuple):
    """What becomes of the households, by row of last year's table."""

    stays: np.ndarray  # (row,) int64
    leaves: np.ndarray  # (row,) int64 who leave the city; those of the oldest grade neither stay nor leave
    older: np.ndarray  # (row,) int64 of those who stay, first children whose younger sibling enters this year


def who_stays(world: World, rules: Rules) -> Fate:
    """The oldest grade and some families go; some of the others are followed by a younger sibling.

    A child of the starting stock stands for first and later children alike, so it is followed by fewer siblings.
    """
    table, year = world.households, world.year
    names = (Key(world.seed, "leave", year), Key(world.seed, "sibling", 0, 1), Key(world.seed, "sibling"))
    return Fate(
        *_part(
            table.family, table.id, table.grade, *map(stream, names), world.grades - 1, float(rules.demography.leave),
            year, _longest_gap(world), _sibling_odds(rules),
        )
    )  # fmt: skip


def _sibling_odds(rules: Rules) -> float:
    """Younger siblings per first child that give the wanted share of entrants with an older sibling."""
    return rules.households.sibling_share / (1 - rules.households.sibling_share)


def _longest_gap(world: World) -> int:
    return min(MAX_GAP, world.grades - 1)


def newcomers(world: World, rules: Rules, rate: float) -> tuple[Households, Households]:
    """First children who enter this year, by area and group, and families who arrive during it, in any grade."""
    year = world.year
    expected = world.city.entry_rate * (1 + rules.by_group("demography.growth").astype(float)) ** year
    odds = _sibling_odds(rules) if _longest_gap(world) else 0.0
    share = rules.by_group("demography.late_arrivals").astype(float) * world.grades
    home, first = stream(Key(world.seed, "home")), world.city.place_first
    names = stream(Key(world.seed, "entry", year)), stream(Key(world.seed, "late", year))
    entering = _cohort(expected / (1 + odds), names[0], home, first, packed(year, 0, 0, 0, 0))
    arriving = _cohort(expected * share, names[1], home, first, packed(year, 0, LATE_MARK, 0, 0))
    identity, place, group = map(np.concatenate, zip(entering, arriving, strict=True))
    n, grade = entering[0].size, np.zeros(identity.size)
    grade[n:] = np.floor(draw(Key(world.seed, "late", year, 1), arriving[0]) * world.grades)
    table = make(identity, identity, place, group, grade, world.city, rules, world.seed, rate)
    table.way[n:] = LATE
    families, late = (Households(*[column[part] for column in table]) for part in (slice(n), slice(n, None)))
    return inherit(families, world, rules), late


def moved_up(world, rules: Rules, table: Households, fate: Fate, families, late, rate: float) -> Households:
    """The new year's table: who stays, a grade up; the entrants, ``families`` and younger siblings; those who arrive ``late``.

    A younger sibling is of the same family and like the older child, but for its id, and is detected or not anew.
    """
    new = Households(*[_stacked(columns, fate) for columns in zip(table, families, late, strict=True)])
    new.grade[: fate.stays.size] += 1
    begin = fate.stays.size + families.id.size
    young = slice(begin, begin + fate.older.size)
    new.id[young], new.detected[young] = _siblings(
        new.id[young], new.vulnerable[young], world.year, stream(Key(world.seed, "detected")), rate,
        float(rules.households.false_detection),
    )  # fmt: skip
    for column, value in ((new.grade, 0), (new.school, -1), (new.way, OFFER), (new.rank, -1)):
        column[young] = value
    return new


def _stacked(columns, fate: Fate) -> np.ndarray:
    """One column of the new table. What has as many bits is stacked alike: the kernel is compiled for three sizes, not five kinds."""
    kind = columns[0].dtype
    bits = _BITS.get(kind, kind)
    return _stack(*[column.view(bits) for column in columns], fate.stays, fate.older).view(kind)


_BITS = {np.dtype(np.float32): np.dtype(np.int32), np.dtype(np.bool_): np.dtype(np.int8)}


@kernel
def _change(family, identity, vulnerable, detected, into, name, known, due, out, detection, error, promptness):
    """(household,) bool: vulnerable and detected this year."""
    now, seen = np.empty(family.size, np.bool_), np.empty(family.size, np.bool_)
    for h in range(family.size):
        luck = uniform64(name, family[h])
        now[h] = (luck >= out) if vulnerable[h] else (luck < into[h])
        target = uniform64(known, identity[h]) < (detection if now[h] else error)
        seen[h] = detected[h]
        if target != detected[h] and uniform64(due, identity[h]) < promptness:
            seen[h] = target
    return now, seen


@kernel
def _part(family, identity, grade, leaving, spacing, following, last, leave, year, longest, odds):
    """Rows of those who stay, of those who leave the city, and of older children whose younger sibling enters."""
    n = family.size
    stays, leaves, older = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    staying, going, followed = 0, 0, 0
    for h in range(n):
        if grade[h] >= last:
            continue
        if uniform64(leaving, family[h]) < leave:
            leaves[going] = h
            going += 1
            continue
        stays[staying] = h
        staying += 1
        age = year - entry_year(identity[h])
        if longest > 0 and sibling_gap(identity[h]) == 0 and 1 <= age <= longest:
            mine = odds / (1 + odds) if age >= year else odds
            gap = 1 + np.int64(np.floor(uniform64(spacing, identity[h]) * longest))
            if gap == age and uniform64(following, identity[h]) < mine:
                older[followed] = h
                followed += 1
    return stays[:staying], leaves[:going], older[:followed]


@kernel
def _cohort(expected, luck, home, first, year_and_gap):
    """Id, place and group of whole families drawn from ``expected`` (area, group): floor, plus one by the fraction's chance.

    A family's place is one of its area's, drawn from its id.
    """
    areas, groups = expected.shape
    count, n, h = np.empty((areas, groups), np.int64), 0, 0
    for a in range(areas):
        for g in range(groups):
            whole = np.floor(expected[a, g])
            count[a, g] = np.int64(whole) + np.int64(uniform64(luck, a * groups + g) < expected[a, g] - whole)
            n += count[a, g]
    identity, place, group = np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int8)
    for a in range(areas):
        for g in range(groups):
            for serial in range(count[a, g]):
                identity[h] = year_and_gap | packed(-YEAR0, a, 0, g, serial)
                number = np.floor(uniform64(home, identity[h]) * (first[a + 1] - first[a]))
                place[h], group[h] = first[a] + np.int32(number), g
                h += 1
    return identity, place, group


@kernel
def _stack(column, families, late, stays, older):
    """A column of the new table: of those who stay, of new families, of the older of siblings, of late arrivals."""
    out = np.empty(stays.size + families.size + older.size + late.size, column.dtype)
    for k in range(stays.size):
        out[k] = column[np.uint64(stays[k])]
    at = stays.size
    for k in range(families.size):
        out[at + k] = families[k]
    at += families.size
    for k in range(older.size):
        out[at + k] = column[older[k]]
    at += older.size
    for k in range(late.size):
        out[at + k] = late[k]
    return out


@kernel
def _siblings(older, vulnerable, year, known, detection, error):
    """Ids of the younger siblings of the children with ids ``older``, and whether they are detected."""
    identity, detected = np.empty(older.size, np.int64), np.empty(older.size, np.bool_)
    for k in range(older.size):
        family = older[k] & ((np.int64(1) << 50) - 1)
        identity[k] = packed(year, 0, year - entry_year(older[k]), 0, 0) | family
        detected[k] = uniform64(known, identity[k]) < (detection if vulnerable[k] else error)
    return identity, detected
