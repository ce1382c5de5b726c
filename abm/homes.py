"""What families see in a home: neighbours, the local school, the price, what was built; and its utility to them."""

from typing import NamedTuple

import numpy as np

from abm.city import City
from abm.compiled import in_place, inlined, kernel
from abm.housing import amenity
from abm.rules import Rules
from abm.sight import peak_of
from abm.utility import composition_value
from abm.world import World

ACCESS, PRICE, AMENITY = range(3)
NOWHERE = np.uint32(0xFFFFFFFF)
_ZERO, _ONE = np.float32(0), np.float32(1)


class Homes(NamedTuple):
    """All homes, by place; pupils and free homes change as families move. Pupils are whole numbers, exact below 2^24.

    Rows are unsigned: kernels then need not look whether an index counts from the end.
    """

    area: np.ndarray  # (place,) uint32
    value: np.ndarray  # (place, 3) float32 ACCESS, times its weight; PRICE in sd; AMENITY, times its weight
    by_area: np.ndarray  # (area, side) float32 pupils
    cell: np.ndarray  # (place, 2) uint32 line and column; without rows where neighbours are those of the area
    by_cell: np.ndarray  # (line, column, side) float32 pupils
    free: np.ndarray  # (place,) int64 homes
    vacant: np.ndarray  # (place,) uint32 those with a free home, in the first ``count`` of its slots
    slot: np.ndarray  # (place,) uint32 where each stands in ``vacant``, or NOWHERE
    count: np.ndarray  # (1,) int64 how many places have a free home


class Terms(NamedTuple):
    """What counts, and how far neighbours reach."""

    composition: np.float32  # weight of V
    dear: np.float32  # of the square of a price beyond one's means
    cost: np.float32  # of moving
    beta: np.float32
    full: float  # V of an area with none but the own side
    tolerant_full: float  # the same to the tolerant kind
    tolerant_too: bool  # the tolerant prefer shares of their own, else those of the others
    others: np.ndarray  # (group,) float32 these
    radius: int  # cells; 0: neighbours are the area's
    torus: bool
    own_area: bool  # the present home is judged by its area all the same


def prospects(world: World, rules: Rules) -> Homes:
    """The homes as the year's families find them; all arrays are new."""
    settings, city, table = rules.moving, world.city, world.households
    grid = settings.neighbours == "radius"
    cell = cells(city) if grid else np.empty(0, np.int64)
    return Homes(
        *_prospects(
            table.place, table.group, city.place_area, city.homes, city.local, city.area_status,
            world.schools.reputation, amenity(world), cell, city.cells if grid else 0, np.float32(settings.access),
            np.float32(settings.amenity),
        )
    )  # fmt: skip


def terms(world: World, rules: Rules) -> Terms:
    """What counts in this year's moves."""
    m = rules.moving
    full, tolerant_full = rules.choice.peers_full, rules.households.tolerant_full
    return Terms(
        *map(np.float32, (m.composition, m.price, m.cost, m.beta)),
        float(full),
        float(tolerant_full if m.tolerant_too else full),
        m.tolerant_too,
        rules.by_group("households.tolerance"),
        m.radius if m.neighbours == "radius" else 0,
        world.city.torus_km > 0,
        m.own_cell == "area",
    )


def cells(city: City) -> np.ndarray:
    """(place,) int64 number of each place's cell, line by line."""
    line, column = (
        np.rint((axis - axis.min()) * ((city.cells - 1) / max(np.ptp(axis), 1e-12))).astype(np.int64)
        for axis in (city.place_y, city.place_x)
    )
    return line * city.cells + column


@inlined
def wish(tolerance, tolerant, group, what):
    """What a family prefers as neighbours, as :func:`abm.sight.peak` gives it: as at school, or the tolerant like the others."""
    f = what.others[group] if tolerant and not what.tolerant_too else tolerance
    return peak_of(np.float64(f), what.tolerant_full if tolerant else what.full)


