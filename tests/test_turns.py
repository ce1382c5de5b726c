"""Whose turn it is: by chance, an exact share, in cycles; the same families in whatever order the rows stand."""

from itertools import chain

import numpy as np
import pytest

from abm.randomness import Key, draw, permutation
from abm.turns import take_turns

LUCK, ORDER = Key(3, "move", 5), Key(3, "move", 5, 1)
IDS = np.arange(1000, 1040)


def turns(rate, how, rounds=1, past=0, ids=IDS, stride=3, year=5):
    return take_turns(
        ids, rate, how, rounds, past, LUCK._replace(year=year), ORDER._replace(year=year), stride
    )  # fmt: skip


def by_round(taken, ids=IDS):
    """The ids of each round, as they come."""
    return [ids[taken.who[taken.round == r]].tolist() for r in range(taken.round.max(initial=-1) + 1)]


@pytest.mark.parametrize(("rate", "size"), [(0.25, 10), (0.26, 10), (0.0, 0), (1.0, 40), (0.01, 0)])
def test_a_share_is_exact_in_every_round(rate, size):
    """Of 40 families .25 are 10, .26 the nearest whole number, 10; nobody twice in a round; rounds differ."""
    rounds = by_round(turns(rate, "share", 4))
    assert [len(r) for r in rounds] == ([size] * 4 if size else [])
    assert all(len(set(r)) == len(r) for r in rounds)
    if 0 < size < 40:
        assert len({tuple(sorted(r)) for r in rounds}) > 1


def test_a_share_is_drawn_evenly():
    """Over 2,000 rounds of a quarter each family has about 500 turns (sd 19)."""
    count = np.bincount(turns(0.25, "share", 2000).who, minlength=40)
    assert count.sum() == 20_000
    assert abs(count - 500).max() < 5 * 19


def test_a_cycle_gives_everybody_one_turn_before_anybody_has_two():
    """40 families, 15 a round: rounds of 15, 15 and the 10 who are left; then a new cycle in another order."""
    rounds = by_round(turns(0.375, "cycle", 6))
    assert [len(r) for r in rounds] == [15, 15, 10, 15, 15, 10]
    first, second = list(chain(*rounds[:3])), list(chain(*rounds[3:]))
    assert sorted(first) == sorted(second) == IDS.tolist()
    assert first != second


def test_a_cycle_goes_on_from_step_to_step():
    """Six rounds in one step are the rounds of three steps of two, whatever the year: no key of a cycle holds the year."""
    whole = by_round(turns(0.375, "cycle", 6))
    parts = [by_round(turns(0.375, "cycle", 2, past=2 * k, year=7 + k)) for k in range(3)]
    assert list(chain(*parts)) == whole


def test_chance_is_the_draw_and_the_order_of_old():
    """Whoever draws below the rate has a turn, in the keyed order of those; the next round's keys are a stride further."""
    taken = turns(0.3, "chance", 2)
    for r in range(2):
        rows = np.flatnonzero(draw(LUCK._replace(round=3 * r), IDS) < 0.3)
        rows = rows[permutation(ORDER._replace(round=1 + 3 * r), IDS[rows])]
        assert taken.who[taken.round == r].tolist() == rows.tolist()
    assert turns(0.3, "chance").who.tolist() == taken.who[taken.round == 0].tolist()


@pytest.mark.parametrize("how", ["chance", "share", "cycle"])
def test_the_order_of_the_rows_does_not_matter(how):
    other = np.random.default_rng(1).permutation(IDS)
    assert by_round(turns(0.3, how, 5)) == by_round(turns(0.3, how, 5, ids=other), other)


@pytest.mark.parametrize("how", ["chance", "share", "cycle"])
def test_rows_of_one_id_come_together_and_count_once(how):
    """40 families, 25 of them with two or three rows here and there: the same families as if each had one row."""
    many = np.random.default_rng(2).permutation(np.concatenate([IDS, IDS[:25], IDS[:5]]))
    taken = turns(0.3, how, 4, ids=many)
    assert set(taken.who) == {row for row in range(many.size) if many[row] in set(many[taken.who])}
    for r, wanted in enumerate(by_round(turns(0.3, how, 4))):
        rows = taken.who[taken.round == r]
        runs = many[rows][np.flatnonzero(np.diff(many[rows], prepend=-1))]
        assert runs.tolist() == wanted  # each family once
        assert sorted(rows) == np.flatnonzero(np.isin(many, wanted)).tolist()  # with all of its rows


@pytest.mark.parametrize("how", ["chance", "share", "cycle"])
def test_nobody_there_nobody_s_turn(how):
    taken = turns(0.3, how, 3, ids=IDS[:0])
    assert taken.who.size == taken.round.size == 0
    assert taken.who.dtype == np.int64
