"""The way from each address point to each school: looked up in a table, or worked out when asked where that would be huge.

A table of 400,000 address points and 40,000 schools takes 64 gigabytes; the same straight ways are worked out from the
coordinates in a few nanoseconds, to the same bits.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.geometry import between, crow, distances

MOST_PAIRS = 4_000_000  # ways in a table, at most, where nobody rides: beyond, looking up takes longer than working out
_ZERO = np.float32(0)


class Ways(NamedTuple):
    """Kilometres of walking, equivalent. Kernels unpack it and ask :func:`way`; all others ask its methods.

    A row is an address point; rows beyond the last are the same points as felt with the first ticket, the second and so on.
    """

    table: np.ndarray  # (row, school) float32 km; (0, 0): worked out
    home: np.ndarray  # (place, 2) float64 km
    site: np.ndarray  # (school, 2) float64 km
    torus_km: float  # side of a torus; 0: a plane
    felt: np.ndarray  # (ticket,) float32 share of each km beyond the knee that counts; none where there is a table
    knee: np.float32  # km

    def km(self, place, school) -> np.ndarray:
        """float32 km from address points to schools, arrays of rows that fit each other."""
        return self.table[place, school] if self.table.shape[0] else self.straight(place, school)

    def straight(self, place, school) -> np.ndarray:
        """float32 km as the crow flies, also where some ways are rides."""
        home, site = self.home[place], self.site[school]
        return between(home[..., 0], home[..., 1], site[..., 0], site[..., 1], self.torus_km)

    def whole(self) -> np.ndarray:
        """(place, school) float32 km: all of them, for small cities."""
        return self.table if self.table.shape[0] else self.crow_flies()

    def crow_flies(self) -> np.ndarray:
        """(place, school) float32 straight km: all of them, for small cities."""
        return distances(*self.home.T, *self.site.T, self.torus_km)

    def longest(self) -> float:
        """The longest way in the city, km. Homes far from the schools' middle come first, so that few are looked at."""
        if self.table.shape[0] or not self.home.size or not self.site.size:
            return float(self.table.max(initial=0.0))
        middle = self.site.mean(axis=0)
        reach = float(between(*self.site.T, *middle, self.torus_km).max())
        out = between(*self.home.T, *middle, self.torus_km).astype(float)
        order, longest = np.argsort(-out, kind="stable"), 0.0
        for rows in np.split(order, np.arange(_CHUNK, order.size, _CHUNK)):
            if (out[rows[0]] + reach) * (1 + 1e-6) < longest:
                break
            longest = max(longest, float(self.straight(rows[:, None], np.arange(len(self.site))).max()))
        return longest


_CHUNK = 256  # homes looked at together


def straight_ways(home: np.ndarray, site: np.ndarray, torus_km: float, pairs: int | None = None) -> Ways:
    """The straight ways from ``home`` (place, 2) to ``site`` (school, 2) km: in a table where that has few ``pairs``."""
    home, site = (np.ascontiguousarray(points, float) for points in (home, site))
    small = len(home) * len(site) <= (MOST_PAIRS if pairs is None else pairs)
    table = distances(*home.T, *site.T, torus_km) if small else np.empty((0, 0), np.float32)
    return Ways(table, home, site, float(torus_km), np.empty(0, np.float32), _ZERO)


@inlined
def way(table, home, site, torus_km, felt, knee, row, s):
    """float32 km of one ``row`` to school ``s``; the arguments before are those of :class:`Ways`."""
    if table.shape[0] > 0:
        return table[row, s]
    places = home.shape[0]
    p = row % places if felt.size > 0 else row
    km = crow(home[p, 0], home[p, 1], site[s, 0], site[s, 1], torus_km)
    if row >= places:
        km = min(km, knee) + felt[row // places - 1] * max(km - knee, _ZERO)
    return km
