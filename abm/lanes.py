"""Vector instructions where LLVM finds none by itself: a loop that both picks numbers from a table and stores them.

LLVM cannot know that the stores leave the table alone. What a family sees of 16 schools is picked, or read as records that
are then turned into columns, in a few instructions a school and without a branch; and 16 are compared with one school at
once, which LLVM would do one by one. Each function stands first as plain Python does it.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import errors
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic, overload

RECORD = 8  # numbers of a record: what is known of a school is read in one piece
LANES = 16  # slots are dealt with 16 at a time: a vector of 512 bits, or two or four shorter ones
_WORD, _REAL = ir.IntType(32), ir.FloatType()
_WORDS, _REALS, _BITS = (ir.VectorType(kind, LANES) for kind in (_WORD, _REAL, ir.IntType(1)))


# Eight rows of eight become columns: pairs of numbers side by side, then fours, then halves; each step names the two
# vectors that every new one is picked from, and the places. Places stay within halves, as processors like it, but in the last.
_EVEN, _ODD = (0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15)
_FIRST, _THEN = (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)
_FRONT, _BACK = (0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15)
_TURNS = (
    [(a, a + 1, order) for a in (0, 2, 4, 6) for order in (_EVEN, _ODD)],
    [(a + b, a + b + 2, order) for a in (0, 4) for b in (0, 1) for order in (_FIRST, _THEN)],
    [(a, a + 4, order) for order in (_FRONT, _BACK) for a in range(4)],
)


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


def pick(table, row, which, out, c):
    """out[c, k] = table[row, which[k]] of all slots k.

    table (row, column) float32, which (slot,) uint32, out (row, slot) float32, each of whole rows, slots whole vectors.
    """
    for k in range(which.size):
        out[c, k] = table[row, which[k]]


def records(table, which, out):
    """out[c, k] = table[which[k], c] of all slots k and the 8 columns c of ``table`` (row, 8) float32; otherwise as :func:`pick`."""
    for k in range(which.size):
        for c in range(RECORD):
            out[c, k] = table[which[k], c]


def alike(which, row, a, s):
    """uint64 bits of the 16 slots ``which[row, a:a+16]`` (row, slot) int32 that hold ``s``, the first one's lowest."""
    return np.uint64(sum(1 << k for k in range(LANES) if which[row, a + k] == s))


def keep(which, row, a, bits, out, h, b):
    """out[h, b:b+16] = which[row, a:a+16], both (row, slot) int32, where ``bits``, as :func:`alike` gives them, say so; else -1."""
    for k in range(LANES):
        out[h, b + k] = which[row, a + k] if int(bits) >> k & 1 else np.int32(-1)


@overload(pick, inline="always")
def _compiled(table, row, which, out, c):
    def vectors(table, row, which, out, c):
        for k in range(0, which.size, LANES):
            _pick(table, np.int64(row), which, out, np.int64(c), np.int64(k))

    return vectors


@overload(records, inline="always")
def _compiled_records(table, which, out):
    def vectors(table, which, out):
        for k in range(0, which.size, RECORD):
            _records(table, which, out, np.int64(k))

    return vectors


@overload(alike, inline="always")
def _compiled_alike(which, row, a, s):
    return lambda which, row, a, s: _alike(which, np.int64(row), np.int64(a), np.int32(s))


@overload(keep, inline="always")
def _compiled_keep(which, row, a, bits, out, h, b):
    return lambda which, row, a, bits, out, h, b: _keep(
        which, np.int64(row), np.int64(a), np.uint64(bits), out, np.int64(h), np.int64(b)
    )


def _by_rows(*arrays):
    """Raises unless the ``arrays`` (numba's types) stand row by row in memory, as the instructions take for granted."""
    if any(array.layout != "C" for array in arrays):
        raise errors.TypingError("abm.lanes reads arrays that stand row by row: see numpy.ascontiguousarray")


@intrinsic
def _pick(typing, table, row, which, out, c, k):
    _by_rows(table, which, out)
    return types.none(table, row, which, out, c, k), _write_pick


