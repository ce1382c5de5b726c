"""Admission policies worked by hand: mechanisms, points, common admission. The town: see three_schools."""

import numpy as np
import pytest

from abm.choice import chances
from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.config.declare import ScenarioError
from abm.households import take
from abm.model import SchoolChoiceModel
from abm.offers import Applications, admit, give, limits
from abm.policies import SHELF
from abm.rules import Rules
from abm.scenario import configure
from abm.schools import fee_due, official, outside_match
from tests.builders import hand_config, table
from tests.policies.three_schools import offers, to_tree_of, town, under
from tests.reference import offers as slow

MECHANISMS = ("deferred_acceptance", "immediate_acceptance", "serial_dictatorship", "top_trading_cycles")


# Family 0 (zone 0) lists school 0 only; 1 (zone 1) lists 0, then 2; 2 (zone 0) lists 2 only. One place each.
RIVALS = table([0, 1, 0]), [[0, -1], [0, 2], [2, -1]]


def test_pilot_schools_give_places_by_their_own_mechanism():
    """Immediate acceptance: 0 goes to family 0 (30 points), 2 at once to family 2, whom nobody else lists first; family 1
    has nothing and, with 30 points at school 2 against 0, justified envy. With schools 0 and 2 as pilots under deferred
    acceptance family 1, refused at 0, takes school 2 from family 2; nobody envies."""
    state, rules = town(*RIVALS)
    before, after = (
        admit(state, rules),
        admit(state, under("mechanism", state, rules, schools=("school 0", "school 2"))),
    )
    assert before.round.offer.tolist() == [0, -1, 2] and before.events.envy == 1
    assert after.round.offer.tolist() == [0, 2, -1] and after.events.envy == 0


def test_pilots_share_is_by_need():
    """Half of the three schools, rounded up to two: those with the largest minority shares, .6 and .5."""
    state, rules = town(*RIVALS)
    state = state._replace(seen=state.seen._replace(own_share=np.array([[0.5, 0.9, 0.4], [0.5, 0.1, 0.6]], np.float32)))
    assert under("mechanism", state, rules, intensity=0.5).orders.mechanism == dict.fromkeys(
        (2, 0), "deferred_acceptance"
    )
    whole = under("mechanism", state, rules)
    assert whole.orders.mechanism == {} and whole.admission.mechanism == "deferred_acceptance"


def test_all_schools_as_pilots_are_the_switch():
    """Named one by one or switched as a whole, the same families sit at the same schools."""
    for mechanism in ("deferred_acceptance", "top_trading_cycles", "serial_dictatorship"):
        rng = np.random.default_rng(3)
        families = table(rng.integers(0, 2, 30), detected=rng.random(30) < 0.3)
        lists = np.array([rng.permutation(3) for _ in range(30)])
        state, rules = town(families, lists, places=(8, 7, 9), reserved=0.2)
        names = tuple(f"school {s}" for s in range(3))
        piloted = under("mechanism", state, rules, schools=names, mechanism=mechanism)
        assert len(piloted.orders.mechanism) == 3
        assert offers(state, piloted) == offers(state, under("mechanism", state, rules, mechanism=mechanism))


def test_a_place_given_back_by_a_pilot_is_given_once_more():
    """School 2 is a pilot. Its round comes first: family 0 (sibling, 40 points) holds it before family 1 (30). Then 0
    offers its place to family 0, who likes it better; school 2 falls free and goes to family 1."""
    state, rules = town(table([0, 1]), [[0, 2], [2, -1]])
    state = state._replace(round=state.round._replace(sibling=np.array([2, -1], np.int32)))
    assert offers(state, under("mechanism", state, rules, schools=("school 2",))) == [0, 2]


