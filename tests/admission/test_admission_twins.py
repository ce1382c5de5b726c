"""The kernels against slow twins written from the definitions, on random markets."""

import numpy as np
import pytest

from abm.admission import MECHANISMS, admit, match
from abm.admission.audit import at_lists, check_validity, justified_envy
from tests.admission.markets import random_market
from tests.reference import admission as reference


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "reserves-and-quotas"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kernel_is_its_twin(mechanism, plain):
    for seed in range(250):
        lists, priorities, places, options = random_market(seed, plain=plain)
        multiple = np.ndim(options["lottery"]) == 2
        if mechanism == "serial_dictatorship" and multiple:
            continue
        school = admit(mechanism, lists, priorities, places, **options)
        twin = getattr(reference, mechanism)(lists, priorities, places, **options)
        assert school.tolist() == twin, f"seed {seed}"
        check_validity(school, lists, places, types=options.get("types"), quotas=options.get("quotas"))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_match_is_admit_where_unlisted_schools_give_no_points(mechanism):
    for seed in range(120):
        lists, priorities, places, options = random_market(seed, plain=seed % 2 == 0)
        listed = np.zeros(priorities.shape, bool)
        rows, ranks = np.nonzero(lists >= 0)
        listed[rows, lists[rows, ranks]] = True
        priorities = np.where(listed, priorities, 0)
        sparse = dict(options)
        if np.ndim(options["lottery"]) == 2:
            if mechanism == "serial_dictatorship":
                continue
            options["lottery"] = np.where(listed, options["lottery"], 0)
            sparse["lottery"] = at_lists(lists, options["lottery"])
        dense = admit(mechanism, lists, priorities, places, **options)
        assert match(mechanism, lists, at_lists(lists, priorities), places, **sparse).tolist() == dense.tolist()


def test_envy_is_its_twin():
    for seed in range(150):
        lists, priorities, places, options = random_market(seed, plain=seed % 2 == 0)
        if options["lottery"] is None:
            options["lottery"] = np.zeros(len(lists))  # twin and audit: equal numbers go by row
        school = admit("immediate_acceptance", lists, priorities, places, **options)
        lottery = options["lottery"] if options["lottery"].ndim == 1 else at_lists(lists, options["lottery"])
        points = at_lists(lists, priorities)
        count = justified_envy(school, lists, points, places, types=options.get("types"), lottery=lottery)
        assert count == len(reference.envious(school, lists, priorities, places, **options)), f"seed {seed}"


def test_wide_merits_are_compressed_without_loss():
    """Points and lottery numbers that together need more than 64 bits."""
    rng = np.random.default_rng(5)
    for seed in range(20):
        lists, _, places, _ = random_market(seed, plain=True, students=20, schools=4)
        priorities = rng.integers(0, 3, size=(20, 4)) * 1_000_000_000
        lottery = rng.integers(0, 3, size=(20, 4)).astype(np.uint32) * np.uint32(2**30)
        for mechanism in ("deferred_acceptance", "immediate_acceptance", "top_trading_cycles"):
            twin = getattr(reference, mechanism)(lists, priorities, places, lottery=lottery)
            assert admit(mechanism, lists, priorities, places, lottery=lottery).tolist() == twin


@pytest.mark.parametrize("scale", [lambda x: x / 7.0 - 3, lambda x: x - 2**40, lambda x: np.where(x > 1, np.inf, x)])
def test_any_numbers_of_the_same_order_do(scale):
    for seed in range(20):
        lists, priorities, places, options = random_market(seed, plain=True)
        priorities = np.minimum(priorities, 2)
        for mechanism in ("deferred_acceptance", "top_trading_cycles"):
            plain = admit(mechanism, lists, priorities, places, **options)
            assert admit(mechanism, lists, scale(priorities), places, **options).tolist() == plain.tolist()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kernel_is_its_twin_in_a_larger_market(mechanism):
    """Schools large enough for deep heaps and long sorts."""
    for seed in range(4):
        lists, priorities, places, options = random_market(seed, plain=seed % 2 == 0, students=250, schools=6)
        options["lottery"] = np.random.default_rng(seed).integers(0, 2**64, size=250, dtype=np.uint64)
        twin = getattr(reference, mechanism)(lists, priorities, places, **options)
        assert admit(mechanism, lists, priorities, places, **options).tolist() == twin
