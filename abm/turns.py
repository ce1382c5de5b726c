"""Whose turn it is: who looks again, or looks for a home, in each round of a step, and in which order."""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.randomness import Key, numbers, permutation, rows_below, stream
from abm.sorting import by_number


class Turns(NamedTuple):
    """Rounds one after another, families one after another in each, and the rows of a family one after another."""

    rows: np.ndarray  # (row,) int64 those who have a turn, rising: whoever stands together looks together
    order: np.ndarray  # (turn,) int64 where in ``rows`` each turn's row stands, as turns come
    round: np.ndarray  # (turn,) int64, not falling

    @property
    def who(self) -> np.ndarray:
        """(turn,) int64 rows, as they come."""
        return self.rows[self.order]


def take_turns(
    ids: np.ndarray, rate: float, how: str, rounds: int, past: int, luck: Key, order: Key, stride: int = 1
) -> Turns:
    """The turns of the families with stable ids ``ids`` (row,) in ``rounds`` rounds; rows of one id come together.

    how: "chance", each looks with probability ``rate``; "share", that share of them, exactly (to the nearest whole
    number); "cycle", the same without replacement: nobody has a second turn before all had one, and a cycle's last
    round takes those who are left. past: rounds of earlier steps, where a cycle goes on. luck, order: keys of the first
    round, ``stride`` further for each next one.
    """
    who = []
    if how == "chance":
        for r in range(rounds):
            drawn, now = (stream(key._replace(round=key.round + stride * r)) for key in (luck, order))
            rows, turns = _by_chance(drawn, now, ids, float(rate))
            if rounds == 1:
                return Turns(rows, turns, np.zeros(turns.size, np.int64))
            who.append(rows[turns])
        return _together(who)
    count = _heads(permutation(order, ids), ids).size - 1
    size = round(rate * count)
    length = max(-(-count // max(size, 1)), 1)  # rounds of a cycle
    for r in range(rounds):
        now, slot = order._replace(round=order.round + stride * r), 0
        if how == "cycle":
            slot = (past + r) % length
            now = order._replace(year=0, round=order.round + stride * (past + r - slot))
        rows = permutation(now, ids)
        first = _heads(rows, ids)
        who.append(rows[first[min(slot * size, count)] : first[min((slot + 1) * size, count)]])
    return _together(who)


def _together(who: list[np.ndarray]) -> Turns:
    rows, order = np.unique(np.concatenate(who), return_inverse=True)
    return Turns(rows, order, np.repeat(np.arange(len(who)), [turns.size for turns in who]))


@kernel
def _by_chance(luck, order, ids, rate):
    """Rows whose ids draw a number below ``rate``, rising, and where each turn's row stands among them, by the stream ``order``."""
    rows = rows_below(luck, ids, rate).copy()  # or its room for all ids would stay
    drawn = np.empty(rows.size, np.int64)
    for i in range(rows.size):
        drawn[i] = ids[rows[i]]
    return rows, by_number(numbers(order, drawn))


@kernel
def _heads(rows, ids):
    """(id + 1,) int64: in ``rows``, sorted so that those of one id stand together, each id begins, and the end."""
    first, count = np.empty(rows.size + 1, np.int64), 0
    for i in range(rows.size):
        first[count] = i
        count += i == 0 or ids[rows[i]] != ids[rows[i - 1]]
    first[count] = rows.size
    return first[: count + 1]
