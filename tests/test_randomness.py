"""Numbers are functions of their keys, agree with plain integers, and look random where it matters.

Tests of chance use fixed keys and p > .001, so they cannot fail by luck twice; a defect gives p below 1e-6.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from abm.compiled import kernel
from abm.randomness import (
    PROCESSES,
    Key,
    below,
    bits32,
    draw,
    mix64,
    normal,
    pairs,
    permutation,
    stream,
    uniform32,
)
from tests.builders import household_keys
from tests.reference import randomness as slow

N = 200_000
IDS = np.arange(N, dtype=np.int64)


@kernel
def _bits(keys, alternatives):
    out = np.empty((keys.size, alternatives.size), np.uint32)
    for h in range(keys.size):
        for s in range(alternatives.size):
            out[h, s] = bits32(keys[h], np.uint32(alternatives[s]))
    return out


@kernel
def _uniform32(words):
    out = np.empty(words.size, np.float32)
    for i in range(words.size):
        out[i] = uniform32(words[i])
    return out


@kernel
def _mix(words):
    out = np.empty(words.size, np.uint64)
    for i in range(words.size):
        out[i] = mix64(words[i])
    return out


def even(values, bins=256):
    """p of chi-square that numbers in [0, 1) fall evenly into ``bins``."""
    return chisquare(np.bincount((np.asarray(values) * bins).astype(int), minlength=bins)).pvalue


def test_process_numbers_are_unique_and_small():
    numbers = list(PROCESSES.values())
    assert len(set(numbers)) == len(numbers)
    assert min(numbers) >= 1


def test_splitmix64_gives_its_published_outputs():
    """The first outputs of splitmix64 from state 0, as in the reference code of Vigna."""
    state, published = 0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    for wanted in published:
        assert int(_mix(np.array([state], np.uint64))[0]) == wanted == slow.splitmix64(state)
        state = (state + slow.GOLDEN) & slow.WORD


@given(
    st.integers(0, 2**62),
    st.sampled_from(list(PROCESSES)),
    st.integers(0, 1000),
    st.integers(0, 100),
    st.integers(0, 2**62),
)
def test_numbers_are_those_of_plain_integers(seed, process, year, round, identity):
    """Stream, 64-bit uniform, household key and alternative's bits, against Python integers without a width."""
    key = Key(seed, process, year, round)
    name = slow.stream(seed, PROCESSES[process], year, round)
    assert int(stream(key)) == name
    assert draw(key, [identity])[0] == slow.uniform(name, identity)
    household = slow.key32(name, identity)
    assert int(household_keys(key, [identity])[0]) == household
    alternatives = np.array([[0, 7, -1, 100_000]], np.int32)
    wanted = [slow.bits(household, 0), slow.bits(household, 7), 0, slow.bits(household, 100_000)]
    assert pairs(key, [identity], alternatives)[0].tolist() == wanted


def test_a_number_depends_on_its_key_alone():
    """Not on the other rows, their order or number, nor on what was drawn before."""
    key = Key(5, "taste", 3, 1)
    whole = draw(key, IDS)
    draw(Key(5, "belief", 3), IDS)
    some = np.array([7, 150_000, 3, 3])
    assert (draw(key, some) == whole[some]).all()
    assert (draw(key, IDS[::-1]) == whole[::-1]).all()
    assert (household_keys(key, some) == household_keys(key, IDS)[some]).all()


@pytest.mark.parametrize(
    "other",
    [
        Key(6, "taste", 3, 1),
        Key(5, "belief", 3, 1),
        Key(5, "taste", 4, 1),
        Key(5, "taste", 3, 2),
        Key(5, "taste", 1, 3),
    ],
)
def test_streams_that_differ_in_one_part_are_unrelated(other):
    """Seed, process, year and round each make another stream: correlation below four standard errors, all numbers new."""
    a, b = draw(Key(5, "taste", 3, 1), IDS), draw(other, IDS)
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(N)
    assert (a == b).sum() == 0


def test_64_bit_uniforms_are_even_alone_and_in_pairs():
    """One dimension in 256 cells, neighbouring ids in 16 x 16 cells, and Kolmogorov-Smirnov."""
    u = draw(Key(1, "entry"), IDS)
    assert even(u) > 0.001
    assert even((np.floor(u[:-1:2] * 16) + u[1::2]) / 16) > 0.001
    assert kstest(u, "uniform").pvalue > 0.001
    assert u.min() > 0 and u.max() < 1


