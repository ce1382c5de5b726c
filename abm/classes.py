"""Classes within schools: which pupils of a school and grade are taught together, worked out when it is observed.

A school forms ceil(heads / class size) classes in a grade. Mixed classes are cut from an order drawn once for each pupil,
so that a child keeps most of its classmates from year to year. Further kinds, all off by default: a reception class of
late arrivals, a theme class, classes sorted by status.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inside, kernel
from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.randomness import Key, draw, pairs
from abm.rules import Rules
from abm.schools import full_class, theme_visible
from abm.sorting import rising
from abm.world import World

MIXED, THEME, RECEPTION, SORTED = 0, 1, 2, 3
_FEW = 400  # pupils of a grade up to which ranking by counting beats sorting
KINDS = ("mixed", "theme", "reception", "sorted")


class Classes(NamedTuple):
    """All classes of the city, numbered by school, then grade; a school's reception classes come after all others."""

    of: np.ndarray  # (household,) int32 class of each pupil, -1: none
    school: np.ndarray  # (class,) int64
    grade: np.ndarray  # (class,) int64, -1: several (reception)
    kind: np.ndarray  # (class,) int8 MIXED ... SORTED


def class_sizes(world: World, rules: Rules) -> np.ndarray:
    """(school,) int64 pupils of a full class: the city's, or as ordered for a school."""
    return np.maximum(full_class(world.schools, rules, world.city.notes.get("class_size", 25)), 1)


