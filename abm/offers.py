"""Admit: priorities as points, the offers of schools outside the match, then the mechanism.

Where private schools stand outside the match their offers come first; a family whose offer is better than all it could
still get leaves the match; places that fall free are filled once more, outside and inside.
"""

from typing import NamedTuple

import numpy as np

from abm.admission import audit, match
from abm.compiled import kernel
from abm.households import Households, take
from abm.proposals import accepted
from abm.randomness import Key, pairs, permutation
from abm.rules import Rules
from abm.schools import outside_match
from abm.world import World

_GUARANTEED = 1_000_000  # points of a zone's school under zone assignment: above any sum of declared points


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
    if rules.admission.mechanism == "zone_assignment":
        lists = with_local_school(lists, world.city.local[table.place])
    asked = with_accepted(applications(world, rules, table, lists, turn.sibling), accepted(turn.proposed, lists))
    places = np.where(world.schools.open, world.schools.places[:, 0], 0)
    held = give(rules, asked, places)
    offer = (
        np.where(held >= 0, np.take_along_axis(lists, np.maximum(held, 0)[:, None], 1)[:, 0], -1) if held.size else held
    )
    types = _types(rules, asked, ~asked.outside, np.full(held.size, -1), places).get("types")
    envy = audit.justified_envy(offer, lists, asked.points, places, types=types) if held.size else 0
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
        round=turn._replace(lists=lists, offer=offer.astype(np.int32)),
        events=world.events._replace(envy=int(envy)),
    )


def with_accepted(asked: Applications, rows: np.ndarray) -> Applications:
    """The applications when the families at ``rows`` have accepted a proposal: their place is sure, and nobody's to envy."""
    if not rows.size:
        return asked
    points = asked.points.copy()
    points[rows, 0] += 2 * _GUARANTEED
    return asked._replace(points=points, accepted=rows)


def with_local_school(lists: np.ndarray, local: np.ndarray) -> np.ndarray:
    """(chooser, rank + 1) lists with the guaranteed local school at the end where it is not listed."""
    lists = np.column_stack([lists, np.full(len(lists), -1, np.int32)])
    missing = ~(lists == local[:, None]).any(axis=1)
    end = (lists >= 0).sum(axis=1)
    lists[np.flatnonzero(missing), end[missing]] = local[missing]
    return lists


def applications(world: World, rules: Rules, table: Households, lists: np.ndarray, sibling: np.ndarray) -> Applications:
    """Points of each listed school, lottery numbers by the families' stable ids, and types."""
    key = Key(world.seed, "lottery", world.year)
    single = rules.admission.tie_breaking == "single"
    luck = np.empty(table.id.size, np.uint32)
    luck[permutation(key, table.id)] = np.arange(table.id.size, dtype=np.uint32)
    return Applications(
        lists=lists,
        points=points(world, rules, table, lists, sibling),
        lottery=luck if single else pairs(key, table.id, lists),
        types=table.detected.astype(np.int32),
        outside=outside_match(world.schools, rules)[lists] & (lists >= 0),
    )


def points(world: World, rules: Rules, table: Households, lists: np.ndarray, sibling: np.ndarray) -> np.ndarray:
    """(chooser, rank) int32 priority points at the listed schools: the sum of what the family can claim there."""
    p, city = rules.admission.points, world.city
    district = world.schools.district[lists]
    home = city.area_district[city.place_area[table.place]]
    zone = city.zone[table.place]
    claims = [
        p.zone * ((zone[:, None] >= 0) & (city.school_zone[lists] == zone[:, None])),
        p.district * (district == home[:, None]),
        p.workplace * (district == table.workplace[:, None]),
    ]
    if p.near:
        near = city.nearest[table.place, : p.near_schools]
        claims.append(p.near * (lists[:, :, None] == near[:, None, :]).any(axis=2))
    total = np.max(claims, axis=0) if p.proximity == "best" else np.sum(claims, axis=0)
    total = total + p.sibling * (lists == sibling[:, None]) + p.low_income * table.detected[:, None]
    if rules.admission.mechanism == "zone_assignment":
        total += _GUARANTEED * (lists == city.local[table.place][:, None])
    return np.where(lists >= 0, total, 0).astype(np.int32)


def give(rules: Rules, asked: Applications, places: np.ndarray) -> np.ndarray:
    """(chooser,) rank on its list of the school that each family gets, -1 if none."""
    held = np.full(len(asked.lists), -1)
    held[asked.accepted] = 0
    inside = ~asked.outside
    if not asked.outside.any():
        return _round(rules, asked, inside, held, places, rules.admission.mechanism)
    held = _round(rules, asked, asked.outside, held, places, "deferred_acceptance")
    held = _round(rules, asked, inside, held, places, rules.admission.mechanism)
    held = _round(rules, asked, asked.outside, held, places, "deferred_acceptance")
    return _round(rules, asked, inside, held, places, "deferred_acceptance")


def _round(rules: Rules, asked: Applications, part: np.ndarray, held, places, mechanism: str) -> np.ndarray:
    """One round among the schools in ``part``, for what a family ranks above what it holds; places held are taken."""
    lists, order = _better(asked.lists, part, held)
    lottery = asked.lottery if asked.lottery.ndim == 1 else np.take_along_axis(asked.lottery, order, 1)
    taken = np.take_along_axis(asked.lists, np.maximum(held, 0)[:, None], 1)[:, 0][held >= 0]
    left = np.maximum(places - np.bincount(taken, minlength=places.size), 0)
    if mechanism == "zone_assignment":
        mechanism = "deferred_acceptance"  # with the local school guaranteed by its points
    got = match(
        mechanism, lists, np.take_along_axis(asked.points, order, 1), left,
        lottery=lottery, order=rules.admission.order, **_types(rules, asked, part, held, places),
    )  # fmt: skip
    at = (lists == got[:, None]).argmax(axis=1)[:, None]
    return np.where(got >= 0, np.take_along_axis(order, at, 1)[:, 0], held)


def _types(rules: Rules, asked: Applications, part: np.ndarray, held, places: np.ndarray) -> dict:
    """Reserved places and maxima for detected pupils that are left at the schools in the match; nothing where there are none.

    Shares are of all ``places``; detected pupils who hold a place there already count.
    """
    settings = rules.admission
    if settings.reserved == 0 and settings.maximum == 1:
        return {}
    at = np.take_along_axis(asked.lists, np.maximum(held, 0)[:, None], 1)[:, 0]
    there = np.bincount(at[(held >= 0) & (asked.types == 1)], minlength=places.size)
    ruled = np.zeros(places.size, bool)
    ruled[asked.lists[part & ~asked.outside & (asked.lists >= 0)]] = True
    reserved = np.where(ruled, np.floor(settings.reserved * places + 0.5), 0).astype(int)
    most = np.floor(settings.maximum * places + 1e-9).astype(int)
    most = np.where(ruled & (settings.maximum < 1), np.maximum(most - there, 0), -1)
    left = places - np.bincount(at[held >= 0], minlength=places.size)
    reserved = np.minimum(np.maximum(reserved - there, 0), np.maximum(left, 0))
    none = np.zeros(places.size, int)
    return {
        "types": asked.types,
        "reserves": np.column_stack([none, reserved]),
        "quotas": np.column_stack([none - 1, most]),
    }


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
