"""Classes within schools: which pupils of a school and grade are taught together, worked out when it is observed.

A school forms ceil(heads / class size) classes in a grade. Mixed classes are cut from an order drawn once for each pupil,
so that a child keeps most of its classmates from year to year. Further kinds, all off by default: a reception class of
late arrivals, a theme class, classes sorted by status.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined, kernel
from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.randomness import Key, draw, pairs, stream, uniform64
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
    kind: np.ndarray  # (class,) int64 MIXED ... SORTED
    heads: np.ndarray  # (class, group) int32 pupils


def class_sizes(world: World, rules: Rules) -> np.ndarray:
    """(school,) int64 pupils of a full class: the city's, or as ordered for a school."""
    return np.maximum(full_class(world.schools, rules, world.city.notes.get("class_size", 25)), 1)


def numbers(heads: np.ndarray, size: np.ndarray, teachers: dict[int, float]) -> np.ndarray:
    """(school, grade) int64 classes for ``heads`` (school, grade) at ``size`` (school,) pupils of a full class.

    ceil(heads / size); then each further teacher (a fraction of one counts for nothing) opens a class in the grade with
    the fullest classes, of equals the youngest, while it still has classes of two and more (assumption).
    """
    return classes_of(heads.astype(np.int64), size, _further(len(heads), teachers))


def _further(schools: int, teachers: dict[int, float]) -> np.ndarray:
    """(school,) int64 whole further teachers."""
    further = np.zeros(schools, np.int64)
    for s, many in teachers.items():
        further[s] = int(many + 1e-9)
    return further


def form(world: World, rules: Rules) -> Classes:
    """The classes of this year, and the class of each pupil."""
    table, n, grades = world.households, world.schools.open.size, world.grades
    cell, order, heads = (
        np.empty(table.id.size, np.int32),
        np.empty(table.id.size),
        np.zeros(n * (grades + 1), np.int64),
    )
    first, school, grade, kind = _divide(
        table.school, table.grade, table.id, newcomers(world, rules), stream(Key(world.seed, "class")),
        *sizes(world, rules), grades, cell, order, heads,
    )  # fmt: skip
    if rules.classes.sorted or rules.classes.theme != "none":
        order = _order(world, rules, order, kind, first, cell, heads[: n * grades])
    of, pupils = _cut(cell, order, table.id, table.group, heads, first, world.groups)
    return Classes(of, school, grade, kind, pupils)


