"""Vector instructions where LLVM finds none by itself: a loop that both picks numbers from a table and stores them.

LLVM cannot know that the stores leave the table alone. What a family sees of 16 schools is picked, or read as records that
are then turned into columns, in a few instructions a school and without a branch; and 16 are compared with one school at
once, which LLVM would do one by one. Each function stands here as plain Python does it, in :mod:`abm.vectors` as LLVM does.
"""

import numpy as np
from numba.extending import overload

from abm import vectors
from abm.compiled import shared
from abm.vectors import LANES, RECORD


def whole_vectors(slots: int) -> int:
    """``slots``, and as many more as fill whole vectors."""
    return -(-slots // LANES) * LANES


def in_whole_vectors(which: np.ndarray, slots: int) -> np.ndarray:
    """``which`` (row, slot) int32, row by row in memory, with empty slots, -1, after, if there are fewer than fill ``slots``."""
    rows, given = which.shape
    if given >= whole_vectors(slots):
        return np.ascontiguousarray(which)
    wide = np.full((rows, whole_vectors(slots)), -1, np.int32)
    wide[:, :given] = which
    return wide


def with_more(which: np.ndarray) -> np.ndarray:
    """``which`` (family, slot) int32 with a whole vector of empty slots, -1, after the others."""
    return np.column_stack([which, np.full((len(which), LANES), -1, np.int32)])


@shared
def place(c, i):
    """Where on a page the number of slot ``i`` (0 to 15) in column ``c`` stands: a distance that LLVM knows, so that it sees what is apart."""
    return np.uint64(c * LANES + i)


def pick(table, row, which, out, c):
    """Into column ``c`` of ``out`` table[row, which[k]] of all slots k.

    table (row, column) float32, which (slot,) uint32, out (page, place) float32, each of whole rows, slots whole vectors:
    16 of them make a page, on which :func:`place` says where a column stands.
    """
    for k in range(which.size):
        out[k // LANES, place(c, k % LANES)] = table[row, which[k]]


def records(table, which, out):
    """Into column c of ``out`` table[which[k], c] of all slots k and the 8 columns of ``table`` (row, 8) float32; else as :func:`pick`."""
    for k in range(which.size):
        for c in range(RECORD):
            out[k // LANES, place(c, k % LANES)] = table[which[k], c]


def alike(which, row, a, s):
    """uint64 bits of the 16 slots ``which[row, a:a+16]`` (row, slot) int32 that hold ``s``, the first one's lowest."""
    return np.uint64(sum(1 << k for k in range(LANES) if which[row, a + k] == s))


def keep(which, row, a, bits, out, h, b):
    """out[h, b:b+16] = which[row, a:a+16], both (row, slot) int32, where ``bits``, as :func:`alike` gives them, say so; else -1."""
    for k in range(LANES):
        out[h, b + k] = which[row, a + k] if int(bits) >> k & 1 else np.int32(-1)


def fill(out, page, c, number):
    """out[page, place(c, i)] = the float32 ``number`` of all 16 i."""
    for i in range(LANES):
        out[page, place(c, i)] = number


def seats(which, row, a, out):
    """out[a:a+16] (slot,) uint32 = which[row, a:a+16] (row, slot) int32, 0 where that is negative."""
    for k in range(a, a + LANES):
        out[k] = max(which[row, k], np.int32(0))


def strange(which, row, a, known):
    """uint64 bits of the slots of which[row, a:a+16] (row, slot) int32, not empty, that known[a:a+16] (slot,) uint32 has not."""
    return np.uint64(sum(1 << k for k in range(LANES) if which[row, a + k] >= 0 and which[row, a + k] != known[a + k]))


@overload(pick, inline="always")
def _compiled_pick(table, row, which, out, c):
    def loop(table, row, which, out, c):
        for k in range(0, which.size, LANES):
            vectors.pick(table, np.int64(row), which, out, np.int64(c), np.int64(k))

    return loop


@overload(records, inline="always")
def _compiled_records(table, which, out):
    def loop(table, which, out):
        for k in range(0, which.size, RECORD):
            vectors.records(table, which, out, np.int64(k))

    return loop


@overload(alike, inline="always")
def _compiled_alike(which, row, a, s):
    return lambda which, row, a, s: vectors.alike(which, np.int64(row), np.int64(a), np.int32(s))


@overload(keep, inline="always")
def _compiled_keep(which, row, a, bits, out, h, b):
    return lambda which, row, a, bits, out, h, b: vectors.keep(
        which, np.int64(row), np.int64(a), np.uint64(bits), out, np.int64(h), np.int64(b)
    )


@overload(fill, inline="always")
def _compiled_fill(out, page, c, number):
    return lambda out, page, c, number: vectors.fill(out, np.int64(page), np.int64(c), np.float32(number))


@overload(strange, inline="always")
def _compiled_strange(which, row, a, known):
    return lambda which, row, a, known: vectors.strange(which, np.int64(row), np.int64(a), known)


@overload(seats, inline="always")
def _compiled_seats(which, row, a, out):
    return lambda which, row, a, out: vectors.seats(which, np.int64(row), np.int64(a), out)
