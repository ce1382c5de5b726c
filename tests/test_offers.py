"""Admit: points by hand, reserved places, private schools outside the match, guaranteed local schools."""

import numpy as np
import pytest

from abm.city import PRIVATE, SUBSIDISED
from abm.demography import demography
from abm.offers import Applications, admit, applications, give
from abm.points import points
from abm.rules import Rules
from abm.world import new_year
from tests.builders import STATE, applied, blueprint, differences, hand_config, scenario, table, world
from tests.reference import offers as slow

POINTS = {"sibling": 40, "zone": 30, "district": 15, "near": 5, "near_schools": 1, "workplace": 20, "low_income": 10}


def three_schools(
    families, lists, admission=None, sectors=(STATE, STATE, STATE), places=(1, 1, 1), homes=(0.0, 5.0), **city
):
    """Schools 0 and 1 at -1 and 1 km in district 0, school 2 at 6 km in district 1; places at 0 (district 0) and 5 km."""
    config = hand_config(city={"zones": "district"} | city, admission={"private": "inside"} | (admission or {}))
    stock = [(x, sector, n) for x, sector, n in zip((-1.0, 1.2, 6.0), sectors, places, strict=True)]
    plan = blueprint(
        config, stock, list(homes), district=[0, 0, 1], area_district=np.array([0, 1]), pupils=[[5, 5], [5, 5]]
    )
    return applied(world(config, plan, families), lists), Rules.of(config)


@pytest.mark.parametrize(
    ("what", "family", "wanted"),
    [
        # home in district and zone 0, nearest school 0: zone + district at 0 and 1, near at 0
        ("home", {"place": 0}, [30 + 15 + 5, 30 + 15, 0]),
        ("other home", {"place": 1}, [0, 0, 30 + 15 + 5]),
        ("workplace", {"place": 0, "workplace": 1}, [50, 45, 20]),
        ("workplace at home counts too", {"place": 0, "workplace": 0}, [70, 65, 0]),
        ("low income", {"place": 0, "detected": True}, [60, 55, 10]),
        ("vulnerable but not detected", {"place": 0, "vulnerable": True}, [50, 45, 0]),
    ],
)
def test_points_by_hand(what, family, wanted):
    """Each priority of Barcelona's kind adds its points; the sum is what the family can claim at each listed school."""
    place = family.pop("place")
    state, rules = three_schools(table([place], **family), [[0, 1, 2]], {"points": POINTS})
    turn = state.round
    got = points(state, rules, state.households, turn.lists, turn.sibling)
    assert got.tolist() == [wanted], what


def test_sibling_points_and_none_behind_the_end_of_a_list():
    state, rules = three_schools(table([0, 0]), [[2, 0, -1], [2, -1, -1]], {"points": POINTS})
    got = points(state, rules, state.households, state.round.lists, np.array([2, -1]))
    assert got.tolist() == [[40, 50, 0], [0, 0, 0]]


def test_points_for_attainment_follow_status_as_strongly_as_is_said():
    """Correlation 1: the rank is the normal distribution at the status, at all listed schools; 0: status says nothing."""
    families = table([0] * 400, status=np.repeat([0.0, 1.0], 200))
    for r, wanted in ((1.0, (500, 841)), (0.0, None)):
        state, rules = three_schools(families, [[0, 2, -1]] * 400, {"points": {"zone": 0, "attainment": 1000}})
        rules = rules.edit("households.attainment_status", r)
        got = points(state, rules, state.households, state.round.lists, state.round.sibling)
        assert (got[:, 2] == 0).all() and (got[:, 0] == got[:, 1]).all()
        if wanted:  # the normal distribution at 0 and at 1
            assert set(got[:200, 0]) == {wanted[0]} and set(got[200:, 0]) == {wanted[1]}
        else:  # uniform: the mean of 400 lies within four standard errors of a half
            assert abs(got[:, 0].mean() - 500) < 4 * 1000 / np.sqrt(12 * 400)


def test_more_points_win_the_place():
    """Two want school 2's one place: the one of its zone has 30 points and gets it; the other gets its second choice."""
    state, rules = three_schools(table([0, 1]), [[2, 0], [2, 1]], {"points": POINTS})
    assert admit(state, rules).round.offer.tolist() == [0, 2]


