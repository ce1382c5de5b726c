"""Admit: priorities as points, the offers of schools outside the match, then the mechanism.

Schools that give their places in another way stand apart: private schools outside the match offer first, then pilot
schools with a mechanism of their own, then all others; a family whose offer is better than all it could still get
leaves; places that fall free are filled once more, in the same order. The lottery may be drawn more than once: the first
draw takes effect, the others tell only what families might as well have seen.
"""

from typing import NamedTuple

import numpy as np

from abm.admission import audit, match
from abm.compiled import kernel
from abm.households import Households, take
from abm.points import GUARANTEED, local_if_guaranteed, points
from abm.proposals import accepted
from abm.randomness import Key, pairs, permutation
from abm.rules import Rules
from abm.schools import outside_match
from abm.world import World


class Applications(NamedTuple):
    """The entrants' applications as a mechanism takes them."""

    lists: np.ndarray  # (chooser, rank) int32
    points: np.ndarray  # (chooser, rank) int32
    lottery: np.ndarray  # (chooser,) or (chooser, rank)
    types: np.ndarray  # (chooser,) 1: detected as vulnerable
    outside: np.ndarray  # (chooser, rank) bool: the school is outside the match
    accepted: np.ndarray = np.empty(0, np.int64)  # (row,) rows that hold the first of their list before the match


def admit(world: World, rules: Rules) -> World:
    """Give places to the entrants; note each school's demand and the chance of admission for next year."""
    turn = world.round
    table = take(world.households, turn.rows)
    lists = turn.lists
    guaranteed = local_if_guaranteed(world, rules, table)
    if (guaranteed >= 0).any():
        lists = with_local_school(lists, guaranteed)
    asked = with_accepted(applications(world, rules, table, lists, turn.sibling), accepted(turn.proposed, lists))
    places = np.where(world.schools.open, world.schools.places[:, 0], 0)
    offer = named(lists, give(rules, asked, places))
    further = [
        named(lists, give(rules, asked._replace(lottery=lottery(world, rules, table, lists, k)), places))
        for k in range(1, rules.admission.draws)
    ]
    envy = count_envy(world, rules, asked, offer, places) if offer.size else 0
    n = world.schools.open.size
    applied = np.bincount(lists[lists >= 0], minlength=n)
    got = np.bincount(offer[offer >= 0], minlength=n)
    first = lists[:, 0][lists[:, 0] >= 0] if lists.size else np.empty(0, int)
    first = np.bincount(first, minlength=n)
    refused = np.maximum(first - got, 0)
    schools = world.schools._replace(
        demand=first.astype(np.int32),
        chance=np.where(applied > 0, 1 - refused / np.maximum(first, 1), 1.0).astype(np.float32),
    )
    return world._replace(
        schools=schools,
        round=turn._replace(
            lists=lists,
            offer=offer.astype(np.int32),
            redrawn=np.column_stack(further).astype(np.int32) if further else turn.redrawn,
        ),
        events=world.events._replace(envy=int(envy)),
    )


def named(lists: np.ndarray, held: np.ndarray) -> np.ndarray:
    """(chooser,) the school on rank ``held`` (chooser,) of each list, -1 where that is -1."""
    if not held.size:
        return held
    return np.where(held >= 0, np.take_along_axis(lists, np.maximum(held, 0)[:, None], 1)[:, 0], -1)


def count_envy(world: World, rules: Rules, asked: Applications, offer: np.ndarray, places: np.ndarray) -> int:
    """Families with justified envy by their points; types are set apart only where places are reserved or limited."""
    least, most = limits(rules, asked, places)
    apart = ((least > 0) | (most < places[:, None])).any(axis=1) & ~outside_match(world.schools, rules)
    return audit.justified_envy(offer, asked.lists, asked.points, places, types=asked.types, apart=apart)


def with_accepted(asked: Applications, rows: np.ndarray) -> Applications:
    """The applications when the families at ``rows`` have accepted a proposal: their place is sure, and nobody's to envy."""
    if not rows.size:
        return asked
    points = asked.points.copy()
    points[rows, 0] += 2 * GUARANTEED
    return asked._replace(points=points, accepted=rows)


def with_local_school(lists: np.ndarray, local: np.ndarray) -> np.ndarray:
    """(chooser, rank + 1) lists with the guaranteed ``local`` school (-1: none) at the end where it is not listed."""
    lists = np.column_stack([lists, np.full(len(lists), -1, np.int32)])
    missing = ~(lists == local[:, None]).any(axis=1)
    end = (lists >= 0).sum(axis=1)
    lists[np.flatnonzero(missing), end[missing]] = local[missing]
    return lists


def applications(world: World, rules: Rules, table: Households, lists: np.ndarray, sibling: np.ndarray) -> Applications:
    """Points of each listed school, lottery numbers, and types."""
    return Applications(
        lists=lists,
        points=points(world, rules, table, lists, sibling),
        lottery=lottery(world, rules, table, lists),
        types=table.detected.astype(np.int32),
        outside=outside_match(world.schools, rules)[lists] & (lists >= 0),
    )


def lottery(world: World, rules: Rules, table: Households, lists: np.ndarray, draw: int = 0) -> np.ndarray:
    """(chooser,) uint32 lottery numbers by the families' stable ids, or (chooser, rank) one a school; 0: the draw that counts."""
    key = Key(world.seed, "lottery", world.year, draw)
    if rules.admission.tie_breaking == "multiple":
        return pairs(key, table.id, lists)
    luck = np.empty(table.id.size, np.uint32)
    luck[permutation(key, table.id)] = np.arange(table.id.size, dtype=np.uint32)
    return luck


