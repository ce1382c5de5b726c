"""Communication by hand: who hears what, what is believed then, how lists change, and what comes of it."""

import dataclasses

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from abm.choice import chances, perceive, rank
from abm.considering import consideration
from abm.enrolment import enrol
from abm.households import join, pack
from abm.lanes import whole_vectors
from abm.looking import desk, sight
from abm.messages import reached, told
from abm.offers import admit
from abm.orders import Message
from abm.policies.anti_stigma import AntiStigma
from abm.policies.campaign import Campaign
from abm.policies.growth_signal import GrowthSignal
from abm.policies.mediators import Mediators
from abm.policies.publication_ban import PublicationBan
from abm.policies.school_visits import SchoolVisits
from abm.policies.traffic_light import TrafficLight
from abm.reputation import reputation, signal
from abm.rules import Rules
from abm.scoring import score
from abm.sight import choosers, settings
from abm.world import count_heads, neighbours
from tests.builders import STATE, blueprint, hand_config, table, view, with_seen, world
from tests.reference import choice as slow
from tests.reference import randomness as rnd

ZERO = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)
KNOW_FEW = {"nearest": 1, "uninformed": 1.0, "network": 0, "flagship": 0, "noise": 0.0}


def town(families, schools, *, choice=None, perception=None, places=8, **more):
    """Families at 0 km, state schools at these km, and nothing but distance (-1 a km) and reputation (weight 1) counts."""
    sections = {
        k: more.pop(k) for k in ("admission", "reputation", "demography") if k in more and isinstance(more[k], dict)
    }
    config = hand_config(
        choice=ZERO | {"distance": -1.0, "reputation": 1.0, "taste": "none"} | (choice or {}),
        perception=KNOW_FEW | (perception or {}), **sections,
    )  # fmt: skip
    plan = blueprint(config, [(x, STATE, places) for x in schools], [0.0])
    return world(config, plan, families, **{k.removeprefix("of_"): v for k, v in more.items()}), Rules.of(config)


def enacted(policy, state, rules):
    return policy.edit(rules, state, policy.pick(rules, state))


def considered(state, rules):
    return [sorted(set(row.tolist()) - {-1}) for row in perceive(state, rules).round.considered]


def lists(state, rules):
    rows = rank(perceive(state, rules), rules).round.lists
    return [[s for s in row if s >= 0] for row in rows.tolist()]


def beliefs(state, rules, row=0):
    """{school: what the family in ``row`` believes of it}, with weight 1 of reputation and none of anything else."""
    turn = perceive(state, rules.edit("choice.distance", 0.0)).round
    rules = rules.edit("choice.distance", 0.0)
    given = reached(state, rules, state.households)
    columns = choosers(state, rules, state.households, turn.sibling, given)
    n = turn.considered.shape[1]
    room = desk(n)
    room.rows[0] = row
    with np.errstate(over="ignore"):
        score(1, turn.considered, columns, view(state, rules), settings(state, rules), room)
    return {int(s): float(room.worth[0, k]) for k, s in enumerate(turn.considered[row]) if s >= 0}


def error(state, s, row=0):
    """The family's keyed error of belief about school s, by the slow twin."""
    key = rnd.key32(rnd.stream(state.seed, slow.BELIEF, state.year), int(state.households.id[row]))
    return slow.nearly_normal(rnd.bits(key, s))


# --- Messages -------------------------------------------------------------------------------------------------------


def crowd(n=20_000):
    return town(table(np.zeros(n, int), np.arange(n) % 2), [1.0, 2.0])


def test_who_is_reached_is_a_share_for_good_and_nested():
    """Of 20,000 families .3 within four standard errors; all of them at .6; the same in another year; siblings together."""
    state, _ = crowd()
    few, many = (told(Message("a", (), False, r), state, state.households) for r in (0.3, 0.6))
    assert few.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 20_000))
    assert (few <= many).all() and few.sum() < many.sum()
    assert (told(Message("a", (), False, 0.3), state._replace(year=7), state.households) == few).all()
    sibling = state.households._replace(id=state.households.id + (np.int64(1) << 50))
    assert (told(Message("a", (), False, 0.3), state, sibling) == few).all()


def test_messages_of_other_names_reach_independently_and_of_one_name_the_same():
    """P(both) = .3 x .6 within four standard errors."""
    state, _ = crowd()
    a, b = (told(Message(name, (), False, r), state, state.households) for name, r in (("a", 0.3), ("b", 0.6)))
    assert (a & b).mean() == pytest.approx(0.18, abs=4 * np.sqrt(0.18 * 0.82 / 20_000))


