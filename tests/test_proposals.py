"""Pre-assignment by hand: which school is proposed, who accepts, and the place held before the match."""

import numpy as np
import pytest

from abm.choice import perceive, rank
from abm.city import PRIVATE, SUBSIDISED
from abm.enrolment import enrol
from abm.households import OFFER, PROPOSED, join, take
from abm.indicators.access import access
from abm.indicators.census import census
from abm.lanes import LANES
from abm.model import SchoolChoiceModel
from abm.offers import admit
from abm.proposals import most_proposals, propose, with_proposed
from abm.rules import Rules
from abm.sight import paid
from tests.builders import STATE, blueprint, differences, hand_config, scenario, table, world

ZERO = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)
PLAIN = {  # utility is minus the distance in km; one place proposed in each school of four
    "choice": {**ZERO, "distance": -1.0, "taste": "none"},
    "perception": {"noise": 0.0, "network": 0, "flagship": 0, "nearest": 1, "uninformed": 1.0},
    "admission": {"preassigned": 1.0, "preassign_share": 0.25, "preassign_benefit": 1.0, "points": {"sibling": 0, "zone": 0}},
    "demography": {"leave_unhappy": 0.0},
}  # fmt: skip
LINE = [(1.0, STATE, 4), (2.0, STATE, 4), (3.0, STATE, 4)]


def sections(**more):
    return {name: PLAIN.get(name, {}) | more.get(name, {}) for name in PLAIN.keys() | more.keys()}


def town(entrants, stock=LINE, inside=((0, 3), (1, 1), (2, 0)), fee=None, **more):
    """Homes at 0 km, schools at 1, 2, 3 km; four second graders in each, of whom ``inside`` (school, detected) are known.

    So the shares of detected pupils are 3/4, 1/4, 0 and the city's is 1/3, unless said otherwise.
    """
    config = hand_config(**sections(city={"grades": 2}, **more))
    plan = blueprint(config, stock, [0.0])
    parts = [
        table([0] * 4, grade=1, school=s, detected=np.arange(4) < known, year=-(s + 1)) for s, known in inside
    ]  # fmt: skip
    families = join(*parts, entrants)
    state = world(config, plan, families, **({} if fee is None else {"fee": fee}))
    return state, Rules.of(config)


def proposals(state, rules):
    new = take(state.households, state.households.school < 0)
    return propose(state, rules, new, np.full(new.id.size, -1))


def test_the_lowest_share_below_the_citys_among_the_nearest_is_proposed():
    """Shares .75, .25, 0; city 4/12. Radius 3: school 2. Radius 2: school 1. Radius 1: school 0 is above: none."""
    for radius, wanted in ((3, 2), (2, 1), (1, -1)):
        state, rules = town(table([0], detected=True))
        assert proposals(state, rules.edit("admission.preassign_radius", radius)).tolist() == [wanted]


def test_only_the_detected_without_a_sibling_in_the_stage_are_asked():
    """An undetected vulnerable entrant gets none; nor does one whose older sibling sits in a school already."""
    state, rules = town(table([0, 0, 0], detected=[True, False, True], vulnerable=True))
    new = take(state.households, state.households.school < 0)
    assert propose(state, rules, new, np.array([-1, -1, 0])).tolist() == [2, -1, -1]


def test_each_school_is_proposed_for_a_quarter_of_its_places_and_then_the_next():
    """Four places x .25 = 1 proposal a school: three detected entrants get schools 2 and 1, in a keyed order, and none."""
    state, rules = town(table([0] * 3, detected=True))
    assert sorted(proposals(state, rules)) == [-1, 1, 2]
    first = {int(np.argmax(proposals(state._replace(year=year), rules))) for year in range(1, 20)}
    assert first == {0, 1, 2}  # the order changes with the year


@pytest.mark.parametrize(
    ("reserved", "maximum", "own", "wanted"),
    [(0.0, 1.0, {}, 1), (0.5, 1.0, {}, 2), (0.5, 0.5, {}, 2), (0.0, 0.2, {}, 0), (0.0, 1.0, {1: 0.75}, 3)],
)
def test_reserved_places_are_proposed_but_no_more_than_the_maximum(reserved, maximum, own, wanted):
    """Of four places: a quarter; the reserve if more; at most floor(.2 x 4) = 0 under a maximum; a school's own reserve."""
    state, rules = town(table([0], detected=True))
    rules = rules.edit("admission.maximum", maximum).edit("admission.reserved", reserved).edit("orders.reserved", own)
    assert most_proposals(state, rules, np.ones(3, bool))[1] == wanted