def test_the_lottery_is_keyed_by_id_and_year_and_fair():
    """Of 400 years each of four equal families wins the one place in a quarter, within four standard errors."""
    wins = np.zeros(4)
    for year in range(1, 401):
        state, rules = three_schools(
            table([0] * 4), [[0]] * 4, {"points": dict.fromkeys(POINTS, 0) | {"near_schools": 1}}
        )
        wins += admit(state._replace(year=year), rules).round.offer == 0
    assert wins.sum() == 400
    assert np.abs(wins - 100).max() < 4 * np.sqrt(400 * 0.25 * 0.75)


@pytest.mark.parametrize("tie_breaking", ["single", "multiple"])
def test_one_lottery_number_or_one_a_school(tie_breaking):
    state, rules = three_schools(table([0, 0]), [[0, 1, 2]] * 2, {"tie_breaking": tie_breaking})
    asked = applications(state, rules, state.households, state.round.lists, state.round.sibling)
    assert asked.lottery.shape == ((2,) if tie_breaking == "single" else (2, 3))
    if tie_breaking == "multiple":
        assert np.unique(asked.lottery).size == 6


def test_reserved_places_go_to_the_detected_first():
    """Four places, half reserved. Reserve-first: of six applicants the two detected, who have fewest points, get in."""
    families = table([1] * 4 + [0] * 2, detected=[False] * 4 + [True] * 2)
    lists = [[2]] * 6
    by_zone = {"points": {"zone": 30, "sibling": 0}}
    state, rules = three_schools(families, lists, by_zone | {"reserved": 0.5}, places=(1, 1, 4))
    offer = admit(state, rules).round.offer
    assert (offer[4:] == 2).all() and (offer[:4] == 2).sum() == 2
    state, rules = three_schools(families, lists, by_zone, places=(1, 1, 4))
    assert admit(state, rules).round.offer.tolist() == [2, 2, 2, 2, -1, -1]


def test_unused_reserves_go_to_others():
    state, rules = three_schools(table([0] * 4), [[0]] * 4, {"reserved": 1.0}, places=(4, 1, 1))
    assert admit(state, rules).round.offer.tolist() == [0] * 4


def test_a_maximum_share_turns_the_detected_away_even_from_free_places():
    """Quota: floor(.5 x 4) = 2 of four detected get in, two places stay free (a hard quota, Hafalir et al. 2013)."""
    state, rules = three_schools(table([0] * 4, detected=True), [[0]] * 4, {"maximum": 0.5}, places=(4, 1, 1))
    assert (admit(state, rules).round.offer == 0).sum() == 2


def test_a_maximum_share_holds_where_private_schools_stand_outside_the_match():
    """Places are filled once more at the end; the detected must still be no more than half of the four places."""
    families = table([0] * 5, detected=[True] * 4 + [False])
    lists = [[0, -1], [0, -1], [0, -1], [0, -1], [1, -1]]
    state, rules = three_schools(
        families, lists, {"maximum": 0.5, "private": "outside"}, sectors=(STATE, PRIVATE, STATE), places=(4, 1, 1)
    )
    assert (admit(state, rules).round.offer == 0).sum() == 2


def test_a_private_offer_first_and_places_fall_free():
    """One private place (school 1), one state place (school 0). Family a likes private best, b state best, c private, state.

    Outside first: a or c gets the private place; whoever likes it best keeps it and leaves the match.
    """
    lists = [[1, 0], [0, -1], [1, 0]]
    state, rules = three_schools(
        table([0] * 3), lists, {"private": "outside", "points": dict.fromkeys(POINTS, 0) | {"near_schools": 1}},
        sectors=(STATE, PRIVATE, STATE),
    )  # fmt: skip
    offer = admit(state, rules).round.offer
    assert sorted(offer) == [-1, 0, 1]
    assert offer[1] != 1


def test_a_place_given_up_outside_is_offered_again():
    """Two families, one private place. Who holds it first but gets its better state school frees it for the other."""
    for year in range(1, 9):
        state, rules = three_schools(
            table([0, 0]), [[0, 1], [1, -1]], {"private": "outside"}, sectors=(STATE, PRIVATE, STATE)
        )
        assert admit(state._replace(year=year), rules).round.offer.tolist() == [0, 1]


