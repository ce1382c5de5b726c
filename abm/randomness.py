"""Random numbers as a function of their key, never of a state.

Every number depends on (seed, process, year, round), the stable id of a household and the stable id of an alternative,
and on nothing else: not on the order of the rows, the threads, or on what else was drawn. So a policy disturbs nothing
that it does not touch, and two scenarios with one seed can be compared family by family (common random numbers).

The 64-bit mixer is the finaliser of splitmix64 (Steele, Lea and Flood 2014, variant 13 of Stafford); the 32-bit mixer is
``lowbias32`` (Wellons 2018, public domain constants). Unsigned widths are spelt out everywhere: mixed widths would turn
into floats in numba and into other widths in numpy.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from llvmlite import ir

from abm.compiled import in_lanes, in_place, inlined, kernel
from abm.sorting import by_number

# One number a process, never reused: what a draw is for. A new process takes the next free number.
PROCESSES = {
    "taste": 1, "belief": 2, "lottery": 3, "entry": 4, "status": 5, "vulnerable": 6, "detected": 7, "tolerance": 8,
    "information": 9, "sibling": 10, "late": 11, "leave": 12, "reconsider": 13, "order": 14, "move": 15, "home": 16,
    "city": 17, "school": 18, "strategic": 19, "offer": 20, "policy": 21, "workplace": 22, "shuffle": 23, "start": 24,
    "message": 25, "proposal": 26, "class": 27, "contact": 28, "housing": 29, "building": 30, "chooser": 31,
    "attainment": 32,
}  # fmt: skip


EVER = np.int64(0)  # for kernels: the year of what is drawn for good
FIRST, SECOND = np.int64(0), np.int64(1)  # rounds, for kernels


class Key(NamedTuple):
    """What a stream of random numbers is for: the model's seed, the process, the year and the round in it."""

    seed: int
    process: str
    year: int = 0
    round: int = 0


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32), np.uint64(12)
_A32, _B32, _G32, _WORD = 0x7FEB352D, 0x846CA68B, 0x9E3779B9, 0xFFFFFFFF
_TWO23 = np.float32(2.0**-23)
_TWO52 = np.float64(2.0**-52)
_BLOCK = 1024
_HALF32, _HALF64 = np.float32(0.5), np.float64(0.5)


@functools.lru_cache(maxsize=1024)
def stream(key: Key) -> np.uint64:
    """The 64-bit name of a stream, to be handed to the kernels. Same key, same stream, on any machine."""
    return np.uint64(named(word(key.seed), PROCESSES[key.process], word(key.year), word(key.round)))


def word(number: int) -> int:
    """A whole number as one of 64 bits with a sign, so that the kernels are compiled for one kind of number only."""
    return number if -(2**63) <= number < 2**63 else (number + 2**63) % 2**64 - 2**63


@inlined
def mix64(z):
    """splitmix64's finaliser of a uint64: a bijection in which every input bit moves half of the output bits."""
    z = np.uint64(z) + _GOLDEN
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


def processes(*names: str) -> list[np.int64]:
    """Their numbers, for kernels: numba would compile :func:`named` anew for each constant that is a plain whole number."""
    return [np.int64(PROCESSES[name]) for name in names]


@in_place
def named(seed, process, year, turn):
    """The 64-bit name of a stream, for kernels: of a seed as :func:`word` gives it, a process's number, year and round."""
    name = np.uint64(0)
    for part in (seed, process, year, turn):
        name = mix64(name ^ mix64(np.uint64(np.int64(part))))
    return name


@inlined
def household_key(stream, identity):
    """uint32 key of one household in a stream; ``identity`` is its stable id (int64)."""
    return np.uint32(mix64(np.uint64(stream) ^ mix64(np.uint64(identity))) >> _S32)


def _bits32(builder, a, b):
    word = a.type
    z = builder.xor(a, builder.mul(b, word(_G32)))
    z = builder.mul(builder.xor(z, builder.lshr(z, word(16))), word(_A32))
    z = builder.mul(builder.xor(z, builder.lshr(z, word(15))), word(_B32))
    return builder.xor(z, builder.lshr(z, word(16)))


@in_lanes(_bits32)
def bits32(a, b) -> np.uint32:
    """32 random bits of a household's key ``a`` and an alternative's stable id ``b``, both uint32."""
    z = int(a) ^ (int(b) * _G32 & _WORD)
    z = (z ^ z >> 16) * _A32 & _WORD
    z = (z ^ z >> 15) * _B32 & _WORD
    return np.uint32(z ^ z >> 16)