def test_a_share_of_the_detected_is_asked_and_more_are_when_more_should_be():
    """.3 of 20,000 detected entrants within four standard errors; whoever is asked at .3 is asked at .6."""
    n = 20_000
    stock = [(1.0, STATE, 4), (2.0, STATE, 4), (3.0, STATE, 8 * n)]
    state, rules = town(table([0] * n, detected=True), stock)
    some, more = (proposals(state, rules.edit("admission.preassigned", share)) >= 0 for share in (0.3, 0.6))
    assert some.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / n))
    assert not (some & ~more).any()


def test_named_schools_only_and_none_outside_the_match():
    """School 2 is private, outside: 1 is proposed. With orders for school 0 alone nothing is, since its share is high."""
    state, rules = town(table([0], detected=True), [*LINE[:2], (3.0, PRIVATE, 4)], fee=[0, 0, 1])
    assert proposals(state, rules).tolist() == [1]
    assert proposals(state, rules.edit("admission.preassign_fees", True)).tolist() == [1]
    assert proposals(state, rules.edit("orders.proposed", (0,))).tolist() == [-1]


def test_a_subsidised_school_is_proposed_where_its_fee_is_paid():
    state, rules = town(table([0], detected=True), [*LINE[:2], (3.0, SUBSIDISED, 4)], fee=[0, 0, 1])
    assert proposals(state, rules).tolist() == [1]
    assert proposals(state, rules.edit("admission.preassign_fees", True)).tolist() == [2]


def test_the_last_slot_for_what_is_not_considered_anyway_or_one_of_further_ones_where_it_is_taken():
    considered = np.array([[0, 1, -1], [0, 1, -1], [2, -1, -1]], np.int32)
    assert with_proposed(considered, np.array([-1, -1, -1], np.int32)) is considered
    proposed = np.array([1, 2, -1], np.int32)
    assert with_proposed(considered, proposed).tolist() == [[0, 1, -1], [0, 1, 2], [2, -1, -1]]
    wider = with_proposed(considered[:, :2], proposed)
    assert wider[:, :2].tolist() == considered[:, :2].tolist() and wider.shape == (3, 2 + LANES)
    assert wider[:, -1].tolist() == [-1, 2, -1] and (wider[:, 2:-1] == -1).all()


def year_of_choice(state, rules):
    return admit(rank(perceive(state, rules), rules), rules)


@pytest.mark.parametrize(("benefit", "wanted"), [(2.1, 2), (1.9, 0)])
def test_a_family_accepts_if_the_benefit_outweighs_the_way(benefit, wanted):
    """It knows only school 0 (nearest = 1), at 1 km; school 2, at 3 km, is proposed: worth -3 + benefit against -1.

    At a benefit of 2.1 it lists school 2 first: accepted, placed as "proposed". At 1.9 it lists school 0 first: refused.
    """
    state, rules = town(table([0], detected=True))
    after = year_of_choice(state, rules.edit("admission.preassign_benefit", benefit))
    assert after.round.proposed.tolist() == [2]
    assert after.round.lists[0, 0] == wanted == after.round.offer[0]
    done = enrol(after, rules.edit("admission.preassign_benefit", benefit))
    assert done.households.way[-1] == (PROPOSED if wanted == 2 else OFFER)
    assert done.households.rank[-1] == 0
    measured = {row[0]: row[3] for row in access(done, rules, census(done))}
    assert (measured["proposed"], measured["proposals_accepted"]) == (1, wanted == 2)


@pytest.mark.parametrize(
    "mechanism",
    [
        "immediate_acceptance",
        "deferred_acceptance",
        "top_trading_cycles",
        "serial_dictatorship",
        "zone_assignment",
    ],
)
def test_whoever_accepts_has_the_place_whatever_the_mechanism_and_the_points(mechanism):
    """School 2 has one place; four families with more points (they live in its zone, by order) list it first too.

    The detected family accepts and gets the place in each of ten years; nobody envies it with justification.
    """
    stock = [(1.0, STATE, 4), (2.0, STATE, 4), (3.0, STATE, 1)]
    crowd = {"points": {"sibling": 0, "zone": 0, "near": 50, "near_schools": 3}, "preassign_share": 1.0}
    for year in range(1, 11):
        config = hand_config(
            **sections(admission=crowd | {"mechanism": mechanism, "preassign_benefit": 9.0}, city={"grades": 2})
        )
        plan = blueprint(config, stock, [0.0, 3.0], area=[0, 1], area_district=np.zeros(2, int))
        inside = [table([0] * 4, grade=1, school=s, detected=np.arange(4) < 3 - s, year=-s - 1) for s in range(3)]
        inside[2] = take(inside[2], np.arange(1, 2))  # one pupil, not detected: share 0
        families = join(*inside, table([0, 1, 1, 1, 1], detected=[True, False, False, False, False], year=year))
        state = world(config, plan, families, year=year)
        rules = Rules.of(config)
        after = year_of_choice(state, rules)
        assert after.round.proposed.tolist() == [2, -1, -1, -1, -1]
        assert (after.round.lists[:, 0] == 2).all()
        assert after.round.offer[0] == 2 and (after.round.offer[1:] != 2).all()
        if mechanism == "deferred_acceptance":
            assert after.events.envy == 0