def numbers(heads: np.ndarray, size: np.ndarray, teachers: dict[int, float]) -> np.ndarray:
    """(school, grade) int64 classes for ``heads`` (school, grade) at ``size`` (school,) pupils of a full class.

    ceil(heads / size); then each further teacher (a fraction of one counts for nothing) opens a class in the grade with
    the fullest classes, of equals the youngest, while it still has classes of two and more (assumption).
    """
    out = -(-heads.astype(np.int64) // size[:, None])
    for s, further in teachers.items():
        for _ in range(int(further + 1e-9)):
            fullest = heads[s] / np.maximum(out[s], 1)
            d = int(fullest.argmax())
            if heads[s, d] < 2 * out[s, d] or heads[s, d] == 0:
                break
            out[s, d] += 1
    return out


def form(world: World, rules: Rules) -> Classes:
    """The classes of this year, and the class of each pupil."""
    table, n, grades = world.households, world.schools.open.size, world.grades
    there = table.school >= 0
    new = there & newcomers(world, rules)
    mixed, apart = (
        (np.flatnonzero(there & ~new), np.flatnonzero(new))
        if new.any()
        else (np.flatnonzero(there), np.empty(0, np.int64))
    )
    heads, late = cells(world, mixed), np.bincount(table.school[apart], minlength=n)
    size = class_sizes(world, rules)
    count = numbers(heads, size, rules.orders.teachers)
    first = np.concatenate([[0], np.cumsum(count.ravel())])  # first class of each (school, grade)
    kind = np.full(first[-1], MIXED, np.int8)
    order = _order(world, rules, kind, first, heads, count)
    of = np.full(table.id.size, -1, np.int32)
    cell = table.school[mixed] * np.int32(grades) + table.grade[mixed]
    _cut(of, mixed, cell, order, table.id, first[:-1], count.ravel())
    reception = -(-late // size)
    start = first[-1] + np.concatenate([[0], np.cumsum(reception)])
    if apart.size:
        _cut(of, apart, table.school[apart], order, table.id, start[:-1], reception)
    unit = np.repeat(np.arange(n * grades), count.ravel())
    return Classes(
        of,
        school=np.concatenate([unit // grades, np.repeat(np.arange(n), reception)]),
        grade=np.concatenate([unit % grades, np.full(reception.sum(), -1)]),
        kind=np.concatenate([kind, np.full(reception.sum(), RECEPTION, np.int8)]),
    )


def cells(world: World, who: np.ndarray) -> np.ndarray:
    """(school, grade) int64 pupils among ``who``: rows, or (household,) bool."""
    table = world.households
    cell = table.school[who] * np.int32(world.grades) + table.grade[who]
    n = world.schools.open.size
    return np.bincount(cell, minlength=n * world.grades).reshape(n, world.grades)


def newcomers(world: World, rules: Rules) -> np.ndarray:
    """(household,) bool: late arrivals in their first ``classes.reception_years`` years, the year of arrival included."""
    years = rules.classes.reception_years
    if years == 0:
        return np.zeros(world.households.id.size, bool)
    identity = world.households.id
    return (sibling_gap(identity) == LATE_MARK) & (world.year - entry_year(identity) < years)


def _order(world: World, rules: Rules, kind, first, heads, count) -> np.ndarray:
    """(household,) float64 order in which a grade's pupils are cut into classes; notes the kind of classes (class,).

    Drawn once from the pupil's id; a school that sorts goes by status, highest first; whoever is taken into the theme
    class comes before the others of the grade.
    """
    table, settings = world.households, rules.classes
    order = draw(Key(world.seed, "class"), table.id)
    if settings.sorted:
        sorts = draw(Key(world.seed, "class", 0, 1), np.arange(world.schools.open.size)) < settings.sorted
        order = np.where(sorts[table.school] & (table.school >= 0), -table.status.astype(float), order)
        kind[np.repeat(np.repeat(sorts, world.grades), count.ravel())] = SORTED
    if settings.theme == "none":
        return order
    themed = theme_visible(world.schools, world.year)[:, None] & (count > 1)  # (school, grade)
    kind[first[:-1][themed.ravel()]] = THEME
    rows = np.flatnonzero((table.school >= 0) & themed[table.school, table.grade] & ~newcomers(world, rules))
    cell = table.school[rows] * np.int32(world.grades) + table.grade[rows]
    keen = np.empty(table.id.size)
    keen[rows] = -keenness(world, rules, rows)
    rank, _ = _rank(rows, cell, keen, table.id, count.size)
    first_class = -(-heads.ravel()[cell] // count.ravel()[cell])  # the class cut first is the larger where they differ
    taken = rows[rank < first_class]
    order[taken] -= 1e9
    return order


def keenness(world: World, rules: Rules, rows: np.ndarray) -> np.ndarray:
    """(pupil,) float64 claim of the pupils in ``rows`` on their school's theme class: taste for the theme, or status."""
    table = world.households
    if rules.classes.theme == "status":
        return table.status[rows].astype(float)
    theme = world.schools.theme[table.school[rows]].astype(np.int32)[:, None]
    taste = pairs(Key(world.seed, "taste", 0, 1), table.family[rows], theme)[:, 0] / 2.0**32
    return rules.by_group("choice.theme")[table.group[rows]].astype(float) * taste


@inside
@kernel
def _rank(rows, cell, order, identity, cells):
    """(n,) int32 place of each of ``rows`` (n,) within its ``cell`` (n,) by ``order``, of equals by ``identity``, from 0.

    ``order`` and ``identity`` are those of all households. And (cell,) how many rows.
    """
    heads = np.zeros(cells, np.int64)
    for i in range(cell.size):
        heads[cell[i]] += 1
    first, end, queue = np.zeros(cells, np.int64), np.zeros(cells, np.int64), np.empty(cell.size, np.int32)
    for c in range(1, cells):
        first[c] = end[c] = first[c - 1] + heads[c - 1]
    for i in range(cell.size):
        queue[end[cell[i]]] = i
        end[cell[i]] += 1
    rank, most = np.empty(cell.size, np.int32), 0
    for c in range(cells):
        most = max(most, heads[c])
    keys, names = np.empty(most, np.float64), np.empty(most, np.int64)
    for c in range(cells):
        n = heads[c]
        own, ids = keys[:n], names[:n]
        for k in range(n):
            h = rows[queue[first[c] + k]]
            own[k], ids[k] = order[h], identity[h]
        if n <= _FEW:
            for k in range(n):
                key, before, alike = own[k], 0, 0
                for other in range(n):  # no branch: these comparisons are vector instructions
                    before += np.int64(own[other] < key)
                    alike += np.int64(own[other] == key)
                for other in range(n if alike > 1 else 0):
                    before += np.int64(own[other] == key and ids[other] < ids[k])
                rank[queue[first[c] + k]] = before
        else:
            by_key = rising(own, ids)
            for k in range(n):
                rank[queue[first[c] + by_key[k]]] = k
    return rank, heads


@kernel
def _cut(of, rows, cell, order, identity, first, count):
    """Into ``of`` (household,) the class of each of ``rows``: each ``cell`` cut into ``count`` (cell,) classes, in their order.

    Classes of one cell are of equal size, one pupil apart, and numbered from ``first`` (cell,).
    """
    rank, heads = _rank(rows, cell, order, identity, count.size)
    for i in range(cell.size):
        c = cell[i]
        of[rows[i]] = first[c] + rank[i] * count[c] // heads[c]