def test_a_message_goes_to_its_groups_the_detected_and_its_districts():
    config = hand_config()
    plan = blueprint(
        config, [(1.0, STATE, 9)], [0.0, 5.0], area_district=np.array([0, 1]), district=[0],
        district_names=("west", "east"),
    )  # fmt: skip
    state = world(config, plan, table([0, 0, 1, 1], [0, 1, 0, 1], detected=np.array([1, 0, 1, 1], bool)))
    rules = Rules.of(config)
    for policy, wanted in (
        (Campaign(share=1.0), [1, 1, 1, 1]),
        (Campaign(share=1.0, groups=("majority",)), [1, 0, 1, 0]),
        (Campaign(share=1.0, groups=("detected",)), [1, 0, 1, 1]),
        (Campaign(share=1.0, groups=("minority", "detected")), [0, 0, 0, 1]),
        (Campaign(share=1.0, districts=("east",)), [0, 0, 1, 1]),
    ):
        (message,) = enacted(policy, state, rules).orders.messages
        assert told(message, state, state.households).tolist() == wanted
        assert policy.treated(rules, state, policy.pick(rules, state)).tolist() == wanted


def test_messages_add_up_and_displace_nothing():
    """Information .5 then .4: 1 - .5 x .6 = .7. One nearest school, then 1 + 2 further, then school 5 by name: five in all."""
    state, rules = town(table([0]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    rules = rules.add("orders.messages", [Message("a", (), False, 1.0, nearest=1, information=0.5)])
    assert considered(state, rules) == [[0, 1]]
    rules = rules.add("orders.messages", [Message("b", (), False, 1.0, nearest=2, information=0.4)])
    assert considered(state, rules) == [[0, 1, 2, 3]]
    assert reached(state, rules, state.households) == pytest.approx([0.7])
    rules = rules.add(
        "orders.messages", [Message("c", (), False, 1.0, schools=(0, 5, 4), radius_km=6.0, information=1.0)]
    )
    assert considered(state, rules) == [[0, 1, 2, 3, 4, 5]]
    assert reached(state, rules, state.households) == pytest.approx([0.7])  # of named schools alone


def test_without_messages_there_is_not_even_a_slot():
    state, rules = town(table([0]), [1.0, 2.0])
    args = table([0]), np.array([-1], np.int32), neighbours(state)
    found = consideration(state, rules, *args)  # one near, the local one, a sibling's
    assert found.shape == (1, whole_vectors(3)) and (found[:, 3:] == -1).all()
    policy = Campaign(intensity=0.0)
    assert enacted(policy, state, rules) == rules


# --- Campaign -------------------------------------------------------------------------------------------------------


def test_a_campaign_by_hand():
    """Schools at 1, 2, 3 km with reputation 0, 0, 4. The minority hears of two more: -1, -2, -3 + 4: it lists 2, 0, 1."""
    state, rules = town(table([0, 0], [0, 1]), [1.0, 2.0, 3.0], reputation=[0, 0, 4])
    assert lists(state, rules) == [[0], [0]]
    campaign = Campaign(share=1.0, further=2, groups=("minority",))
    now = enacted(campaign, state, rules)
    assert considered(state, now) == [[0], [0, 1, 2]]
    assert lists(state, now) == [[0], [2, 0, 1]]


def test_a_campaign_takes_off_its_share_of_the_error():
    """Information .2, noise .8: ignorance .8; told half of it .4. Belief is 1 + .8 x .4 x e."""
    state, rules = town(table([0], information=0.2), [1.0, 2.0], perception={"noise": 0.8}, reputation=[1, 0])
    now = enacted(Campaign(share=1.0, further=0, information=0.5), state, rules)
    e = error(state, 0)
    assert abs(e) > 0.01
    assert beliefs(state, rules)[0] == pytest.approx(1 + 0.8 * 0.8 * e, abs=1e-5)
    assert beliefs(state, now)[0] == pytest.approx(1 + 0.8 * 0.4 * e, abs=1e-5)


def seats(state, rules):
    """(school, group) pupils after perceive, rank, admit and enrol."""
    for verb in (perceive, rank, admit, enrol):
        state = verb(state, rules)
    return count_heads(state.households, state.schools.open.size, 1, state.groups)[:, 0].tolist()


MIXED = np.array([0] * 4 + [1] * 4)


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [
        (None, [[4, 4], [0, 0]]),  # D = 0: nobody knows better
        (("majority",), [[0, 4], [4, 0]]),  # D = 1
        (("minority",), [[4, 0], [0, 4]]),  # D = 1
        ((), [[0, 0], [4, 4]]),  # D = 0, in the other school
    ],
)
def test_information_for_one_side_parts_what_information_for_all_does_not(groups, wanted):
    """Four and four live beside school 0; school 1 is 1 km further and 3 better. Who hears of it goes: -2 + 3 > -1.

    No family cares who the others are: who knows what is all there is to it.
    """
    state, rules = town(table(np.zeros(8, int), MIXED), [1.0, 2.0], reputation=[0, 3])
    if groups is not None:
        rules = enacted(Campaign(share=1.0, further=1, groups=groups), state, rules)
    assert seats(state, rules) == wanted


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [(None, [[0, 4], [4, 0]]), (("minority",), [[0, 0], [4, 4]]), (("majority",), [[0, 4], [4, 0]])],
)
def test_information_for_those_who_know_less_closes_the_gap(groups, wanted):
    """nearest 2, uninformed .5: the informed majority knows both schools, the minority, without information, one.

    So D = 1 without a campaign; told of one more, the minority goes there too: D = 0. Telling the majority tells it nothing.
    """
    information = np.where(MIXED == 0, 1.0, 0.0)
    families = table(np.zeros(8, int), MIXED, information=information)
    state, rules = town(
        families, [1.0, 2.0], reputation=[0, 3], perception={"nearest": 2, "uninformed": 0.5, "noise": 0.0}
    )
    if groups is not None:
        rules = enacted(Campaign(share=1.0, further=1, information=0.0, groups=groups), state, rules)
    assert seats(state, rules) == wanted


