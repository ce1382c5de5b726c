"""A real city from its tables: small areas with residents or pupils by group, schools with places and pupils by group.

The tables are read as they are; the scenario says which column means what. Homes are the areas' residents, scaled group
by group to the schools' pupils. Where schools' compositions are known, home-by-school flows are fitted to both, so that
the start reproduces every school exactly (:mod:`abm.cities.flows`); the notes say how far the areas are off.
"""

import numpy as np

from abm.blueprint import Blueprint
from abm.cities import columns as meaning
from abm.cities import rows
from abm.cities.flows import calibrate, fit, kernel, split, spread, whole
from abm.cities.geography import containing, scatter
from abm.cities.readers import names, numbers, place, read, texts
from abm.cities.rounding import largest_remainder
from abm.config import CityConfig, Config
from abm.config.declare import ScenarioError
from abm.geometry import distances
from abm.randomness import Key, normal
from abm.segregation import dissimilarity


def make(config: Config, seed: int) -> Blueprint:
    """The blueprint of the tables in ``city.tables``. ScenarioError names the file, the column and the remedy."""
    city, tables = config.city, config.city.tables
    areas = rows.read_areas(city)
    schools = rows.read_schools(city, areas)
    areas = areas._replace(residents=_uncertain(areas.residents, tables.area_spread, seed))
    target = _target(city, areas, schools)
    place_area, place_x, place_y = _places(city, areas, target.sum(axis=1), seed)
    first = np.searchsorted(place_area, np.arange(len(areas.ids)))
    distance = distances(place_x, place_y, schools.x, schools.y)
    way = np.add.reduceat(distance, first, axis=0) / np.bincount(place_area)[:, None]  # (area, school) mean km
    flows = None
    if schools.heads is not None:
        flows = _flows(city, areas, schools, target, (distance, first, way), seed)
    elif city.start == "observed":
        raise ScenarioError(
            'city.start: "observed" needs pupils by school and group (city.tables.schools.groups); set start = '
            '"nearest"'
        )
    pupils = flows.sum(axis=1) if flows is not None else target
    area_status, lacking = meaning.status(areas.table, tables.areas, pupils.sum(axis=1), tables.status_sd)
    families = -(-pupils.sum(axis=1) // np.bincount(place_area, minlength=len(areas.ids)))[place_area]
    place_zone, school_zone = _zones(city, areas, schools, place_area, place_x, place_y)
    notes = _notes(city, areas, schools, target, flows, way) | {"areas_without_status": lacking}
    return Blueprint(
        area_names=meaning.labels(areas.table, tables.areas, areas.ids), area_district=areas.district,
        district_names=areas.district_names, area_x=areas.x, area_y=areas.y, area_status=area_status, pupils=pupils,
        place_x=place_x, place_y=place_y, place_area=place_area,
        homes=np.maximum(np.ceil(families * (1 + config.moving.vacancy)), 1).astype(np.int64),
        school_names=schools.names, school_x=schools.x, school_y=schools.y,
        school_district=rows.school_districts(areas, schools), school_sector=schools.sector,
        school_places=schools.places, school_zone=school_zone, place_zone=place_zone, flows=flows,
        outlines=rows.thinned(areas.outlines), notes=notes,
    )  # fmt: skip


def _uncertain(residents: np.ndarray, spread: float, seed: int) -> np.ndarray:
    """(area, group) residents times lognormal numbers, one for the majority and one for the minority of an area.

    What an area's table of residents says of its pupils is uncertain: other years, all ages, citizenship at another date.
    The city's totals of each group hold.
    """
    if spread == 0:
        return residents
    areas, groups = residents.shape
    times = np.exp(spread * normal(Key(seed, "city", 0, 6), np.arange(2 * areas)).reshape(areas, 2))
    out = residents * times[:, np.minimum(np.arange(groups), 1)]
    return out * (residents.sum(axis=0) / np.maximum(out.sum(axis=0), 1e-300))


def _target(city: CityConfig, areas: rows.Areas, schools: rows.Schools) -> np.ndarray:
    """(area, group) pupils by home, before fitting: residents scaled to the schools' pupils of each group known.

    Where schools' pupils are unknown: whole pupils in the residents' proportions, who fill the places up to the slack.
    """
    residents = areas.residents
    if schools.heads is None:
        room = int(schools.places.sum()) * city.grades
        total = city.tables.pupils or int(room / (1 + city.slack))
        if total > room:
            raise ScenarioError(
                f"city.tables.pupils: {total} pupils, more than the {room} places of the schools in {city.grades} "
                "grades; lower it"
            )
        return spread(residents, largest_remainder(residents.sum(axis=0), total))
    class_of = np.minimum(np.arange(len(city.groups)), schools.heads.shape[1] - 1)  # majority 0, minority 1 or its own
    out = np.zeros_like(residents)
    for c, total in enumerate(schools.heads.sum(axis=0)):
        live = residents[:, class_of == c]
        if total and live.sum() == 0:
            raise ScenarioError(
                f"{schools.table.path}: {total} pupils of "
                f"{names([g for g, k in zip(city.groups, class_of, strict=True) if k == c])}, who live in no area of "
                f"{areas.table.path.name}; check groups"
            )
        out[:, class_of == c] = live * (total / max(live.sum(), 1e-300))
    return out


def _places(
    city: CityConfig, areas: rows.Areas, pupils: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Address points, one for every ``city.place_pupils`` pupils and at least one an area, in the outline or in a disc.

    The disc has the area's size, or reaches half way to the next area (assumption); a lone area gets half a kilometre.
    """
    columns = city.tables.areas
    count = np.maximum(np.rint(pupils / city.place_pupils), 1).astype(np.int64)
    if columns.area_km2:
        radius = np.sqrt(meaning.count(areas.table, columns.area_km2, "area_km2") / np.pi)
    elif len(areas.ids) > 1:
        gap = distances(areas.x, areas.y, areas.x, areas.y).astype(float)
        np.fill_diagonal(gap, np.inf)
        radius = gap.min(axis=1) / 2
    else:
        radius = np.array([0.5])
    return scatter(count, areas.x, areas.y, radius, areas.outlines, seed)


def _flows(city: CityConfig, areas: rows.Areas, schools: rows.Schools, target, ways: tuple, seed: int) -> np.ndarray:
    """(area, school, group) whole pupils; every school has exactly its heads, origins are dealt within areas.

    ``ways``: distances (place, school) km, each area's first place, mean distances (area, school) km.
    """
    distance, first, way = ways
    together = schools.heads.shape[1] < target.shape[1]
    homes = np.stack([target[:, 0], target[:, 1:].sum(axis=1)], axis=1) if together else target
    decay = np.full(len(schools.names), city.tables.decay_km)
    seen = observed_ways(city, schools)
    if seen is not None:
        decay = calibrate(homes, schools.heads, distance, first, way, seen, decay)
    out = whole(fit(homes, schools.heads, kernel(distance, first, decay)), schools.heads)
    if not together:
        return out
    return np.concatenate([out[:, :, :1], split(out[:, :, 1], areas.residents[:, 1:], seed)], axis=2)


def observed_ways(city: CityConfig, schools: rows.Schools) -> np.ndarray | None:
    """(school,) km observed mean way from home, NaN where unknown; None where the tables have none."""
    columns = city.tables.schools
    if not columns.distance_m:
        return None
    return numbers(schools.table, columns.distance_m, "distance_m", empty=True)[schools.kept] / 1000


def _zones(city: CityConfig, areas: rows.Areas, schools: rows.Schools, place_area, place_x, place_y):
    """Zones of the places (place,) and the schools (school,), or (None, None) unless ``zones = "table"``.

    From the zone columns of areas and schools, else from the outlines in ``city.tables.zones``; what lies in no outline
    belongs to the zone with the nearest corner.
    """
    if city.zones != "table":
        return None, None
    tables = city.tables
    place_code = texts(areas.table, tables.areas.zone, "zone") if tables.areas.zone else None
    code = texts(schools.table, tables.schools.zone, "zone") if tables.schools.zone else None
    if place_code is not None and code is not None:
        school_codes = [code[i] for i in schools.kept]
        known = sorted(set(place_code) | set(school_codes))
        return np.array([known.index(c) for c in place_code])[place_area], np.array(
            [known.index(c) for c in school_codes]
        )
    if not tables.zones.file:
        raise ScenarioError(
            'city.zones: "table" needs zone columns of areas and schools, or outlines in [city.tables.zones]; or set '
            'zones = "none"'
        )
    table = read(tables.folder, tables.zones, "city.tables.zones")
    zone_ids = meaning.identifiers(table, tables.zones)
    outlines = rows.outlines(table, tables.zones.epsg, areas.middle)
    if not outlines:
        raise ScenarioError(f"{table.path}: no outlines (city.tables.zones.file); name a GeoJSON file of polygons")
    if code is None:
        return _zone_of(outlines, place_x, place_y), _zone_of(outlines, schools.x, schools.y)
    for i in schools.kept:
        if code[i] not in zone_ids:
            raise ScenarioError(
                f"{place(schools.table, int(i))}: zone {code[i]!r} has no outline in {table.path.name}; check zone "
                "and city.tables.zones.id"
            )
    return _zone_of(outlines, place_x, place_y), np.array([zone_ids.index(code[i]) for i in schools.kept])


def _zone_of(outlines: tuple, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n,) outline of each point, or the one with the nearest corner."""
    out = containing(x, y, outlines)
    corner = np.concatenate([ring for rings in outlines for ring in rings])
    owner = np.repeat(np.arange(len(outlines)), [sum(len(ring) for ring in rings) for rings in outlines])
    for i in np.flatnonzero(out < 0):
        out[i] = owner[np.hypot(corner[:, 0] - x[i], corner[:, 1] - y[i]).argmin()]
    return out


def _notes(city: CityConfig, areas: rows.Areas, schools: rows.Schools, target, flows, way) -> dict:
    """What was read, left out and fitted: numbers for the pages and the tests. Residuals are in pupils."""
    read_from = (
        f"{len(areas.ids)} areas of {areas.table.path.name}, {len(schools.names)} schools of {schools.table.path.name}"
    )
    notes = {
        "resolution": read_from,
        "school_ids": list(np.array(meaning.identifiers(schools.table, city.tables.schools))[schools.kept]),
        "school_kinds": _kinds(city, schools),
        "residents": float(areas.residents.sum()),
        "pupils": round(float(target.sum())),
        "schools_left_out": schools.table.size - len(schools.names),
        "residential_dissimilarity_source": float(dissimilarity(_two(areas.residents))),
        "residential_dissimilarity_scaled": float(dissimilarity(_two(target))),
    }
    for name, table in (("areas", areas.table), ("schools", schools.table)):
        column = getattr(city.tables, name).unknown
        if column:
            notes[f"unknown_left_out_{name}"] = float(meaning.count(table, column, "unknown").sum())
    if flows is None:
        return notes
    miss = np.abs(flows.sum(axis=1) - target)
    by_school, heads = (flows.sum(axis=2) * way).sum(axis=0), schools.heads.sum(axis=1)
    notes |= {
        "residual_largest": float(miss.max()),
        "residual_mean": float(miss.mean()),
        "residual_share": float(miss.sum() / target.sum()),
        "mean_distance_km": float(by_school.sum() / heads.sum()),
    }
    seen = observed_ways(city, schools)
    if seen is not None:
        has = np.isfinite(seen) & (heads > 0)
        gap = by_school[has] / heads[has] - seen[has]
        notes["mean_distance_km_observed"] = float(np.average(seen[has], weights=heads[has]))
        notes["mean_distance_km_same_schools"] = float(by_school[has].sum() / heads[has].sum())
        notes["mean_distance_gap_km"] = float(np.average(np.abs(gap), weights=heads[has]))
    return notes


def _kinds(city: CityConfig, schools: rows.Schools) -> list[str]:
    """The table's own word for each school's sector, such as its denomination; empty where it has no such column."""
    column = city.tables.schools.sector
    return [texts(schools.table, column, "sector")[i] for i in schools.kept] if column else []


def _two(heads: np.ndarray) -> np.ndarray:
    """(area, 2) minority and majority."""
    return np.stack([heads[:, 1:].sum(axis=1), heads[:, 0]], axis=1)
