"""Vector instructions where LLVM finds none by itself: a loop that both picks numbers from a table and stores them.

LLVM cannot know that the stores leave the table alone. What a family sees of 16 schools is picked in four instructions a
column this way, without a branch.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array

LANES = 16  # slots are dealt with 16 at a time: a vector of 512 bits, or two or four shorter ones
_WORD, _REAL = ir.IntType(32), ir.FloatType()
_WORDS, _REALS, _BITS = (ir.VectorType(kind, LANES) for kind in (_WORD, _REAL, ir.IntType(1)))


def whole_vectors(slots: int) -> int:
    """``slots``, and as many more as fill whole vectors."""
    return -(-slots // LANES) * LANES


def with_more(which: np.ndarray) -> np.ndarray:
    """``which`` (family, slot) int32 with a whole vector of empty slots, -1, after the others."""
    return np.column_stack([which, np.full((len(which), LANES), -1, np.int32)])


def pick(table, row, which, h, out, c):
    """out[c, k] = table[row, which[h, k]] of all slots k; 0 where ``which`` is -1. Rows of ``which`` and ``out`` are whole vectors.

    table (row, column) float32, which (family, slot) int32, out (row, slot) float32, each of whole rows.
    """
    for k in range(which.shape[1]):
        out[c, k] = table[row, which[h, k]] if which[h, k] >= 0 else np.float32(0)


@overload(pick, inline="always")
def _compiled(table, row, which, h, out, c):
    def vectors(table, row, which, h, out, c):
        for k in range(0, which.shape[1], LANES):
            _pick(table, np.int64(row), which, np.int64(h), out, np.int64(c), np.int64(k))

    return vectors


@intrinsic
def _pick(typing, table, row, which, h, out, c, k):
    return types.none(table, row, which, h, out, c, k), _write


def _write(context, builder, signature, given):
    """LLVM's instructions for 16 slots from the ``k``-th on: addresses side by side, and one masked gather."""
    row, h, c, k = (given[i] for i in (1, 3, 5, 6))

    def start(array, row, column):
        made = make_array(signature.args[array])(context, builder, given[array])
        begin = builder.mul(row, builder.extract_value(made.shape, 1))
        return builder.gep(made.data, [builder.add(begin, column)])

    zeros, base = ir.Constant(_WORDS, [0] * LANES), start(0, row, k.type(0))
    ids = builder.load(builder.bitcast(start(2, h, k), _WORDS.as_pointer()), align=4)
    sides = ir.VectorType(base.type, LANES)
    nothing = ir.Constant(sides, ir.Undefined)
    alike = builder.shuffle_vector(builder.insert_element(nothing, base, _WORD(0)), nothing, zeros)
    kind = ir.FunctionType(_REALS, [sides, _WORD, _BITS, _REALS])
    gather = builder.module.declare_intrinsic(f"llvm.masked.gather.v{LANES}f32.v{LANES}p0", fnty=kind)
    there, none = builder.icmp_signed(">=", ids, zeros), ir.Constant(_REALS, [0.0] * LANES)
    found = builder.call(gather, [builder.gep(alike, [ids], source_etype=_REAL), _WORD(4), there, none])
    builder.store(found, builder.bitcast(start(4, c, k), _REALS.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())