@intrinsic
def _records(typing, table, which, out, k):
    _by_rows(table, which, out)
    return types.none(table, which, out, k), _write_records


@intrinsic
def _alike(typing, which, row, a, s):
    _by_rows(which)
    return types.uint64(which, row, a, s), _write_alike


@intrinsic
def _keep(typing, which, row, a, bits, out, h, b):
    _by_rows(which, out)
    return types.none(which, row, a, bits, out, h, b), _write_keep


def _cell(context, builder, signature, given, array, row, column):
    """Where LLVM finds the number at (row, column) of the argument ``array``."""
    made = context.make_array(signature.args[array])(context, builder, given[array])
    begin = builder.mul(row, builder.extract_value(made.shape, 1))
    return builder.gep(made.data, [builder.add(begin, column)])


def _all_alike(builder, value):
    """A vector of ``value``, 16 times."""
    nothing = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
    first = builder.insert_element(nothing, value, _WORD(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(_WORDS, [0] * LANES))


def _words(builder, cell):
    return builder.load(builder.bitcast(cell, _WORDS.as_pointer()), align=4)


def _write_pick(context, builder, signature, given):
    """LLVM's instructions for 16 slots from the ``k``-th on: each one's number, one after another, into a vector.

    Many processors take longer for a gather of their own, and LLVM makes a branch for each slot of a mask where there is none.
    """
    _, row, which, _, c, k = given
    base, found = _cell(context, builder, signature, given, 0, row, k.type(0)), ir.Constant(_REALS, ir.Undefined)
    first = context.make_array(signature.args[2])(context, builder, which).data
    for i in range(LANES):
        at = builder.zext(builder.load(builder.gep(first, [builder.add(k, k.type(i))])), k.type)
        found = builder.insert_element(found, builder.load(builder.gep(base, [at])), _WORD(i))
    place = _cell(context, builder, signature, given, 3, c, k)
    builder.store(found, builder.bitcast(place, _REALS.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())


def _write_records(context, builder, signature, given):
    """LLVM's instructions for 8 slots from the ``k``-th on: a load for each, and rows turned into columns in three steps."""
    k = given[3]
    lanes = ir.VectorType(_REAL, RECORD)
    base, first = (context.make_array(signature.args[i])(context, builder, given[i]).data for i in (0, 1))
    rows = []
    for i in range(RECORD):
        row = builder.zext(builder.load(builder.gep(first, [builder.add(k, k.type(i))])), k.type)
        at = builder.gep(base, [builder.mul(row, k.type(RECORD))])
        rows.append(builder.load(builder.bitcast(at, lanes.as_pointer()), align=4))
    for step in _TURNS:
        rows = [
            builder.shuffle_vector(rows[a], rows[b], ir.Constant(ir.VectorType(_WORD, RECORD), order))
            for a, b, order in step
        ]
    for c, row in enumerate(rows):
        place = _cell(context, builder, signature, given, 2, k.type(c), k)
        builder.store(row, builder.bitcast(place, lanes.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())


def _write_alike(context, builder, signature, given):
    """LLVM's instructions for :func:`alike`: one comparison of 16, whose outcome is a number's bits."""
    row, a, s = given[1:]
    here = _words(builder, _cell(context, builder, signature, given, 0, row, a))
    same = builder.bitcast(builder.icmp_signed("==", here, _all_alike(builder, s)), ir.IntType(LANES))
    return impl_ret_untracked(context, builder, types.uint64, builder.zext(same, ir.IntType(64)))


def _write_keep(context, builder, signature, given):
    """LLVM's instructions for :func:`keep`: 16 are read, chosen from by a number's bits, and written."""
    row, a, bits, h, b = (given[i] for i in (1, 2, 3, 5, 6))
    here = _words(builder, _cell(context, builder, signature, given, 0, row, a))
    which = builder.bitcast(builder.trunc(bits, ir.IntType(LANES)), _BITS)
    kept = builder.select(which, here, ir.Constant(_WORDS, [-1] * LANES))
    place = _cell(context, builder, signature, given, 4, h, b)
    builder.store(kept, builder.bitcast(place, _WORDS.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())
