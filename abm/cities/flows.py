"""Who goes where at the start: home-by-school flows that reproduce the observed compositions of schools.

Biproportional fitting (Deming and Stephan 1940; Furness 1965 for trips) of a distance decay exp(-d / decay): the
schools' heads by group hold exactly, the areas' as nearly as whole pupils allow.
"""

import numpy as np

from abm.cities.rounding import largest_remainder
from abm.randomness import Key, draw

LIMIT = 5000  # rounds of fitting
ACCURACY = 1e-4  # pupils by which an area may miss its total when the fitting stops
FAR = 230.0  # decay lengths; a longer way counts as this one, so that no school is out of reach (exp(-230) is 1e-100)
STEPS = 15  # of calibrating decays to observed ways
RANGE = (0.1, 20.0)  # km, least and greatest decay of a school that calibration tries


def kernel(distance: np.ndarray, first: np.ndarray, decay: np.ndarray | float) -> np.ndarray:
    """(area, school) mean over an area's places of exp(-d / decay).

    ``distance`` (place, school) km, sorted by area; ``first`` (area,) row of each area's first place; ``decay`` km, one
    for all or (school,).
    """
    count = np.diff(np.append(first, len(distance)))
    near = np.exp(-np.minimum(distance.astype(float) / decay, FAR))
    return np.add.reduceat(near, first, axis=0) / count[:, None]


def calibrate(homes, heads, distance, first, way, seen, decay: np.ndarray) -> np.ndarray:
    """(school,) km of decay such that each school's mean way from home comes near the one ``seen`` (school,) km.

    ``way`` (area, school) mean km. Schools not seen (NaN) keep their ``decay``. A damped fixed point: the mean way
    rises with the decay. Where an area is wider than the observed way, the least decay is as near as one gets.
    """
    total = heads.sum(axis=1)
    known = np.isfinite(seen) & (seen > 0) & (total > 0)
    for _ in range(STEPS):
        flows = fit(homes, heads, kernel(distance, first, decay)).sum(axis=2)
        mean = (flows * way).sum(axis=0)[known] / total[known]
        decay = decay.copy()
        decay[known] = np.clip(decay[known] * np.clip(seen[known] / mean, 0.5, 2), *RANGE)
    return decay


def fit(homes: np.ndarray, heads: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(area, school, group) float flows with the sums ``homes`` (area, group) and ``heads`` (school, group).

    ``weight`` (area, school) > 0. Both margins of a group must have one sum. Schools' sums hold to rounding error.
    """
    out = np.zeros((*weight.shape, heads.shape[1]))
    for g in range(heads.shape[1]):
        row, column = homes[:, g].astype(float), heads[:, g].astype(float)
        if column.sum() == 0:
            continue
        b = np.ones(column.size)
        for _ in range(LIMIT):
            a = row / (weight @ b)
            b = column / (a @ weight)
            if np.abs(a * (weight @ b) - row).max() < ACCURACY:
                break
        out[:, :, g] = a[:, None] * weight * b[None, :]
    return out


def whole(flows: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """(area, school, group) whole pupils near ``flows`` whose sums over areas are ``heads`` (school, group) exactly.

    Each flow goes to the whole number below or above it. Within a school the fractions are shared out to the areas
    that were rounded down most so far, so that areas' sums stay within about a pupil of the fitted ones.
    """
    out = np.floor(flows + 1e-9).astype(np.int64)
    for g in range(flows.shape[2]):
        owed = np.zeros(flows.shape[0])
        for s in range(flows.shape[1]):
            part = flows[:, s, g] - out[:, s, g]
            units = int(heads[s, g] - out[:, s, g].sum())
            claim = np.where(flows[:, s, g] > 0, owed + part, -np.inf)
            chosen = np.argsort(-claim, kind="stable")[:units]
            out[chosen, s, g] += 1
            owed += part
            owed[chosen] -= 1
    return out


def split(minority: np.ndarray, homes: np.ndarray, seed: int) -> np.ndarray:
    """(area, school, origin) whole pupils: ``minority`` (area, school) split by origin, blind to the school.

    Schools know only the minority as a whole. Each area's pupils are dealt, in a keyed order, the origins that its
    minority ``homes`` (area, origin) has, so that its sums by origin are within a pupil (assumption: within an area,
    origins do not choose differently).
    """
    areas, schools = minority.shape
    origins = homes.shape[1]
    flat = minority.ravel()
    pair = np.repeat(np.arange(flat.size), flat)
    area = pair // schools
    heads = minority.sum(axis=1)
    even = homes.sum(axis=0) / max(homes.sum(), 1e-300)
    shares = np.where(homes.sum(axis=1, keepdims=True) > 0, homes, even)
    owed = np.zeros(origins)
    origin = []
    for a in range(areas):  # what rounding withholds from an origin is owed to it in the next area
        exact = shares[a] / shares[a].sum() * heads[a] if heads[a] else np.zeros(origins)
        dealt = (
            largest_remainder(exact + np.where(exact > 0, owed, 0), int(heads[a])) if heads[a] else exact.astype(int)
        )
        owed += exact - dealt
        origin.append(np.repeat(np.arange(origins), dealt))
    origin = np.concatenate(origin) if origin else np.empty(0, int)
    order = np.lexsort((draw(Key(seed, "city", 0, 5), np.arange(area.size)), area))
    out = np.zeros((flat.size, origins), np.int64)
    np.add.at(out, (pair[order], origin), 1)
    return out.reshape(areas, schools, origins)


def spread(expected: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """(area, group) whole pupils near ``expected`` with the city's ``totals`` (group,) exactly.

    Running sums are rounded, area by area, so that small groups are not rounded away everywhere.
    """
    scale = np.divide(totals, expected.sum(axis=0), out=np.zeros(totals.size), where=expected.sum(axis=0) > 0)
    running = np.rint(np.cumsum(expected * scale, axis=0))
    return np.diff(running, axis=0, prepend=0).astype(np.int64)