def test_a_zone_pilot_guarantees_its_own_residents_only():
    """Family 0 (home at 5 km, local school 2) lists only school 0, where family 1 (zone 0) comes first; family 2 has a
    sibling at school 2, 40 points against 30. Without a guarantee: [-, 0, 2]. School 2 as zone pilot: it is added to the
    list of family 0 and is its own. School 0 as zone pilot gives family 0 no right at school 2."""
    state, rules = town(table([1, 0, 0]), [[0], [0], [2]])
    state = state._replace(round=state.round._replace(sibling=np.array([-1, -1, 2], np.int32)))
    zone = {"mechanism": "zone_assignment"}
    assert offers(state, rules) == [-1, 0, 2]
    piloted = under("mechanism", state, rules, schools=("school 2",), **zone)
    assert offers(state, piloted) == [2, 0, -1]
    assert admit(state, piloted).round.lists.tolist() == [[0, 2], [0, -1], [2, -1]]
    assert offers(state, under("mechanism", state, rules, schools=("school 0",), **zone)) == [-1, 0, 2]


def test_under_zones_a_pilot_school_guarantees_no_more():
    """Zone assignment everywhere: family 0 has school 2. With school 2 a pilot of deferred acceptance the sibling wins."""
    state, rules = town(table([1, 0, 0]), [[0], [0], [2]], mechanism="zone_assignment")
    state = state._replace(round=state.round._replace(sibling=np.array([-1, -1, 2], np.int32)))
    assert offers(state, rules)[0] == 2
    piloted = under("mechanism", state, rules, schools=("school 2",))
    assert offers(state, piloted) == [-1, 0, 2]


def test_chances_are_weighed_only_at_schools_of_immediate_acceptance():
    """Last year half were refused at schools 0 and 2; school 2 is a pilot, so its chance no longer counts."""
    state, rules = town(*RIVALS, stock={"chance": [0.5, 1.0, 0.5]})
    rules = rules.edit("choice.strategic", 0.5)
    table_ = take(state.households, state.round.rows)
    assert np.exp(chances(state, rules, table_)[1]).tolist() == [0.5, 1.0, 0.5]
    piloted = under("mechanism", state, rules, schools=("school 2",))
    assert np.exp(chances(state, piloted, table_)[1]).tolist() == [0.5, 1.0, 1.0]
    assert not chances(state, under("mechanism", state, rules), table_)[0].any()
    assert not any(part.any() for part in chances(state, rules.edit("choice.strategic", 0.0), table_))  # nobody weighs


@pytest.mark.parametrize("mechanism", ["immediate_acceptance", "deferred_acceptance", "top_trading_cycles"])
def test_the_sequence_with_pilots_is_its_naive_twin(mechanism):
    """60 random markets with schools outside the match and pilots of up to three mechanisms: school by school as in
    tests/reference/offers.py, and in a third of them at least not as without pilots."""
    base = Rules.of(hand_config(admission={"mechanism": mechanism}))
    moved = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(10, 40)), int(rng.integers(4, 8))
        lists = np.array([rng.permutation(m)[:4] for _ in range(n)], np.int32)
        lists[rng.random(n) < 0.3, 2:] = -1
        score = np.where(lists >= 0, rng.integers(0, 3, lists.shape), 0).astype(np.int32)
        lottery, places, outside = rng.random(n), rng.integers(1, 5, m), rng.random(m) < 0.2
        pilots = {s: str(rng.choice(MECHANISMS)) for s in range(m) if rng.random() < 0.5}
        asked = Applications(lists, score, lottery, np.zeros(n, int), outside)
        got = []
        for rules in (base.add("orders.mechanism", pilots), base):
            rank = give(rules, asked, places)
            got.append([int(lists[h, r]) if r >= 0 else -1 for h, r in enumerate(rank)])
        wanted = slow.give(
            mechanism, lists.tolist(), score.tolist(), lottery, places.tolist(), set(np.flatnonzero(outside)), pilots
        )
        assert got[0] == wanted, seed
        moved += got[0] != got[1]
    assert moved >= 20


