"""The problem of zones of one school each, from a city: who may go where."""

import numpy as np

from abm.city import City
from abm.rezoning.problem import GRAIN, Problem, Units, tilts


def zone_problem(
    city: City, ground: Units, now: np.ndarray, district: np.ndarray, places: np.ndarray, treated: np.ndarray, *,
    walk_km: float, crossing: bool, margin: float, shrink: float, moved: float,
) -> tuple[Problem, np.ndarray]:  # fmt: skip
    """The problem, and the school (centre,) that each centre is.

    now: (place,) school today; district, places, treated: (school,). A unit may be given to a school within ``walk_km``,
    or not farther than its school is today; with ``crossing`` false only to one of its own district. Residents fit the
    places: at most 1 - ``margin`` of them, or where the city's residents need more than that (others go to private
    schools) their even share and ``margin`` more; a zone fuller than that today grows no further. No zone loses more than the share
    ``shrink`` of its residents; at most the share ``moved`` of all changes school.
    """
    schools, here = np.unique(now[ground.place], return_inverse=True)
    n = np.arange(here.size)
    km = city.ways.straight(ground.place[:, None], schools).astype(float)
    metres = np.rint(1000 * km).astype(np.int64)
    allowed = km <= np.maximum(walk_km, km[n, here])[:, None]
    if not crossing:
        allowed &= city.area_district[city.place_area[ground.place]][:, None] == district[schools][None, :]
    allowed[n, here] = True
    root = _roots(metres, here, schools.size)
    load = np.rint(GRAIN * ground.pupils.sum(axis=1)).astype(np.int64)
    held = np.bincount(here, load, schools.size).astype(np.int64)
    room = GRAIN * places[schools].astype(float)
    full = np.maximum(1 - margin, load.sum() / max(room.sum(), 1.0) * (1 + margin))
    problem = Problem(
        tilt=tilts(ground.pupils), load=load, edges=ground.edges, distance=_from_roots(city, ground, root),
        allowed=allowed, present=here.astype(np.int64), root=root,
        most=np.maximum(np.floor(full * room).astype(np.int64), held),
        least=np.floor((1 - shrink) * held).astype(np.int64), movable=treated[schools],
        moved=int(np.floor(moved * load.sum() + 1e-9)),
    )  # fmt: skip
    return problem, schools


def _roots(metres: np.ndarray, here: np.ndarray, centres: int) -> np.ndarray:
    """(centre,) int: of each zone the unit nearest to the school."""
    far = metres[np.arange(here.size), here]
    order = np.lexsort((np.arange(here.size), far, here))
    return order[np.searchsorted(here[order], np.arange(centres))]


def _from_roots(city: City, ground: Units, root: np.ndarray) -> np.ndarray:
    """(unit, centre) int metres to each centre's root; these say what is nearer."""
    x, y = city.place_x[ground.place], city.place_y[ground.place]
    dx, dy = np.abs(x[:, None] - x[root]), np.abs(y[:, None] - y[root])
    if city.torus_km > 0:
        dx, dy = np.minimum(dx, city.torus_km - dx), np.minimum(dy, city.torus_km - dy)
    return np.rint(1000 * np.hypot(dx, dy)).astype(np.int64)
