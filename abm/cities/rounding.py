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
