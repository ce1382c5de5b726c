"""Zones joined by hand: in pairs, and to sectors."""

import numpy as np

from abm.rezoning.checks import cut_off
from abm.rezoning.pairs import pair, touching
from abm.rezoning.problem import neighbours
from abm.rezoning.sectors import drawn_sectors, grown, sector_problem

CHAIN = np.array([[0, 1], [1, 2], [2, 3]])
ALL = np.ones(4, bool)


def pupils(*shares):
    """Zones of ten pupils with these shares of the minority."""
    return np.array([[10 * s, 10 - 10 * s] for s in shares])


def test_the_matching_has_most_to_exchange_in_all():
    """Shares .9 .1 .8 .2: 5 x .8 = 4, 3.5 and 3 pupils: 4 + 3 is more than 3.5. Shares .9 .8 .2 .1: .5 + .5 is less than 3."""
    assert pair(pupils(0.9, 0.1, 0.8, 0.2), CHAIN, ALL) == [(0, 1), (2, 3)]
    assert pair(pupils(0.9, 0.8, 0.2, 0.1), CHAIN, ALL) == [(1, 2)]


def test_pairs_with_most_to_exchange_come_first():
    """Shares .5 .3 .9 .1: 1, 3 and 4 pupils: 1 + 4 is more than 3, and the second pair comes first."""
    assert pair(pupils(0.5, 0.3, 0.9, 0.1), CHAIN, ALL) == [(2, 3), (0, 1)]


def test_zones_that_are_alike_or_not_to_be_treated_are_not_paired():
    assert pair(pupils(0.5, 0.5, 0.5, 0.5), CHAIN, ALL) == []
    assert pair(pupils(0.9, 0.1, 0.8, 0.2), CHAIN, np.array([True, False, True, True])) == [(2, 3)]


def test_zones_touch_where_their_points_do():
    """Points 0 1 2 3 in a row, of zones 5 5 2 5: zone 2 touches zone 5, once."""
    assert touching(CHAIN, np.array([5, 5, 2, 5])).tolist() == [[2, 5]]


# Four zones on the corners of a square of 1 km: 0 and 1 below, 2 and 3 above; sides touch.
SIDES = np.array([[0, 1], [0, 2], [1, 3], [2, 3]])
SQUARE = np.array([[0, 1000, 1000, 1414], [1000, 0, 1414, 1000], [1000, 1414, 0, 1000], [1414, 1000, 1000, 0]])


def test_sectors_grow_from_outside_to_neighbours():
    assert grown(SQUARE, SIDES, ALL, 2).tolist() == [0, 0, 1, 1]
    assert grown(SQUARE, SIDES, ALL, 4).tolist() == [0, 0, 0, 0]
    assert grown(SQUARE, SIDES, np.array([True, False, True, True]), 2).tolist() == [0, 2, 0, 1]


def test_a_rest_smaller_than_half_a_sector_joins_one():
    """Four zones in a row, three to a sector: 0 1 2 from the outermost (the first of two equals), and 3 is left over."""
    metres = 1000 * np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    assert grown(metres, CHAIN, ALL, 3).tolist() == [0, 0, 0, 0]


def test_sectors_are_drawn_for_their_mix():
    """Minority below, majority above: below and above as grown have D = 1; left and right have D = 0."""
    sector, uneven = drawn_sectors(pupils(1, 1, 0, 0), SQUARE, SIDES, ALL, size=2, reach_km=3.0)
    assert uneven.tolist() == [0, 0]
    assert sector[0] == sector[2] != sector[1] == sector[3]


def test_sectors_hang_together_and_keep_their_size():
    """Forty random zones, four to a sector: three to five in each but where fewer were left over."""
    rng = np.random.default_rng(3)
    at = rng.random((40, 2)) * 5
    edges, heads = neighbours(at), rng.integers(1, 50, (40, 2)).astype(float)
    metres = np.rint(1000 * np.hypot(*(at[:, None] - at[None, :]).transpose(2, 0, 1))).astype(np.int64)
    joins = np.ones(40, bool)
    start = grown(metres, edges, joins, 4)
    sector, uneven = drawn_sectors(heads, metres, edges, joins, size=4, reach_km=3.0)
    first = sector_problem(heads, metres, edges, joins, start, size=4, reach_km=3.0)
    assert not cut_off(first, start).any()
    assert not cut_off(sector_problem(heads, metres, edges, joins, sector, size=4, reach_km=3.0), sector).any()
    size, was = np.bincount(sector), np.bincount(start)
    assert ((size >= np.minimum(3, was.min())) & (size <= np.maximum(5, was.max()))).all()
    share = heads / heads.sum(axis=0)
    tilt = share[:, 0] - share[:, 1]
    assert np.abs(uneven).sum() / 1e6 < np.abs(np.bincount(start, tilt)).sum()
