"""Where schools stand and which come first: shared by the policies that build, move, merge, close and fill them."""

import numpy as np

from abm.city import STATE, City
from abm.config.declare import fault
from abm.geometry import distances
from abm.policies.targets import named_schools
from abm.world import World

BUILDING = "1,189 million euro for 216 new schools in Italy's recovery plan (ministry of education, May 2022): 5.5 million each, over 30 years at 3 %"  # fmt: skip
CLASS = (
    "OECD, Education at a Glance 2023, indicator C7: teachers' salaries cost 3,614 dollars a primary pupil on average"
)


def state_or_named(policy, world: World) -> np.ndarray:
    """(school,) bool: open schools that a policy may treat: of the state, or of any sector where it names them."""
    found = world.schools.open & named_schools(policy, world)
    return found if policy.schools else found & (world.schools.sector == STATE)


def urgency(rule: str, world: World) -> np.ndarray:
    """(school,) float: highest first. "minority": its share; "smallest": fewest pupils; "sought": first choices per place."""
    if rule == "minority":
        return world.seen.own_share[1].astype(float)
    if rule == "smallest":
        return -world.seen.heads.sum(axis=(1, 2)).astype(float)
    return world.schools.demand / np.maximum(world.schools.places[:, 0], 1)


def apart(world: World) -> np.ndarray:
    """(school, school) float32 km between schools."""
    x, y = world.schools.x, world.schools.y
    return distances(x, y, x, y, world.city.torus_km)


def residents(world: World, which: str) -> np.ndarray:
    """(area,) pupils who live there: "minority", "detected" as vulnerable (what the authority knows), or "all"."""
    table = world.households
    member = {"minority": table.group > 0, "detected": table.detected, "all": np.ones(table.id.size, bool)}[which]
    return np.bincount(world.city.place_area[table.place[member]], minlength=len(world.city.area_names))


def by_district(city: City, per_area: np.ndarray) -> np.ndarray:
    """(district,) sums of figures by small area."""
    return np.bincount(city.area_district, per_area, minlength=len(city.district_names))


def minority_at_home(world: World) -> np.ndarray:
    """(district,) share of the minority among the pupils who live there; nan where nobody does."""
    with np.errstate(invalid="ignore"):
        return by_district(world.city, residents(world, "minority")) / by_district(world.city, residents(world, "all"))


def check_sites(city: City, x: tuple[float, ...], y: tuple[float, ...]) -> None:
    """Raise a fault where coordinates do not come in pairs or lie more than the city's own extent outside it."""
    if len(x) != len(y):
        raise fault(f"x has {len(x)} coordinates and y {len(y)}; give one of each for every site")
    for name, values, homes in (("x", x, city.place_x), ("y", y, city.place_y)):
        low, high = float(homes.min()), float(homes.max())
        margin = max(high - low, float(np.ptp(city.place_x)), float(np.ptp(city.place_y)), 1.0)
        if city.torus_km:
            margin = (city.torus_km - (high - low)) / 2
        for value in values:
            if not low - margin <= value <= high + margin:
                raise fault(
                    f"{name} = {value:g} km is far outside the city, whose homes lie between {low:.4g} and {high:.4g}; "
                    f"give a site between {low - margin:.4g} and {high + margin:.4g}"
                )


def border(world: World, school: int, within_km: float) -> tuple[float, float]:
    """km east, north: the middle of the border between a school's district and the most different one beside it.

    Districts lie side by side if two of their small areas are within ``within_km`` (without any, the nearest district
    does); different are the shares of the minority among the pupils who live there. The border's middle is half way
    between the two nearest small areas of both, of equally near ones those nearest to the school.
    """
    city, home = world.city, int(world.schools.district[school])
    way = distances(city.area_x, city.area_y, city.area_x, city.area_y, city.torus_km).astype(float)
    here, share = city.area_district == home, minority_at_home(world)
    others = [d for d in range(len(city.district_names)) if d != home and (city.area_district == d).any()]
    gap = {d: way[np.ix_(here, city.area_district == d)].min() for d in others}
    beside = [d for d in others if gap[d] <= within_km] or [min(others, key=lambda d: (gap[d], d))]
    other = min(beside, key=lambda d: (-np.nan_to_num(abs(share[d] - share[home])), gap[d], d))
    a, b = np.meshgrid(np.flatnonzero(here), np.flatnonzero(city.area_district == other), indexing="ij")
    place = world.schools.x[school : school + 1], world.schools.y[school : school + 1]
    to = distances(city.area_x, city.area_y, *place, city.torus_km)[:, 0]
    best = np.lexsort(((to[a] + to[b]).ravel(), np.round(way[a, b], 6).ravel()))[0]
    a, b = a.ravel()[best], b.ravel()[best]
    return tuple(_half_way(xs[a], xs[b], city.torus_km) for xs in (city.area_x, city.area_y))


def _half_way(a: float, b: float, torus_km: float) -> float:
    """The point half way from ``a`` to ``b``, the shorter way round on a torus, where it may lie beyond the edge: it is one point."""
    step = b - a
    if torus_km and abs(step) > torus_km / 2:
        step -= np.copysign(torus_km, step)
    return float(a + step / 2)