@pytest.mark.parametrize("ids", ["packed", "dense"])
def test_32_bit_uniforms_are_even_over_households_schools_and_both(ids):
    """The words of (household, school): even in the top byte and each other byte, over neighbours of either kind."""
    identity = IDS[:20_000] if ids == "dense" else (IDS[:20_000] % 97 << 30) | (IDS[:20_000] // 97) | (1030 << 50)
    words = _bits(household_keys(Key(1, "taste"), identity), np.arange(64))
    for shift in (0, 8, 16, 24):
        byte = (words >> np.uint32(shift)) & np.uint32(255)
        assert chisquare(np.bincount(byte.ravel(), minlength=256)).pvalue > 0.001
    u = words / 2**32
    across, down = (
        np.corrcoef(u[:, :-1].ravel(), u[:, 1:].ravel())[0, 1],
        np.corrcoef(u[:-1].ravel(), u[1:].ravel())[0, 1],
    )
    assert abs(across) < 4 / np.sqrt(u.size)
    assert abs(down) < 4 / np.sqrt(u.size)
    pairs_of_schools = (np.floor(u[:, 0] * 16) + u[:, 1]) / 16
    assert even(pairs_of_schools) > 0.001


def test_which_school_has_the_highest_number_is_even():
    """Over 64 schools each is the favourite of as many households: what a choice by taste alone rests on."""
    words = _bits(household_keys(Key(3, "taste"), IDS), np.arange(64))
    assert chisquare(np.bincount(words.argmax(axis=1), minlength=64)).pvalue > 0.001


def test_all_orders_of_four_schools_are_equally_frequent():
    words = _bits(household_keys(Key(4, "taste"), IDS), np.array([3, 4, 5, 99]))
    order = words.argsort(axis=1) @ np.array([64, 16, 4, 1])
    count = [(order == np.dot(p, [64, 16, 4, 1])).sum() for p in itertools.permutations(range(4))]
    assert chisquare(count).pvalue > 0.001


@pytest.mark.parametrize("side", ["household", "alternative"])
def test_every_bit_of_the_key_moves_half_of_the_bits(side):
    """Avalanche of (household, alternative) -> 32 bits: each input bit flips each output bit in 45 to 55 of 100 cases.

    Standard error over 20,000 keys: .35 points; lowbias32's published bias is far below the band.
    """
    rng = np.random.default_rng(1)
    keys = rng.integers(0, 2**32, 20_000, dtype=np.uint32)
    base = _bits(keys, np.array([12]))[:, 0]
    for bit in range(32) if side == "household" else range(16):
        moved = (
            _bits(keys ^ np.uint32(1 << bit), np.array([12]))
            if side == "household"
            else _bits(keys, np.array([12 ^ (1 << bit)]))
        )
        flips = ((base ^ moved[:, 0])[:, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
        assert flips.mean(axis=0).min() > 0.45 and flips.mean(axis=0).max() < 0.55


def test_the_23_bit_uniform_is_never_0_or_1():
    """At both ends of its range, and at the word that would round to 1 with 24 bits."""
    words = np.array([0, 1, 511, 512, 2**31, 2**32 - 257, 2**32 - 1], np.uint64).astype(np.uint32)
    u = _uniform32(words)
    assert u.dtype == np.float32
    assert u.min() == np.float32(2.0**-24) and u.max() == np.float32(1 - 2.0**-24) < 1
    assert u.tolist() == [slow.uniform23(int(w)) for w in words]


def test_a_permutation_depends_on_ids_not_on_rows():
    ids = np.array([50, 3, 999, 12, 7, 7_000_000_000])
    key = Key(2, "order", 4)
    order = ids[permutation(key, ids)]
    rng = np.random.default_rng(0)
    for _ in range(5):
        mixed = rng.permutation(ids)
        assert (mixed[permutation(key, mixed)] == order).all()
    fewer = ids[ids != 12]
    assert fewer[permutation(key, fewer)].tolist() == [i for i in order if i != 12]  # the others' order stays


def test_all_permutations_are_equally_frequent():
    counts = {}
    for year in range(2400):
        order = tuple(permutation(Key(1, "order", year), np.arange(4)))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 24
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_normal_numbers_are_normal():
    assert kstest(normal(Key(1, "status"), IDS), "norm").pvalue > 0.001


def test_household_keys_of_a_large_city_hardly_collide():
    """Birthday bound: 200,000 keys of 32 bits share about 200000^2 / 2^33 = 4.7 values; ten standard deviations more fail."""
    keys = household_keys(Key(1, "taste"), IDS)
    assert N - np.unique(keys).size < 4.7 + 10 * np.sqrt(4.7)


def test_who_is_below():
    """The same rows as by comparing the numbers."""
    key = Key(3, "status")
    assert (below(key, IDS, 0.3) == np.flatnonzero(draw(key, IDS) < 0.3)).all()
    assert below(key, IDS, 0.0).size == 0


def test_seeds_of_any_size_have_their_streams():
    assert stream(Key(2**63 * 3 + 7, "status", -4)) == slow.stream(2**63 * 3 + 7, PROCESSES["status"], -4)