# --- Visits ---------------------------------------------------------------------------------------------------------


def test_a_visit_by_hand():
    """Schools at 1, 1.5 and 9 km, reputation 0, 1 and 5, noise 1, no information; shown are the last two, within 2 km.

    School 1 becomes considered and its belief is 1, free of error; school 0 keeps its error; school 2 is too far.
    """
    state, rules = town(table([0], information=0.0), [1.0, 1.5, 9.0], perception={"noise": 1.0}, reputation=[0, 1, 5])
    visits = SchoolVisits(share=1.0, schools=("school 1", "school 2"), radius_km=2.0)
    now = enacted(visits, state, rules)
    assert considered(state, rules) == [[0]]
    assert considered(state, now) == [[0, 1]]
    believed = beliefs(state, now)
    assert believed[1] == 1.0
    assert believed[0] == pytest.approx(error(state, 0), abs=1e-5) == pytest.approx(beliefs(state, rules)[0], abs=1e-5)
    wanted = [1, 0] if -1 + error(state, 0) < -1.5 + 1 else [0, 1]
    assert lists(state, now) == [wanted]
    half = enacted(dataclasses.replace(visits, information=0.5), state, rules)
    assert beliefs(state, half)[1] == pytest.approx(1 + 0.5 * error(state, 1), abs=1e-5)


def test_a_visit_changes_the_belief_of_those_who_went_only_and_of_far_schools_known_otherwise_not():
    """Both know all three schools; group 1 visits schools 0 and 2 within 2 km. Doubts of group 1: 0, 1, 1; of group 0: 1, 1, 1."""
    state, rules = town(
        table([0, 0], [0, 1], information=0.0), [1.0, 1.5, 9.0], perception={"nearest": 3, "noise": 1.0}
    )
    visits = SchoolVisits(share=1.0, schools=("school 0", "school 2"), radius_km=2.0, groups=("minority",))
    now = enacted(visits, state, rules)
    turn = perceive(state, now).round
    columns = choosers(state, now, state.households, turn.sibling, np.zeros(2))
    n = turn.considered.shape[1]
    room = desk(n)
    for row, wanted in ((0, [1, 1, 1]), (1, [0, 1, 1])):
        room.rows[0] = row
        with np.errstate(over="ignore"):
            score(1, turn.considered, columns, view(state, now), settings(state, now), room)
        doubt = {int(s): float(sight(room.look, k).doubt) for k, s in enumerate(turn.considered[row]) if s >= 0}
        assert [doubt[s] for s in range(3)] == wanted


