"""The city: districts, small areas, address points, and the distances between address points and schools.

Three grains: a *district* (named, reported), a *small area* (residential indices, networks), a *place* (an address point;
several to a small area), where homes are. Makers (:mod:`abm.cities`) hand in a :class:`abm.blueprint.Blueprint`.
"""

from typing import NamedTuple

import numpy as np

from abm.blueprint import Blueprint
from abm.catchments import compact_zones, share_out
from abm.cells import fitting, in_cells, nearest_point, nearest_points
from abm.config import CityConfig
from abm.config.declare import ScenarioError
from abm.geometry import REACH, nearest_in_table
from abm.network import Network, network, ways, within_reach
from abm.orders import Zoning
from abm.ways import Ways

STATE, SUBSIDISED, PRIVATE = 0, 1, 2
_KEPT = 1_000_000  # entries of ``nearest``: a larger city is built anew for each seed rather than kept in memory
SECTORS = ("state", "subsidised", "private")


class Zones(NamedTuple):
    """The city's own zones, kept while others are ordered."""

    place: np.ndarray  # (place,) int32 zone, -1: none
    school: np.ndarray  # (school,) int32 zone, -1: none
    local: np.ndarray  # (place,) int32 local school


class City(NamedTuple):
    """The city as tables. ``ways``, ``nearest``, ``zone`` and ``local`` are caches, rebuilt when schools or links change."""

    district_names: tuple[str, ...]
    area_names: tuple[str, ...]
    school_names: tuple[str, ...]
    area_district: np.ndarray  # (area,) int32
    area_status: np.ndarray  # (area,) float32 sd
    area_x: np.ndarray  # (area,) float64 km
    area_y: np.ndarray  # (area,) float64 km
    entry_rate: np.ndarray  # (area, group) float64 entrants a year
    minority_share: float  # of the pupils at the start
    place_x: np.ndarray  # (place,) float64 km
    place_y: np.ndarray  # (place,) float64 km
    place_area: np.ndarray  # (place,) int32
    homes: np.ndarray  # (place,) int64 families that find room there
    zones: str  # how zones are drawn, as in the configuration
    place_first: np.ndarray  # (area + 1,) int32, places of area a are place_first[a]:place_first[a+1]
    torus_km: float
    outlines: tuple
    notes: dict
    network: Network | None  # stops and rides; None: all ways are walks
    ways: Ways  # the straight walk or the best ride, whichever is shorter (on a graph the ride); zones go by the crow
    nearest: np.ndarray  # (place, reach) int32, open schools by distance
    zone: np.ndarray  # (place,) int32, -1: none
    school_zone: np.ndarray  # (school,) int32, -1: none
    local: np.ndarray  # (place,) int32, the local school: the zone's, or the nearest public one
    cells: int = 0  # cells along a side of a grid, a place each; 0: no grid
    drawn: Zoning | None = None  # zones in force by order; None: the city's own
    own: Zones | None = None  # the city's own zones while others are in force

    def km(self, place, school) -> np.ndarray:
        """float32 km of walking, equivalent, from address points to schools, arrays of rows that fit each other."""
        return self.ways.km(place, school)

    @property
    def distance(self) -> np.ndarray:
        """(place, school) float32 km of walking, equivalent: all of them, for small cities."""
        return self.ways.whole()

    @property
    def straight(self) -> np.ndarray:
        """(place, school) float32 straight km: all of them, for small cities."""
        return self.ways.crow_flies()


_latest: tuple = (
    None,
) * 4  # plan, configuration and bytes of the public schools of the city built last, and that city


def build(plan: Blueprint, config: CityConfig, public: np.ndarray) -> City:
    """The city of a blueprint, with its caches. ``public`` (school,) bool: may be a local school.

    A second city of the same blueprint shares the tables of the first, as worlds do: nobody writes into them.
    """
    global _latest
    kept, asked, schools, city = _latest
    if kept is not plan or asked != config or schools != public.tobytes():
        city = _build(plan, config, public)
        _latest = (plan, config, public.tobytes(), city) if city.nearest.size <= _KEPT else (None,) * 4
    return city._replace(notes=dict(city.notes))


