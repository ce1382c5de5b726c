"""The yardstick F: what one utility evaluation costs at least on this machine, so that figures compare between machines.

The floor kernel touches no memory: one hash, one logarithm, one exponential, one maximum an evaluation, in 32-bit lanes.
Its two functions are polynomials of its own, as precise as those of :mod:`abm.floats`: they are divisions fewer, and stay
as they are when the model's arithmetic changes, so that ratios of different versions may be compared. Of some 60
instructions an evaluation none can be left out by this way of computing; multiplication and addition are not fused, as
nowhere in the model (results must not depend on the machine).
"""

import time

import numpy as np

from abm.compiled import inlined, kernel
from abm.randomness import bits32, uniform32

LOOKS = 4_000_000  # evaluations of one measurement: some milliseconds

_HALF, _ONE = np.float32(0.5), np.float32(1)
_LN2, _LOG2E = np.float32(0.6931472), np.float32(1.442695)
_ROOT_HALF = np.int32(0x3F3504F3)  # bits of sqrt(1/2)
_BIAS, _S23 = np.int32(127), np.int32(23)
_E1, _E2, _E3, _E4, _E5 = (np.float32(c) for c in (0.6931472, 0.24022651, 0.05550411, 0.009618129, 0.0013333558))
_L0, _L1, _L2, _L3, _L4, _L5, _L6 = (
    np.float32(c) for c in (1.0000007, -0.5000074, 0.33317927, -0.2492945, 0.20455527, -0.18456513, 0.11784924)
)


@inlined
def logarithm(x):
    """Natural logarithm of a positive normal float32: exponent, and a polynomial of the fraction in [sqrt(1/2), sqrt(2))."""
    bits = np.float32(x).view(np.int32)
    exponent = np.int32(np.int32(bits - _ROOT_HALF) >> _S23)
    t = np.int32(bits - np.int32(exponent << _S23)).view(np.float32) - _ONE
    series = _L0 + t * (_L1 + t * (_L2 + t * (_L3 + t * (_L4 + t * (_L5 + t * _L6)))))
    return np.float32(exponent) * _LN2 + t * series


@inlined
def exponential(x):
    """e^x of a float32 within -87 and 87: 2 to the nearest whole number, and a polynomial of the rest."""
    e = x * _LOG2E
    whole = np.floor(e + _HALF)
    f = np.float32(e - whole)
    scale = np.int32(np.int32(np.int32(whole) + _BIAS) << _S23).view(np.float32)
    return scale * (_ONE + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5)))))


@kernel
def floor(looks):
    """The best of ``looks`` alternatives in an exponential race, as the bits of a float32 (positive: they compare alike)."""
    best = np.int32(0)
    for i in range(looks):
        u = uniform32(bits32(np.uint32(i), np.uint32(7)))
        race = exponential(u) * -logarithm(u)
        best = max(best, np.float32(race).view(np.int32))
    return best


def seconds() -> float:
    """F now: CPU seconds of one evaluation, the middle one of three measurements."""
    three = []
    for _ in range(3):
        began = time.thread_time()
        floor(LOOKS)
        three.append((time.thread_time() - began) / LOOKS)
    return sorted(three)[1]
