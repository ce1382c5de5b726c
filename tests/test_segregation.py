"""Segregation indices against worked figures, textbook twins, identities and the package ``segregation`` of PySAL."""

import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abm import segregation as seg
from tests.reference import segregation as slow

TWO_GROUP = ["dissimilarity", "gorard", "isolation", "exposure", "eta_squared", "gini", "hutchens", "atkinson"]
EVERY = [*TWO_GROUP, "theil_h", "mutual_information"]
UNEVEN = ["dissimilarity", "gorard", "eta_squared", "gini", "hutchens", "atkinson", "theil_h", "mutual_information"]

# minority, rest: D, GS, eta squared, M, H, Gini, Hutchens
CHECKS = [
    ((100, 60, 40, 0), (0, 40, 60, 100), (0.6, 0.3, 0.52, 0.356641, 0.514525, 0.8, 0.510102)),
    ((80, 80, 20, 20), (20, 20, 80, 80), (0.6, 0.3, 0.36, 0.192745, 0.278072, 0.6, 0.2)),
    ((10, 20, 30, 40), (90, 80, 70, 60), (0.266667, 0.2, 0.066667, 0.034995, 0.062231, 0.333333, 0.048437)),
]

tables = arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(2, 4)), elements=st.integers(0, 60)).filter(
    lambda heads: heads[:, 0].sum() > 0 and heads[:, 1:].sum() > 0
)


def random_table(rng, groups=2, units=30):
    """(unit, group) heads, unlike one another in size and composition, some cells empty, both sides present."""
    heads = rng.negative_binomial(1, 0.04, size=(units, groups))
    heads[0] += 1
    return heads


@pytest.mark.parametrize(("minority", "rest", "expected"), CHECKS)
def test_worked_figures(minority, rest, expected):
    names = ("dissimilarity", "gorard", "eta_squared", "mutual_information", "theil_h", "gini", "hutchens")
    found = [getattr(seg, name)(np.column_stack((minority, rest))) for name in names]
    assert found == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("name", EVERY)
