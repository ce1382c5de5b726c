"""The whole state of the model in one value. A verb of the year takes a World and gives a new one."""

from typing import NamedTuple

import numpy as np

from abm.city import City
from abm.compiled import kernel
from abm.households import Households, take
from abm.nearby import Nearby, nearby
from abm.schools import Schools


class Composition(NamedTuple):
    """Who sits where, as families see it: last year's, of the whole school."""

    heads: np.ndarray  # (school, grade, group) int32
    own_share: np.ndarray  # (side, school) float32 share of the majority (0) and of the minority (1)
    vulnerable: np.ndarray  # (school,) float32 share of truly vulnerable pupils
    status: np.ndarray  # (school,) float32 mean status


class Round(NamedTuple):
    """One round of choice: who chose, what they considered, listed and were offered."""

    rows: np.ndarray  # (chooser,) int64 rows of the households' table before enrolment
    families: Households  # those rows
    considered: np.ndarray  # (chooser, slot) int32 schools, -1: none
    sibling: np.ndarray  # (chooser,) int32 school of an older sibling, -1: none
    lists: np.ndarray  # (chooser, rank) int32 schools as listed, -1: none
    neighbours: Nearby  # pupils nearby by school, as the choosers see them
    favourite: np.ndarray  # (chooser,) int32 true first choice among the considered, -1: none
    offer: np.ndarray  # (chooser,) int32 school given by the mechanism, -1: none
    proposed: np.ndarray  # (chooser,) int32 school that the authority proposed before the match, -1: none
    redrawn: np.ndarray  # (chooser, further draw) int32 school that each further draw would give, -1: none

    @property
    def id(self) -> np.ndarray:
        """(chooser,) int64 stable ids."""
        return self.families.id


class Events(NamedTuple):
    """What happened in the year and is not to be read off the state."""

    left_group: np.ndarray  # (leaver,) int8
    left_unhappy: np.ndarray  # (leaver,) bool: left because no listed school had room
    moved_id: np.ndarray  # (transfer,) int64 who changed school during the year
    moved_from: np.ndarray  # (transfer,) int32
    moved_to: np.ndarray  # (transfer,) int32
    moved_group: np.ndarray  # (transfer,) int8
    late: int  # arrivals during the year
    rehomed: int  # families who moved home
    envy: int  # families with justified envy after the match
    closed: tuple[int, ...]  # schools closed this year
    themed: tuple[int, ...]  # schools that adopted a theme this year


_LARGE = 100_000  # pupils from whom on what is kept of a moment past is cut down to what is asked of it

NOTHING = Events(
    np.empty(0, np.int8), np.empty(0, bool), np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32),
    np.empty(0, np.int8), 0, 0, 0, (), (),
)  # fmt: skip


class World(NamedTuple):
    """State at the end of ``year`` (0: the start). The authority's memory lives in ``ledger``."""

    seed: int
    year: int
    grades: int
    groups: int
    city: City
    households: Households
    schools: Schools
    seen: Composition
    round: Round | None
    events: Events
    ledger: dict


class Past(NamedTuple):
    """Last year's world as far as Observe looks back at it: a tenth of the memory of its tables."""

    seen: Composition
    open: np.ndarray  # (school,) bool
    place: np.ndarray  # (household,) int32
    group: np.ndarray  # (household,) int8
    local: np.ndarray  # (place,) int32 local school


def past(world: World) -> Past:
    """What Observe will want to know of ``world`` a year on."""
    return Past(world.seen, world.schools.open, world.households.place, world.households.group, world.city.local)


def choosing(world: World) -> World:
    """The world, in a large city with the rows of those alone who choose this year, none outside of a round of choice.

    That is all that is asked of it later; the table of all pupils would hold as much memory as the new one.
    """
    if world.households.id.size < _LARGE:
        return world
    turn = world.round
    if turn is None:
        return world._replace(households=take(world.households, np.empty(0, np.int64)))
    return world._replace(households=turn.families, round=turn._replace(rows=np.arange(turn.rows.size)))


