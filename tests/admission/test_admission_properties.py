"""What the theory promises of each mechanism."""

import itertools

import numpy as np
import pytest

from abm.admission import MECHANISMS, admit
from abm.admission.audit import at_lists, justified_envy, wasted_seats
from tests.admission.markets import random_market
from tests.reference import admission as reference

RULES = [True, False]


def rank_of(school, lists):
    """(student,) rank of the school got, the length of the list if none."""
    hit = (lists == school[:, None]) & (school >= 0)[:, None]
    return np.where(hit.any(axis=1), hit.argmax(axis=1), lists.shape[1])


def no_multiple(mechanism, options):
    """Serial dictatorship takes one lottery only: give the first column of several."""
    if mechanism == "serial_dictatorship" and np.ndim(options["lottery"]) == 2:
        return {**options, "lottery": options["lottery"][:, 0]}
    return options


def test_deferred_acceptance_is_stable():
    for seed in range(200):
        lists, priorities, places, options = random_market(seed, plain=True)
        lottery = np.zeros(len(lists)) if options["lottery"] is None else options["lottery"]
        school = admit("deferred_acceptance", lists, priorities, places, lottery=lottery)
        draws = at_lists(lists, lottery) if lottery.ndim == 2 else lottery
        assert justified_envy(school, lists, at_lists(lists, priorities), places, lottery=draws) == 0
        assert wasted_seats(school, lists, places) == 0


def test_deferred_acceptance_with_reserves_and_quotas_is_fair_within_a_type():
    for seed in range(200):
        lists, priorities, places, options = random_market(seed)
        if "quotas" in options:  # open-first choices with quotas may revive the refused: nothing is promised there
            options["order"] = "reserve_first"
        school = admit("deferred_acceptance", lists, priorities, places, **options)
        assert not reference.envious(school, lists, priorities, places, **options)
        assert wasted_seats(school, lists, places, types=options["types"], quotas=options.get("quotas")) == 0


@pytest.mark.parametrize("mechanism", ["deferred_acceptance", "top_trading_cycles", "serial_dictatorship"])
@pytest.mark.parametrize("plain", RULES, ids=["plain", "reserves"])
def test_lying_does_not_help(mechanism, plain):
    """Every misreport of every student, in small markets."""
    lies = [list(p) + [-1] * (3 - k) for k in range(4) for p in itertools.permutations(range(3), k)]
    for seed in range(12):
        _, priorities, _, options = random_market(seed, plain=plain, students=5, schools=3)
        options.pop("quotas", None)
        options["reserves"] = None if plain else [[1, -1, -1], [-1] * 3, [1, -1, -1]]
        rng = np.random.default_rng(seed)
        lists = np.array([rng.permutation(3) for h in range(5)])
        options, places = no_multiple(mechanism, options), [1, 1, 2]
        honest = rank_of(admit(mechanism, lists, priorities, places, **options), lists)
        for h, lie in itertools.product(range(5), lies):
            told = lists.copy()
            told[h] = lie
            school = admit(mechanism, told, priorities, places, **options)
            assert rank_of(school, lists)[h] >= honest[h], f"seed {seed}, student {h}, {lie}"


@pytest.mark.parametrize("mechanism", ["top_trading_cycles", "serial_dictatorship", "immediate_acceptance"])
def test_no_trade_is_left(mechanism):
    """Pareto-efficient: nobody prefers a free place, and no cycle of students prefers each other's places."""
    for seed in range(150):
        lists, priorities, places, options = random_market(seed, plain=True)
        school = admit(mechanism, lists, priorities, places, **no_multiple(mechanism, options))
        assert wasted_seats(school, lists, places) == 0
        before = np.arange(lists.shape[1])[None, :] < rank_of(school, lists)[:, None]
        wants = np.zeros((places.size + 1, places.size + 1), bool)  # (own school, preferred school)
        rows, ranks = np.nonzero(before & (lists >= 0))
        wants[school[rows], lists[rows, ranks]] = True
        reach = wants[:-1, :-1].astype(int)
        for _ in range(places.size):
            reach = np.minimum(1, reach + reach @ reach)
        assert not np.diag(reach).any(), f"seed {seed}"


