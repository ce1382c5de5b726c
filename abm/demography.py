"""Demography: the oldest grade leaves, families come and go, some become or cease to be vulnerable.

Whether a family comes, goes or changes is drawn from its own stable id, so a policy that moves one family disturbs no other.
"""

import numpy as np

from abm.households import (
    LATE,
    LATE_MARK,
    MAX_GAP,
    OFFER,
    Households,
    entry_year,
    join,
    make,
    pack,
    sibling_gap,
    take,
    vulnerability,
)
from abm.housing import build_homes
from abm.randomness import Key, draw
from abm.rules import Rules
from abm.schools import offered
from abm.tolerance import inherit, meet, remember_mixing
from abm.world import World


def demography(world: World, rules: Rules) -> World:
    """A new school year: grades move up, some leave the city, circumstances change, a cohort enters, others arrive late."""
    world = remember_mixing(build_homes(world, rules))
    year, table = world.year, world.households
    inside = table.grade < world.grades - 1
    leaves = draw(Key(world.seed, "leave", year), table.family) < rules.demography.leave
    gone = table.group[inside & leaves]
    table = take(table, inside & ~leaves)
    table = table._replace(grade=(table.grade + 1).astype(np.int8))
    table = meet(table, rules)
    rate = detection_rate(world, rules)
    table = detect(change_vulnerability(table, rules, world.seed, year), rules, world.seed, year)
    siblings = younger_siblings(world, rules, take(table, awaited(world, rules, table)), year, rate)
    entrants = join(new_families(world, rules, year, rate), siblings)
    late = late_arrivals(world, rules, year, rate)
    entry = offered(world.schools, rules, world.city.notes.get("class_size", 25))
    places = np.concatenate([entry[:, None], world.schools.places[:, :-1]], axis=1)
    return world._replace(
        households=join(table, entrants, late),
        schools=world.schools._replace(places=places.astype(np.int32)),
        ledger={**world.ledger, "detection": rate},
        events=world.events._replace(left_group=gone, left_unhappy=np.zeros(gone.size, bool), late=late.id.size),
    )


def change_vulnerability(table: Households, rules: Rules, seed: int, year: int) -> Households:
    """Some vulnerable families cease to be so; as many others, by status, become vulnerable (a stationary share)."""
    out = rules.households.vulnerable_exit
    share = vulnerability(table.status, rules.households)
    into = np.minimum(out * share / np.maximum(1 - share, 1e-9), 1.0)
    luck = draw(Key(seed, "vulnerable", year), table.family)
    return table._replace(vulnerable=np.where(table.vulnerable, luck >= out, luck < into))


def detection_rate(world: World, rules: Rules) -> float:
    """Share of the vulnerable among newcomers whom the authority finds: it moves to the rate of the rules with the lag."""
    settings = rules.households
    last = world.ledger.get("detection", settings.detection)
    return last + (settings.detection - last) / (1 + settings.detection_lag)


def detect(table: Households, rules: Rules, seed: int, year: int) -> Households:
    """Detection follows what it ought to be, with a lag: each year a share 1/(1 + lag) of the differences is put right."""
    settings = rules.households
    target = draw(Key(seed, "detected"), table.id) < np.where(
        table.vulnerable, settings.detection, settings.false_detection
    )
    due = draw(Key(seed, "detected", year, 1), table.id) < 1 / (1 + settings.detection_lag)
    return table._replace(detected=np.where(due, target, table.detected))


def _expected(world: World, rules: Rules, year: int) -> np.ndarray:
    """(area, group) entrants to expect in ``year``."""
    return world.city.entry_rate * (1 + rules.by_group("demography.growth").astype(float)) ** year


def _heads(world: World, expected: np.ndarray, process: str, year: int):
    """Whole families drawn from expected numbers (area, group): floor plus one with the fraction's probability."""
    cells = np.arange(expected.size)
    luck = draw(Key(world.seed, process, year), cells).reshape(expected.shape)
    count = (np.floor(expected) + (luck < expected - np.floor(expected))).astype(np.int64).ravel()
    cell = np.repeat(cells, count)
    serial = np.arange(cell.size) - np.repeat(np.cumsum(count) - count, count)
    return cell // expected.shape[1], cell % expected.shape[1], serial


def _home(world: World, area: np.ndarray, identity: np.ndarray) -> np.ndarray:
    """A place of the area for each new family, drawn from its id."""
    first = world.city.place_first
    number = np.floor(draw(Key(world.seed, "home"), identity) * (first[area + 1] - first[area]))
    return first[area] + number.astype(np.int32)


def _sibling_odds(rules: Rules) -> float:
    """Younger siblings per first child that give the wanted share of entrants with an older sibling."""
    return rules.households.sibling_share / (1 - rules.households.sibling_share)


def _longest_gap(world: World) -> int:
    return min(MAX_GAP, world.grades - 1)


def new_families(world: World, rules: Rules, year: int, rate: float) -> Households:
    """First children who enter this year, by area and group."""
    odds = _sibling_odds(rules) if _longest_gap(world) else 0.0
    area, group, serial = _heads(world, _expected(world, rules, year) / (1 + odds), "entry", year)
    identity = pack(year, area, 0, group, serial)
    table = make(
        identity,
        identity,
        _home(world, area, identity),
        group,
        np.zeros(area.size),
        world.city,
        rules,
        world.seed,
        rate,
    )
    return inherit(table, world, rules)


def awaited(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(household,) bool: first children whose younger sibling enters this year.

    A child of the starting stock stands for first and later children alike, so it is followed by fewer siblings.
    """
    longest = _longest_gap(world)
    if not longest:
        return np.zeros(table.id.size, bool)
    gap = 1 + np.floor(draw(Key(world.seed, "sibling", 0, 1), table.id) * longest).astype(np.int64)
    odds = _sibling_odds(rules)
    odds = np.where(entry_year(table.id) <= 0, odds / (1 + odds), odds)
    due = (sibling_gap(table.id) == 0) & (entry_year(table.id) + gap == world.year)
    return due & (draw(Key(world.seed, "sibling"), table.id) < odds)


def younger_siblings(world: World, rules: Rules, older: Households, year: int, rate: float) -> Households:
    """The younger siblings of the children in ``older``, who enter this year: the same family, detected or not anew."""
    mask = (np.int64(1) << 50) - 1
    identity = pack(year, 0, year - entry_year(older.id), 0, 0) | (older.id & mask)
    chance = np.where(older.vulnerable, rate, rules.households.false_detection)
    return older._replace(
        id=identity,
        detected=draw(Key(world.seed, "detected"), identity) < chance,
        grade=np.zeros(identity.size, np.int8),
        school=np.full(identity.size, -1, np.int32),
        way=np.full(identity.size, OFFER, np.int8),
        rank=np.full(identity.size, -1, np.int8),
    )


def late_arrivals(world: World, rules: Rules, year: int, rate: float) -> Households:
    """Families who arrive during the year, in any grade; they find a school among those with places left."""
    share = rules.by_group("demography.late_arrivals").astype(float) * world.grades
    area, group, serial = _heads(world, _expected(world, rules, year) * share, "late", year)
    identity = pack(year, area, LATE_MARK, group, serial)
    grade = np.floor(draw(Key(world.seed, "late", year, 1), identity) * world.grades)
    table = make(identity, identity, _home(world, area, identity), group, grade, world.city, rules, world.seed, rate)
    return table._replace(way=np.full(area.size, LATE, np.int8))
