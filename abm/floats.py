"""float32 functions of the code's own, the same to the bit on every machine, compiled or not.

The system's logarithm differs between machines and from its vector version; these use nothing but sums, products and
bits. No step has a branch, so that loops over them become vector instructions.
"""

import functools

import numpy as np
from llvmlite import ir

from abm.compiled import in_lanes, inlined
from abm.randomness import uniform32

_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_ROOT_HALF = np.int32(0x3F3504F3)  # bits of sqrt(1/2)
_LN2 = np.float32(0.6931472)
_L3, _L5, _L7, _L9 = np.float32(2 / 3), np.float32(2 / 5), np.float32(2 / 7), np.float32(2 / 9)
_BIAS, _S23 = np.int32(127), np.int32(23)
_E1, _E2, _E3, _E4, _E5 = (np.float32(c) for c in (0.6931472, 0.24022651, 0.05550411, 0.009618129, 0.0013333558))
_IRWIN_MEAN, _IRWIN_SCALE = np.float32(510.0), np.float32(1 / 147.80053)


@inlined
def ln(x):
    """Natural logarithm of a positive normal float32, absolute error below 2e-6: exponent, then the series of atanh.

    The fraction is taken in [sqrt(1/2), sqrt(2)) by integer arithmetic: a branch here would be mispredicted half the time.
    """
    bits = np.float32(x).view(np.int32)
    exponent = np.int32(np.int32(bits - _ROOT_HALF) >> _S23)
    m = np.int32(bits - np.int32(exponent << _S23)).view(np.float32)
    t = (m - _ONE) / (m + _ONE)
    q = t * t
    series = t * (_TWO + q * (_L3 + q * (_L5 + q * (_L7 + q * _L9))))
    return np.float32(exponent) * _LN2 + series


@inlined
def power(x, y):
    """x^y for float32 x >= 0: 2^(y log2 x), relative error below 1e-5; 0^0 = 1."""
    if y == _ZERO:
        return _ONE
    if x <= _ZERO:
        return _ZERO
    e = y * (ln(x) / _LN2)
    e = min(max(e, np.float32(-126.0)), np.float32(126.0))
    whole = np.floor(e + _HALF)  # the series runs over [-1/2, 1/2], where it errs 25 times less than over [0, 1]
    f = np.float32(e - whole)
    scale = np.int32(np.int32(np.int32(whole) + _BIAS) << _S23).view(np.float32)
    return scale * (_ONE + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5)))))


@inlined
def gumbel(bits):
    """A standard Gumbel number from 32 random bits."""
    return -ln(-ln(uniform32(bits)))


def _four_bytes(builder, bits):
    word = bits.type
    parts = [builder.and_(builder.lshr(bits, word(at)), word(255)) for at in (0, 8, 16, 24)]
    return builder.sitofp(functools.reduce(builder.add, parts), ir.FloatType())


@in_lanes(_four_bytes)
def four_bytes(bits) -> np.float32:
    """The sum of the four bytes of 32 bits, as a float32."""
    return np.float32(sum(int(bits).to_bytes(4, "little")))


@inlined
def bell(bits):
    """A nearly normal number of mean 0 and variance 1 from 32 random bits: the sum of four bytes (Irwin-Hall)."""
    return (four_bytes(bits) - _IRWIN_MEAN) * _IRWIN_SCALE