def count_heads(households: Households, schools: int, grades: int, groups: int) -> np.ndarray:
    """(school, grade, group) int32 pupils who have a school."""
    return _count(households.school, households.grade, households.group, schools, grades, groups)


def composition(households: Households, schools: int, grades: int, groups: int) -> Composition:
    """Shares and means of each school's pupils; an empty school is taken for the city's average."""
    table = households
    heads, seen = _compose(
        table.school, table.grade, table.group, table.vulnerable, table.status, schools, grades, groups
    )
    return Composition(heads, seen[:2], seen[2], seen[3])


def two_sides(heads: np.ndarray) -> np.ndarray:
    """(school, side) int64 pupils of the majority and of all others from ``heads`` (school, grade, group)."""
    return _fold(heads)


def neighbours(world: World) -> Nearby:
    """Pupils of each group in each small area, by the school they attend."""
    return nearby(world.households, world.city, world.groups, world.schools.open.size)


def free_places(world: World, at: np.ndarray | None = None) -> np.ndarray:
    """(school, grade) int32 places left; none at a closed school, or at one not among those ``at`` (school,) bool."""
    table, schools = world.households, world.schools
    return _free(table.school, table.grade, schools.places, schools.open if at is None else at)


def new_year(world: World) -> World:
    """The world as the next year opens: nothing has happened yet."""
    return world._replace(year=world.year + 1, round=None, events=NOTHING, ledger=world.ledger | {"cost": 0.0})


@kernel
def _count(school, grade, group, schools, grades, groups):
    heads = np.zeros((schools, grades, groups), np.int32)
    for h in range(school.size):
        if school[h] >= 0:
            heads[school[h], grade[h], group[h]] += 1
    return heads


@kernel
def _compose(school, grade, group, vulnerable, status, schools, grades, groups):
    """Heads (school, grade, group); both sides' shares, vulnerable share and mean status (4, school), as families see them.

    Statuses are added up in millionths: whole numbers, whose sum no order of rows can change. After the schools comes the
    city in the sums.
    """
    heads, sums = np.zeros((schools, grades, groups), np.int32), np.zeros((schools + 1, 4), np.int64)
    for h in range(school.size):
        if school[h] >= 0:
            s = np.uint64(school[h])
            heads[s, np.uint64(grade[h]), np.uint64(group[h])] += 1
            sums[s, 2] += vulnerable[h]
            sums[s, 3] += np.int64(np.rint(np.float64(status[h]) * 1e6))
    for s in range(schools):
        for d in range(grades):
            sums[s, 1] += heads[s, d, 0]
            for g in range(groups):
                sums[s, 0] += heads[s, d, g]
        for k in range(4):
            sums[schools, k] += sums[s, k]
    seen = np.zeros((4, schools), np.float32)
    for s in range(schools):
        own = sums[s] if sums[s, 0] > 0 else sums[schools]
        pupils = max(own[0], 1)
        majority = own[1] / pupils
        seen[0, s], seen[1, s], seen[2, s], seen[3, s] = majority, 1 - majority, own[2] / pupils, own[3] / 1e6 / pupils
    return heads, seen


@kernel
def _fold(heads):
    schools, grades, groups = heads.shape
    out = np.zeros((schools, 2), np.int64)
    for s in range(schools):
        for d in range(grades):
            for g in range(groups):
                out[s, min(g, 1)] += heads[s, d, g]
    return out


@kernel
def _free(school, grade, places, is_open):
    room = places.copy()
    for h in range(school.size):
        if school[h] >= 0:
            room[school[h], grade[h]] -= 1
    for s in range(is_open.size):
        for d in range(room.shape[1]):
            room[s, d] = max(room[s, d], 0) if is_open[s] else 0
    return room
