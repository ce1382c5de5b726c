"""A synthetic city from a few numbers, or from aggregate figures of its districts.

Small areas get their shares of the minority from a random field whose spread is solved for, so that the residential
dissimilarity over small areas is the one asked for; districts' heads by group hold exactly.
"""

import numpy as np
from pydantic import ValidationError

from abm.cities.rounding import largest_remainder, settle_rows
from abm.city import PRIVATE, STATE, SUBSIDISED, Blueprint
from abm.compiled import kernel
from abm.config import CityConfig, Config, District
from abm.config.declare import ScenarioError
from abm.randomness import Key, draw, normal
from abm.segregation import dissimilarity

ACCURACY = 0.01  # how near the residential dissimilarity must come to the one asked for
_ORIGIN_SPREAD = 0.7  # sd of log odds by which origins differ between areas of a district (assumption)
_TINY = 1e-200
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def make(config: Config, seed: int) -> Blueprint:
    """Districts (given or made), their small areas, places and schools."""
    city = config.city
    try:
        districts = city.districts or _invent(city)
    except ValidationError as error:
        fault = error.errors()[0]["msg"]
        raise ScenarioError(f"city.side_km, schools or district_count: of a district, {fault}; change them") from None
    heads = np.array([[d.pupils.get(g, 0.0) for g in city.groups] for d in districts])
    heads = largest_remainder(heads.ravel()).reshape(heads.shape)
    if heads.sum() == 0:
        count = np.ones(len(districts), int)
    else:
        count = np.maximum(1, np.rint(heads.sum(axis=1) / city.area_pupils)).astype(int)
    district = np.repeat(np.arange(len(districts)), count)
    pupils = _settle(city, heads, district, seed) if city.districts else _settle_freely(city, heads, district, seed)
    x, y = _spread(districts, count, radius_share=1.0, turn=0.0)
    radius = np.array([_radius(d) for d in districts])[district] / np.sqrt(count[district])
    place_area, place_x, place_y = _places(city, pupils.sum(axis=1), x, y, radius, seed)
    families = pupils.sum(axis=1)[place_area] / np.bincount(place_area, minlength=district.size)[place_area]
    areas = np.arange(district.size)
    status = np.array([d.status for d in districts])
    noise = np.sqrt(config.households.status_area) * normal(Key(seed, "city", 0, 6), areas)
    resolution = f"{district.size} generated small areas of about {city.area_pupils:g} pupils"
    return Blueprint(
        area_names=tuple(f"{districts[d].name} / {k + 1}" for d, n in enumerate(count) for k in range(n)),
        area_district=district, district_names=tuple(d.name for d in districts), area_x=x, area_y=y,
        area_status=status[district] + noise, pupils=pupils, place_x=place_x, place_y=place_y, place_area=place_area,
        homes=np.ceil(families * (1 + config.moving.vacancy)).astype(np.int64), **_schools(city, districts, seed),
        notes={"resolution": resolution, "area_radius": radius.tolist()},
    )  # fmt: skip


def _invent(city: CityConfig) -> list[District]:
    """Districts of equal size on a lattice, with the city's groups and schools shared out evenly."""
    n = city.district_count
    across = int(np.ceil(np.sqrt(n)))
    step = city.side_km / across
    column, line = np.arange(n) % across, np.arange(n) // across
    total = largest_remainder(np.array(city.shares) * city.pupils, city.pupils)
    heads = np.stack([largest_remainder(np.full(n, t / n), int(t)) for t in total], axis=1)
    kinds = np.array([1 - city.private_share - city.subsidised_share, city.subsidised_share, city.private_share])
    if kinds[0] < -1e-9:
        raise ScenarioError("city.private_share and city.subsidised_share sum to more than 1; lower one of them")
    schools = largest_remainder(np.maximum(kinds, 0) * city.schools, city.schools)
    spread = np.zeros((n, 3), int)
    at = 0
    for sector in range(3):
        for _ in range(schools[sector]):
            spread[at % n, sector] += 1
            at += 1
    size = city.pupils / city.schools
    return [
        District(
            name=f"District {d + 1}", x=float((column[d] + 0.5) * step - city.side_km / 2),
            y=float((line[d] + 0.5) * step - city.side_km / 2), area_km2=float(step * step),
            pupils={g: float(h) for g, h in zip(city.groups, heads[d], strict=True)},
            state_schools=int(spread[d, 0]), state_pupils=float(spread[d, 0] * size),
            subsidised_schools=int(spread[d, 1]), subsidised_pupils=float(spread[d, 1] * size),
            private_schools=int(spread[d, 2]), private_pupils=float(spread[d, 2] * size),
        )
        for d in range(n)
    ]  # fmt: skip


