"""Whose turn it is: who looks again, or looks for a home, in each round of a step, and in which order."""

from typing import NamedTuple

import numpy as np

from abm.randomness import Key, below, permutation


class Turns(NamedTuple):
    """Rounds one after another, families one after another in each."""

    who: np.ndarray  # (turn,) int64 rows, as they come
    round: np.ndarray  # (turn,) int64, not falling


def take_turns(
    ids: np.ndarray, rate: float, how: str, rounds: int, past: int, luck: Key, order: Key, stride: int = 1
) -> Turns:
    """The turns of the families with stable ids ``ids`` (row,) in ``rounds`` rounds.

    how: "chance", each looks with probability ``rate``; "share", that share of them, exactly (to the nearest whole
    number); "cycle", the same without replacement: nobody has a second turn before all had one, and a cycle's last
    round takes those who are left. past: rounds of earlier steps, where a cycle goes on. luck, order: keys of the first
    round, ``stride`` further for each next one.
    """
    who = []
    size = round(rate * ids.size)
    length = max(-(-ids.size // max(size, 1)), 1)  # rounds of a cycle
    for r in range(rounds):
        if how == "cycle":
            slot = (past + r) % length
            own = order._replace(year=0, round=order.round + stride * (past + r - slot))
            who.append(permutation(own, ids)[slot * size : (slot + 1) * size])
            continue
        now = order._replace(round=order.round + stride * r)
        if how == "share":
            who.append(permutation(now, ids)[:size])
            continue
        rows = below(luck._replace(round=luck.round + stride * r), ids, rate)
        who.append(rows[permutation(now, ids[rows])])
    return Turns(np.concatenate(who).astype(np.int64), np.repeat(np.arange(rounds), [rows.size for rows in who]))
