"""Public transport: ways by a walk to a stop, a ride along the shortest links, and a walk from a stop.

On a graph (``city.network.on_foot`` = false) there are no other ways; else the straight walk is taken where it is shorter.

All lengths are *km of walking, equivalent*: a minute of riding or waiting counts as the kilometres walked in that time.
So a ride enters every rule that knows distances, with weights per km that mean the same as before.
"""

from typing import NamedTuple

import numpy as np

from abm.config import CityConfig
from abm.config.declare import ScenarioError
from abm.ways import Ways, straight_ways

Links = tuple[tuple[str, str, float], ...]  # (stop, stop, minutes), both ways


class Network(NamedTuple):
    """Stops, and the rides between them along the links in force."""

    names: tuple[str, ...]  # (stop,)
    x: np.ndarray  # (stop,) float64 km
    y: np.ndarray  # (stop,) float64 km
    links: Links  # the city's own, without those of policies
    km_minute: float  # km walked in a minute
    access_km: float  # longest walk to or from a stop
    waiting: float  # minutes, once a way
    on_foot: bool  # pupils may walk all the way
    ride: np.ndarray  # (stop, stop) float64 km of walking, equivalent, the wait included; inf: no ride; to the same stop 0 where nobody may walk all the way


def network(config: CityConfig) -> Network | None:
    """The network of a scenario's stops and links; None without stops."""
    if not config.stops:
        return None
    how = config.network
    bare = Network(
        names=tuple(stop.name for stop in config.stops),
        x=np.array([stop.x for stop in config.stops], float),
        y=np.array([stop.y for stop in config.stops], float),
        links=tuple((*link.between, float(link.minutes)) for link in config.links),
        km_minute=how.walking_kmh / 60,
        access_km=how.access_km,
        waiting=how.waiting,
        on_foot=how.on_foot,
        ride=np.empty((0, 0)),
    )
    return linked(bare, ())


def linked(net: Network | None, further: Links) -> Network | None:
    """The network with the city's own links and ``further`` ones; without these it is what it was, to the bit."""
    if net is None:
        if further:
            raise ScenarioError("new links need a network; give the city stops (city.stops)")
        return None
    from scipy.sparse.csgraph import csgraph_from_dense, shortest_path

    row = {name: k for k, name in enumerate(net.names)}
    minutes = np.full((len(row), len(row)), np.inf)
    for one, other, time in (*net.links, *further):
        if one not in row or other not in row:
            raise ScenarioError(f"a link joins {one!r} and {other!r}; both must be stops of the city (city.stops)")
        a, b = row[one], row[other]
        minutes[a, b] = minutes[b, a] = min(minutes[a, b], time)  # of parallel links the faster one
    fastest = shortest_path(csgraph_from_dense(minutes, null_value=np.inf), method="D", directed=False)
    np.fill_diagonal(fastest, np.inf)  # a ride leads somewhere
    ride = (fastest + net.waiting) * net.km_minute
    if not net.on_foot:
        np.fill_diagonal(ride, 0.0)  # a home and a school at one stop: no ride, no wait
    return net._replace(ride=ride)


def within_reach(net: Network, x, y) -> bool:
    """Whether any of the points (x, y) km lies within a walk of a stop."""
    return bool(np.isfinite(_walks(net, x, y)).any())


def ways(net: Network | None, home: np.ndarray, site: np.ndarray, torus_km: float = 0.0) -> Ways:
    """The shorter of walk and ride from ``home`` (place, 2) to ``site`` (school, 2) km.

    Where nobody may walk all the way it is the ride alone. ScenarioError if then a school is out of reach.
    """
    found = straight_ways(home, site, torus_km)
    if net is None:
        return found
    ridden = rides(net, *home.T, *site.T).astype(np.float32)
    if net.on_foot:
        return found._replace(table=np.minimum(found.whole(), ridden))
    if not np.isfinite(ridden).all():
        p, s = np.argwhere(~np.isfinite(ridden))[0]
        raise ScenarioError(
            f"no way along links leads from ({home[p, 0]:.4g}, {home[p, 1]:.4g}) to the school at ({site[s, 0]:.4g}, "
            f"{site[s, 1]:.4g}) km; join all stops by city.links, or set city.network.on_foot = true"
        )
    return found._replace(table=ridden)


def rides(net: Network, place_x, place_y, school_x, school_y) -> np.ndarray:
    """(place, school) float64 km of walking, equivalent, of the best way with a ride; inf where no stop is in reach.

    Stop by stop, so that no table is larger than (place, school).
    """
    to, off = _walks(net, place_x, place_y), _walks(net, school_x, school_y)
    onward = np.full((len(net.names), off.shape[0]), np.inf)  # (stop, school), from boarding there
    for stop in range(len(net.names)):
        np.minimum(onward, net.ride[:, stop, None] + off[None, :, stop], out=onward)
    best = np.full((to.shape[0], off.shape[0]), np.inf)
    for stop in range(len(net.names)):
        near = np.flatnonzero(np.isfinite(to[:, stop]))
        if near.size and np.isfinite(onward[stop]).any():
            best[near] = np.minimum(best[near], to[near, stop, None] + onward[stop])
    return best


def _walks(net: Network, x, y) -> np.ndarray:
    """(point, stop) float64 km on foot; inf beyond the longest walk."""
    km = np.hypot(np.asarray(x, float)[:, None] - net.x, np.asarray(y, float)[:, None] - net.y)
    return np.where(km <= net.access_km, km, np.inf)
