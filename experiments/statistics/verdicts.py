"""From intervals to a plain verdict, for one comparison or a whole table, against the smallest effect that matters.

| interval | mean at least ``smallest`` from zero | mean nearer to zero |
|---|---|---|
| leaves out zero, reaches past ``smallest`` | lowers, raises | not known: there is an effect, whether it matters is open |
| leaves out zero, within +-``smallest`` | (cannot be) | too small to matter |
| includes zero, within +-``smallest`` | (cannot be) | too small to matter |
| includes zero, reaches past ``smallest`` | not known | not known |

With no effect a direction is claimed in at most 5 %: whenever it is, the 95 % interval leaves out zero. "Within" is strict,
so that nothing is too small to matter where ``smallest`` is zero. The interval within +-smallest is the test of equivalence of
Schuirmann (1987) and Lakens (2017), at 2.5 % instead of 5 % since it takes the 95 % and not the 90 % interval.
"""

from typing import NamedTuple

import numpy as np

from experiments.statistics.multiplicity import discoveries, selected_level
from experiments.statistics.pairs import Estimate
from experiments.statistics.student import STUDENT, Method

SMALLEST = 0.01  # smallest effect of interest, in points of D from 0 to 1: assumption
DISSENT = 0.2  # with more parameter sets than this of the other sign no direction is claimed: assumption
LOWERS, RAISES, SMALL, UNKNOWN = VERDICTS = ("lowers", "raises", "too small to matter", "not known")


class Judgement(NamedTuple):
    """What a table says: one entry a row (m,), with the interval that its verdict rests on."""

    verdict: np.ndarray  # one of VERDICTS
    low: np.ndarray
    high: np.ndarray
    level: np.ndarray  # level of this interval, at least 1 - rate


def verdict(mean: float, low: float, high: float, smallest: float = SMALLEST) -> str:
    """The verdict on one comparison from its mean and interval (the table above); nan is not known."""
    direction = abs(mean) >= smallest and (low > 0 or high < 0)
    return str(_words(direction, -smallest < low and high < smallest, mean))


def judge(
    estimates: Estimate,
    smallest: float | np.ndarray = SMALLEST,
    rate: float = 0.05,
    method: Method = STUDENT,
    reach: tuple[np.ndarray, np.ndarray] | None = None,
) -> Judgement:
    """Verdicts on all rows of a table (m,), with the false ones among the claims controlled at ``rate``.

    A direction may be claimed where the mean is at least ``smallest`` from zero; the p-values of all other rows count as one,
    *before* Benjamini and Hochberg's procedure over all m rows. (To drop small effects after it would break the control: what
    is left could be mostly false.) So of the directions claimed on average at most ``rate`` are wrong. The equivalence claims
    are a family of their own, with the same control. Intervals are those of Benjamini and Yekutieli (2005) at the level of
    the family they are candidates for, so a verdict is (but for ``reach``) always that of ``verdict`` on the row's interval, and with one row both are the same.

    ``method`` must be SEQUENTIAL where seeds were added until precise. For estimates over parameter sets
    (``Layers.overall``) give ``reach``, the prediction interval (lowest, highest) over sets: then "too small to matter" must
    hold in it as well, and a direction needs at most DISSENT of the sets against it: many sets make any mean significant, and
    a policy that helps in half of the plausible worlds and harms in the other half is not one that is known not to matter.
    """
    mean, sd, n = (np.asarray(part, dtype=float) for part in (estimates.mean, estimates.sd, estimates.n))
    smallest = np.broadcast_to(np.asarray(smallest, dtype=float), mean.shape)
    if (smallest < 0).any():
        raise ValueError("the smallest effect of interest must not be negative")
    far, near = np.abs(mean) >= smallest, np.abs(mean) < smallest
    if reach is not None:
        far = far & (np.asarray(estimates.opposite) <= DISSENT)
        near = near & (-smallest < np.asarray(reach[0])) & (np.asarray(reach[1]) < smallest)
    p = np.where(far, method.p(mean, sd, n), np.nan)
    # 2 x Schuirmann's p-value: the interval at level 1 - a lies within +-smallest exactly where this is below a
    p_small = np.where(near, np.maximum(method.p(mean - smallest, sd, n), method.p(mean + smallest, sd, n)), np.nan)
    direction, small = discoveries(p, rate), discoveries(p_small, rate)
    level = np.where(np.abs(mean) < smallest, selected_level(p_small, rate), selected_level(p, rate))
    radius = method.radius(sd, n, level)
    return Judgement(_words(direction, small, mean), mean - radius, mean + radius, level)


def sentence(
    said: str, estimate: Estimate, smallest: float = SMALLEST, level: float = 0.95, what: str = "D", of: str = "seeds"
) -> str:
    """The verdict ``said`` on one ``estimate`` in plain words, its interval as given there (of the ``level``)."""
    mean, low, high = float(estimate.mean), float(estimate.low), float(estimate.high)
    if not np.isfinite([mean, low, high]).all():
        return f"Not known: too few {of} for an interval."
    by = f"{100 * level:.4g} % interval {low:.3g} to {high:.3g}, {int(estimate.n)} {of}"
    against = f"{100 * float(estimate.opposite):.0f} % of {of} point the other way"
    if said in (LOWERS, RAISES):
        return f"{said.capitalize()} {what} by {abs(mean):.3g} ({by}; {against})."
    if said == SMALL:
        return f"Too small to matter: the effect on {what} is nearer to zero than {smallest:.3g} ({by})."
    if low <= 0 <= high:
        return f"Not known: the effect on {what} may go either way ({by}; {against})."
    if abs(mean) < smallest:
        return f"Not known: whether the effect on {what} reaches {smallest:.3g}, the smallest that matters, is open ({by})."
    return f"Not known: it depends too much on the assumptions ({by}; {against})."


def _words(direction: np.ndarray | bool, small: np.ndarray | bool, mean: np.ndarray | float) -> np.ndarray:
    """The verdict where a direction may be claimed, or smallness, or neither."""
    towards = np.where(np.asarray(mean) < 0, LOWERS, RAISES)
    return np.where(direction, towards, np.where(small, SMALL, UNKNOWN))
