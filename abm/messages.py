"""Messages: whom the year's information reaches, and what it tells. Without messages nothing here changes anything.

Several messages add up: further schools are counted together, and of what one leaves unknown the next tells its share.
Who is reached depends on the family and the message's name alone: for good, and nested in the reach.
"""

import zlib

import numpy as np

from abm.households import Households
from abm.orders import Message
from abm.randomness import Key, draw
from abm.rules import Rules
from abm.world import World


def told(message: Message, world: World, table: Households) -> np.ndarray:
    """(family,) bool: the message reaches the family: one of its groups and districts, by its keyed number."""
    luck = draw(Key(world.seed, "message", 0, zlib.crc32(message.name.encode())), table.family)
    hears = luck < message.reach
    if message.groups:
        hears &= np.isin(table.group, message.groups)
    if message.districts:
        hears &= np.isin(world.city.area_district[world.city.place_area[table.place]], message.districts)
    return hears & table.detected if message.detected else hears


def reached(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(family,) float32 share of its missing information on all schools that messages give: 1 - prod(1 - i)."""
    if not rules.orders.messages:
        return np.zeros(table.id.size, np.float32)
    missing = np.ones(table.id.size)
    for message in rules.orders.messages:
        if not message.schools:
            missing *= 1 - message.information * told(message, world, table)
    return (1 - missing).astype(np.float32)


def further(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(family,) int64 how many further nearest schools messages tell it of."""
    count = np.zeros(table.id.size, np.int64)
    for message in rules.orders.messages:
        count += message.nearest * told(message, world, table)
    return count


def told_at_most(rules: Rules) -> int:
    """How many schools messages can add to what a family considers."""
    messages = rules.orders.messages
    return sum(message.nearest for message in messages) + len(shown(rules)) if messages else 0


def shown(rules: Rules) -> tuple[int, ...]:
    """Schools that any message names, each once, by row."""
    messages = rules.orders.messages
    return tuple(sorted({s for message in messages for s in message.schools})) if messages else ()


def visits(message: Message, world: World, table: Households, schools) -> np.ndarray:
    """(family, school) bool: the message tells the family of each of ``schools``: named, and within the radius."""
    schools = np.asarray(schools, np.int64)
    near = world.city.km(table.place[:, None], schools) <= np.float32(message.radius_km)
    return near & np.isin(schools, message.schools) & told(message, world, table)[:, None]


def introduced(world: World, rules: Rules, table: Households) -> np.ndarray:
    """(family, shown school) int32 named schools that a family hears of, -1 where it does not."""
    schools = shown(rules)
    heard = np.zeros((table.id.size, len(schools)), bool)
    for message in rules.orders.messages:
        if message.schools:
            heard |= visits(message, world, table, schools)
    return np.where(heard, np.array(schools, np.int32), np.int32(-1))


def doubts(world: World, rules: Rules, table: Households, ignorance: np.ndarray) -> np.ndarray:
    """(family, shown school) float64 what is left of ``ignorance`` (family,) about each named school."""
    schools = shown(rules)
    left = np.repeat(np.asarray(ignorance, float)[:, None], len(schools), axis=1)
    for message in rules.orders.messages:
        if message.schools:
            left *= 1 - message.information * visits(message, world, table, schools)
    return left


def versed(world: World, rules: Rules, table: Households, share: float) -> np.ndarray:
    """(family,) share of families who know how to play the mechanism: ``share``, and of the others those who are taught."""
    if not rules.orders.messages:
        return np.full(table.id.size, float(share))
    naive = np.ones(table.id.size)
    for message in rules.orders.messages:
        naive *= 1 - message.strategy * told(message, world, table)
    return share + (1 - share) * (1 - naive)
