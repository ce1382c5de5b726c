"""A city whose schools or links change: the site of a new school, a school built or moved, links added to the network.

Each gives a new :class:`abm.city.City` with its tables of ways renewed; who then has which zone and local school is
:func:`abm.city.rezone`'s.
"""

import numpy as np

from abm.city import City, Way, renear, ways
from abm.network import Links, linked


def site(city: City, x: float, y: float) -> tuple[Way, int, int]:
    """Of a point: ways to it (place,), the district and the zone (-1: none) of the address point nearest to it."""
    both = ways(city.network, city.place_x, city.place_y, [x], [y], city.torus_km)
    way = Way(both.straight[:, 0], both.travelled[:, 0])
    place = int(way.straight.argmin())
    return way, int(city.area_district[city.place_area[place]]), int(city.zone[place])


def build_school(city: City, name: str, way: Way, zone: int) -> City:
    """The city with one more school at the end of its tables (see :func:`site`); :func:`abm.city.rezone` must follow."""
    straight, distance = (
        np.ascontiguousarray(np.column_stack(pair))
        for pair in ((city.straight, way.straight), (city.distance, way.travelled))
    )
    return city._replace(
        school_names=(*city.school_names, name),
        straight=straight,
        distance=distance if city.network else straight,
        school_zone=np.append(city.school_zone, zone).astype(city.school_zone.dtype),
    )


def move_school(city: City, school: int, way: Way, zone: int) -> City:
    """The city with a school at another site (see :func:`site`); :func:`abm.city.rezone` must follow."""
    straight, school_zone = city.straight.copy(), city.school_zone.copy()
    distance = city.distance.copy() if city.network else straight
    straight[:, school], distance[:, school], school_zone[school] = way.straight, way.travelled, zone
    return city._replace(straight=straight, distance=distance, school_zone=school_zone)


def relink(city: City, further: Links, school_x, school_y, is_open: np.ndarray) -> City:
    """The city with ``further`` links beside its own. Ways and nearest schools change; zones and local schools stay as drawn."""
    net = linked(city.network, further)
    way = ways(net, city.place_x, city.place_y, school_x, school_y, city.torus_km)
    return renear(city._replace(network=net, distance=way.travelled), is_open)