def test_pilots_never_overfill_nor_place_off_a_list():
    """60 random markets with schools outside, pilots of two mechanisms, reserves and maxima."""
    base = Rules.of(hand_config(admission={"reserved": 0.2, "maximum": 0.6, "band": 0.3}))
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(10, 60)), 6
        lists = np.array([rng.permutation(m)[:4] for _ in range(n)], np.int32)
        lists[rng.random(n) < 0.3, 2:] = -1
        names = rng.choice(["top_trading_cycles", "deferred_acceptance", "serial_dictatorship"], 3)
        rules = base.add("orders.mechanism", dict(enumerate(names.tolist())))
        outside = np.array([False] * 5 + [True])
        types = (rng.random(n) < 0.3).astype(np.int32)
        asked = Applications(lists, rng.integers(0, 3, lists.shape).astype(np.int32), rng.random(n), types, outside)
        places = rng.integers(1, 12, m)
        rank = give(rules, asked, places)
        got = np.where(rank >= 0, lists[np.arange(n), np.maximum(rank, 0)], -1)
        assert ((got >= 0) == (rank >= 0)).all()
        most = limits(rules, asked, places)[1]
        for s in range(m):
            assert (got == s).sum() <= places[s]
            for g in (0, 1):
                assert outside[s] or ((got == s) & (types == g)).sum() <= most[s, g]


def test_two_mechanisms_in_one_year_are_refused():
    one = {"kind": "mechanism", "end": 4}
    other = {"kind": "mechanism", "mechanism": "top_trading_cycles", "start": 4}
    with pytest.raises(ScenarioError, match=r"policies\[0\].*policies\[1\].*admission.mechanism in year 4"):
        configure({"policies": [one, other]})
    assert len(configure({"policies": [one, other | {"start": 5}]}).policies) == 2
    assert len(configure({"policies": [one, other | {"intensity": 0.0}]}).policies) == 2


def test_serial_dictatorship_wants_one_lottery():
    tree = {"policies": [{"kind": "mechanism", "mechanism": "serial_dictatorship", "intensity": 0.5}]}
    with pytest.raises(ScenarioError, match="one lottery"):
        SchoolChoiceModel(configure(tree | to_tree_of("classroom", 'admission.tie_breaking="multiple"')), 1)


def test_points_dropped_and_added():
    """School 0, one place: family 0 lives in its zone (30), family 1 elsewhere and is detected. As it is 30 : 0. With 15
    low-income points 30 : 15. Without proximity and with them 0 : 15. At half strength zone 15, low income 8 : 15 : 8."""
    state, rules = town(table([0, 1], detected=[False, True]), [[0], [0]])
    near = {"zone": 0, "district": 0, "near": 0, "workplace": 0}
    assert offers(state, rules) == [0, -1]
    assert offers(state, under("points", state, rules, low_income=15)) == [0, -1]
    assert offers(state, under("points", state, rules, low_income=15, **near)) == [-1, 0]
    half = under("points", state, rules, low_income=15, intensity=0.5, **near)
    assert (half.admission.points.zone, half.admission.points.low_income) == (15, 8)
    assert offers(state, half) == [0, -1]


def test_points_may_add_up_or_only_the_best_counts():
    """Zone 30 and district 10: together 40 beat a sibling's 35; the best of them alone, 30, does not."""
    state, rules = town(table([0, 1]), [[0], [0]])
    state = state._replace(round=state.round._replace(sibling=np.array([-1, 0], np.int32)))
    more = {"district": 10, "sibling": 35}
    assert offers(state, under("points", state, rules, proximity="sum", **more)) == [0, -1]
    assert offers(state, under("points", state, rules, proximity="best", **more)) == [-1, 0]
    assert under("points", state, rules, low_income=None) == rules


def test_points_are_no_matter_of_single_schools():
    tree = {"policies": [{"kind": "points", "schools": ["x"]}]}
    with pytest.raises(ScenarioError, match=r"has no 'x'|leave out"):
        SchoolChoiceModel(configure(tree), 1)
    with pytest.raises(ScenarioError, match="leave out schools and districts"):
        SchoolChoiceModel(configure({"policies": [{"kind": "points", "districts": ["District 1"]}]}), 1)


