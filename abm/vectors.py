"""LLVM's vector instructions for 16 slots at a time, as :mod:`abm.lanes` and :mod:`abm.ranking` call them.

Each function here is to be called from kernels only, by the plain one of its name, which says what it does. Whole numbers
come as int64, real ones as float32.
"""

from llvmlite import ir
from numba import types
from numba.core import errors
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic

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


def _by_rows(*arrays):
    """Raises unless the ``arrays`` (numba's types) stand row by row in memory, as the instructions take for granted."""
    if any(array.layout != "C" for array in arrays):
        raise errors.TypingError("abm.lanes reads arrays that stand row by row: see numpy.ascontiguousarray")


@intrinsic
def pick(typing, table, row, which, out, c, k):
    _by_rows(table, which, out)
    return types.none(table, row, which, out, c, k), _write_pick


@intrinsic
def records(typing, table, which, out, k):
    _by_rows(table, which, out)
    return types.none(table, which, out, k), _write_records


@intrinsic
def alike(typing, which, row, a, s):
    _by_rows(which)
    return types.uint64(which, row, a, s), _write_alike


@intrinsic
def keep(typing, which, row, a, bits, out, h, b):
    _by_rows(which, out)
    return types.none(which, row, a, bits, out, h, b), _write_keep


@intrinsic
def fill(typing, out, page, c, number):
    _by_rows(out)
    return types.none(out, page, c, number), _write_fill


@intrinsic
def seats(typing, which, row, a, out):
    _by_rows(which, out)
    return types.none(which, row, a, out), _write_seats


@intrinsic
def strange(typing, which, row, a, known):
    _by_rows(which, known)
    return types.uint64(which, row, a, known), _write_strange


@intrinsic
def order_keys(typing, worth, keys, ranks, row, a):
    _by_rows(worth, keys, ranks)
    return types.none(worth, keys, ranks, row, a), _write_order_keys


@intrinsic
def count_higher(typing, keys, ranks, row, a, b):
    _by_rows(keys, ranks)
    return types.none(keys, ranks, row, a, b), _write_count


def _cell(context, builder, signature, given, array, row, column):
    """Where LLVM finds the number at (row, column) of the argument ``array``."""
    made = context.make_array(signature.args[array])(context, builder, given[array])
    begin = builder.mul(row, builder.extract_value(made.shape, 1))
    return builder.gep(made.data, [builder.add(begin, column)])


def _on_page(context, builder, signature, given, array, column, slot):
    """Where LLVM finds the number of ``slot`` in ``column`` of the pages that the argument ``array`` holds."""
    page, i = builder.udiv(slot, slot.type(LANES)), builder.urem(slot, slot.type(LANES))
    return _cell(context, builder, signature, given, array, page, builder.add(builder.mul(column, slot.type(LANES)), i))


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
    place = _on_page(context, builder, signature, given, 3, c, k)
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
        place = _on_page(context, builder, signature, given, 2, k.type(c), k)
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


def _write_fill(context, builder, signature, given):
    """LLVM's instructions for :func:`fill`: one vector, written."""
    _, page, c, number = given
    cell = _cell(context, builder, signature, given, 0, page, builder.mul(c, c.type(LANES)))
    builder.store(_all_alike(builder, number), builder.bitcast(cell, _REALS.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())


def _write_seats(context, builder, signature, given):
    """LLVM's instructions for :func:`seats`: 16 are read, compared with 0, and written."""
    _, row, a, out = given
    here, zero = _words(builder, _cell(context, builder, signature, given, 0, row, a)), ir.Constant(_WORDS, [0] * LANES)
    seats = builder.select(builder.icmp_signed(">", here, zero), here, zero)
    first = builder.gep(context.make_array(signature.args[3])(context, builder, out).data, [a])
    builder.store(seats, builder.bitcast(first, _WORDS.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())


def _write_strange(context, builder, signature, given):
    """LLVM's instructions for :func:`strange`: two comparisons of 16, whose outcome is a number's bits."""
    _, row, a, known = given
    here = _words(builder, _cell(context, builder, signature, given, 0, row, a))
    there = _words(builder, builder.gep(context.make_array(signature.args[3])(context, builder, known).data, [a]))
    told = builder.icmp_signed(">=", here, ir.Constant(_WORDS, [0] * LANES))
    bits = builder.bitcast(builder.and_(told, builder.icmp_signed("!=", here, there)), ir.IntType(LANES))
    return impl_ret_untracked(context, builder, types.uint64, builder.zext(bits, ir.IntType(64)))


def _write_order_keys(context, builder, signature, given):
    """LLVM's instructions for :func:`order_keys`: bits of a sum with 0, turned round where negative."""
    worth, keys, ranks = (_cell(context, builder, signature, given, i, *given[3:]) for i in range(3))
    real = builder.fadd(
        builder.load(builder.bitcast(worth, _REALS.as_pointer()), align=4), ir.Constant(_REALS, [0.0] * LANES)
    )
    bits = builder.bitcast(real, _WORDS)
    sign = builder.ashr(bits, ir.Constant(_WORDS, [31] * LANES))
    turned = builder.xor(bits, builder.and_(sign, ir.Constant(_WORDS, [0x7FFFFFFF] * LANES)))
    for cell, value in ((keys, turned), (ranks, ir.Constant(_WORDS, [0] * LANES))):
        builder.store(value, builder.bitcast(cell, _WORDS.as_pointer()), align=4)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())


def _write_count(context, builder, signature, given):
    """LLVM's instructions for :func:`count_higher`: a key of block ``a`` at a time against all 16 of block ``b``.

    Of equals that of the lower slot counts: keys are compared with one less where it comes first.
    """
    row, a, b = given[2:]
    own = _words(builder, _cell(context, builder, signature, given, 0, row, b))
    place = _cell(context, builder, signature, given, 1, row, b)

    def count(least):
        total = _words(builder, place)
        for k in range(LANES):
            key = _cell(context, builder, signature, given, 0, row, builder.add(a, a.type(k)))
            higher = builder.icmp_signed(">", _all_alike(builder, builder.load(key)), least(k))
            total = builder.add(total, builder.zext(higher, _WORDS))
        builder.store(total, builder.bitcast(place, _WORDS.as_pointer()), align=4)

    with builder.if_else(builder.icmp_signed("==", a, b)) as (same, another):
        with same:
            count(lambda k: builder.sub(own, ir.Constant(_WORDS, [int(k < i) for i in range(LANES)])))
        with another:
            first = builder.zext(builder.icmp_signed("<", a, b), _WORD)
            all_first = builder.sub(own, _all_alike(builder, first))
            count(lambda k: all_first)
    return impl_ret_untracked(context, builder, types.none, context.get_dummy_value())