def _settle_freely(city: CityConfig, heads: np.ndarray, district: np.ndarray, seed: int) -> np.ndarray:
    """As ``_settle`` where only the city's heads are given: a part of the unevenness lies between districts."""
    between = normal(Key(seed, "city", 0, 2), np.arange(heads.shape[0]))[district] * np.sqrt(city.clustering)
    everywhere = np.zeros(district.size, int)
    return _settle(city, heads.sum(axis=0, keepdims=True), everywhere, seed, between, np.sqrt(1 - city.clustering))


def _settle(city: CityConfig, heads: np.ndarray, district: np.ndarray, seed: int, shift=0.0, scale=1.0) -> np.ndarray:
    """(area, group) pupils: districts' heads hold, the minority's dissimilarity over areas is the one asked for.

    The log odds of being minority vary over areas like ``shift`` plus ``scale`` times a standard normal field.
    """
    field = shift + scale * normal(Key(seed, "city", 0, 3), np.arange(district.size))
    target = city.residential_dissimilarity
    if heads[:, 0].sum() == 0 or heads[:, 1:].sum() == 0:
        return _counts(heads, district, 0 * field, seed)
    sizes = _sizes(heads, district)
    low, high = 0.0, 12.0
    for _ in range(26):
        middle = (low + high) / 2
        if _dissimilarity(heads, sizes, field * middle) < target:
            low = middle
        else:
            high = middle
    best = min((low, high), key=lambda spread: abs(_dissimilarity(heads, sizes, field * spread) - target))
    reached = _dissimilarity(heads, sizes, field * best)
    if abs(reached - target) > ACCURACY:
        remedy = (
            "raise it or give less unequal districts" if reached > target else "lower it or make area_pupils smaller"
        )
        raise ScenarioError(
            f"city.residential_dissimilarity = {target:g} cannot be met over {district.size} small areas: "
            f"the nearest is {reached:.3f}; {remedy}"
        )
    return _counts(heads, district, field * best, seed)


def _dissimilarity(heads: np.ndarray, sizes: list, log_odds: np.ndarray) -> float:
    return dissimilarity(_sides(heads, sizes, log_odds))


