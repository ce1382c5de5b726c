"""A city on a graph: homes and schools at the nodes, ways along the links (as in Michailidis et al. 2024).

The nodes are the stops of the scenario, the edges its links. With ``city.network.access_km`` = 0, ``.waiting`` = 0 and
``.on_foot`` = false a way is as long as its links; where all links take equally long it is the number of hops.
"""

import numpy as np

from abm.city import STATE, Blueprint
from abm.config import Config
from abm.config.declare import ScenarioError


def make(config: Config, seed: int) -> Blueprint:
    """Each stop is a small area with one address point; those with places have a state school. All lie in one district."""
    city = config.city
    pupils = np.array([[stop.pupils.get(name, 0) for name in city.groups] for stop in city.stops], np.int64)
    x, y = (np.array([getattr(stop, axis) for stop in city.stops], float) for axis in "xy")
    at = np.flatnonzero([stop.places > 0 for stop in city.stops])
    if not at.size or not pupils.sum():
        raise ScenarioError('city.kind = "graph" needs city.stops with pupils, and with places: at least one of each')
    _check_sites(city.stops, x, y)
    n = len(city.stops)
    return Blueprint(
        area_names=tuple(stop.name for stop in city.stops), area_district=np.zeros(n, int), district_names=(city.name,),
        area_x=x, area_y=y, area_status=np.zeros(n), pupils=pupils,
        place_x=x, place_y=y, place_area=np.arange(n),
        homes=np.ceil(pupils.sum(axis=1) * (1 + config.moving.vacancy)).astype(np.int64),
        school_names=tuple(f"School at {city.stops[i].name}" for i in at), school_x=x[at], school_y=y[at],
        school_district=np.zeros(at.size, int), school_sector=np.full(at.size, STATE),
        school_places=np.array([city.stops[i].places for i in at]),
        notes={"resolution": f"{n} nodes of a graph"},
    )  # fmt: skip


def _check_sites(stops, x: np.ndarray, y: np.ndarray) -> None:
    """ScenarioError where two stops lie at one point: a home there would be at both."""
    seen: dict[tuple[float, float], str] = {}
    for stop, *point in zip(stops, x, y, strict=True):
        other = seen.setdefault(tuple(point), stop.name)
        if other != stop.name:
            raise ScenarioError(f"city.stops: {other!r} and {stop.name!r} lie at the same point; give each node an x and y of its own")  # fmt: skip
