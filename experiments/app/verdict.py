"""The verdict on a figure as numbers and a code; the page puts both into a sentence of the reader's language."""

from typing import Any

import numpy as np

from experiments import statistics as stats

EITHER, OPEN, ASSUMPTIONS, FEW, STILL = "either", "open", "assumptions", "few", "still"
CODES = ("lowers", "raises", "small", EITHER, OPEN, ASSUMPTIONS, FEW, STILL)
_CODE = {stats.LOWERS: "lowers", stats.RAISES: "raises", stats.SMALL: "small"}


def outcome(gap: np.ndarray, name: str, wrong: bool = False, still: bool = False) -> dict[str, Any]:
    """The paired effect ``gap`` (run,) on one figure: mean, 95 % interval, 10 and 90 % of the pairs, verdict.

    Only segregation D has a smallest effect that matters (``statistics.SMALLEST``); of the other figures it is told whether
    the interval leaves out zero, or that no pair differs at all. ``wrong``: every pair has parameters of its own, so the verdict asks for what
    ``statistics.judge`` asks of parameter sets. ``still``: nothing at all differs between the futures.
    """
    smallest = stats.SMALLEST if name == "D" else 0.0
    of, reach = stats.paired(gap), None
    if wrong and of.n > 1:
        over = stats.layers(gap[:, None])
        of, reach = over.overall, (np.array([over.lowest]), np.array([over.highest]))
    of = stats.Estimate(*(np.array([part], float) for part in of))
    said = stats.judge(of, smallest, reach=reach)
    low, high = stats.quantiles(gap, (10, 90))
    none = not smallest and not np.any(gap)  # such as a cost where nothing costs anything
    code = STILL if still or none else _said(str(said.verdict[0]), of, smallest)
    return {
        "said": code, "mean": _number(of.mean[0]), "low": _number(of.low[0]), "high": _number(of.high[0]),
        "n": int(of.n[0]), "opposite": _number(of.opposite[0]), "tenth": _number(low), "ninetieth": _number(high),
        "smallest": smallest,
    }  # fmt: skip


def _said(verdict: str, of: stats.Estimate, smallest: float) -> str:
    """The verdict's code; the reasons for "not known" as in ``statistics.sentence``."""
    mean, low, high = float(of.mean[0]), float(of.low[0]), float(of.high[0])
    if not np.isfinite([mean, low, high]).all():
        return FEW
    if verdict in _CODE:
        return _CODE[verdict]
    if low <= 0 <= high:
        return EITHER
    return OPEN if abs(mean) < smallest else ASSUMPTIONS


def _number(value: float) -> float | None:
    return round(float(value), 8) if np.isfinite(value) else None