def _uniform32(builder, bits):
    real = ir.FloatType()
    return builder.fmul(builder.fadd(builder.sitofp(builder.lshr(bits, bits.type(9)), real), real(0.5)), real(2.0**-23))


@in_lanes(_uniform32)
def uniform32(bits) -> np.float32:
    """float32 in the open interval (0, 1) from 32 bits; 23 of them are used, since 24 can round to 1."""
    return (np.float32(int(bits) >> 9) + _HALF32) * _TWO23


@inlined
def uniform64(stream, identity):
    """float64 in the open interval (0, 1) of one household in a stream."""
    return unit64(mix64(np.uint64(stream) ^ mix64(np.uint64(identity))))


@inlined
def unit64(bits):
    """float64 in the open interval (0, 1) from 64 random bits."""
    return (np.float64(bits >> _S12) + _HALF64) * _TWO52


@inlined
def limit52(limit):
    """int64 below which :func:`luck52` is as often as :func:`uniform64` is below ``limit``, 0 to 1: for the same ids, exactly."""
    return np.int64(math.ceil(limit * 2.0**52 - 0.5))


@inlined
def luck52(stream, identity):
    """int64 below 2^52, the whole number that :func:`uniform64` is made of: to be compared, it need not be made a fraction."""
    return np.int64(mix64(np.uint64(stream) ^ mix64(np.uint64(identity))) >> _S12)


@kernel
def uniforms(stream, identities):
    """(n,) float64 uniforms in (0, 1), one for each stable id of ``identities`` (n,) int64."""
    out = np.empty(identities.size, np.float64)
    for i in range(identities.size):
        out[i] = uniform64(stream, identities[i])
    return out


@kernel
def _pairs(stream, identities, alternatives):
    out = np.zeros(alternatives.shape, np.uint32)
    for h in range(alternatives.shape[0]):
        key = household_key(stream, identities[h])
        for r in range(alternatives.shape[1]):
            if alternatives[h, r] >= 0:
                out[h, r] = bits32(key, np.uint32(alternatives[h, r]))
    return out


def pairs(key: Key, identities, alternatives) -> np.ndarray:
    """(n, rank) uint32 bits of (id, alternative) for ``alternatives`` (n, rank) int32; 0 where the alternative is -1."""
    return _pairs(stream(key), np.ascontiguousarray(identities, dtype=np.int64), alternatives)


def draw(key: Key, identities) -> np.ndarray:
    """(n,) float64 uniforms in (0, 1) of the stable ids ``identities`` (n,) under ``key``."""
    return uniforms(stream(key), np.ascontiguousarray(identities, dtype=np.int64))


@kernel
def rows_below(stream, identities, limit):
    """As :func:`below`. A block at a time is drawn, in vector instructions, and then gone through."""
    rows, count, most = np.empty(identities.size, np.int64), 0, limit52(limit)
    lucky = np.empty(_BLOCK, np.bool_)
    for begin in range(0, identities.size, _BLOCK):
        block = identities[begin : begin + _BLOCK]
        for i in range(block.size):
            lucky[i] = luck52(stream, block[i]) < most
        for i in range(block.size):
            rows[count] = begin + i
            count += lucky[i]
    return rows[:count]


def below(key: Key, identities, limit: float) -> np.ndarray:
    """Row numbers, in order, of the ids whose number, as :func:`draw` gives it, is below ``limit``."""
    return rows_below(stream(key), np.ascontiguousarray(identities, dtype=np.int64), float(limit))


def normal(key: Key, identities) -> np.ndarray:
    """(n,) float64 standard normal numbers under ``key``, by inversion."""
    from scipy.special import ndtri

    return ndtri(draw(key, identities))


def permutation(key: Key, identities) -> np.ndarray:
    """Row numbers (n,) of ``identities`` in an order that depends on the ids alone, not on how the rows stand.

    Different ids have different 64-bit numbers, since the mixer is a bijection: there are no ties.
    """
    return by_number(numbers(stream(key), np.ascontiguousarray(identities, dtype=np.int64)))


@kernel
def numbers(stream, identities):
    """(n,) uint64, a different one for each stable id."""
    out = np.empty(identities.size, np.uint64)
    for i in range(identities.size):
        out[i] = mix64(np.uint64(stream) ^ mix64(np.uint64(identities[i])))
    return out