@pytest.mark.parametrize(
    "mechanism", ["immediate_acceptance", "deferred_acceptance", "top_trading_cycles", "serial_dictatorship"]
)
def test_the_sequence_is_its_naive_twin(mechanism):
    """60 random markets with schools inside and outside: school by school as in tests/reference/offers.py."""
    rules = Rules.of(hand_config(admission={"mechanism": mechanism}))
    freed = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(5, 40)), int(rng.integers(3, 8))
        lists = np.array(
            [rng.permutation(m)[:4] if m >= 4 else np.append(rng.permutation(m), -1) for _ in range(n)], np.int32
        )
        lists[rng.random(n) < 0.3, 2:] = -1
        score = np.where(lists >= 0, rng.integers(0, 3, lists.shape), 0).astype(np.int32)
        lottery, places = rng.random(n), rng.integers(1, 6, m)
        outside = rng.random(m) < 0.4
        asked = Applications(lists, score, lottery, np.zeros(n, int), outside)
        rank = give(rules, asked, places)
        got = [int(lists[h, r]) if r >= 0 else -1 for h, r in enumerate(rank)]
        wanted = slow.give(
            mechanism, lists.tolist(), score.tolist(), lottery, places.tolist(), set(np.flatnonzero(outside))
        )
        assert got == wanted, seed
        assert (np.bincount([s for s in got if s >= 0], minlength=m) <= places).all()
        freed += len(set(outside[lists[lists >= 0]])) == 2
    assert freed > 30


@pytest.mark.parametrize("places", [(2, 2, 2), (3, 1, 2)])
def test_zone_assignment_guarantees_the_local_school_where_residents_fit(places):
    """Everybody lists others first, yet nobody is without its local school while there is room for all residents."""
    homes = [-1.0, 1.2, 6.0]
    config = hand_config(
        city={"zones": "district"}, admission={"mechanism": "zone_assignment", "points": {"sibling": 40}}
    )
    stock = [(x, STATE, n) for x, n in zip(homes, places, strict=True)]
    plan = blueprint(config, stock, homes, district=[0, 1, 2], area_district=np.arange(3), pupils=np.ones((3, 2), int))
    resident = np.repeat(np.arange(3), places)
    wish = np.array([[(p + 1) % 3, (p + 2) % 3] for p in resident])
    for year in range(1, 6):
        state = applied(world(config, plan, table(resident)), wish)._replace(year=year)
        offer = admit(state, Rules.of(config)).round.offer
        assert (offer >= 0).all()
        assert (np.bincount(offer, minlength=3) == places).all()
        # With deferred acceptance and guaranteed points nobody gets less than the local school; swaps may happen.
        listed_or_local = (offer == resident) | (wish == offer[:, None]).any(axis=1)
        assert listed_or_local.all()


def test_zone_assignment_without_wishes_is_the_local_school():
    homes = [-1.0, 1.2, 6.0]
    config = hand_config(city={"zones": "district"}, admission={"mechanism": "zone_assignment"})
    plan = blueprint(config, [(x, STATE, 2) for x in homes], homes, district=[0, 1, 2], area_district=np.arange(3))
    resident = np.repeat(np.arange(3), 2)
    state = applied(world(config, plan, table(resident)), np.full((6, 2), -1))
    assert admit(state, Rules.of(config)).round.offer.tolist() == resident.tolist()


def test_opt_out_is_granted_where_there_is_room():
    """One resident of school 0 lists school 1, which has a place beyond its own resident: it gets it."""
    config = hand_config(city={"zones": "district"}, admission={"mechanism": "zone_assignment"})
    plan = blueprint(
        config, [(-1.0, STATE, 1), (1.2, STATE, 2)], [-1.0, 1.2], district=[0, 1], area_district=np.arange(2)
    )
    state = applied(world(config, plan, table([0, 1])), [[1], [1]])
    assert admit(state, Rules.of(config)).round.offer.tolist() == [1, 1]


def test_demand_and_chance_are_noted():
    """Three put school 0 first, two get it: demand 3, chance 1 - 1/3; school 1 got its one first choice: chance 1."""
    state, rules = three_schools(table([0] * 4), [[0], [0], [0], [1]], places=(2, 1, 1))
    stock = admit(state, rules).schools
    assert stock.demand.tolist() == [3, 1, 0]
    assert stock.chance == pytest.approx([2 / 3, 1, 1])


