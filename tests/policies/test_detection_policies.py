"""Detection and enrolment: each policy on two or three schools, worked by hand; names that make no sense are refused."""

import numpy as np
import pytest

from abm.authority import check
from abm.choice import perceive, rank
from abm.city import PRIVATE, SUBSIDISED
from abm.config.declare import ScenarioError
from abm.demography import change_circumstances
from abm.enrolment import enrol
from abm.households import LATE, join, pack
from abm.indicators.access import access
from abm.indicators.census import census
from abm.model import SchoolChoiceModel
from abm.offers import admit
from abm.policies import SHELF
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.sight import paid
from abm.transfers import transfer
from tests.builders import STATE, blueprint, hand_config, scenario, table, world

ZERO = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)
CALM = {
    "choice": {**ZERO, "distance": -1.0, "taste": "none"},
    "perception": {"noise": 0.0, "network": 0, "flagship": 0},
    "transfers": {"reconsider": 0.0},
    "demography": {"leave_unhappy": 0.0},
}


def enacted(kind, state, rules, **values):
    """The rules with a policy in force, and whom it treats."""
    policy = SHELF[kind](**values)
    policy.fits(rules, state)
    at = policy.pick(rules, state)
    return policy.edit(rules, state, at), policy, at


def line(families, stock, fee=None, **more):
    """Schools on the line, one home at 0 km."""
    config = hand_config(**CALM | more)
    extra = {} if fee is None else {"fee": fee}
    return world(config, blueprint(config, stock, [0.0]), families, **extra), Rules.of(config)


def late(count, group=0, **columns):
    """Late arrivals of year 1 at 0 km, without a school."""
    identity = [int(pack(1, 0, 15, 0, k)) for k in range(count)]
    return table([0] * count, group, id=identity, way=LATE, **columns)


def test_detection_finds_more_and_errs_more_with_its_lag():
    """Rates .2 -> .8 (error 0 -> .1), lag 1 year: half of the gap is closed each year, .2 -> .5 -> .65; errors 0 -> .05 -> .075.

    Half strength: the rate becomes .5. Shares of 40,000 pupils, within four standard errors."""
    n = 40_000
    settings = {"detection": 0.2, "detection_lag": 1.0, "vulnerable_exit": 0.0}
    families = table([0] * 2 * n, school=0, vulnerable=np.arange(2 * n) < n)
    state, rules = line(families, [(1.0, STATE, 2 * n)], households=settings)
    rules, _, _ = enacted("detection", state, rules, rate=0.8, error=0.1)
    before = rules.edit("households.detection", 0.2).edit("households.false_detection", 0.0)
    pupils = change_circumstances(families, before.edit("households.detection_lag", 0.0), 1, 0)
    for year, (right, wrong) in enumerate(((0.5, 0.05), (0.65, 0.075)), start=1):
        pupils = change_circumstances(pupils, rules, 1, year)
        assert pupils.detected[:n].mean() == pytest.approx(right, abs=4 * np.sqrt(right * (1 - right) / n))
        assert pupils.detected[n:].mean() == pytest.approx(wrong, abs=4 * np.sqrt(wrong * (1 - wrong) / n))
    half, _, _ = enacted("detection", state, Rules.of(hand_config(households=settings)), rate=0.8, intensity=0.5)
    assert half.households.detection == pytest.approx(0.5) and half.households.false_detection == 0.0


def test_pre_assignment_moves_a_detected_child_and_displaces_another():
    """Schools at 1 km (two places, half of its pupils detected) and 2 km (two places, none detected); city .25.

    Three entrants at 0 km all want school 0; one is detected. Without the policy the lottery decides. With it (share .5:
    one proposal at school 1) it is proposed school 1: -2 + 1.5 > -1: accepted. So the other two get school 0, always.
    """
    inside = join(
        table([0] * 2, grade=1, school=0, detected=[True, False], year=-1), table([0] * 2, grade=1, school=1, year=-2)
    )
    seen = set()
    for year in range(1, 21):
        families = join(inside, table([0] * 3, detected=[True, False, False], year=year))
        state, rules = line(families, [(1.0, STATE, 2), (2.0, STATE, 2)], city={"grades": 2})
        state = state._replace(year=year)
        seen.add(tuple(admit(rank(perceive(state, rules), rules), rules).round.offer))
        policy, _, _ = enacted("pre_assignment", state, rules, share=0.5, benefit=1.5)
        after = admit(rank(perceive(state, policy), policy), policy)
        assert after.round.offer.tolist() == [1, 0, 0]
    assert seen == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}


def test_pre_assignment_counts_the_detected_and_who_accepted_before():
    """Three detected of four entrants of last year at half strength: 1.5, plus one inside who accepted and stays."""
    families = join(
        table([0] * 4, grade=0, school=0, detected=[True, True, True, False]),
        table([0] * 2, grade=[0, 1], school=0, way=6, year=-3),
    )
    state, rules = line(families, [(1.0, STATE, 9)], city={"grades": 2})
    _, policy, at = enacted("pre_assignment", state, rules, intensity=0.5)
    assert policy.reach(rules, state, at) == (0.5, 2.5)


