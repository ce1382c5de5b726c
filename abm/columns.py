"""Rows of columns: long runs of them are copied piece by piece, without looking at each row's number for each column."""

from collections.abc import Sequence

import numpy as np

from abm.compiled import in_place, kernel

_MANY = 100_000  # rows from which on it pays to look for runs
_LONG = 8  # rows of a run, on average, from which on pieces are copied


def take_rows(columns: Sequence[np.ndarray], rows: np.ndarray) -> list[np.ndarray]:
    """Each of the ``columns`` (n,) at ``rows`` (row,) int64."""
    if rows.size >= _MANY:
        start = _runs(rows)
        if start.size * _LONG < rows.size:
            return [_pieces(column, rows, start) for column in columns]
    return [column.take(rows) for column in columns]


def _pieces(column: np.ndarray, rows: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The column at ``rows``, run by run."""
    out, width = np.empty(rows.size, column.dtype), f"i{column.itemsize}"
    _copy(column.view(width), rows, start, out.view(width))
    return out


@kernel
def _runs(rows):
    """(run + 1,) int64 where runs of rows one after another begin, and the end."""
    runs = 1
    for k in range(1, rows.size):
        runs += rows[k] != rows[k - 1] + 1
    start, n = np.zeros(runs + 1, np.int64), 0
    for k in range(1, rows.size):
        if rows[k] != rows[k - 1] + 1:
            n += 1
            start[n] = k
    start[n + 1] = rows.size
    return start


@in_place
def _copy(column, rows, start, out):
    for run in range(start.size - 1):
        to, begin = np.uint64(start[run]), np.uint64(rows[start[run]])
        for k in range(start[run + 1] - start[run]):
            out[to + np.uint64(k)] = column[begin + np.uint64(k)]