def _build(plan: Blueprint, config: CityConfig, public: np.ndarray) -> City:
    """See :func:`build`."""
    zones, grades = config.zones, config.grades
    areas = len(plan.area_names)
    first = np.searchsorted(plan.place_area, np.arange(areas + 1)).astype(np.int32)
    net = network(config)
    if net and not within_reach(net, plan.place_x, plan.place_y):
        raise ScenarioError(
            f"city.stops: no home lies within {net.access_km:g} km (city.network.access_km) of a stop; homes lie at x "
            f"{plan.place_x.min():.1f} to {plan.place_x.max():.1f}, y {plan.place_y.min():.1f} to {plan.place_y.max():.1f} km"
        )
    home, site = (
        np.stack(pair, axis=1).astype(float) for pair in ((plan.place_x, plan.place_y), (plan.school_x, plan.school_y))
    )
    city = City(
        district_names=tuple(plan.district_names),
        area_names=tuple(plan.area_names),
        school_names=tuple(plan.school_names),
        area_district=plan.area_district.astype(np.int32),
        area_status=plan.area_status.astype(np.float32),
        area_x=np.asarray(plan.area_x, float),
        area_y=np.asarray(plan.area_y, float),
        entry_rate=plan.pupils / grades,
        minority_share=float(plan.pupils[:, 1:].sum() / max(plan.pupils.sum(), 1)),
        place_x=np.asarray(plan.place_x, float),
        place_y=np.asarray(plan.place_y, float),
        place_area=plan.place_area.astype(np.int32),
        homes=np.asarray(plan.homes, np.int64),
        zones=zones,
        place_first=first,
        torus_km=plan.torus_km,
        outlines=plan.outlines,
        notes=dict(plan.notes or {}),
        network=net,
        ways=ways(net, home, site, plan.torus_km),
        nearest=np.empty((0, 0), np.int32),
        zone=np.full(plan.place_area.size, -1, np.int32),
        school_zone=np.full(len(plan.school_names), -1, np.int32),
        local=np.empty(0, np.int32),
        cells=plan.cells,
    )
    if zones == "table" and plan.place_zone is not None:
        city = city._replace(zone=plan.place_zone.astype(np.int32), school_zone=plan.school_zone.astype(np.int32))
    elif zones == "sectors":
        zone = compact_zones(city.place_x, city.place_y, config.sectors)
        city = city._replace(zone=zone, school_zone=zone[place_beside(city)])
    elif zones in ("district", "table"):
        district = plan.area_district[plan.place_area].astype(np.int32)
        city = city._replace(zone=district, school_zone=plan.school_district.astype(np.int32))
    is_open = np.ones(len(plan.school_names), bool)
    return rezone(city, is_open, public, plan.school_places)


def renear(city: City, is_open: np.ndarray) -> City:
    """The city with its open schools put in order of distance anew."""
    rows, way = np.flatnonzero(is_open), city.ways
    if city.network is not None or not rows.size:
        return city._replace(nearest=nearest_in_table(way.whole(), is_open))
    schools = in_cells(way.site[rows], rows, city.torus_km)
    return city._replace(nearest=nearest_points(way.home, schools, min(REACH, rows.size)))


def place_beside(city: City, schools=slice(None)) -> np.ndarray:
    """(school,) int32 address point nearest to each school, by the straight way."""
    places = in_cells(city.ways.home, np.arange(len(city.ways.home)), city.torus_km)
    return nearest_point(city.ways.site[schools], places)