def test_subsidised_schools_stand_outside_if_so_ruled():
    """Inside, the state school's mechanism decides; outside, the family that likes the subsidised school holds it first."""
    state, rules = three_schools(table([0]), [[1, 0]], {"subsidised": "outside"}, sectors=(STATE, SUBSIDISED, STATE))
    asked = applications(state, rules, state.households, state.round.lists, state.round.sibling)
    assert asked.outside.tolist() == [False, True, False]
    inside = rules.edit("admission.subsidised", "inside")
    assert not applications(state, inside, state.households, state.round.lists, state.round.sibling).outside.any()


def test_nobody_chooses_nobody_gets():
    state, rules = three_schools(table([], 0), np.empty((0, 3), int))
    assert admit(state, rules).round.offer.size == 0


@pytest.mark.parametrize("mechanism", ["immediate_acceptance", "deferred_acceptance", "zone_assignment"])
def test_no_justified_envy_under_deferred_acceptance(mechanism):
    """With all schools in one match, deferred acceptance and zones (deferred acceptance underneath) leave no envy."""
    from abm.choice import perceive, rank

    config = scenario("classroom", 'admission.private="inside"', f'admission.mechanism="{mechanism}"', "city.slack=0.0")
    rules = Rules.of(config)
    from abm.start import start

    state = rank(perceive(demography(new_year(start(config, 1)), rules), rules), rules)
    envy = admit(state, rules).events.envy
    assert envy >= 0
    if mechanism != "immediate_acceptance":
        assert envy == 0


def test_relative_proximity_by_hand():
    """Schools at -1, 1.2 and 6 km. From 0: alternatives 1.2, 1 and 1 km, so +.2, -.2, -5 km; from 5 km, where school 2 is
    nearest at 1 km and school 1 second at 3.8: -5, -2.8 and +2.8. The longest way, 6 km, is added for all."""
    state, rules = three_schools(
        table([0, 1]),
        [[0, 1, 2], [0, 1, 2]],
        {"points": dict.fromkeys(POINTS, 0) | {"near_schools": 1, "relative": 100}},
    )
    turn = state.round
    got = points(state, rules, state.households, turn.lists, turn.sibling)
    assert got.tolist() == [[620, 580, 100], [100, 320, 880]]


def test_relative_proximity_of_an_only_school_and_behind_the_end_of_a_list():
    """Where there is no other school it counts as the city's longest way; without the option nobody has such points."""
    config = hand_config(admission={"points": {"sibling": 0, "zone": 0, "relative": 10}})
    state = applied(world(config, blueprint(config, [(0.0, STATE, 1)], [0.0, 4.0]), table([0, 1])), [[0, -1], [0, -1]])
    rules = Rules.of(config)
    got = points(state, rules, state.households, state.round.lists, state.round.sibling)
    assert got.tolist() == [[80, 0], [40, 0]]
    without = rules.edit("admission.points", type(rules.admission.points)(sibling=0, zone=0))
    assert not points(state, without, state.households, state.round.lists, state.round.sibling).any()


def test_soft_quotas_of_both_types():
    """Two places, one kept for each type: of three detected and one other, in any lottery, the other gets a place; of
    four detected two do, since what the others leave is free."""
    for others, wanted in (([True, True, True, False], 1), ([True] * 4, 0)):
        for seed in range(20):
            families = table([0] * 4, detected=others)
            state, rules = three_schools(
                families, [[0]] * 4, {"reserved": 0.5, "reserved_others": 0.5}, places=(2, 1, 1)
            )
            got = admit(state._replace(seed=seed), rules).round.offer
            assert (got == 0).sum() == 2
            assert (got[~np.array(others)] == 0).sum() == wanted


@pytest.mark.parametrize("tie_breaking", ["single", "multiple"])
def test_further_draws_take_no_effect_and_differ(tie_breaking):
    """Of 40 who want school 0's ten places, each draw admits ten; the first draw is that of a single one."""

    def offers(draws):
        state, rules = three_schools(
            table([0] * 40), [[0, 1]] * 40, {"draws": draws, "tie_breaking": tie_breaking}, places=(10, 40, 1)
        )
        return admit(state, rules)

    one, five = offers(1), offers(5)
    assert differences(one._replace(round=None), five._replace(round=None)) == []
    assert one.round.offer.tolist() == five.round.offer.tolist()
    assert (one.round.redrawn.shape, five.round.redrawn.shape) == ((40, 0), (40, 4))
    draws = np.column_stack([five.round.offer, five.round.redrawn])
    assert (draws == 0).sum(axis=0).tolist() == [10] * 5
    assert len({tuple(column) for column in draws.T}) == 5
