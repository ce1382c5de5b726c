"""The households: one row a pupil. ``family`` ties siblings; every attribute is drawn from a stable id."""

import functools
from typing import NamedTuple

import numpy as np

from abm.columns import take_rows
from abm.compiled import shared
from abm.config import HouseholdsConfig
from abm.randomness import Key, normal

START, OFFER, EX_OFFICIO, LATE, TRANSFER, RELOCATED, PROPOSED = 0, 1, 2, 3, 4, 5, 6
WAYS = ("there at the start", "placed by its list", "placed ex officio", "arrived during the year", "changed school", "moved when its school closed", "accepted the school proposed to it")  # fmt: skip
LATE_MARK = 15  # in the field of an id that otherwise holds the years between siblings
MAX_GAP = 4  # years between siblings, at most
MOST_IN_ID = 1 << 20  # areas, and numbers of serial, that an id has room for
YEAR0 = 1024  # keeps the years before the start above zero in an id


class Households(NamedTuple):
    """One row a pupil."""

    id: np.ndarray  # (household,) int64 (entry year, area, years after sibling, group, serial), stable
    family: np.ndarray  # (household,) int64 id of the family's first child here: keys taste
    place: np.ndarray  # (household,) int32
    group: np.ndarray  # (household,) int8
    status: np.ndarray  # (household,) float32 sd
    information: np.ndarray  # (household,) float32 0 to 1
    tolerance: np.ndarray  # (household,) float32 preferred own-side share f
    tolerant: np.ndarray  # (household,) bool, of the tolerant kind
    workplace: np.ndarray  # (household,) int32 district where a parent works, -1: the own or none
    vulnerable: np.ndarray  # (household,) bool, true
    detected: np.ndarray  # (household,) bool, known to the authority
    grade: np.ndarray  # (household,) int8 from 0
    school: np.ndarray  # (household,) int32, -1: none
    way: np.ndarray  # (household,) int8 START ... PROPOSED: how it came to its school
    rank: np.ndarray  # (household,) int8 place of its school on its list, 0 first, -1: not by list


_KINDS = [*map(np.dtype, ("i8", "i8", "i4", "i1", "f4", "f4", "f4", "?", "i4", "?", "?", "i1", "i4", "i1", "i1"))]


def blank(rows: int) -> Households:
    """A table of so many rows in which nothing is written yet."""
    return Households(*[np.empty(rows, kind) for kind in _KINDS])


@shared
def packed(year, area, gap, group, serial):
    """Stable id of (entry year, area, years after an older sibling, group, serial), whole numbers of 64 bits; below 2^62."""
    return ((year + YEAR0) << 50) | (area << 30) | (gap << 26) | (group << 20) | serial


def pack(year, area, gap, group, serial) -> np.ndarray:
    """int64 stable ids, as :func:`packed`, of whole numbers or arrays of them."""
    return packed(*(np.asarray(part, np.int64) for part in (year, area, gap, group, serial)))


@shared
def entry_year(identity):
    """Year in which a child entered the stage (0 and below: before the model's start); of one id, or of an array of them."""
    return (identity >> 50) - YEAR0


@shared
def sibling_gap(identity):
    """Years after the older sibling's entry; 0: a first child, LATE_MARK: a late arrival; of one id, or of an array."""
    return (identity >> 26) & 15


def take(households: Households, rows) -> Households:
    """The table with only ``rows`` (a mask or row numbers)."""
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    return Households(*take_rows(households, rows))


def join(*tables: Households) -> Households:
    """Tables one under another."""
    return Households(*map(np.concatenate, zip(*tables, strict=True)))


def vulnerability(status: np.ndarray, config: HouseholdsConfig) -> np.ndarray:
    """(household,) probability of being vulnerable: a logistic fall with status whose mean over N(0, 1) is the share."""
    return 1 / (1 + odds_against(status, config))


def odds_against(status: np.ndarray, config: HouseholdsConfig) -> np.ndarray:
    """(household,) odds against being vulnerable, in the floats that ``status`` is of."""
    odds = config.vulnerable_slope * status
    odds -= intercept(config.vulnerable_share, config.vulnerable_slope)
    return np.exp(odds, out=odds)


@functools.cache
def intercept(share: float, slope: float) -> float:
    """The log odds at mean status that give the wanted share, by bisection over a Gauss-Hermite rule."""
    if share in (0.0, 1.0):
        return float("inf") if share else float("-inf")
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    weight = weight / weight.sum()
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        if weight @ _logistic(middle - slope * node) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _logistic(x):
    return 1 / (1 + np.exp(-x))


def attainment_rank(households: Households, config: HouseholdsConfig, seed: int) -> np.ndarray:
    """(household,) float64 0 to 1: rank of each child's earlier attainment, for good, on a standard normal scale.

    So nobody's rank depends on who else is there. Attainment: r · status + sqrt(1 - r^2) · N(0, 1).
    """
    from scipy.special import ndtr

    r = config.attainment_status
    own = normal(Key(seed, "attainment"), households.id)
    return ndtr(r * households.status.astype(float) + np.sqrt(1 - r**2) * own)
