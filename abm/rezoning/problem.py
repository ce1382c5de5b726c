"""What may be drawn: units of ground, each given to one centre, so that the groups are spread evenly over the centres.

Units are address points when zones of single schools are drawn, and zones when sectors of several schools are. A unit u
holds a_u of the A minority entrants expected in a year and b_u of the B others; what it adds to the imbalance of its
centre is a_u/A - b_u/B, so that D = 1/2 sum_centres |sum_units (a_u/A - b_u/B)| is linear but for the absolute value.
After Gillani et al. (2023, Educational Researcher), who redraw attendance boundaries of 98 districts so.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial import Delaunay, QhullError

from abm.city import City, catchments

WHOLE = 1_000_000  # millionths of D, as the solver counts
GRAIN = 1000  # thousandths of a pupil, or of a school
PRICE = 0.02  # D by which moving everybody must pay; breaks ties in favour of the zones there are (assumption)


class Units(NamedTuple):
    """Address points that lie apart, with the pupils who are expected to enter from there in a year."""

    of_place: np.ndarray  # (place,) int: its unit
    place: np.ndarray  # (unit,) int: the first place of the unit
    pupils: np.ndarray  # (unit, 2) float: minority, majority entrants a year
    edges: np.ndarray  # (edge, 2) int: neighbouring units


class Problem(NamedTuple):
    """Units to be given to centres. Whole numbers only, so that the same problem has the same digest and solution."""

    tilt: np.ndarray  # (unit,) int, millionths: a_u/A - b_u/B
    load: np.ndarray  # (unit,) int, thousandths of a pupil (or of a school)
    edges: np.ndarray  # (edge, 2) int: neighbouring units
    distance: np.ndarray  # (unit, centre) int, metres
    allowed: np.ndarray  # (unit, centre) bool: near enough; always true of the present centre
    present: np.ndarray  # (unit,) int: its centre today
    root: np.ndarray  # (centre,) int: the unit that stays with the centre
    most: np.ndarray  # (centre,) int: largest load
    least: np.ndarray  # (centre,) int: smallest load
    movable: np.ndarray  # (centre,) bool: its zone may be redrawn
    moved: int  # largest load that may change centre


def units(city: City) -> Units:
    """Address points at the same spot are one unit; neighbours are those whose Voronoi cells touch."""
    spots = np.round(np.stack([city.place_x, city.place_y], axis=1), 6)
    _, first, inverse = np.unique(spots, axis=0, return_index=True, return_inverse=True)
    by_place = np.argsort(np.argsort(first))  # units in the order of their first place
    of_place = by_place[inverse.ravel()]
    place = np.sort(first)
    per_place = city.entry_rate / np.maximum(np.diff(city.place_first), 1)[:, None]
    rate = per_place[city.place_area]
    pupils = np.stack([np.bincount(of_place, rate[:, 1:].sum(axis=1)), np.bincount(of_place, rate[:, 0])], axis=1)
    return Units(of_place, place, pupils, neighbours(spots[place], city.torus_km))


def neighbours(points: np.ndarray, torus_km: float = 0.0) -> np.ndarray:
    """(edge, 2) int pairs of points (n, 2) km whose Voronoi cells touch (Delaunay), each pair once; on a line the next ones.

    From every point but the nearest one some neighbour is nearer to any target: contiguous zones can reach everywhere.
    """
    n = len(points)
    if n < 2:
        return np.empty((0, 2), np.int64)
    grid = points
    if torus_km > 0:
        shifts = [(i * torus_km, j * torus_km) for i in (0, -1, 1) for j in (0, -1, 1)]
        grid = np.concatenate([points + shift for shift in shifts])
    try:
        corners = Delaunay(grid).simplices
        pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    except QhullError:  # all on one line, or fewer than three
        order = np.lexsort((grid[:, 1], grid[:, 0]))
        pairs = np.stack([order[:-1], order[1:]], axis=1)
    pairs = np.sort(pairs % n, axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int64)


def present(city: City, eligible: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(place,) int school of each place in zones of one school: the city's own if it has such, else as they would be shared out."""
    if city.zones == "nearest":
        return city.local if city.own is None else city.own.local
    return catchments(city, eligible, places)


def tilts(pupils: np.ndarray) -> np.ndarray:
    """(n,) int millionths: a/A - b/B of pupils (n, 2)."""
    share = pupils / np.maximum(pupils.sum(axis=0), 1e-12)
    return np.rint(WHOLE * (share[:, 0] - share[:, 1])).astype(np.int64)


def balance(problem: Problem, centre: np.ndarray) -> np.ndarray:
    """(centre,) int millionths: how much more of the minority than of the others a drawing (unit,) gives each centre."""
    out = np.zeros(problem.root.size, np.int64)
    np.add.at(out, centre, problem.tilt)
    return out


def dissimilarity(problem: Problem, centre: np.ndarray) -> float:
    """D of a drawing (unit,)."""
    return float(np.abs(balance(problem, centre)).sum() / 2 / WHOLE)


def moved_share(problem: Problem, centre: np.ndarray) -> float:
    """Share of the load that changes centre by a drawing (unit,)."""
    return float(problem.load[centre != problem.present].sum() / max(problem.load.sum(), 1))


class Today(NamedTuple):
    """How the present zones hang together, where they do not grow straight out of their roots."""

    loose: np.ndarray  # (unit,) bool: no chain of units of its centre, each a neighbour and nearer, leads to the root
    bridge: np.ndarray  # (unit,) int: for a loose unit that a longer way joins to the root, its next unit; else -1


def today(problem: Problem) -> Today:
    """Chains to the root that come nearer at each step, then ways round within the zone (breadth first)."""
    at, n = problem.present, np.arange(problem.present.size)
    a, b = problem.edges[at[problem.edges[:, 0]] == at[problem.edges[:, 1]]].T
    far = problem.distance[n, at]
    first = (far[a] < far[b]) | ((far[a] == far[b]) & (a < b))
    near, away = np.where(first, a, b), np.where(first, b, a)
    reached, bridge = np.zeros(n.size, bool), np.full(n.size, -1)
    reached[problem.root] = True
    _spread(reached, bridge.copy(), near, away)
    joined = reached.copy()
    _spread(joined, bridge, np.concatenate([a, b]), np.concatenate([b, a]))
    return Today(~reached, bridge)


def _spread(reached: np.ndarray, parent: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
    """Step by step, what is at the end of an edge from a reached unit is reached too, by the first such edge."""
    while True:
        new = np.flatnonzero(reached[start] & ~reached[end])
        if new.size == 0:
            return
        found, at = np.unique(end[new], return_index=True)
        parent[found], reached[found] = start[new[at]], True
