"""Ranking the schools of a family: each school's rank is the number of schools that go before it, found by counting.

Counting needs no branch that could be mispredicted: 16 schools are compared with one at a time. The one kernel written in
the processor's vector instructions; its plain twin is :func:`count_higher`.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic, overload

from abm.compiled import inlined
from abm.lanes import LANES

_S31, _POSITIVE, _ZERO = np.int32(31), np.int32(0x7FFFFFFF), np.float32(0)


@inlined
def order_key(worth):
    """int32 that orders like the float32 ``worth``: integers compare exactly, and -0 equals 0."""
    bits = np.float32(worth + _ZERO).view(np.int32)
    return np.int32(bits ^ np.int32(np.int32(bits >> _S31) & _POSITIVE))


def count_higher(keys, ranks, row, a, b):
    """ranks[row, b:b+16] += how many of keys[row, a:a+16] (family, slot) are higher, or equal and of a lower slot."""
    for k in range(b, b + LANES):
        for s in range(a, a + LANES):
            ranks[row, k] += np.int32(keys[row, s] > keys[row, k] or (keys[row, s] == keys[row, k] and s < k))


@inlined
def rank(worth, keys, ranks, row):
    """Into ``ranks`` (family, slot) int32 at ``row`` how many schools go before that of each slot; a multiple of 16 slots.

    worth (family, slot) float32; keys (family, slot) int32 is room to work in.
    """
    for k in range(worth.shape[1]):
        keys[row, k] = order_key(worth[row, k])
        ranks[row, k] = 0
    for b in range(0, worth.shape[1], LANES):
        for a in range(0, worth.shape[1], LANES):
            count_higher(keys, ranks, row, a, b)


@overload(count_higher, inline="always")
def _compiled(keys, ranks, row, a, b):
    return lambda keys, ranks, row, a, b: _in_vectors(keys, ranks, np.int64(row), np.int64(a), np.int64(b))


@intrinsic
def _in_vectors(typing, keys, ranks, row, a, b):
    return types.none(keys, ranks, row, a, b), _write


def _write(context, builder, signature, given):
    """LLVM's instructions for :func:`count_higher`: a key of block ``a`` at a time against all 16 of block ``b``."""
    word, lanes = ir.IntType(32), ir.VectorType(ir.IntType(32), LANES)
    nothing = ir.Constant(lanes, ir.Undefined)
    row, a, b = given[2:]
    begin = builder.mul(
        row, builder.extract_value(context.make_array(signature.args[0])(context, builder, given[0]).shape, 1)
    )
    keys, ranks = (
        builder.gep(context.make_array(signature.args[i])(context, builder, given[i]).data, [begin]) for i in (0, 1)
    )

    def alike(value):
        return builder.shuffle_vector(
            builder.insert_element(nothing, value, word(0)), nothing, ir.Constant(lanes, [0] * LANES)
        )

    own = builder.load(builder.bitcast(builder.gep(keys, [b]), lanes.as_pointer()), align=4)
    place = builder.bitcast(builder.gep(ranks, [b]), lanes.as_pointer())
    total, ahead = builder.load(place, align=4), builder.trunc(builder.sub(a, b), word)
    for k in range(LANES):
        first = builder.icmp_signed("<", alike(builder.add(ahead, word(k))), ir.Constant(lanes, list(range(LANES))))
        other = alike(builder.load(builder.gep(keys, [builder.add(a, a.type(k))]), align=4))
        wins = builder.icmp_signed(">", other, builder.sub(own, builder.zext(first, lanes)))  # equal: lower slot first
        total = builder.add(total, builder.zext(wins, lanes))
    builder.store(total, place, align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())
