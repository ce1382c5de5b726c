"""The pupils of year 0: how many of each group live in each area is given; grades and places are dealt."""

import numpy as np

from abm.blueprint import Blueprint
from abm.city import City
from abm.compiled import kernel
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.households import MOST_IN_ID, START, Households, blank, packed
from abm.randomness import Key, numbers, stream
from abm.rules import Rules
from abm.settling import Newcomers, settle
from abm.sorting import by_number

_TOGETHER = 100_000  # pupils made at a time, about
_NO_FLOWS = np.empty((0, 0, 0), np.int64)


def populate(plan: Blueprint, city: City, config: Config, seed: int, observed: bool = False) -> Households:
    """The pupils of year 0: grades dealt evenly, places of an area dealt round in a keyed order.

    observed: they sit where the blueprint's flows say, and grades are dealt within each school; else they have no school.
    Large cities are made in parts, area by area, since making takes several times the memory of what is made.
    """
    pupils = np.ascontiguousarray(plan.pupils, np.int64)
    areas, heads = len(pupils), pupils.max(initial=0)
    if max(areas, heads) > MOST_IN_ID:
        raise ScenarioError(
            f"a city has at most {MOST_IN_ID:,} small areas, each with at most as many pupils of a group; this one has "
            f"{areas:,} areas, the largest with {heads:,} pupils of a group"
        )
    order = _round(stream(Key(seed, "start")), city.place_area, city.place_first)
    flows = np.ascontiguousarray(plan.flows, np.int64) if observed else _NO_FLOWS
    table, rules, begin = blank(int(pupils.sum())), Rules.of(config), 0
    for first, end in _parts(pupils, observed):
        *new, school = _residents(pupils, first, end, flows, order, city.place_first, config.city.grades)
        newcomers = Newcomers(*new, school.size)
        settle(table, begin, 0, newcomers, city, rules, seed, config.households.detection)
        table.school[begin : begin + school.size], table.way[begin : begin + school.size] = school, START
        begin += school.size
    return table


def _parts(pupils: np.ndarray, observed: bool) -> list[tuple[int, int]]:
    """First area and the one behind the last of each part that is made at a time; where seats are ``observed`` there is one."""
    so_far = pupils.sum(axis=1).cumsum()
    if observed or not so_far.size or so_far[-1] <= _TOGETHER:
        return [(0, so_far.size)]
    ends = np.searchsorted(so_far, np.arange(_TOGETHER, so_far[-1] + _TOGETHER, _TOGETHER)) + 1
    ends = np.minimum(ends, so_far.size).tolist()
    return list(zip([0, *ends], ends, strict=False))


@kernel
def _round(name, place_area, place_first):
    """(place,) int64 places, area by area, those of each in a keyed order: so homes are dealt round."""
    order, end = np.empty(place_area.size, np.int64), place_first.copy()
    for p in by_number(numbers(name, np.arange(place_area.size))):
        order[end[place_area[p]]] = p
        end[place_area[p]] += 1
    return order


@kernel
def _residents(pupils, begin, end, flows, order, place_first, grades):
    """Id, place, group and grade of the ``pupils`` (area, group) of the areas from ``begin`` to before ``end``, and their school.

    They sit where ``flows`` (area, school, group) say, if there are any. order: all places as they are dealt.
    """
    groups, rows, k = pupils.shape[1], 0, 0
    for area in range(begin, end):
        for g in range(groups):
            rows += pupils[area, g]
    identity, place, school = np.empty(rows, np.int64), np.empty(rows, np.int32), np.full(rows, np.int32(-1), np.int32)
    group, grade, seated = np.empty(rows, np.int8), np.empty(rows, np.int8), np.zeros(flows.shape[1], np.int64)
    for area in range(begin, end):
        first, homes, turn = place_first[area], max(place_first[area + 1] - place_first[area], 1), 0
        for g in range(groups):
            s, left = -1, 0
            for serial in range(pupils[area, g]):
                dealt = serial + area * groups + g
                while left == 0 and s < flows.shape[1] - 1:
                    s += 1
                    left = flows[area, s, g]
                if s >= 0:
                    school[k], dealt = s, seated[s]
                    seated[s] += 1
                    left -= 1
                grade[k], group[k] = dealt % grades, g
                place[k] = order[min(first + turn, order.size - 1)]
                turn = turn + 1 if turn + 1 < homes else 0
                identity[k] = packed(-np.int64(grade[k]), area, 0, g, serial)
                k += 1
    return identity, place, group, grade, school