def test_without_names_the_state_schools_of_most_minority_are_shown():
    """Minority shares .9, .1, .6 and .8 (private), city .5: schools 0 and 2, the first first."""
    config = hand_config()
    plan = blueprint(config, [(1.0, STATE, 9), (2.0, STATE, 9), (3.0, STATE, 9), (4.0, 2, 9)], [0.0])
    state = world(config, plan, table([0, 0], [0, 1], school=0))
    state = with_seen(state, own_share=[[0.1, 0.9, 0.4, 0.2], [0.9, 0.1, 0.6, 0.8]])
    rules = Rules.of(config)
    assert SchoolVisits().pick(rules, state).schools == (0, 2)
    assert SchoolVisits(count=1).pick(rules, state).schools == (0,)


# --- Mediators ------------------------------------------------------------------------------------------------------


def test_mediators_by_hand():
    """nearest 4, uninformed .5, no information: 2 schools known. Closed gap: 4; and one further: 5. The list grows with it."""
    schools = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    state, rules = town(
        table([0, 0], [0, 1], information=0.0), schools, perception={"nearest": 4, "uninformed": 0.5, "noise": 1.0}
    )
    now = enacted(Mediators(share=1.0, further=1), state, rules)
    assert considered(state, now) == [[0, 1], [0, 1, 2, 3, 4]]
    assert [len(row) for row in lists(state, now)] == [2, 5]
    assert set(beliefs(state, now, row=1).values()) == {0.0}  # free of error
    assert 0.0 not in beliefs(state, now, row=0).values()


def test_mediators_teach_the_rules_of_a_mechanism_that_rewards_it():
    """-1 + ln .1 < -4: taught, the minority drops its nearest school to the end; under deferred acceptance nobody need be."""
    state, rules = town(
        table([0, 0], [0, 1]), [1.0, 2.0, 3.0], perception={"nearest": 3},
        admission={"mechanism": "immediate_acceptance"},
    )  # fmt: skip
    state = state._replace(schools=state.schools._replace(chance=np.array([0.1, 1, 1], np.float32)))
    now = enacted(Mediators(share=1.0, further=0), state, rules)
    assert lists(state, rules) == [[0, 1, 2], [0, 1, 2]]
    assert lists(state, now) == [[0, 1, 2], [1, 2, 0]]
    honest = now.edit("admission.mechanism", "deferred_acceptance")
    assert lists(state, honest) == [[0, 1, 2], [0, 1, 2]]


def test_who_knew_the_rules_before_knows_them_still():
    """Share .3 by itself, half of the reached learn: 1 - .7 x .5 = .65 of the minority, and the .3 are among them."""
    n = 20_000
    state, rules = town(
        table(np.zeros(n, int), 1), [1.0, 2.0], choice={"strategic": 0.3},
        admission={"mechanism": "immediate_acceptance"},
    )  # fmt: skip
    now = enacted(Mediators(share=1.0, strategy=0.5), state, rules)
    before, after = (chances(state, r, state.households)[0] for r in (rules, now))
    assert after.mean() == pytest.approx(0.65, abs=4 * np.sqrt(0.65 * 0.35 / n))
    assert (before <= after).all()


# --- Bad names put right --------------------------------------------------------------------------------------------


def named(**more):
    """Reputation -1, -.5, 1, .1 and quality 0, -.6, 0, 5: mean reputation -.1. Only school 0 is both low and better."""
    return town(
        table([0]), [1.0, 2.0, 3.0, 4.0], of_reputation=[-1, -0.5, 1, 0.1], quality=[0, -0.6, 0, 5],
        reputation=dict.fromkeys(("results", "intake", "demand", "stigma", "label"), 0.0) | {"memory": 1.0} | more,
    )  # fmt: skip


def test_an_undeserved_bad_name_is_put_right():
    """-1 + .5 x (0 - -1) = -.5; the deserved one, the good one and the underrated but well named one stay."""
    state, rules = named()
    policy = AntiStigma(share=0.5)
    assert policy.pick(rules, state).schools == (0,)
    now = enacted(policy, state, rules)
    assert reputation(state, now).schools.reputation.tolist() == pytest.approx([-0.5, -0.5, 1, 0.1])


def test_no_name_is_made_better_than_the_school():
    state, rules = named()
    now = rules.add("orders.corrected", {0: 1.0, 2: 1.0})
    assert reputation(state, now).schools.reputation.tolist() == pytest.approx([0, -0.5, 1, 0.1])