def test_a_refusal_lets_the_place_go_to_others():
    """One place at school 2 is proposed; the detected family refuses (benefit 0), the other, who lives there, gets it."""
    config = hand_config(**sections(admission={"preassign_share": 1.0, "preassign_benefit": 0.0}, city={"grades": 2}))
    plan = blueprint(
        config, [(1.0, STATE, 4), (3.0, STATE, 1)], [0.0, 3.0], area=[0, 1], area_district=np.zeros(2, int)
    )
    inside = [table([0] * 4, grade=1, school=0, detected=True, year=-1), table([0], grade=1, school=1, year=-2)]
    state = world(config, plan, join(*inside, table([0, 1], detected=[True, False])))
    after = year_of_choice(state, Rules.of(config))
    assert after.round.proposed.tolist() == [1, -1]
    assert after.round.offer.tolist() == [0, 1]


def test_a_certain_place_counts_for_the_strategic():
    """School 2 (3 km) took one first choice in a hundred last year. Both families know it and like it best (theirs by .5).

    A strategic family avoids it: ln .01 = -4.6 against a gain of 2.5 - 2 = .5; if it is proposed, its place is certain.
    """
    for detected, wanted in ((False, 0), (True, 2)):
        state, rules = town(
            table([0], detected=detected), perception={"nearest": 3}, choice={"strategic": 1.0, "distance": 0.0, "reputation": 1.0},
            admission={"preassign_benefit": 0.0},
        )  # fmt: skip
        stock = state.schools._replace(
            reputation=np.array([2.0, 0.0, 2.5], np.float32), chance=np.array([1, 1, 0.01], np.float32)
        )
        after = year_of_choice(state._replace(schools=stock), rules)
        assert after.round.favourite.tolist() == [2]
        assert after.round.lists[0, 0] == wanted


def test_the_fee_of_a_proposed_school_is_paid_at_entry_and_after():
    """School 2 charges 2,000 euro, -.5 x 2 = -1; benefit 2.5 against 2 km more: 2.5 - 2 - 1 < 0 unless the fee is paid."""
    stock = [*LINE[:2], (3.0, SUBSIDISED, 4)]
    state, rules = town(
        table([0], detected=True), stock, fee=[0, 0, 2], choice={"fee": -0.5}, admission={"preassign_benefit": 2.5}
    )
    rules = rules.edit("admission.preassign_fees", True)
    after = enrol(year_of_choice(state, rules), rules)
    assert after.households.school[-1] == 2
    assert paid(rules, after.households).tolist() == [0.0] * 12 + [1.0]
    dear = rules.edit("admission.preassign_benefit", 1.9)
    assert year_of_choice(state, dear).round.offer.tolist() == [0]  # 1.9 < 2, though the fee is paid


def test_without_the_policy_nothing_is_proposed_to_the_bit():
    """Other radius, share and benefit change nothing while nobody is asked."""
    settings = ("admission.preassign_radius=3", "admission.preassign_share=0.5", "admission.preassign_benefit=9.0")
    runs = [SchoolChoiceModel(scenario("classroom", *extra), 1, collect=False) for extra in ((), settings)]
    for model in runs:
        model.step()
    assert differences(runs[0].world, runs[1].world) == []
    assert (runs[0].world.round.proposed == -1).all()


def test_the_explained_family_sees_the_proposal():
    """``explain`` adds the proposal to the total, so that the first school listed is the one with the highest total."""
    model = SchoolChoiceModel(
        scenario("classroom", "admission.preassigned=1.0", "admission.preassign_share=0.5", "households.detection=1.0"),
        1,
        collect=False,
    )
    model.step()
    turn = model.at_choice.round
    asked = np.flatnonzero(turn.proposed >= 0)
    assert asked.size > 2
    for at in asked:
        shown = model.household(int(turn.id[at])).considered
        assert shown[0]["listed"].startswith("1")
        assert sorted(row["proposal"] for row in shown)[-1] == pytest.approx(1.0)
