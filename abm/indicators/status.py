"""How far schools part pupils by socio-economic status: the share of its variance that lies between units."""

import numpy as np

from abm.compiled import kernel
from abm.world import World

_UNIT = 1e5  # status is added up in whole hundred-thousandths of a sd: such a sum no order of rows can change


def by_status(world: World):
    """Rows: eta squared of status over schools, of all pupils and of entrants, each beside chance; over areas of homes."""
    table = world.households
    for name, entry in (("", False), ("_entrants", True)):
        found, chance = _between(table.status, table.school, table.school, table.grade, entry, world.schools.open.size)
        yield f"status_between_schools{name}", "all", "city", found
        yield f"status_between_schools{name}_random", "all", "city", chance
    area = world.city.place_area[table.place]
    found, _ = _between(table.status, area, table.school, table.grade, False, len(world.city.area_names))
    yield "status_between_areas", "all", "city", found


def between(values: np.ndarray, unit: np.ndarray) -> float:
    """eta^2 = sum_u n_u (mean_u - mean)^2 / sum_h (value_h - mean)^2: the R^2 of a regression on dummies of the units.

    values: (pupil,) sd; unit: (pupil,) whole numbers from 0. In [0, 1]; nan where all values are equal or there are none.
    """
    return _split(values, unit)[0]


def between_by_chance(values: np.ndarray, unit: np.ndarray) -> float:
    """The exact mean of :func:`between` when the pupils are dealt at random over the places: (units - 1)/(pupils - 1)."""
    return _split(values, unit)[1]


def _split(values, unit) -> tuple[float, float]:
    values, unit = np.asarray(values, float), np.asarray(unit, np.int64)
    return _between(values, unit, unit, unit, False, int(unit.max(initial=-1)) + 1)


@kernel
def _between(values, unit, school, grade, entry, units):
    """eta^2 over units, and its mean by chance, of the pupils who have a school; ``entry``: of the entry grade alone.

    Sums are those of whole hundred-thousandths of a sd, which no order of rows can change.
    """
    heads, total = np.zeros(units, np.int64), np.zeros(units, np.int64)
    squares = np.int64(0)
    for h in range(values.size):
        if school[h] >= 0 and (grade[h] == 0 or not entry):
            whole = np.int64(np.rint(np.float64(values[h]) * _UNIT))
            heads[unit[h]] += 1
            total[unit[h]] += whole
            squares += whole * whole
    pupils, whole, filled, within = np.int64(0), np.int64(0), 0, 0.0
    for u in range(units):
        pupils += heads[u]
        whole += total[u]
        if heads[u] > 0:
            filled += 1
            within += float(total[u]) * float(total[u]) / heads[u]
    all_of_it = float(whole)
    about = all_of_it * all_of_it / max(pupils, 1)
    if float(squares) == about:
        return np.nan, np.nan
    return (within - about) / (float(squares) - about), (filled - 1) / (pupils - 1)
