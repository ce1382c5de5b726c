"""How far schools part pupils by socio-economic status: the share of its variance that lies between units."""

import numpy as np

from abm.compiled import kernel
from abm.indicators.census import STATUS, Census


def by_status(counted: Census) -> list:
    """Rows: eta squared of status over schools, of all pupils and of entrants, each beside chance; over areas of homes."""
    found, chance, of_entrants, chance_of_entrants, of_areas = _by_status(
        counted.heads, counted.status, counted.squares, counted.entrants
    )
    return [
        ("status_between_schools", "all", "city", found),
        ("status_between_schools_random", "all", "city", chance),
        ("status_between_schools_entrants", "all", "city", of_entrants),
        ("status_between_schools_entrants_random", "all", "city", chance_of_entrants),
        ("status_between_areas", "all", "city", of_areas),
    ]


def between(values: np.ndarray, unit: np.ndarray) -> float:
    """eta^2 = sum_u n_u (mean_u - mean)^2 / sum_h (value_h - mean)^2: the R^2 of a regression on dummies of the units.

    values: (pupil,) sd; unit: (pupil,) whole numbers from 0. In [0, 1]; nan where all values are equal or there are none.
    """
    return _split(values, unit)[0]


def between_by_chance(values: np.ndarray, unit: np.ndarray) -> float:
    """The exact mean of :func:`between` when the pupils are dealt at random over the places: (units - 1)/(pupils - 1)."""
    return _split(values, unit)[1]


def _split(values, unit) -> tuple[float, float]:
    whole, unit = np.rint(np.asarray(values, float) * STATUS).astype(np.int64), np.asarray(unit, np.int64)
    heads, total = np.zeros((2, int(unit.max(initial=-1)) + 1), np.int64)
    np.add.at(heads, unit, 1)
    np.add.at(total, unit, whole)
    return _between(heads, total, (whole * whole).sum())


@kernel
def _by_status(heads, status, squares, entrants):
    """eta^2 over schools, by chance; of entrants, by chance; over areas: from the tables of a :class:`Census`."""
    n, pupils = entrants.size, np.zeros(status.size, np.int64)
    for u in range(status.size):
        for g in range(heads.shape[1]):
            pupils[u] += heads[u, g, 0, 0] + heads[u, g, 0, 1] + heads[u, g, 1, 0] + heads[u, g, 1, 1]
    found, chance = _between(pupils[:n], status[:n], squares[0])
    of_entrants, chance_of_entrants = _between(entrants, status[n : 2 * n], squares[1])
    return found, chance, of_entrants, chance_of_entrants, _between(pupils[2 * n :], status[2 * n :], squares[0])[0]


@kernel
def _between(heads, total, squares):
    """eta^2 over units, and its mean by chance, from their ``heads`` (unit,), sums (unit,) and all squares of status.

    Sums are those of whole hundred-thousandths of a sd, which no order of rows can change.
    """
    pupils, whole, filled, within = np.int64(0), np.int64(0), 0, 0.0
    for u in range(heads.size):
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
