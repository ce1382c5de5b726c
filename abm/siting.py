"""A city whose schools or links change: the site of a new school, a school built or moved, links added to the network.

Each gives a new :class:`abm.city.City` with its tables of ways renewed; who then has which zone and local school is
:func:`abm.city.rezone`'s.
"""

import numpy as np

from abm.city import City, place_beside, renear
from abm.network import Links, linked, ways
from abm.ways import Ways, straight_ways


def site(city: City, x: float, y: float) -> tuple[Ways, int, int]:
    """Of a point: the ways to it, the district and the zone (-1: none) of the address point nearest to it."""
    here = np.array([[x, y]], float)
    way = city.ways
    place = int(place_beside(city._replace(ways=way._replace(site=here)))[0])
    to = straight_ways(way.home, here, city.torus_km, 0)
    if len(way.table):
        to = to._replace(table=ways(city.network, way.home, here, city.torus_km).whole())
    return to, int(city.area_district[city.place_area[place]]), int(city.zone[place])


def build_school(city: City, name: str, way: Ways, zone: int) -> City:
    """The city with one more school at the end of its tables (see :func:`site`); :func:`abm.city.rezone` must follow."""
    old = city.ways
    table = np.ascontiguousarray(np.column_stack([old.table, way.table]))
    return city._replace(
        school_names=(*city.school_names, name),
        ways=old._replace(table=table, site=np.concatenate([old.site, way.site])),
        school_zone=np.append(city.school_zone, zone).astype(city.school_zone.dtype),
    )


def move_school(city: City, school: int, way: Ways, zone: int) -> City:
    """The city with a school at another site (see :func:`site`); :func:`abm.city.rezone` must follow."""
    table, sites, school_zone = city.ways.table.copy(), city.ways.site.copy(), city.school_zone.copy()
    if len(table):
        table[:, school] = way.table[:, 0]
    sites[school], school_zone[school] = way.site[0], zone
    return city._replace(ways=city.ways._replace(table=table, site=sites), school_zone=school_zone)


def relink(city: City, further: Links, is_open: np.ndarray) -> City:
    """The city with ``further`` links beside its own. Ways and nearest schools change; zones and local schools stay as drawn."""
    net = linked(city.network, further)
    way = ways(net, city.ways.home, city.ways.site, city.torus_km)
    return renear(city._replace(network=net, ways=way), is_open)