# Subsidised school 1 (one place, outside the match) and state school 0. Family 0 likes 0 best, then 1; family 1 only 1.
APART = {"sectors": (STATE, SUBSIDISED, STATE), "subsidised": "outside", "stock": {"fee": [0, 2, 0]}}


def test_common_admission_gives_the_place_by_the_common_rules():
    """Two places at the subsidised school, half of all places reserved. Outside the match its two neighbours (30 points)
    hold both; inside one of the two is the detected family's."""
    families = table([0, 0, 1], detected=[False, False, True])
    state, rules = town(families, [[1], [1], [1]], places=(1, 2, 1), reserved=0.5, **APART)
    assert offers(state, rules) == [1, 1, -1]
    common = under("common_admission", state, rules)
    assert common.orders.inside == (1,) and common.orders.fee == {1: 0.0}
    got = offers(state, common)
    assert got[2] == 1 and sorted(got[:2]) == [-1, 1]


def test_common_admission_asks_who_lists_the_school_first():
    """Family 0 has 40 points at the subsidised school 1, but lists 0 first, as its rival there with more points does;
    family 1 lists 1 first. Outside the match 1 offers by its own priorities alone, to family 0, whom school 0 refuses.
    Inside, under immediate acceptance, it goes in the first round to family 1."""
    state, rules = town(table([1, 0, 0]), [[0, 1], [1, -1], [0, -1]], **APART)
    state = state._replace(round=state.round._replace(sibling=np.array([1, -1, -1], np.int32)))
    assert offers(state, rules) == [1, -1, 0]
    assert offers(state, under("common_admission", state, rules, fee=1.0)) == [-1, 1, 0]


def test_the_unplaced_come_to_a_subsidised_school_only_inside_and_without_a_fee():
    state, rules = town(*RIVALS, **APART)
    assert official(state.schools, rules).tolist() == [True, False, True]
    dear = under("common_admission", state, rules, fee=0.5)
    assert fee_due(state.schools, dear).tolist() == [0, 1, 0]
    assert not outside_match(state.schools, dear).any()
    assert official(state.schools, dear).tolist() == [True, False, True]
    assert official(state.schools, dear.edit("admission.ex_officio_state", False)).all()
    assert official(state.schools, under("common_admission", state, rules)).all()


def test_common_admission_begins_with_the_most_selective_and_pays_their_fees():
    """Minority shares .1 (subsidised), .4 (private), fees 2 and 4 thousand; three pupils at school 1, two at 2. Half of
    the two: school 1, for 3 x 2000 euro and half of the fixed cost; both: 14,000 and all of it; half the fee: half."""
    families = table([0] * 5, school=[1, 1, 1, 2, 2])
    state, rules = town(
        families, np.empty((0, 1)), sectors=(STATE, SUBSIDISED, PRIVATE), subsidised="outside", private="outside",
        stock={"fee": [0, 2, 4]},
    )  # fmt: skip
    state = state._replace(seen=state.seen._replace(own_share=np.array([[0.5, 0.9, 0.6], [0.5, 0.1, 0.4]], np.float32)))
    for intensity, fee, schools, euro in ((0.5, 0.0, (1,), 6500), (1.0, 0.0, (1, 2), 15000), (1.0, 0.5, (1, 2), 8000)):
        policy = SHELF["common_admission"](
            sectors=("subsidised", "private"), intensity=intensity, fee=fee, cost_fixed=1000.0
        )
        at = policy.pick(rules, state)
        assert at.schools == schools
        assert policy.price(policy.reach(rules, state, at)) + policy.bill(rules, state, at) == euro


def test_common_admission_needs_schools_to_bring_in():
    for values in ({}, {"sectors": ["subsidised"], "fee": 1.0}):
        with pytest.raises(ScenarioError, match="no subsidised school"):
            SchoolChoiceModel(
                configure(to_tree_of("classroom") | {"policies": [{"kind": "common_admission"} | values]}), 1
            )
    with pytest.raises(ScenarioError, match="sectors is empty"):
        configure({"policies": [{"kind": "common_admission", "sectors": []}]})