def test_one_common_order_makes_three_mechanisms_one():
    for seed in range(100):
        lists, priorities, places, _ = random_market(seed, plain=True)
        common = np.random.default_rng(seed).permutation(len(lists))
        priorities[:] = common[:, None]
        one = admit("serial_dictatorship", lists, None, places, lottery=common).tolist()
        assert admit("deferred_acceptance", lists, priorities, places).tolist() == one
        assert admit("top_trading_cycles", lists, priorities, places).tolist() == one


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_enough_room_gives_all_their_first(mechanism):
    for seed in range(60):
        lists, priorities, places, options = random_market(seed, plain=seed % 2 == 0)
        options = no_multiple(mechanism, {**options, "quotas": None})
        school = admit(mechanism, lists, priorities, places + len(lists), **options)
        assert school.tolist() == lists[:, 0].tolist()


def test_immediate_acceptance_has_the_most_first_choices():
    for seed in range(150):
        lists, priorities, places, options = random_market(seed, plain=True)
        firsts = {}
        for mechanism in MECHANISMS:
            school = admit(mechanism, lists, priorities, places, **no_multiple(mechanism, options))
            firsts[mechanism] = int(((school == lists[:, 0]) & (school >= 0)).sum())
        assert max(firsts.values()) == firsts["immediate_acceptance"]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_rows_may_stand_in_any_order(mechanism):
    for seed in range(100):
        lists, priorities, places, options = random_market(seed, plain=seed % 2 == 0)
        rng = np.random.default_rng(seed)
        if options["lottery"] is None or options["lottery"].dtype == float:
            options["lottery"] = rng.permutation(len(lists))  # no ties are left to the rows
        options = no_multiple(mechanism, options)
        to = rng.permutation(len(lists))
        moved = {key: options[key][to] if key in ("types", "lottery") else options[key] for key in options}
        school = admit(mechanism, lists, priorities, places, **options)
        assert admit(mechanism, lists[to], priorities[to], places, **moved).tolist() == school[to].tolist()


def test_deferred_acceptance_is_as_good_as_any_stable_assignment():
    """Best for students among all stable assignments, found by trying all."""
    for seed in range(15):
        lists, priorities, places, options = random_market(seed, plain=True, students=5, schools=3)
        options["lottery"] = np.arange(5, 0, -1)
        school = admit("deferred_acceptance", lists, priorities, places, **options)
        points = at_lists(lists, priorities)
        for other in itertools.product(*[[*row[row >= 0], -1] for row in lists]):
            other = np.array(other)
            full = np.bincount(other[other >= 0], minlength=3) > places
            if full.any() or wasted_seats(other, lists, places):
                continue
            if justified_envy(other, lists, points, places, lottery=options["lottery"]) == 0:
                assert (rank_of(school, lists) <= rank_of(other, lists)).all()


@pytest.mark.parametrize(("open_first", "quotas"), [(False, False), (False, True), (True, False)])
def test_choices_are_substitutable(open_first, quotas):
    """Whoever is refused among some is refused among more; the claim of ``rounds``, on its twin."""
    for seed in range(40):
        lists, priorities, places, options = random_market(seed, students=8, schools=1)
        options["order"] = "open_first" if open_first else "reserve_first"
        options["quotas"] = [[2, 1, 3][: options["types"].max() + 1]] if quotas else None
        market = reference.Twin(lists, priorities, places, **options)
        chosen = {
            frozenset(group): market.choose(0, group, market.empty(0))
            for size in range(9)
            for group in itertools.combinations(range(8), size)
        }
        for group, taken in chosen.items():
            for h in set(range(8)) - group:
                assert (group - taken) <= (group | {h}) - chosen[group | {h}]


def test_open_first_choices_with_quotas_are_not_substitutable():
    """Students 0 to 4, best first; 0 and 4 of a type with quota 1: when 0 comes, 2 gets in, who was refused before."""
    market = reference.Twin(
        [[0]] * 5, [[5], [4], [3], [2], [1]], [3], [0, 1, 2, 1, 0], [[1, 1, 0]], [[1, -1, -1]], "open_first"
    )
    assert market.choose(0, {1, 2, 3, 4}, market.empty(0)) == {1, 3, 4}
    assert market.choose(0, {0, 1, 2, 3, 4}, market.empty(0)) == {0, 1, 2}
