"""Geography of real tables: coordinates to kilometres around the city's middle, outlines, points inside them.

Web Mercator metres (EPSG:3857) are 1 / cos(latitude) too long, 1.64 times in Amsterdam; so nothing is measured in the
tables' own coordinates. Everything goes to longitude and latitude first, then to an azimuthal equidistant plane.
"""

from functools import lru_cache

import numpy as np

from abm.config.declare import ScenarioError
from abm.randomness import Key, draw

EUROPE = (-32.0, 35.0, 27.0, 72.0)  # west, east, south, north in degrees: to notice swapped columns
_BLOCK = 16  # candidates a round of rejection sampling beyond four a point
_ROUNDS = 60


def degrees(x: np.ndarray, y: np.ndarray, epsg: int, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude (n,) of ``x`` and ``y`` (n,) in ``epsg``. ``where`` names file and key in errors.

    ScenarioError: not finite, an unknown code, outside the globe, or in place only with x and y swapped.
    """
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if bad.size:
        raise ScenarioError(f"{where}: point {bad[0] + 1} has coordinates that are not finite; correct or remove it")
    if epsg == 4326:
        lon, lat = np.asarray(x, float), np.asarray(y, float)
    else:
        lon, lat = (np.asarray(part) for part in _transformer(f"EPSG:{epsg}", "EPSG:4326", where).transform(x, y))
    fine = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)  # false for inf too
    if not fine.all():
        i = int(np.flatnonzero(~fine)[0])
        hint = (
            "set epsg to the system of the coordinates (3857 for web metres)"
            if max(abs(x[i]), abs(y[i])) > 400
            else "is lat in x and lon in y?"
        )
        raise ScenarioError(f"{where}: point {i + 1} ({x[i]:g}, {y[i]:g}) is not on the globe in EPSG:{epsg}; {hint}")
    if lon.size and not _european(lon.mean(), lat.mean()) and _european(lat.mean(), lon.mean()):
        raise ScenarioError(
            f"{where}: the points lie near latitude {lat.mean():.1f}, longitude {lon.mean():.1f}; swap the columns x "
            "and y"
        )
    return lon, lat


def kilometres(lon: np.ndarray, lat: np.ndarray, middle: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """East and north (n,) km of ``middle`` (lon, lat), in the azimuthal equidistant plane around it.

    Distances between points within 30 km of the middle are true to about one part in 100,000.
    """
    plane = f"+proj=aeqd +lon_0={middle[0]:.9f} +lat_0={middle[1]:.9f} +datum=WGS84 +units=km"
    x, y = _transformer("EPSG:4326", plane, "projection").transform(lon, lat)
    return np.asarray(x, float), np.asarray(y, float)


@lru_cache(maxsize=32)
def _transformer(source: str, target: str, where: str):
    from pyproj import Transformer  # here: it takes a while to load and only real tables need it
    from pyproj.exceptions import CRSError

    try:
        return Transformer.from_crs(source, target, always_xy=True)
    except CRSError:
        raise ScenarioError(
            f"{where}: no coordinate system {source}; give the EPSG code of the table, such as 4326"
        ) from None


def _european(lon: float, lat: float) -> bool:
    west, east, south, north = EUROPE
    return west <= lon <= east and south <= lat <= north


def inside(x: np.ndarray, y: np.ndarray, rings: tuple) -> np.ndarray:
    """(n,) bool: points in the outline of ``rings`` (corner, 2), even-odd rule: holes and islands work."""
    start = np.concatenate(rings)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    flat = start[:, 1] == end[:, 1]
    start, end = start[~flat], end[~flat]
    above = (start[:, 1] > y[:, None]) != (end[:, 1] > y[:, None])
    slope = (end[:, 0] - start[:, 0]) / (end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y[:, None] - start[:, 1]) * slope > x[:, None]
    return ((above & crossing).sum(axis=1) % 2).astype(bool)


def containing(x: np.ndarray, y: np.ndarray, outlines: tuple) -> np.ndarray:
    """(n,) int: the first outline each point lies in, -1 if in none."""
    out = np.full(x.size, -1, np.int64)
    for a, rings in enumerate(outlines):
        if not rings:
            continue
        low, high = bounds(rings)
        near = np.flatnonzero((out < 0) & (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
        if near.size:
            out[near[inside(x[near], y[near], rings)]] = a
    return out


def bounds(rings: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Lower left and upper right corner (2,) of an outline."""
    return np.min([r.min(axis=0) for r in rings], axis=0), np.max([r.max(axis=0) for r in rings], axis=0)


def middle(rings: tuple) -> np.ndarray:
    """(2,) a point that stands for an outline: its largest ring's centroid, or the midst of the widest part beside."""
    ring, area, centre = max(((r, *_centroid(r)) for r in rings), key=lambda entry: entry[1])
    if area == 0 or inside(centre[:1], centre[1:], rings)[0]:
        return centre
    end = np.roll(ring, -1, axis=0)
    cut = (ring[:, 1] > centre[1]) != (end[:, 1] > centre[1])
    a, b = ring[cut], end[cut]
    x = np.sort(a[:, 0] + (centre[1] - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]))
    widest = int(np.argmax(x[1::2] - x[::2]))
    return np.array([x[2 * widest : 2 * widest + 2].mean(), centre[1]])