def sizes(world: World, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """(school,) int64 pupils of a full class, and (school,) int64 teachers beyond those for full classes."""
    return class_sizes(world, rules), _further(world.schools.open.size, rules.orders.teachers)


def newcomers(world: World, rules: Rules) -> np.ndarray:
    """(household,) bool: late arrivals in their first ``classes.reception_years`` years, the year of arrival included."""
    years = rules.classes.reception_years
    if years == 0:
        return np.zeros(world.households.id.size, bool)
    identity = world.households.id
    return (sibling_gap(identity) == LATE_MARK) & (world.year - entry_year(identity) < years)


def _order(world: World, rules: Rules, order, kind, first, cell, heads) -> np.ndarray:
    """(household,) float64 order in which a grade's pupils are cut into classes; notes the kind of classes (class,).

    order: as drawn once from each pupil's id. A school that sorts goes by status, highest first; whoever is taken into the
    theme class comes before the others of the grade. heads: of each school and grade, for which ``first`` has its first class.
    """
    table, settings = world.households, rules.classes
    count = np.diff(first[: heads.size + 1])
    if settings.sorted:
        sorts = draw(Key(world.seed, "class", 0, 1), np.arange(world.schools.open.size)) < settings.sorted
        order = np.where(sorts[table.school] & (table.school >= 0), -table.status.astype(float), order)
        kind[: first[heads.size]][np.repeat(np.repeat(sorts, world.grades), count)] = SORTED
    if settings.theme == "none":
        return order
    themed = np.repeat(theme_visible(world.schools, world.year), world.grades) & (count > 1)
    kind[first[: heads.size][themed]] = THEME
    rows = np.flatnonzero((cell >= 0) & (cell < heads.size))
    rows = rows[themed[cell[rows]]]
    own = cell[rows]
    keen = np.lexsort((table.id[rows], -keenness(world, rules, rows), own))  # by grade, the keenest first
    rank = np.empty(rows.size, np.int64)
    rank[keen] = np.arange(rows.size) - np.searchsorted(own[keen], own[keen])
    # the class cut first is the larger where they differ
    order[rows[rank < -(-heads[own] // count[own])]] -= 1e9
    return order


def keenness(world: World, rules: Rules, rows: np.ndarray) -> np.ndarray:
    """(pupil,) float64 claim of the pupils in ``rows`` on their school's theme class: taste for the theme, or status."""
    table = world.households
    if rules.classes.theme == "status":
        return table.status[rows].astype(float)
    theme = world.schools.theme[table.school[rows]].astype(np.int32)[:, None]
    taste = pairs(Key(world.seed, "taste", 0, 1), table.family[rows], theme)[:, 0] / 2.0**32
    return rules.by_group("choice.theme")[table.group[rows]].astype(float) * taste


@kernel
def _divide(school, grade, identity, new, luck, size, further, grades, cell, order, heads):
    """First class of each cell (cell + 1,); and of all classes the school, grade and kind.

    Into ``cell`` (household,) who is divided with whom: a school and grade, then for ``new`` pupils a school, -1: none; how
    many they are, into ``heads`` (cell,); into ``order`` (household,) a number drawn from each id. size, further: see
    :func:`classes_of`.
    """
    schools = size.size
    mixed = schools * grades
    for h in range(school.size):
        order[h] = uniform64(luck, identity[h])
    for h in range(school.size):
        cell[h] = -1
        if school[h] >= 0:
            cell[h] = mixed + school[h] if new[h] else school[h] * grades + grade[h]
            heads[np.uint32(cell[h])] += 1
    count, first = (
        classes_of(heads[:mixed].reshape((schools, grades)), size, further),
        np.zeros(heads.size + 1, np.int64),
    )
    for c in range(heads.size):
        classes = count[c // grades, c % grades] if c < mixed else -(-heads[c] // size[c - mixed])
        first[c + 1] = first[c] + classes
    of_school, of_grade, kind = (
        np.empty(first[-1], np.int64),
        np.empty(first[-1], np.int64),
        np.empty(first[-1], np.int64),
    )
    for c in range(heads.size):
        for k in range(first[c], first[c + 1]):
            of_school[k], of_grade[k], kind[k] = c // grades, c % grades, MIXED
            if c >= mixed:
                of_school[k], of_grade[k], kind[k] = c - mixed, -1, RECEPTION
    return first, of_school, of_grade, kind


@kernel
def classes_of(heads, size, further):
    """As :func:`numbers`, in kernels; further: (school,) teachers beyond those for full classes."""
    out = np.empty(heads.shape, np.int64)
    for s in range(heads.shape[0]):
        for d in range(heads.shape[1]):
            out[s, d] = -(-heads[s, d] // size[s])
        for _ in range(further[s]):
            fullest = 0
            for d in range(1, heads.shape[1]):
                if heads[s, d] / max(out[s, d], 1) > heads[s, fullest] / max(out[s, fullest], 1):
                    fullest = d
            if heads[s, fullest] < 2 * out[s, fullest] or heads[s, fullest] == 0:
                break
            out[s, fullest] += 1
    return out


@kernel
def _cut(cell, order, identity, group, heads, first, groups):
    """(household,) int32 class: each ``cell`` of so many ``heads`` is cut into its classes in the ``order`` of its pupils.

    And (class, group) how many are in each. Classes of one cell are of equal size, one pupil apart, numbered from ``first``
    up to that of the next; equals in order go by ``identity``. Cells are filled up with infinity to whole vectors of numbers.
    """
    end, most, places = np.empty(heads.size, np.int64), 0, 0
    for c in range(heads.size):
        end[c] = places
        most, places = max(most, heads[c]), places + _whole(heads[c])
    rows, keys = np.empty(places, np.int32), np.full(places, np.float32(np.inf), np.float32)
    for h in range(cell.size):
        if cell[h] >= 0:
            c = np.uint32(cell[h])
            rows[end[c]], keys[end[c]] = h, order[h]
            end[c] += 1
    of, part, rank = np.full(cell.size, -1, np.int32), np.empty(most, np.int32), np.zeros(_whole(most), np.int32)
    pupils = np.zeros((first[-1], groups), np.int32)
    for c in range(heads.size):
        n, begin, classes, found = heads[c], end[c] - heads[c], first[c + 1] - first[c], 0
        if classes > 1 and n <= _FEW:
            found = _compare(keys[begin : begin + _whole(n)], n, rank)
        if classes > 1 and 2 * found != n * (n - 1):  # too many to compare, or two of one key
            _rank(rows[begin : begin + n], order, identity, rank)
        number, left = first[c], n
        for k in range(n):  # the class of rank k: first + k x classes // heads, without dividing
            part[k] = number
            left -= classes
            if left <= 0:
                number, left = number + 1, left + n
        for k in range(n):
            h, number = np.uint32(rows[begin + k]), part[rank[k]] if classes > 1 else first[c]
            of[h] = number
            pupils[np.uint32(number), np.uint32(group[h])] += 1
    return of, pupils


@inlined
def _compare(keys, n, rank):
    """Into ``rank`` how many of the ``keys`` are below each; and the sum of the first ``n``, behind which all are infinite."""
    for k in range(keys.size):
        rank[k] = 0
    for i in range(0, n, 4):
        a, b, c, d = keys[i], keys[i + 1], keys[i + 2], keys[i + 3]
        for k in range(keys.size):  # no branch: these comparisons are vector instructions
            two = np.int32(np.int32(a < keys[k]) + np.int32(b < keys[k]))
            rank[k] = np.int32(rank[k] + np.int32(two + np.int32(np.int32(c < keys[k]) + np.int32(d < keys[k]))))
    total = 0
    for k in range(n):
        total += rank[k]
    return total


@inlined
def _whole(n):
    """``n`` numbers, filled up to whole vectors of 16."""
    return (n + 15) // 16 * 16


@kernel
def _rank(rows, order, identity, rank):
    """Into ``rank`` the place, from 0, of each of ``rows`` by ``order``, of equals by ``identity``: exact, for any number."""
    keys, names = np.empty(rows.size, np.float64), np.empty(rows.size, np.int64)
    for k in range(rows.size):
        keys[k], names[k] = order[rows[k]], identity[rows[k]]
    by_key = rising(keys, names)
    for k in range(rows.size):
        rank[by_key[k]] = k