def test_covered_fees_bring_a_subsidised_school_within_reach():
    """State school at 2 km, subsidised one at 1 km with one place and a fee of 4,000 euro: -2 against -1 - .5 x 4 = -3.

    Status 0, so the fee weighs once. Both families list the state school first. Covered in full the detected one lists
    the subsidised school first (-1 > -2); covered by a quarter (-1 - 1.5 = -2.5) it does not; by three quarters
    (-1 - .5 = -1.5) it does. The other family never changes.
    """
    stock = [(2.0, STATE, 2), (1.0, SUBSIDISED, 1)]
    families = table([0, 0], detected=[True, False])
    state, rules = line(families, stock, fee=[0, 4])
    for share, wanted in ((0.0, 0), (0.25, 0), (0.75, 1), (1.0, 1)):
        new, _, _ = enacted("fees_covered", state, rules, covered=share)
        assert paid(new, families).tolist() == [share, 0.0]
        after = admit(rank(perceive(state, new), new), new)
        assert after.round.lists[:, 0].tolist() == [wanted, 0]
        assert after.round.offer.tolist() == [wanted, 0]


def test_fees_are_covered_for_named_groups_and_the_larger_share_counts():
    """Detected (.5), the minority (.8), detected of the minority (1): the largest share that a family may claim."""
    families = table([0] * 4, [0, 0, 1, 1], detected=[False, True, False, True])
    state, rules = line(families, [(2.0, STATE, 2), (1.0, PRIVATE, 1)], fee=[0, 4])
    rules, _, _ = enacted("fees_covered", state, rules, covered=0.5)
    rules, _, _ = enacted("fees_covered", state, rules, covered=0.8, groups=("minority",))
    assert paid(rules, families) == pytest.approx([0, 0.5, 0.8, 0.8])
    rules, _, _ = enacted("fees_covered", state, rules, groups=("minority", "detected"))
    assert paid(rules, families) == pytest.approx([0, 0.5, 0.8, 1.0])


def test_covered_fees_cost_who_is_reached_at_a_school_with_a_fee():
    """Of three detected pupils one is at the school with a fee: 988.10 euro; half strength, half of it."""
    families = table([0] * 4, school=[0, 0, 1, 1], detected=[True, True, True, False])
    state, rules = line(families, [(2.0, STATE, 2), (1.0, SUBSIDISED, 2)], fee=[0, 4])
    for strength in (1.0, 0.5):
        _, policy, at = enacted("fees_covered", state, rules, intensity=strength)
        assert policy.price(policy.reach(rules, state, at)) == pytest.approx(988.10 * strength)


def test_late_arrivals_in_balance_and_by_room():
    """School 0 (3 of 4 minority, 6 places free), school 1 (1 of 4, 2 places free). Three late arrivals of the minority.

    By room: 6, 5, 4 places are more than 2: all to school 0. Balanced: shares .75 and .25: school 1; then 2/5; then it
    is full: school 0. Half strength mixes both in one sequence: each pupil goes by its own rule.
    """
    inside = join(
        table([0] * 4, [1, 1, 1, 0], school=0, year=-1), table([0] * 4, [1, 0, 0, 0], school=1, year=-2),
    )  # fmt: skip
    state, rules = line(join(inside, late(3, 1)), [(1.0, STATE, 10), (2.0, STATE, 6)])
    assert transfer(state, rules).households.school[8:].tolist() == [0, 0, 0]
    new, _, _ = enacted("balanced_late_arrivals", state, rules)
    assert sorted(transfer(state, new).households.school[8:]) == [0, 1, 1]
    many = line(join(inside, late(4000, 1)), [(1.0, STATE, 9000), (2.0, STATE, 6000)])[0]
    half, _, _ = enacted("balanced_late_arrivals", many, rules, intensity=0.5)
    at_one = (transfer(many, half).households.school[8:] == 1).mean()
    # Those by room (about half) go to 0, whose share rises, so all by balance (the other half) go to 1 until shares meet.
    assert 0.4 < at_one < 0.6


def test_balance_looks_at_the_radius_only():
    """Lowest share at 3 km, the third nearest: beyond a radius of two the second is taken."""
    inside = join(*(table([0] * 4, np.arange(4) < 3 - s, school=s, year=-s - 1) for s in range(3)))
    stock = [(1.0, STATE, 9), (2.0, STATE, 9), (3.0, STATE, 9)]
    state, rules = line(join(inside, late(1, 1)), stock)
    for radius, wanted in ((3, 2), (2, 1)):
        new, _, _ = enacted("balanced_late_arrivals", state, rules, radius=radius)
        assert transfer(state, new).households.school[12] == wanted