def test_stigma_is_dampened_and_a_label_that_lifts_is_not():
    """Half of the damping .5 at intensity .5: weights times .75."""
    for label, wanted in ((-0.4, -0.3), (0.4, 0.4)):
        state, rules = named(stigma=0.4, label=label)
        now = enacted(AntiStigma(intensity=0.5), state, rules)
        assert now.reputation.stigma == pytest.approx(0.3)
        assert now.reputation.label == pytest.approx(wanted)


def test_a_name_put_right_brings_a_family_back():
    """Schools at 1 and 1.4 km; -1 - 1 < -1.4 before, -1 - .5 < -1.4 after a year, -1 - .25 > -1.4 after two."""
    state, rules = town(
        table([0]), [1.0, 1.4], perception={"nearest": 2}, of_reputation=[-1, 0],
        reputation=dict.fromkeys(("results", "intake", "demand"), 0.0) | {"memory": 1.0},
    )  # fmt: skip
    firsts = []
    for _ in range(3):
        firsts.append(lists(state, rules)[0][0])
        state = reputation(state, enacted(AntiStigma(share=0.5), state, rules))
    assert firsts == [1, 1, 0]


# --- What is published ----------------------------------------------------------------------------------------------


def published(weights=None, **more):
    """Quality 1, 0, -1; the pupils of the best school have the lowest status: -1, 0, 1, standardised +-1.2247."""
    state, rules = town(
        table([0], information=more.pop("information", 1.0)), [1.0, 2.0, 3.0], quality=[1, 0, -1],
        of_reputation=more.pop("of_reputation", [0, 0, 0]),
        reputation={"results": 0.6, "intake": 0.0, "demand": 0.0} | (weights or {}), perception={"nearest": 3} | more,
    )  # fmt: skip
    return with_seen(state, status=[-1, 0, 1]), rules


def test_growth_in_place_of_raw_results_turns_the_signal_round():
    """Before: .6 q + .8 z = .6 - .9798, 0, .9798 - .6: the school that adds most has the worst name. After: 1.4 q."""
    state, rules = published({"intake": 0.8})
    assert signal(state, rules) == pytest.approx([-0.3797959, 0, 0.3797959], abs=1e-5)
    now = enacted(GrowthSignal(), state, rules)
    assert signal(state, now) == pytest.approx([1.4, 0, -1.4], abs=1e-5)
    half = enacted(GrowthSignal(intensity=0.5), state, rules)  # results 1, intake .4
    assert signal(state, half) == pytest.approx([1 - 0.4898979, 0, 0.4898979 - 1], abs=1e-5)


def test_growth_is_read_without_error():
    """Reputation -1, 0, 1, half read: 0, 0, 0 of which the heard half keeps its error, noise .8 x .5 for the ignorant."""
    state, rules = published(of_reputation=[-1, 0, 1], information=0.0, noise=0.8)
    believed = beliefs(state, enacted(GrowthSignal(precision=0.5), state, rules))
    assert [believed[s] for s in range(3)] == pytest.approx([0.4 * error(state, s) for s in range(3)], abs=1e-5)
    believed = beliefs(state, enacted(GrowthSignal(precision=1.0), state, rules))
    assert [believed[s] for s in range(3)] == [1, 0, -1]


LAMPS = dict(
    schools=[1.0, 2.0, 3.0, 4.0, 5.0], perception={"nearest": 5, "noise": 3.0}, of_reputation=[4, -2, 1, -1, 0]
)


@pytest.mark.parametrize(
    ("information", "trust", "wanted"),
    [
        (0.0, 1.0, [4, -1.5, 0.5, -1.5, 0.5]),  # the colour is all that it knows
        (1.0, 1.0, [4, -2, 1, -1, 0]),  # the informed do not look
        (0.5, 1.0, [4, -1.75, 0.75, -1.25, 0.25]),
    ],
)
def test_three_colours_by_hand(information, trust, wanted):
    """Five schools: red -2 and -1, read as -1.5; yellow 0 and 1, read as .5; green 4. Errors of sd 3 are gone."""
    state, rules = town(table([0], information=information), **LAMPS)
    believed = beliefs(state, enacted(TrafficLight(trust=trust), state, rules))
    assert [believed[s] for s in range(5)] == pytest.approx(wanted)