def _sizes(heads: np.ndarray, district: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each district the rows of its areas and their pupils: as many in each as can be."""
    rows = [np.flatnonzero(district == d) for d in range(heads.shape[0])]
    return [(own, largest_remainder(np.full(own.size, heads[d].sum() / own.size))) for d, own in enumerate(rows)]


def _sides(heads: np.ndarray, sizes: list, log_odds: np.ndarray) -> np.ndarray:
    """(area, 2) minority and majority pupils when the log odds of being minority differ so within each district."""
    out = np.zeros((log_odds.size, 2), np.int64)
    for d, (rows, size) in enumerate(sizes):
        minority = int(heads[d, 1:].sum())
        wanted = largest_remainder(size * _shares(log_odds[rows], minority / max(heads[d].sum(), 1)), minority)
        out[rows, 0] = np.minimum(wanted, size)
        out[rows, 1] = largest_remainder(np.maximum(size - wanted, 0), int(heads[d, 0]))
    return out


def _counts(heads: np.ndarray, district: np.ndarray, log_odds: np.ndarray, seed: int) -> np.ndarray:
    """(area, group) pupils: the two sides, the minority's divided among its origins."""
    out = np.zeros((district.size, heads.shape[1]), np.int64)
    sizes = _sizes(heads, district)
    sides = _sides(heads, sizes, log_odds)
    out[:, 0] = sides[:, 1]
    for d, (rows, _) in enumerate(sizes):
        out[rows, 1:] = _origins(sides[rows, 0], heads[d, 1:], rows, seed)
    return out


def _shares(log_odds: np.ndarray, mean: float) -> np.ndarray:
    """Shares with the given differences of log odds and the given mean."""
    if mean <= 0 or mean >= 1:
        return np.full(log_odds.size, mean)
    return 1 / (1 + np.exp(-(_mean_log_odds(log_odds, mean) + log_odds)))


@kernel
def _mean_log_odds(log_odds, mean):
    """The log odds that, added to ``log_odds`` (n,), give shares of the wanted mean: by bisection."""
    low, high = -40.0, 40.0
    for _ in range(40):
        middle, total = (low + high) / 2, 0.0
        for odds in log_odds:
            total += 1 / (1 + np.exp(-(middle + odds)))
        if total / log_odds.size < mean:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _origins(minority: np.ndarray, heads: np.ndarray, areas: np.ndarray, seed: int) -> np.ndarray:
    """(area, origin) pupils: each origin leans to its own areas; the origins' heads in the district hold exactly."""
    if heads.size == 0:
        return np.zeros((minority.size, 0), np.int64)
    if heads.size == 1:
        return largest_remainder(minority, int(heads[0]))[:, None]
    noise = np.stack([normal(Key(seed, "city", 0, 10 + g), areas) for g in range(heads.size)], axis=1)
    table = np.exp(_ORIGIN_SPREAD * noise) * heads
    for _ in range(30):
        table *= (minority / np.maximum(table.sum(axis=1), _TINY))[:, None]
        table *= heads / np.maximum(table.sum(axis=0), _TINY)
    whole = np.stack([largest_remainder(table[:, g], int(heads[g])) for g in range(heads.size)], axis=1)
    return settle_rows(whole, table, minority)


def _radius(district: District) -> float:
    return district.radius_km or float(np.sqrt(district.area_km2 / np.pi))


def _spread(districts, count: np.ndarray, radius_share: float, turn: float):
    """Positions of ``count`` points in each district, evenly over a disc (Vogel's sunflower)."""
    xs, ys = [], []
    for d, n in zip(districts, count, strict=True):
        k = np.arange(n)
        radius = _radius(d) * radius_share * np.sqrt((k + 0.5) / max(n, 1))
        xs.append(d.x + radius * np.cos(_GOLDEN_ANGLE * k + turn))
        ys.append(d.y + radius * np.sin(_GOLDEN_ANGLE * k + turn))
    return np.concatenate(xs), np.concatenate(ys)


def _places(city: CityConfig, size: np.ndarray, x, y, radius, seed: int):
    """Area and position of the address points, at random over a disc round each area's middle."""
    count = np.maximum(1, np.rint(size / city.place_pupils)).astype(int)
    area = np.repeat(np.arange(size.size), count)
    points = np.arange(area.size)
    reach = radius[area] * np.sqrt(draw(Key(seed, "city", 0, 4), points))
    angle = 2 * np.pi * draw(Key(seed, "city", 0, 5), points)
    return area, x[area] + reach * np.cos(angle), y[area] + reach * np.sin(angle)


def _schools(city: CityConfig, districts, seed: int) -> dict:
    """The schools' part of the blueprint: sites over each district, sizes spread about the sector's mean there."""
    names, xs, ys, home, sector, places = [], [], [], [], [], []
    for kind, word in ((STATE, "state"), (SUBSIDISED, "subsidised"), (PRIVATE, "private")):
        count = np.array([getattr(d, f"{word}_schools") for d in districts])
        x, y = _spread(districts, count, radius_share=0.95, turn=1.0 + kind)
        district = np.repeat(np.arange(count.size), count)
        ids = np.arange(district.size)
        size = np.exp(city.size_spread * normal(Key(seed, "city", 0, 7 + kind), ids))
        pupils = np.array([getattr(d, f"{word}_pupils") for d in districts], float)
        total = np.bincount(district, size, minlength=count.size)
        mean = size * (pupils / np.maximum(total, 1e-12))[district]
        xs.append(x)
        ys.append(y)
        home.append(district)
        sector.append(np.full(district.size, kind))
        places.append(np.maximum(1, np.ceil(mean / city.grades * (1 + city.slack) - 1e-9)).astype(int))
        names += [f"{word.capitalize()} school {s + 1}" for s in range(district.size)]
    if not names:
        raise ScenarioError("the city has no school; give its districts schools, or city.schools >= 1")
    return {
        "school_names": tuple(names), "school_x": np.concatenate(xs), "school_y": np.concatenate(ys),
        "school_district": np.concatenate(home), "school_sector": np.concatenate(sector),
        "school_places": np.concatenate(places),
    }  # fmt: skip