def rezone(city: City, is_open: np.ndarray, public: np.ndarray, places: np.ndarray) -> City:
    """The city with its caches rebuilt for the open schools: nearest schools, zones of one school each, local schools.

    Zones in force by order stay in force; the city's own are rebuilt beside. Zones and local schools go by straight ways: an
    administration does not draw its map by the timetable (assumption).
    """
    drawn, city = city.drawn, renear(undrawn(city), is_open)
    new = slice(city.school_zone.size, is_open.size)  # schools opened since: in the zone of the place nearest to them
    if new.start < new.stop:
        city = city._replace(school_zone=np.concatenate([city.school_zone, city.zone[place_beside(city, new)]]))
    eligible = may_be_local(is_open, public)
    if city.zones == "nearest":
        zone = catchments(city, eligible, places)
        own = np.where(eligible, np.arange(eligible.size), -1).astype(np.int32)
        city = city._replace(zone=zone, school_zone=own, local=zone)
    else:
        city = city._replace(local=local_schools(city, city.zone, city.school_zone, eligible))
    return city if drawn is None else drawn_zones(city, drawn, eligible)


def may_be_local(is_open: np.ndarray, public: np.ndarray) -> np.ndarray:
    """(school,) bool: open public schools, or all open ones where none is public."""
    eligible = is_open & public
    return eligible if eligible.any() else is_open


def local_schools(city: City, zone: np.ndarray, school_zone: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    """(place,) int32 the nearest eligible school of the zone (place,), or of the city where the zone has none."""
    zone = np.where(np.isin(zone, school_zone[eligible & (school_zone >= 0)]), zone, -1)
    return nearest_of(city, eligible, zone, school_zone, slice(None))


def nearest_of(city: City, eligible: np.ndarray, zone: np.ndarray, school_zone: np.ndarray, places) -> np.ndarray:
    """(place,) int32 the eligible school nearest to each of ``places`` by the straight way, within its ``zone`` unless -1."""
    rows = np.flatnonzero(eligible)
    if not rows.size:
        return np.zeros(zone.size, np.int32)
    schools = in_cells(city.ways.site[rows], rows, city.torus_km)
    if (zone < 0).all():
        return nearest_point(city.ways.home[places], schools)
    return fitting(city.ways.home[places], eligible.astype(float), 0.5, school_zone, zone.astype(np.int32), *schools)


def undrawn(city: City) -> City:
    """The city with its own zones in force again."""
    if city.own is None:
        return city
    zone, school_zone, local = city.own
    return city._replace(zone=zone, school_zone=school_zone, local=local, drawn=None, own=None)


def drawn_zones(city: City, drawn: Zoning, eligible: np.ndarray) -> City:
    """The city with other zones in force; its own are kept beside. Local is the zone's nearest ``eligible`` school.

    A zone whose schools have all closed falls to the zone of the nearest eligible school that has one; a school opened
    since the drawing has no zone.
    """
    city = undrawn(city)
    zone = np.asarray(drawn.place, np.int32)
    school_zone = np.full(eligible.size, -1, np.int32)
    school_zone[: len(drawn.school)] = drawn.school
    zoned = eligible & (school_zone >= 0)
    lost = (zone >= 0) & ~np.isin(zone, school_zone[zoned])
    if lost.any() and zoned.any():
        anywhere = np.full(np.count_nonzero(lost), -1)
        zone[lost] = school_zone[nearest_of(city, zoned, anywhere, school_zone, lost)]
    local = local_schools(city, zone, school_zone, eligible)
    own = Zones(city.zone, city.school_zone, city.local)
    return city._replace(zone=zone, school_zone=school_zone, local=local, drawn=drawn, own=own)


def catchments(city: City, eligible: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(place,) int32 school of each place: zones of one ``eligible`` school each, by straight ways and places."""
    weight = (city.entry_rate.sum(axis=1) / np.maximum(np.diff(city.place_first), 1))[city.place_area]
    rows = np.flatnonzero(eligible)
    schools = in_cells(city.ways.site[rows], rows, city.torus_km)
    return share_out(city.ways.home, schools, weight, places).astype(np.int32)
