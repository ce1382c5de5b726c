"""Whole numbers from expected ones, keeping sums."""

import numpy as np


def largest_remainder(expected: np.ndarray, total: int | None = None) -> np.ndarray:
    """Whole numbers near ``expected`` (n,) that sum to ``total`` (default: the rounded sum); ties: first come first."""
    expected = np.maximum(np.asarray(expected, float), 0.0)
    total = round(float(expected.sum())) if total is None else int(total)
    if expected.sum() <= 0:
        expected = np.ones(expected.size)
    expected = expected * (total / max(expected.sum(), 1e-200))
    out = np.floor(expected + 1e-9).astype(np.int64)
    order = np.argsort(-(expected - out), kind="stable")
    out[order[: max(total - out.sum(), 0)]] += 1
    return out


def settle_rows(whole: np.ndarray, expected: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Whole numbers near ``expected`` (row, column) with the column sums of ``whole`` and the row ``sums`` (same total).

    One by one, a unit moves within the column where it costs least, from a row with too many to a row with too few.
    """
    out = whole.copy()
    over = out.sum(axis=1) - sums
    few = [row for row in np.flatnonzero(over < 0) for _ in range(-over[row])]
    many = [row for row in np.flatnonzero(over > 0) for _ in range(over[row])]
    for giver, taker in zip(many, few, strict=True):
        gain = (out[giver] - expected[giver]) - (out[taker] - expected[taker])
        column = int(np.where(out[giver] > 0, gain, -np.inf).argmax())
        out[giver, column] -= 1
        out[taker, column] += 1
    return out