def protected_town(count, places=(10, 6)):
    """School 0 all minority with most room, school 1 a quarter, and late arrivals of the minority."""
    inside = join(
        table([0] * 4, 1, school=0, year=-1), table([0] * 4, [1, 0, 0, 0], school=1, year=-2),
    )  # fmt: skip
    stock = [(1.0, STATE, places[0]), (2.0, STATE, places[1])]
    return line(join(inside, late(count, 1)), stock)


def test_a_protected_school_takes_late_arrivals_only_when_no_other_has_room():
    """By room three late arrivals go to school 0 (6 places free against 2). Protected, two go to school 1; the third has

    no other school and goes to school 0 all the same: one counted as late_at_protected."""
    state, rules = protected_town(3)
    assert transfer(state, rules).households.school[8:].tolist() == [0, 0, 0]
    new, _, at = enacted("protected_schools", state, rules)
    assert at.schools == (0,)
    after = transfer(state, new)
    assert sorted(after.households.school[8:]) == [0, 1, 1]
    assert {row[0]: row[3] for row in access(after, new, census(after))}["late_at_protected"] == 1
    assert "late_at_protected" not in {row[0] for row in access(after, rules, census(after))}


def test_protection_is_not_for_entrants_and_ex_officio():
    """An entrant without an offer is still placed at the nearest school, protected or not: it is no late arrival."""
    state, rules = protected_town(0)
    families = join(state.households, table([0], 1, year=1))
    state = state._replace(households=families)
    new, _, _ = enacted("protected_schools", state, rules)
    chosen = rank(perceive(state, new), new)
    turn = chosen.round._replace(offer=np.array([-1], np.int32))
    assert enrol(chosen._replace(round=turn), new).households.school[-1] == 0


def test_which_schools_are_protected():
    """Shares 1, .75, .5, 0 of four each; city .5625. Above by .1: schools 0 and 1; half of these: 0; by -.1: three.

    By detected pupils (school 3 alone, city .25): school 3. Named: that one, whatever its share.
    """
    inside = join(
        *(table([0] * 4, np.arange(4) < k, school=s, detected=s == 3, year=-s - 1) for s, k in enumerate((4, 3, 2, 0)))
    )
    state, rules = line(inside, [(float(s + 1), STATE, 9) for s in range(4)])
    for values, wanted in (
        ({}, (0, 1)),
        ({"intensity": 0.5}, (0,)),
        ({"above": -0.1}, (0, 1, 2)),
        ({"measure": "detected"}, (3,)),
        ({"schools": ("school 2",)}, (2,)),
        ({"intensity": 0.0}, ()),
    ):
        _, _, at = enacted("protected_schools", state, rules, **values)
        assert at.schools == wanted, values


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ('{ kind = "fees_covered", schools = ["School 1"] }', "name groups"),
        ('{ kind = "balanced_late_arrivals", groups = ["minority"] }', "leave schools, districts and groups out"),
        ('{ kind = "pre_assignment", groups = ["minority"] }', "leave groups out"),
        ('{ kind = "protected_schools", groups = ["minority"] }', "leave groups out"),
        ('{ kind = "detection", schools = ["School 1"] }', "whole city"),
    ],
)
def test_names_that_make_no_sense_are_refused(policy, words):
    school = SchoolChoiceModel(scenario("classroom", "run.years=0"), 1, collect=False).world.city.school_names[0]
    config = scenario("classroom", f"policies=[{policy}]".replace("School 1", school))
    with pytest.raises(ScenarioError, match=words):
        SchoolChoiceModel(config, 1, collect=False)


def test_what_a_city_cannot_do_is_refused():
    """No fee anywhere: nothing to cover. All schools named: nowhere to go. A private school outside: not proposed."""
    state, rules = line(table([0], school=0), [(1.0, STATE, 2), (2.0, STATE, 2)])
    for kind, values, words in (
        ("fees_covered", {}, "nothing to cover"),
        ("protected_schools", {"schools": ("school 0", "school 1")}, "name fewer"),
    ):
        with pytest.raises(Exception, match=words):
            SHELF[kind](**values).fits(rules, state)
    state, rules = line(table([0], school=0), [(1.0, STATE, 2), (2.0, PRIVATE, 2)], fee=[0, 3])
    with pytest.raises(Exception, match="no school can be proposed"):
        SHELF["pre_assignment"](schools=("school 1",)).fits(rules, state)
    assert SHELF["pre_assignment"]().pick(rules, state) == Targets(schools=(0,))


def test_a_whole_year_with_all_of_them_together():
    """They compose: a classroom with all five in force runs, and the check of the authority passes."""
    policies = ", ".join(
        f'{{ kind = "{kind}" }}' for kind, cls in SHELF.items() if cls.area == "detection"
    )  # fmt: skip
    model = SchoolChoiceModel(scenario("classroom", f"policies=[{policies}]"), 1, collect=False)
    check(model.config, model.world)
    model.step()
    model.step()
    assert len(model.world.ledger["authority"].acts) == 5
    assert model.indicators["proposed"] > 0
