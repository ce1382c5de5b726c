"""Entry cohorts as they come into school: what targets are compared with, never the stock that was there at the start."""

from typing import NamedTuple

import numpy as np

from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.households import entry_year
from abm.nearest import nearest_with_places
from abm.world import World

NEAR = 3  # nearest state and nearest subsidised schools that count as near home; Calsamiglia & Guell 2014 on Barcelona


class Cohort(NamedTuple):
    """Pupils of an entry grade by school and group, counts that may be added up over years."""

    heads: np.ndarray  # (school, group)
    metres: np.ndarray  # (school, group) ways from home, added up
    local: np.ndarray  # (school, group) of these at their local school
    nearest: np.ndarray  # (school, group) at the open school that is nearest to home
    first: np.ndarray  # (school,) placed by list at the school they listed first
    listed: np.ndarray  # (school,) placed by list
    wished: np.ndarray  # (school,) families who listed the school first
    near: np.ndarray  # (school,) of these, for whom it is among the nearest of its sector

    def __add__(self, other: "Cohort") -> "Cohort":
        return Cohort(*(a + b for a, b in zip(self, other, strict=True)))


def entrants(world: World, close: np.ndarray) -> Cohort:
    """This year's entry cohort at the end of the year, and the round of choice that brought it there.

    close: (place, school) bool of :func:`near_home`.
    """
    table = world.households
    rows = np.flatnonzero((table.grade == 0) & (table.school >= 0) & (entry_year(table.id) == world.year))
    return _tally(world, rows, table.school[rows], _choices(world, close))


def at_nearest(world: World) -> Cohort:
    """All pupils of the world as if each were at the nearest school with places: the naive rival."""
    table = world.households
    school = nearest_with_places(table, world.city, world.schools.places * world.schools.open[:, None], world.seed)
    rows = np.flatnonzero(school >= 0)
    return _tally(world, rows, school[rows], (np.zeros(world.schools.open.size, np.int64),) * 4)


def _tally(world: World, rows: np.ndarray, school: np.ndarray, choices: tuple) -> Cohort:
    """Count the households ``rows`` (n,) at ``school`` (n,)."""
    table, city, schools = world.households, world.city, world.schools.open.size
    place, group = table.place[rows], table.group[rows]
    cell = school.astype(np.int64) * world.groups + group

    def count(weights=None) -> np.ndarray:
        return np.bincount(cell, weights, schools * world.groups).reshape(schools, world.groups)

    metres = np.rint(city.km(place, school).astype(float) * 1000)
    at_local, at_near = city.local[place] == school, city.nearest[place, 0] == school
    return Cohort(count(), count(metres), count(at_local), count(at_near), *choices)


def _choices(world: World, close: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(school,) placed at the first listed school, placed by list, listing it first, and of these near home."""
    turn, schools = world.round, world.schools.open.size
    if turn is None:
        return (np.zeros(schools, np.int64),) * 4
    top, placed = turn.lists[:, 0], turn.offer >= 0
    asks = top >= 0
    place = _places(world)
    known = asks & (place >= 0)
    near = np.zeros(top.size, bool)
    near[known] = close[place[known], top[known]]
    return (
        np.bincount(turn.offer[placed & (turn.offer == top)], minlength=schools),
        np.bincount(turn.offer[placed], minlength=schools),
        np.bincount(top[asks], minlength=schools),
        np.bincount(top[asks & near], minlength=schools),
    )


def _places(world: World) -> np.ndarray:
    """(chooser,) home of each family of the round that is still in the city, -1: it left."""
    table, turn = world.households, world.round
    rows = np.flatnonzero(table.grade == 0)
    rows = rows[np.argsort(table.id[rows])]
    if not rows.size:
        return np.full(turn.id.size, -1)
    at = rows[np.minimum(np.searchsorted(table.id[rows], turn.id), rows.size - 1)]
    return np.where(table.id[at] == turn.id, table.place[at], -1)


def near_home(world: World) -> np.ndarray:
    """(place, school) bool: among the NEAR nearest open state schools, or the NEAR nearest subsidised or private ones."""
    km = world.city.distance
    out = np.zeros(km.shape, bool)
    for sectors in ((STATE,), (SUBSIDISED, PRIVATE)):
        own = np.flatnonzero(np.isin(world.schools.sector, sectors) & world.schools.open)
        if own.size > NEAR:
            own = own[np.argpartition(km[:, own], NEAR - 1, axis=1)[:, :NEAR]]
            np.put_along_axis(out, own, True, 1)
        else:
            out[:, own] = True
    return out