@inlined
def around(here, side, size, homes, what):
    """Pupils of the own side and of both around the present home of a family of ``size`` pupils, its own left out."""
    if what.radius > 0 and not what.own_area:
        return within(here, here, side, np.float32(size), homes.by_cell, homes.cell, what.radius, what.torus)
    return inside(here, homes.area[here], side, np.float32(size), homes)


@inlined
def inside(p, at, side, pupils, homes):
    """Pupils of the own side and of both in the area of place ``p``, but for the family's own ``pupils``, in area ``at``."""
    a = homes.area[p]
    own = homes.by_area[a, side] - (pupils if a == at else _ZERO)
    return own, own + homes.by_area[a, np.uint64(1) - side]


@inlined
def home_utility(own, total, p, homes, rise, top, fall, status, what):
    """float32 utility of place ``p`` with ``own`` of ``total`` neighbours of the own side, before the cost of moving."""
    value = homes.value
    x = own / total
    x = x if total > _ZERO else _ONE
    gap = max(value[p, PRICE] - status, _ZERO)
    v = composition_value(x, rise, top, fall)
    return what.composition * v + value[p, ACCESS] - what.dear * gap * gap + value[p, AMENITY]


@in_place
def within(p, here, side, pupils, by_cell, cell, radius, torus):
    """Pupils of the own side and of both within ``radius`` cells of place ``p``, but for the family's own ``pupils``, at ``here``."""
    n = by_cell.shape[0]
    line, column = np.int64(cell[p, 0]), np.int64(cell[p, 1])
    own, total = _ZERO, _ZERO
    for dy in range(-radius, radius + 1):
        y = line + dy
        if y < 0 or y >= n:
            if not torus:
                continue
            y = y + n if y < 0 else y - n
        for dx in range(-radius, radius + 1):
            x = column + dx
            if x < 0 or x >= n:
                if not torus:
                    continue
                x = x + n if x < 0 else x - n
            own += by_cell[np.uint64(y), np.uint64(x), side]
            total += by_cell[np.uint64(y), np.uint64(x), 0] + by_cell[np.uint64(y), np.uint64(x), 1]
    down, right = abs(np.int64(cell[here, 0]) - line), abs(np.int64(cell[here, 1]) - column)
    if torus:
        down, right = min(down, n - down), min(right, n - right)
    if max(down, right) <= radius:
        own -= pupils
        total -= pupils
    return own, total


@kernel
def _prospects(place, group, area, homes, local, status, reputation, pulls, cell, lines, access, amenity):
    """The arrays of :class:`Homes`. One pass over the pupils counts them by place; all else is by place."""
    heads = np.zeros((area.size, 2), np.int32)
    for h in range(place.size):
        heads[np.uint32(place[h]), np.uint64(group[h] > 0)] += 1
    value, free = np.empty((area.size, 3), np.float32), np.empty(area.size, np.int64)
    by_area, by_cell = np.zeros((status.size, 2), np.float32), np.zeros((lines, lines, 2), np.float32)
    at, rows = np.empty((cell.size, 2), np.uint32), np.empty(area.size, np.uint32)
    vacant, slot = np.empty(area.size, np.uint32), np.full(area.size, NOWHERE)
    count = np.zeros(1, np.int64)
    for p in range(area.size):
        a = area[p]
        rows[p] = a
        value[p, ACCESS], value[p, PRICE] = access * reputation[local[p]], status[a]
        value[p, AMENITY] = amenity * pulls[a]
        by_area[a, 0] += np.float32(heads[p, 0])
        by_area[a, 1] += np.float32(heads[p, 1])
        if lines > 0:
            y, x = cell[p] // lines, cell[p] % lines
            at[p, 0], at[p, 1] = y, x
            by_cell[y, x, 0] += np.float32(heads[p, 0])
            by_cell[y, x, 1] += np.float32(heads[p, 1])
        free[p] = homes[p] - heads[p, 0] - heads[p, 1]
        if free[p] > 0:
            vacant[count[0]], slot[p] = p, count[0]
            count[0] += 1
    return rows, value, by_area, at, by_cell, free, vacant, slot, count
