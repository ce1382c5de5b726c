"""A town of two schools in four equations: where one school's minority share of this year leads next year.

The town: two schools, A and B, ``km`` apart, with room for all. Half of the families live beside each. Of all pupils the
share ``minority`` is of the minority, of these the share ``beside`` lives beside A. Minority families stay at the school
next door (an assumption that makes the town one line). Each year's majority families look at last year's shares and choose

    P(A) = 1 / (1 + exp(-(U_A - U_B) / noise)),   U_s = weight V(1 - x_s) - distance km_s           (logit, as in the model)
    V(y) = y / f for y <= f, else M + (1 - y) (1 - M) / (1 - f)                                     (Stoica & Flache 2014)

with x_s the minority's share at school s and y = 1 - x_s that of the majority. Given x_A = x, the majority at A is what goes
with x, the rest is at B, so x_B follows, and the new majority at A gives next year's share: one function of one number.
The page tipping.html has the same function in JavaScript; a test holds both, and the agent-based model, to each other.
"""

from typing import NamedTuple

import numpy as np


class Town(NamedTuple):
    """What the sliders set. Pupils of the town: 1 in all."""

    minority: float = 0.25  # share of the minority among all pupils
    weight: float = 7.0  # of composition V, 0 to 1, in utility: how strongly the majority reacts
    km: float = 1.5  # from one school to the other
    noise: float = 1.0  # scale of the taste: 1 as in the model; larger, the more other reasons count
    prefers: float = 0.7  # f: the share of their own at school that majority families like best
    full: float = 0.8  # M: value of a school with none but their own
    distance: float = 0.6  # utility lost a kilometre
    beside: float = 0.5  # share of the minority that lives beside school A


def value(own, prefers: float, full: float):
    """V of a school with the share ``own`` of one's own."""
    own = np.asarray(own, float)
    fall = (1 - full) / max(1 - prefers, 1e-12)
    return np.where(own <= prefers, own / prefers, full + (1 - own) * fall)


def next_share(x, town: Town):
    """The minority's share at A next year where it is ``x`` this year."""
    x = np.asarray(x, float)
    at_a, at_b = town.minority * town.beside, town.minority * (1 - town.beside)  # minority pupils
    majority = 1 - town.minority
    there = np.clip(at_a * (1 - x) / np.maximum(x, 1e-12), 0, majority)  # majority pupils at A who go with x
    other = at_b / np.maximum(at_b + majority - there, 1e-12)  # the minority's share at B
    gain = town.weight * (value(1 - x, town.prefers, town.full) - value(1 - other, town.prefers, town.full))
    way = town.distance * town.km
    with np.errstate(over="ignore"):
        chosen = [1 / (1 + np.exp(-(gain + side * way) / town.noise)) for side in (1, -1)]  # P(A) beside A, beside B
    return at_a / np.maximum(at_a + majority * (chosen[0] + chosen[1]) / 2, 1e-12)


def lowest(town: Town) -> float:
    """The minority's share at A if the whole majority went there: shares below it cannot be."""
    at_a = town.minority * town.beside
    return at_a / (at_a + 1 - town.minority)


def rests(town: Town, steps: int = 4000) -> list[tuple[float, str]]:
    """(share, kind) where a year leads back to itself, lowest first.

    kind: "rest", to which a school that is a little off comes back; "tip", from which it goes on; "swing", past which it
    comes back too far, year after year.
    """
    x = np.linspace(lowest(town), 1 - 1e-9, steps + 1)
    gap = next_share(x, town) - x
    found = []
    for i in np.flatnonzero((gap[:-1] >= 0) != (gap[1:] >= 0)):
        low, high = x[i], x[i + 1]
        for _ in range(50):
            middle = (low + high) / 2
            same = (next_share(middle, town) - middle >= 0) == (gap[i] >= 0)
            low, high = (middle, high) if same else (low, middle)
        at = float(low + high) / 2
        slope = float(next_share(at + 1e-5, town) - next_share(at - 1e-5, town)) / 2e-5
        found.append((at, "tip" if gap[i] < 0 else "swing" if slope < -1 else "rest"))
    return found


def path(x: float, town: Town, years: int) -> np.ndarray:
    """(year,) the minority's share at A, from ``x`` on."""
    out = [x]
    for _ in range(years):
        out.append(float(next_share(out[-1], town)))
    return np.array(out)
