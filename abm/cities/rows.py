"""The tables of a real city, understood: small areas and schools on one plane, with outlines, heads and sectors."""

from typing import NamedTuple

import numpy as np

from abm.cities import columns as meaning
from abm.cities.geography import containing, degrees, kilometres, thin
from abm.cities.origins import shares
from abm.cities.readers import Table, mean, names, numbers, place, read
from abm.city import SECTORS
from abm.config import CityConfig, Columns
from abm.config.declare import ScenarioError
from abm.geometry import distances

FAR = 150.0  # km from the middle of the areas: a school beyond is taken for a mistake in its coordinates
MANY_CORNERS, STEP = 20000, 0.01  # outlines of more corners are thinned to one each 0.01 km of way


class Areas(NamedTuple):
    """The table of small areas, understood."""

    table: Table
    ids: list[str]
    district: np.ndarray  # (area,) int
    district_names: tuple[str, ...]
    residents: np.ndarray  # (area, group) float heads, in the table's own number
    middle: tuple[float, float]  # longitude and latitude, origin of the kilometres
    x: np.ndarray  # (area,) km
    y: np.ndarray  # (area,) km
    outlines: tuple  # a tuple of (corner, 2) km rings an area, or ()


class Schools(NamedTuple):
    """The table of schools, understood; only schools that have places or pupils."""

    table: Table
    names: tuple[str, ...]
    sector: np.ndarray  # (school,)
    heads: np.ndarray | None  # (school, class) int; classes are the groups, or majority and minority; None: unknown
    places: np.ndarray  # (school,) int, entry grade
    x: np.ndarray  # (school,) km
    y: np.ndarray  # (school,) km
    kept: np.ndarray  # (school,) row of the table


def read_areas(city: CityConfig) -> Areas:
    """Read the small areas; the origin of the kilometres is the mean of their points, weighted by residents."""
    columns = city.tables.areas
    table = read(city.tables.folder, columns, "city.tables.areas")
    district, district_names = meaning.districts(table, columns, city.name)
    if meaning.together(columns, city.groups, city.minority):
        residents = meaning.heads(table, columns, (city.groups[0], city.minority))
        origin = shares(city, table, district, district_names)
        residents = np.concatenate([residents[:, :1], residents[:, 1:] * origin], axis=1)
    else:
        residents = meaning.heads(table, columns, city.groups)
    if residents.sum() == 0:
        raise ScenarioError(f"{table.path}: nobody lives in any area (city.tables.areas.groups); check the columns")
    ids = meaning.identifiers(table, columns)
    lon, lat = meaning.points(table, columns)
    weight = residents.sum(axis=1)
    middle = float(np.average(lon, weights=weight)), float(np.average(lat, weights=weight))
    x, y = kilometres(lon, lat, middle)
    epsg = columns.polygon_epsg if columns.polygons else columns.epsg
    shapes = outlines(table, epsg, middle)
    return Areas(table, ids, district, district_names, residents, middle, x, y, shapes)


def outlines(table: Table, epsg: int, middle: tuple[float, float]) -> tuple:
    """A tuple of (corner, 2) km rings a row; () where the table has points only."""
    rings = [ring for shape in table.shapes or () for ring in shape]
    if not any(len(ring) > 1 for ring in rings):
        return ()
    corner = np.concatenate(rings)
    flat = np.stack(kilometres(*degrees(corner[:, 0], corner[:, 1], epsg, str(table.path)), middle), axis=1)
    parts = iter(np.split(flat, np.cumsum([len(ring) for ring in rings])[:-1]))
    local = [tuple(next(parts) for _ in shape) for shape in table.shapes]
    return tuple(shape if len(shape[0]) > 1 else () for shape in local)


def thinned(outlines: tuple) -> tuple:
    """The outlines for the map, with fewer corners where there are very many."""
    if sum(len(ring) for rings in outlines for ring in rings) <= MANY_CORNERS:
        return outlines
    return tuple(tuple(thin(ring, STEP) for ring in rings) for rings in outlines)


def read_schools(city: CityConfig, areas: Areas) -> Schools:
    """Read the schools; those without places (or, where places come from pupils, without pupils) are left out."""
    columns = city.tables.schools
    table = read(city.tables.folder, columns, "city.tables.schools")
    labels = meaning.labels(table, columns, meaning.identifiers(table, columns))
    sector = meaning.sectors(table, columns)
    heads = meaning.school_heads(table, columns, city.groups, city.minority)
    places = _entry_places(city, columns, table, sector, heads)
    kept = np.flatnonzero(places > 0)
    if not kept.size:
        raise ScenarioError(
            f"{table.path}: no school has places or pupils; check places, places_missing and groups in "
            "city.tables.schools"
        )
    x, y = kilometres(*meaning.points(table, columns), areas.middle)
    away = np.hypot(x, y)
    if away.max() > FAR:
        i = int(away.argmax())
        raise ScenarioError(
            f"{place(table, i)}: school {labels[i]!r} lies {away[i]:.0f} km from the middle of the areas; "
            "check x, y (swapped?) and epsg of both tables"
        )
    own = None if heads is None else heads[kept]
    return Schools(table, tuple(labels[i] for i in kept), sector[kept], own, places[kept], x[kept], y[kept], kept)


def _entry_places(
    city: CityConfig, columns: Columns, table: Table, sector: np.ndarray, heads: np.ndarray | None
) -> np.ndarray:
    """(school,) places in the entry grade, enough for the pupils dealt evenly over the grades; 0: not in the model."""
    need = np.zeros(table.size, np.int64) if heads is None else -(-heads.sum(axis=1) // city.grades)
    if not columns.places:
        if heads is None:
            raise ScenarioError(
                f"city.tables.schools.places: {table.path.name} gives neither places nor pupils by group; name one of "
                "them"
            )
        return np.ceil(heads.sum(axis=1) / city.grades * (1 + city.slack) - 1e-9).astype(np.int64)
    for name in columns.places_missing:
        if name not in SECTORS:
            raise ScenarioError(
                f"city.tables.schools.places_missing: no sector {name!r}{mean(name, SECTORS)}; write {names(SECTORS)}"
            )
    given = numbers(table, columns.places, "places", empty=True)
    if (given < 0).any():
        i = int(np.nanargmin(given))
        raise ScenarioError(
            f"{place(table, i)}: {columns.places} = {given[i]:g} is negative (city.tables.schools.places); correct "
            "the cell"
        )
    default = np.array([columns.places_missing.get(name, 0) for name in SECTORS])[sector]
    out = np.rint(np.where(np.isfinite(given), given, default)).astype(np.int64)
    if (out < need).any():
        i = int(np.argmax(need - out))
        raise ScenarioError(
            f"{place(table, i)}: {heads[i].sum()} pupils in {city.grades} grades need {need[i]} places "
            f"at entry, there are {out[i]}; correct them, or leave places empty to make them from the pupils"
        )
    return out


def school_districts(areas: Areas, schools: Schools) -> np.ndarray:
    """(school,) district of the area that a school lies in, or of the nearest area's point."""
    near = distances(schools.x, schools.y, areas.x, areas.y).argmin(axis=1)
    area = containing(schools.x, schools.y, areas.outlines)
    return areas.district[np.where(area >= 0, area, near)]