def test_half_trusted_colours_leave_half_of_the_error():
    state, rules = town(table([0], information=0.0), **LAMPS)
    believed = beliefs(state, enacted(TrafficLight(trust=0.5), state, rules))
    half = [4, -1.75, 0.75, -1.25, 0.25]
    assert [believed[s] for s in range(5)] == pytest.approx(
        [r + 1.5 * error(state, s) for s, r in enumerate(half)], abs=1e-5
    )


def test_colours_make_schools_alike_and_the_nearer_wins():
    """Reputation 1 at 3 km and 0 at 2.5 km: -2 against -2.5 for the informed. Both are yellow, read as .5: -2.5 against -2.

    Four more schools, two worse and two better, make the red and the green third.
    """
    families = table([0, 0], information=np.array([1.0, 0.0]))
    state, rules = town(
        families, [3.0, 2.5, 9.0, 9.5, 8.0, 8.5], perception={"nearest": 6}, of_reputation=[1, 0, -5, -6, 4, 5]
    )
    firsts = [[s for s in row if s < 2] for row in lists(state, enacted(TrafficLight(trust=1.0), state, rules))]
    assert firsts == [[0, 1], [1, 0]]


def test_colours_of_quality_say_what_reputation_does_not():
    """Reputation -1, 0, 1 and quality 1, 0, -1: the ignorant see 1, 0, -1, the informed go by the name."""
    state, rules = published(of_reputation=[-1, 0, 1], information=0.0)
    believed = beliefs(state, enacted(TrafficLight(trust=1.0, of="quality"), state, rules))
    assert [believed[s] for s in range(3)] == [1, 0, -1]


def test_a_closed_school_has_no_colour():
    """Schools 0, 3, 6 open and -100 closed: each open one is its own third."""
    state, rules = town(
        table([0], information=0.0), [1.0, 2.0, 3.0, 4.0], perception={"nearest": 4},
        of_reputation=[0, -100, 3, 6], open=[True, False, True, True],
    )  # fmt: skip
    believed = beliefs(state, enacted(TrafficLight(trust=1.0), state, rules))
    assert [believed[s] for s in (0, 2, 3)] == [0, 3, 6]


def test_a_ban_leaves_demand_and_composition_and_more_error():
    """Demand 8, 0, 0 at 8 places: ln 1, -ln 9, -ln 9: standardised 1.4142, -.7071, -.7071, less .2 times the minority's."""
    state, rules = published({"intake": 0.8, "demand": 0.3, "stigma": 0.2}, growth=0.5, lights=0.5, noise=0.8)
    state = state._replace(schools=state.schools._replace(demand=np.array([8, 0, 0], np.int32)))
    state = with_seen(state, own_share=[[0.5, 0.6, 0.7], [0.5, 0.4, 0.3]])
    now = enacted(PublicationBan(noise=0.3), state, rules)
    z = np.array([1.2247449, 0, -1.2247449])
    assert signal(state, now) == pytest.approx(0.3 * np.array([1.4142136, -0.7071068, -0.7071068]) - 0.2 * z, abs=1e-5)
    assert settings(state, now).noise == pytest.approx(1.1)
    assert now.perception.growth == now.perception.lights == 0


# --- Whom a policy cannot be aimed at --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Campaign(schools=("school 0",)), "aim it by groups or districts"),
        (Mediators(schools=("school 0",)), "aim it by groups or districts"),
        (GrowthSignal(groups=("minority",)), "for the whole city"),
        (TrafficLight(schools=("school 0",)), "for the whole city"),
        (PublicationBan(districts=("district 0",)), "for the whole city"),
    ],
)
def test_a_wrong_aim_is_refused_with_the_remedy(policy, words):
    state, rules = town(table([0]), [1.0, 2.0])
    with pytest.raises(PydanticCustomError, match=words):
        policy.fits(rules, state)


def test_a_campaign_counts_those_who_choose():
    """Entrants of last year of its groups: two of three minority pupils are in the entry grade; share .5: one."""
    first = table([0, 0, 0], [1, 1, 0])
    older = table([0], 1, grade=1, id=np.array([pack(0, 0, 0, 1, 9)]))
    config = hand_config(city={"grades": 2})
    plan = blueprint(config, [(1.0, STATE, 9)], [0.0])
    state, policy = world(config, plan, join(first, older)), Campaign(share=0.5, groups=("minority",))
    rules = Rules.of(config)
    reach = policy.reach(rules, state, policy.pick(rules, state))
    assert reach == (0, 1)
    assert policy.price(reach) == 30_000 + 5