def _centroid(ring: np.ndarray) -> tuple[float, np.ndarray]:
    """Area and centroid (2,) of one ring, by the shoelace formula."""
    origin = ring.mean(axis=0)
    a, b = ring - origin, np.roll(ring - origin, -1, axis=0)
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    if cross.sum() == 0:
        return 0.0, origin
    return abs(cross.sum()) / 2, origin + ((a + b) * cross[:, None]).sum(axis=0) / (3 * cross.sum())


def thin(ring: np.ndarray, step: float) -> np.ndarray:
    """A ring without corners that lie within ``step`` km of way from the last one kept; for the map only."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))])
    keep = np.concatenate([[True], np.diff(np.floor(way / step)) > 0])
    return ring[keep] if keep.sum() >= 4 else ring


def scatter(count: np.ndarray, x: np.ndarray, y: np.ndarray, radius: np.ndarray, outlines: tuple, seed: int):
    """Places (area number, x, y km), ``count`` (area,) of them an area, even over its outline, or over a disc.

    Keyed rejection sampling: a place depends on the seed, its area's row and its number there, on nothing else.
    """
    area = np.repeat(np.arange(count.size), count)
    serial = np.arange(area.size) - np.repeat(np.cumsum(count) - count, count)
    ids = (area << 24) | serial
    turn, way = 2 * np.pi * draw(Key(seed, "city", 0, 1), ids), np.sqrt(draw(Key(seed, "city", 0, 2), ids))
    place_x, place_y = x[area] + radius[area] * way * np.cos(turn), y[area] + radius[area] * way * np.sin(turn)
    end = np.cumsum(count)
    for a, rings in enumerate(outlines):
        if rings:
            rows = slice(int(end[a] - count[a]), int(end[a]))
            place_x[rows], place_y[rows] = _within(a, int(count[a]), rings, (x[a], y[a]), seed)
    return area, place_x, place_y


def _within(a: int, count: int, rings: tuple, point: tuple[float, float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` points in an outline; the area's own ``point`` where the outline is too thin to be hit."""
    low, high = bounds(rings)
    found = np.empty((0, 2))
    block = 4 * count + _BLOCK
    for k in range(_ROUNDS):
        ids = (a << 24) | np.arange(k * block, (k + 1) * block)
        u = np.stack([draw(Key(seed, "city", 0, 3), ids), draw(Key(seed, "city", 0, 4), ids)], axis=1)
        candidate = low + u * (high - low)
        found = np.concatenate([found, candidate[inside(candidate[:, 0], candidate[:, 1], rings)]])
        if len(found) >= count:
            return found[:count, 0], found[:count, 1]
    found = np.concatenate([found, np.tile(point, (count - len(found), 1))])
    return found[:, 0], found[:, 1]