def test_twin(name):
    rng = np.random.default_rng(3)
    for groups in (2, 2, 2, 3, 5):
        heads = random_table(rng, groups)
        assert getattr(seg, name)(heads) == pytest.approx(getattr(slow, name)(heads.tolist()), abs=1e-12)
    assert seg.atkinson(heads, b=0.2) == pytest.approx(slow.atkinson(heads.tolist(), b=0.2), abs=1e-12)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_identities_and_ranges(heads):
    two = np.column_stack((heads[:, 0], heads[:, 1:].sum(axis=1)))
    share = two[:, 0].sum() / two.sum()
    for name in TWO_GROUP:
        index = getattr(seg, name)
        assert index(heads) == pytest.approx(index(two), abs=1e-12), "the rest is one group"
        assert -1e-12 <= index(heads) <= 1 + 1e-12
    assert seg.gorard(heads) == pytest.approx((1 - share) * seg.dissimilarity(heads), abs=1e-12)
    assert seg.isolation(heads) + seg.exposure(heads) == pytest.approx(1)
    assert seg.eta_squared(heads) == pytest.approx((seg.isolation(heads) - share) / (1 - share), abs=1e-12)
    assert seg.atkinson(heads) == pytest.approx(1 - (1 - seg.hutchens(heads)) ** 2, abs=1e-12)
    assert seg.gini(heads) >= seg.dissimilarity(heads) - 1e-12
    assert -1e-12 <= seg.theil_h(heads) <= 1 + 1e-12
    assert seg.mutual_information(heads) == pytest.approx(
        seg.theil_h(heads) * slow.entropy(heads.sum(axis=0)), abs=1e-12
    )
    assert seg.mutual_information(heads) == pytest.approx(seg.mutual_information(heads.T), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(tables, st.integers(1, 4), st.randoms(use_true_random=False))
def test_invariances(heads, parts, random):
    """Order of units, city size, units cut into like parts, and empty units change nothing."""
    order = random.sample(range(len(heads)), len(heads))
    empty = np.insert(heads, 0, 0, axis=0)
    for name in EVERY:
        index = getattr(seg, name)
        value = pytest.approx(index(heads), abs=1e-12)
        assert index(heads[order]) == value
        assert index(heads * 7) == value
        assert index(np.repeat(heads / parts, parts, axis=0)) == value
        assert index(empty) == value


@pytest.mark.parametrize("name", ["gini", "theil_h", "mutual_information", "hutchens", "eta_squared"])
def test_transfers_principle(name):
    """Swapping a minority pupil of a rich unit for another pupil of a poor one lowers each index that is strict."""
    index, rng = getattr(seg, name), np.random.default_rng(5)
    for _ in range(40):
        heads = rng.integers(2, 60, size=(8, 2))
        order = np.argsort(heads[:, 0] / heads.sum(axis=1))
        poor, rich = order[1], order[-2]
        after = heads.copy()
        after[rich] += (-1, 1)
        after[poor] += (1, -1)
        if after[rich, 0] / after[rich].sum() >= after[poor, 0] / after[poor].sum():
            assert index(after) < index(heads)


def test_undefined_and_degenerate():
    nothing, all_minority, no_minority = np.zeros((3, 2)), np.array([[4, 0], [9, 0]]), np.array([[0, 4], [0, 9]])
    for name in EVERY:
        assert np.isnan(getattr(seg, name)(nothing)), name
        assert np.isnan(getattr(seg, name)(np.zeros((0, 2)))), name
    for name in ("dissimilarity", "eta_squared", "gini", "hutchens", "atkinson", "theil_h"):
        for heads in (all_minority, no_minority, all_minority[:, :1]):
            assert np.isnan(getattr(seg, name)(heads)), name
    for heads in (all_minority, all_minority[:, :1]):
        assert (seg.gorard(heads), seg.isolation(heads), seg.exposure(heads)) == (0, 1, 0)
        assert seg.mutual_information(heads) == 0
    assert all(np.isnan(getattr(seg, name)(no_minority)) for name in ("gorard", "isolation", "exposure"))
    assert all(getattr(seg, name)([[30, 70]]) == pytest.approx(0, abs=1e-15) for name in UNEVEN)
    assert seg.isolation([[30, 70]]) == pytest.approx(0.3)
    separate = [[10, 0], [0, 30]]
    full = {name: getattr(seg, name)(separate) for name in UNEVEN}
    assert full.pop("gorard") == 0.75 and full.pop("mutual_information") == pytest.approx(slow.entropy([10, 30]))
    assert full == pytest.approx(dict.fromkeys(full, 1.0))


@pytest.mark.parametrize("name", [*EVERY, "expected_dissimilarity"])
@pytest.mark.parametrize("bad", [[[1, -1]], [[1.0, np.nan]], [[1.0, np.inf]], [1, 2], np.zeros((3, 0))])
def test_bad_heads(name, bad):
    with pytest.raises(ValueError, match="heads must be"):
        getattr(seg, name)(bad)


def test_atkinson_weight_is_checked():
    with pytest.raises(ValueError, match="between 0 and 1"):
        seg.atkinson([[1, 2]], b=1.0)


def test_shares_within():
    heads = [[10, 90], [20, 80], [30, 70], [120, 80], [0, 0]]  # shares .1 .2 .3 .6 of a city with .36
    assert seg.shares_within(heads, -0.1, 0.1) == pytest.approx((0.25, 0.2))
    assert seg.shares_within(heads, 0.1, np.inf) == pytest.approx((0.25, 0.4))
    assert seg.shares_within(heads, -np.inf, np.inf) == (1, 1)
    assert seg.shares_within([[1, 9], [3, 7]], -0.1, 0.1) == (1, 1), "the ends are included"
    assert np.isnan(seg.shares_within(np.zeros((2, 2)), -0.1, 0.1)).all()


def test_decompose():
    nested = [[40, 60], [20, 80], [70, 30], [50, 50]]
    for labels in ([0, 0, 1, 1], ["north", "north", "south", "south"]):
        assert seg.decompose(nested, labels) == pytest.approx((0.068782, 0.046201, 0.022582), abs=1e-6)
    heads = random_table(np.random.default_rng(2), groups=4)
    heads[3:9] = 0
    labels = np.arange(len(heads)) // 3  # two clusters without pupils
    total, between, within = seg.decompose(heads, labels)
    assert total == pytest.approx(between + within, abs=1e-14)
    pupils = [heads[labels == c].sum() for c in np.unique(labels)]
    inside = [seg.mutual_information(heads[labels == c]) for c in np.unique(labels)]
    assert within == pytest.approx(np.nansum(np.multiply(pupils, inside)) / heads.sum())
    assert seg.decompose(heads, np.zeros(len(heads))).between == pytest.approx(0, abs=1e-15)
    assert seg.decompose(heads, np.arange(len(heads))).within == pytest.approx(0, abs=1e-15)
    assert np.isnan(seg.decompose(np.zeros((2, 2)), [1, 2])).all()
    with pytest.raises(ValueError, match="cluster labels"):
        seg.decompose(nested, [0, 1])


@pytest.mark.parametrize("groups", [2, 3])
def test_change_adds_up_and_turns_round(groups):
    rng = np.random.default_rng(groups)
    for _ in range(5):
        before, after = random_table(rng, groups), random_table(rng, groups)
        before[4], after[6] = 0, 0  # one school opens, one closes
        change = seg.decompose_change(before, after)
        assert change.total == pytest.approx(seg.mutual_information(after) - seg.mutual_information(before))
        assert change.total == pytest.approx(sum(change[1:]), abs=1e-12)
        assert seg.decompose_change(after, before) == pytest.approx([-part for part in change], abs=1e-12)
        assert seg.decompose_change(before, 3 * before) == pytest.approx((0, 0, 0, 0), abs=1e-7)


def test_change_of_margins_alone_is_not_structural():
    heads = np.random.default_rng(1).integers(1, 90, size=(25, 3)).astype(float)
    sizes = np.linspace(0.3, 4, 25)[:, None]
    for after in (heads * (1, 2, 0.5), heads * sizes, heads * sizes * (3, 1, 1)):
        change = seg.decompose_change(heads, after)
        assert change.structural == pytest.approx(0, abs=1e-9)
        assert abs(change.total) > 1e-4


def test_change_of_structure_alone_is_structural():
    before = np.array([[30, 70], [50, 50], [70, 30]])
    after = np.array([[10, 90], [50, 50], [90, 10]])
    change = seg.decompose_change(before, after)
    assert change == pytest.approx((change.total, 0, 0, change.total), abs=1e-9)


def test_change_twin():
    """Tables of 2 x 2 have one odds ratio, from which the fitted tables can be solved without proportional fitting."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        before, after = rng.integers(1, 200, size=(2, 2, 2))
        expected = slow.decompose_change(before.tolist(), after.tolist())
        assert seg.decompose_change(before, after) == pytest.approx(expected, abs=1e-8)


def test_change_with_units_and_groups_coming_and_going():
    before = np.array([[40, 60, 0], [20, 80, 0], [0, 0, 0]])
    after = np.array([[40, 60, 0], [20, 80, 0], [30, 10, 0]])
    change = seg.decompose_change(before, after)
    assert change == pytest.approx((change.total, change.total, 0, 0), abs=1e-9), "a new unit is a unit margin"
    after = np.array([[40, 60, 9], [20, 80, 1], [0, 0, 0]])
    change = seg.decompose_change(before, after)
    assert change == pytest.approx((change.total, 0, change.total, 0), abs=1e-9), "a new group is a group margin"
    strangers = seg.decompose_change([[1, 2], [0, 0]], [[0, 0], [2, 1]])
    assert strangers.total == 0 and np.isnan(strangers[1:]).all()
    assert np.isnan(seg.decompose_change(before, 0 * before)).all()
    with pytest.raises(ValueError, match="same units and groups"):
        seg.decompose_change(before, before[:2])


def test_change_from_full_separation():
    """Empty cells do not stop the fitting: 2 x 2 tables, apart before and half mixed after, same margins."""
    change = seg.decompose_change([[100, 0], [0, 100]], [[75, 25], [25, 75]])
    assert change == pytest.approx((change.total, 0, 0, change.total), abs=1e-9)
    change = seg.decompose_change([[100, 0], [0, 100]], [[150, 0], [0, 50]])
    assert change == pytest.approx((change.total, change.total / 2, change.total / 2, 0), abs=1e-6)


@pytest.mark.parametrize(("share", "expected"), [(0.05, 0.369), (0.2, 0.196), (0.4, 0.161)])
def test_random_dissimilarity_of_small_units(share, expected):
    minority = round(25 * 800 * share)
    heads = np.full((800, 2), 0)
    heads[:, 0] = minority // 800
    heads[: minority % 800, 0] += 1
    heads[:, 1] = 25 - heads[:, 0]
    assert seg.expected_dissimilarity(heads) == pytest.approx(expected, abs=6e-4)
    assert seg.random_dissimilarity(heads, 40, 1) == pytest.approx(seg.expected_dissimilarity(heads), abs=2e-3)


def test_expected_dissimilarity_is_exact():
    rng = np.random.default_rng(8)
    for heads in (random_table(rng), random_table(rng, 3), np.array([[1, 300], [2, 0], [0, 1]]), [[900, 7], [40, 1]]):
        expected = slow.expected_dissimilarity(np.asarray(heads).tolist())
        assert seg.expected_dissimilarity(heads) == pytest.approx(expected, rel=1e-9)
        assert seg.expected_dissimilarity(np.insert(heads, 1, 0, axis=0)) == seg.expected_dissimilarity(heads)
    big = rng.integers(500, 2_000, size=(4, 2))
    assert seg.expected_dissimilarity(big) == pytest.approx(slow.expected_dissimilarity(big.tolist()), rel=1e-9)
    assert seg.expected_dissimilarity([[30, 70]]) == 0
    assert np.isnan(seg.expected_dissimilarity([[0, 70]]))


def test_random_tables_have_the_law_of_shuffled_pupils():
    """40,000 draws against the listing of every seating; for three groups, the means and a covariance."""
    sizes, minority, draws = (2, 3, 4), 4, 40_000
    law = Counter(slow.allocations(sizes, minority))
    heads = np.column_stack(((2, 1, 1), (0, 2, 3)))
    found = Counter(map(tuple, seg.random_tables(heads, draws, 12)[:, :, 0].tolist()))
    assert set(found) == set(law)
    chances = np.array([law[key] for key in law]) / law.total()
    counts = np.array([found[key] for key in law])
    chi_squared = ((counts - draws * chances) ** 2 / (draws * chances)).sum()
    assert chi_squared < len(law) - 1 + 4 * np.sqrt(2 * (len(law) - 1))
    three = np.array([[5, 1, 4], [2, 9, 0], [3, 3, 3], [0, 0, 0]])
    dealt = seg.random_tables(three, draws, 3)
    assert (dealt.sum(axis=1) == three.sum(axis=0)).all() and (dealt.sum(axis=2) == (10, 11, 9)).all()
    assert dealt.mean(axis=0) == pytest.approx(np.outer((10, 11, 9), three.sum(axis=0)) / 30, abs=0.03)
    covariance = -11 * 10 * 13 * 19 / 30**2 / 29  # of groups 0 and 1 in a unit of 11: -n p q (N - n) / (N - 1)
    assert np.cov(dealt[:, 1, 0], dealt[:, 1, 1])[0, 1] == pytest.approx(covariance, abs=0.03)


def test_random_expectation_is_keyed():
    heads = random_table(np.random.default_rng(4))
    value = seg.random_dissimilarity(heads, 10, 7)
    assert value == seg.random_dissimilarity(heads.astype(float), 10, 7)
    assert value == seg.random_dissimilarity(np.insert(heads, 5, 0, axis=0), 10, 7)
    assert value == seg.random_expectation(seg.dissimilarity, heads, 10, 7)
    assert value != seg.random_dissimilarity(heads, 10, 8)
    assert (seg.random_tables(heads, 10, 7)[:4] == seg.random_tables(heads, 4, 7)).all(), "more draws only add"
    assert seg.random_dissimilarity([[30, 70]], 5, 1) == 0
    assert np.isnan(seg.random_dissimilarity([[0, 70], [0, 3]], 5, 1))
    assert np.isnan(seg.random_dissimilarity(np.zeros((2, 2)), 5, 1))
    with pytest.raises(ValueError, match="whole pupils"):
        seg.random_dissimilarity([[0.5, 1]], 5, 1)
    with pytest.raises(ValueError, match="one draw"):
        seg.random_dissimilarity(heads, 0, 1)


@settings(max_examples=150, deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.integers(0, 3)))
def test_all_at_once_are_each_by_itself(heads):
    """Also where one side, or everybody, is missing; the mean over tables; and the figures within scopes."""
    each = [getattr(seg, name)(heads) for name in seg.Figures._fields]
    assert seg.at_once(heads) == pytest.approx(each, abs=1e-12, nan_ok=True)
    twice = np.stack([heads, 2 * heads])
    assert seg.mean_at_once(twice) == pytest.approx(
        each, abs=1e-12, nan_ok=True
    )  # none depends on the size of the city
    scope = np.arange(len(heads)) % 3
    found = seg.within_scopes(heads, heads[::-1].copy(), scope, 4)
    for c in range(4):
        here, there = heads[scope == c], heads[::-1][scope == c]
        names = (seg.dissimilarity, seg.expected_dissimilarity)
        expected = [
            here.sum(),
            here[:, 0].sum(),
            *(f(here) for f in names),
            seg.dissimilarity(there),
            seg.isolation(here),
        ]
        assert found[c].tolist() == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_kernels_without_compiler_give_the_same_bits():
    program = (
        "from abm import segregation as seg; h = [[30, 4, 9], [12, 160, 3], [5, 5, 5], [7, 90, 11]];"
        "print(seg.random_dissimilarity(h, 9, 2).hex(), seg.expected_dissimilarity(h).hex(),"
        "seg.decompose_change(h, h[::-1]).structural.hex(), seg.random_tables(h, 2, 2).tolist())"
    )
    said = [
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "NUMBA_DISABLE_JIT": off, "PYTHONPATH": "."},
                       capture_output=True, text=True, check=True).stdout
        for off in ("0", "1")
    ]  # fmt: skip
    assert said[0] == said[1]


@pytest.mark.filterwarnings("ignore")
def test_against_pysal():
    """PySAL's own implementations, on 36 random tables; its multigroup Gini, since the other takes 9 s to compile."""
    with np.errstate():  # the package switches numpy's warnings off on import
        single = pytest.importorskip("segregation.singlegroup")
        multi = pytest.importorskip("segregation.multigroup")
    pandas = pytest.importorskip("pandas")
    two_group = {
        "dissimilarity": single.Dissim, "theil_h": single.Entropy, "isolation": single.Isolation,
        "exposure": single.Interaction, "eta_squared": single.CorrelationR, "atkinson": single.Atkinson,
    }  # fmt: skip
    many = {"theil_h": multi.MultiInfoTheory, "mutual_information": multi.MultiDivergence}
    rng = np.random.default_rng(11)
    for _ in range(36):
        heads = random_table(rng, 4, units=int(rng.integers(2, 60)))
        heads = heads[heads[:, 0] + heads[:, 1] > 0]
        frame = pandas.DataFrame(heads, columns=list("abcd")).assign(both=heads[:, 0] + heads[:, 1])
        pair = heads[:, :2]
        for name, index in two_group.items():
            assert getattr(seg, name)(pair) == pytest.approx(index(frame, "a", "both").statistic, abs=1e-10)
        assert seg.gini(pair) == pytest.approx(multi.MultiGini(frame, ["a", "b"]).statistic, abs=1e-10)
        for name, index in many.items():
            assert getattr(seg, name)(heads) == pytest.approx(index(frame, list("abcd")).statistic, abs=1e-10)