def give(rules: Rules, asked: Applications, places: np.ndarray) -> np.ndarray:
    """(chooser,) rank on its list of the school that each family gets, -1 if none.

    Each part of the schools gives its places in turn; with several parts, what fell free is then given once more.
    """
    held = np.full(len(asked.lists), -1)
    held[asked.accepted] = 0
    parts = _parts(rules, asked, places.size)
    for part, mechanism in parts:
        held = _round(rules, asked, part, held, places, mechanism)
    for part, _ in parts if len(parts) > 1 else ():
        held = _round(rules, asked, part, held, places, "deferred_acceptance")
    return held


def _parts(rules: Rules, asked: Applications, schools: int) -> list[tuple[np.ndarray, str]]:
    """Which listed schools (chooser, rank) bool give places together, and how: outside, pilots, all others.

    Assignment by zone is deferred acceptance with the local school guaranteed by its points: both are one part.
    """
    real = asked.lists >= 0
    parts = [(asked.outside, "deferred_acceptance")]
    general = _matching(rules.admission.mechanism)
    rest = real & ~asked.outside
    for mechanism in sorted({_matching(own) for own in rules.orders.mechanism.values()} - {general}):
        pilots = [s for s, own in rules.orders.mechanism.items() if _matching(own) == mechanism]
        part = rest & np.isin(np.arange(schools), pilots)[asked.lists]
        parts.append((part, mechanism))
        rest = rest & ~part
    return [(part, mechanism) for part, mechanism in [*parts, (rest, general)] if part.any()]


def _matching(mechanism: str) -> str:
    return "deferred_acceptance" if mechanism == "zone_assignment" else mechanism


def _round(rules: Rules, asked: Applications, part: np.ndarray, held, places, mechanism: str) -> np.ndarray:
    """One round among the schools in ``part``, for what a family ranks above what it holds; places held are taken."""
    lists, order = _better(asked.lists, part, held)
    lottery = asked.lottery if asked.lottery.ndim == 1 else np.take_along_axis(asked.lottery, order, 1)
    at = np.take_along_axis(asked.lists, np.maximum(held, 0)[:, None], 1)[:, 0]
    there = np.stack([np.bincount(at[(held >= 0) & (asked.types == g)], minlength=places.size) for g in (0, 1)], axis=1)
    got = match(
        mechanism, lists, np.take_along_axis(asked.points, order, 1), np.maximum(places - there.sum(axis=1), 0),
        lottery=lottery, order=rules.admission.order, **_types(rules, asked, part, there, places),
    )  # fmt: skip
    at = (lists == got[:, None]).argmax(axis=1)[:, None]
    return np.where(got >= 0, np.take_along_axis(order, at, 1)[:, 0], held)


def _types(rules: Rules, asked: Applications, part: np.ndarray, there: np.ndarray, places: np.ndarray) -> dict:
    """Types, and the reserves and quotas still left at schools of ``part`` in the match; nothing where there are none.

    there: (school, type) pupils who hold a place already; they count.
    """
    least, most = limits(rules, asked, places)
    if not least.any() and (most >= places[:, None]).all():
        return {}
    ruled = np.zeros((places.size, 1), bool)
    ruled[asked.lists[part & ~asked.outside & (asked.lists >= 0)]] = True
    left = np.maximum(places - there.sum(axis=1), 0)
    reserves = np.where(ruled, np.maximum(least - there, 0), 0)
    reserves[:, 1] = np.minimum(reserves[:, 1], left)
    reserves[:, 0] = np.minimum(reserves[:, 0], left - reserves[:, 1])
    quotas = np.where(ruled & (most < places[:, None]), np.maximum(most - there, 0), -1)
    return {"types": asked.types, "reserves": reserves, "quotas": quotas}


def limits(rules: Rules, asked: Applications, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(school, type) least places kept for a type and most of a type, of all ``places``: not detected (0), detected (1).

    The band about the detected share of the applicants limits both types; the whole numbers next to that share always
    lie in it. Of several rules the strictest holds, and no more is reserved than may be taken.
    """
    reserved, maximum, band = (_by_school(rules, name, places.size) for name in ("reserved", "maximum", "band"))
    share = asked.types.mean() if asked.types.size else 0.0
    exact, a_bit = share * places, 1e-9
    low = np.minimum(np.ceil((share - band) * places - a_bit), np.floor(exact + a_bit)).clip(0)
    high = np.minimum(np.maximum(np.floor((share + band) * places + a_bit), np.ceil(exact - a_bit)), places)
    most = np.minimum(high, np.floor(maximum * places + a_bit))
    least = np.minimum(np.maximum(low, np.floor(reserved * places + 0.5)), most)
    kept = np.floor(rules.admission.reserved_others * places + 0.5)
    others = np.maximum(places - high, np.minimum(kept, places - least))
    return np.column_stack([others, least]).astype(int), np.column_stack([places - low, most]).astype(int)


def _by_school(rules: Rules, name: str, schools: int) -> np.ndarray:
    """(school,) float64 of a share: as ordered for the school, else the general one."""
    values = np.full(schools, getattr(rules.admission, name), float)
    for s, value in getattr(rules.orders, name).items():
        values[s] = value
    return values


@kernel
def _better(lists, part, held):
    """The schools in ``part`` ranked above what is held, moved to the front (chooser, rank), and the ranks they had."""
    n, length = lists.shape
    out = np.full((n, length), np.int32(-1), np.int32)
    order = np.zeros((n, length), np.int64)
    for h in range(n):
        to = 0
        for r in range(held[h] if held[h] >= 0 else length):
            if part[h, r] and lists[h, r] >= 0:
                out[h, to] = lists[h, r]
                order[h, to] = r
                to += 1
    return out, order
