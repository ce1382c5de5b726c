"""When a published model counts as settled: figures that stay within a band of their own mean over a window of steps."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

WINDOW, WITHIN = 30, 0.01  # Dignum et al. 2022


class Convergence:
    """Dignum et al. (2022): each figure stayed within ``within`` of its mean over the last ``window`` steps.

    Their figures are the mean and the standard deviation of the families' utility, and Theil's H.
    """

    def __init__(self, window: int = WINDOW, within: float = WITHIN):
        self.within = within
        self.last: deque[tuple[float, ...]] = deque(maxlen=window)

    def add(self, *figures: float) -> bool:
        """Note a step's figures; whether the process has settled."""
        self.last.append(figures)
        if len(self.last) < self.last.maxlen:
            return False
        seen = np.array(self.last)
        return bool((np.abs(seen - seen.mean(axis=0)) < self.within).all())


class Settled(NamedTuple):
    """How a stage ended."""

    steps: int
    converged: bool  # no: stopped at the most steps
    low: float  # least utility of a family at any step
    high: float  # greatest


def settle(
    step: Callable[[], bool], utility: Callable[[], np.ndarray], index: Callable[[], float], most: int, cycle: int = 0
) -> Settled:
    """Step until mean and standard deviation of ``utility`` (family,) and ``index`` have settled, ``most`` times at most.

    step: does one step and says whether anybody moved; where nobody did, nothing else has changed either. cycle: steps
    in which all have one turn each, in an order drawn anew for each cycle, where moves leave nothing to chance; 0: moves
    are a matter of chance. Any 2 cycle - 1 steps in a row hold a whole cycle: after as many without a move there will be
    no other, so that further steps are counted and not done.
    """
    rule, low, high = Convergence(), np.inf, -np.inf
    moved, quiet, figures = True, 0, ()
    for steps in range(most + 1):
        if steps:
            moved = step() if not cycle or quiet < 2 * cycle - 1 else False
        quiet = 0 if moved else quiet + 1
        if moved:
            worth = utility()
            low, high = min(low, float(worth.min())), max(high, float(worth.max()))
            figures = (float(worth.mean(dtype=float)), float(worth.std(dtype=float)), index())
        if rule.add(*figures):
            return Settled(steps, True, low, high)
    return Settled(most, False, low, high)
