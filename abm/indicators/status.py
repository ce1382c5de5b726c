"""How far schools part pupils by socio-economic status: the share of its variance that lies between units."""

import numpy as np

from abm.indicators.census import ratio
from abm.world import World

_UNIT = 1e5  # status is added up in whole hundred-thousandths of a sd: such a sum no order of rows can change


def by_status(world: World):
    """Rows: eta squared of status over schools, of all pupils and of entrants, each beside chance; over areas of homes."""
    table = world.households
    inside = table.school >= 0
    for name, rows in (("", inside), ("_entrants", inside & (table.grade == 0))):
        school, status = table.school[rows], table.status[rows]
        yield f"status_between_schools{name}", "all", "city", between(status, school)
        yield f"status_between_schools{name}_random", "all", "city", between_by_chance(status, school)
    area = world.city.place_area[table.place[inside]]
    yield "status_between_areas", "all", "city", between(table.status[inside], area)


def between(values: np.ndarray, unit: np.ndarray) -> float:
    """eta^2 = sum_u n_u (mean_u - mean)^2 / sum_h (value_h - mean)^2: the R^2 of a regression on dummies of the units.

    values: (pupil,) sd; unit: (pupil,) whole numbers from 0. In [0, 1]; nan where all values are equal or there are none.
    """
    whole = np.rint(np.asarray(values, np.float64) * _UNIT).astype(np.int64)
    n = np.bincount(unit)
    total = np.bincount(unit, whole)[n > 0]
    n = n[n > 0]
    about = float(whole.sum()) ** 2 / max(whole.size, 1)
    return ratio(float((total**2 / n).sum()) - about, float((whole**2).sum()) - about)


def between_by_chance(values: np.ndarray, unit: np.ndarray) -> float:
    """The exact mean of :func:`between` when the pupils are dealt at random over the places: (units - 1)/(pupils - 1)."""
    if between(values, unit) != between(values, unit):
        return float("nan")
    return (np.unique(unit).size - 1) / (np.size(unit) - 1)
