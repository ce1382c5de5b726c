"""Admission policies on two or three schools, worked by hand.

The town: schools 0 and 1 at -1 and 1.2 km in district 0, school 2 at 6 km in district 1; homes at 0 km (place 0, district
and zone 0) and at 5 km (place 1, district and zone 1). A home gives 30 points at the schools of its zone, a sibling 40.
"""

import numpy as np
import pytest

from abm.admission.audit import justified_envy
from abm.choice import chances
from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.config.declare import ScenarioError
from abm.households import take
from abm.model import SchoolChoiceModel
from abm.offers import Applications, admit, give, limits
from abm.policies import SHELF
from abm.rules import Rules
from abm.scenario import configure, load, to_tree
from abm.schools import fee_due, official, outside_match
from tests.builders import ROOT, applied, blueprint, hand_config, scenario, table, world

ZONE = {"zone": 30, "sibling": 40, "low_income": 0}


def town(families, lists, *, places=(1, 1, 1), sectors=(STATE, STATE, STATE), seed=1, stock=None, **admission):
    """The three schools with these applications, and the rules."""
    config = hand_config(city={"zones": "district"}, admission={"private": "inside", "points": ZONE} | admission)
    schools = [(x, sector, n) for x, sector, n in zip((-1.0, 1.2, 6.0), sectors, places, strict=True)]
    plan = blueprint(
        config, schools, [0.0, 5.0], district=[0, 0, 1], area_district=np.array([0, 1]), pupils=[[5, 5], [5, 5]],
        district_names=("west", "east"),
    )  # fmt: skip
    return applied(world(config, plan, families, seed=seed, **(stock or {})), lists), Rules.of(config)


def under(kind, state, rules, **values):
    """The rules with a policy in force."""
    policy = SHELF[kind](**values)
    return policy.edit(rules, state, policy.pick(rules, state))


def offers(state, rules):
    return admit(state, rules).round.offer.tolist()


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
    table_ = take(state.households, state.round.rows)
    assert np.exp(chances(state, rules, table_)[1]).tolist() == [0.5, 1.0, 0.5]
    piloted = under("mechanism", state, rules, schools=("school 2",))
    assert np.exp(chances(state, piloted, table_)[1]).tolist() == [0.5, 1.0, 1.0]
    assert not chances(state, under("mechanism", state, rules), table_)[0].any()


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
        asked = Applications(
            lists, rng.integers(0, 3, lists.shape).astype(np.int32), rng.random(n), types, outside[lists] & (lists >= 0)
        )
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


def to_tree_of(name, *overrides):
    """A shipped scenario as a tree, without its policies."""
    return {k: v for k, v in to_tree(scenario(name, *overrides)).items() if k != "policies"}


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


def test_places_are_reserved_at_the_named_school_only():
    """Two places at 0 and at 2; detected families 2 and 3 (no points) against two of the zone at each school. Half the
    places reserved at school 2: one of its two goes to the detected; at school 0 none does."""
    families = table([0, 0, 1, 1, 1, 0], detected=[False, False, True, False, False, True])
    lists = [[0], [0], [0], [2], [2], [2]]
    state, rules = town(families, lists, places=(2, 1, 2))
    assert offers(state, rules) == [0, 0, -1, 2, 2, -1]
    for named in ({"schools": ("school 2",)}, {"districts": ("east",)}):
        ruled = under("reserved_places", state, rules, share=0.5, **named)
        assert ruled.orders.reserved == {2: 0.5} and ruled.admission.reserved == 0
        got = offers(state, ruled)
        assert got[:3] == [0, 0, -1] and got[5] == 2 and sorted(got[3:5]) == [-1, 2]
    everywhere = offers(state, under("reserved_places", state, rules, share=0.5))
    assert everywhere[2] == 0 and everywhere[5] == 2
    weak = under("reserved_places", state, rules, share=0.4, intensity=0.5)  # .2 of two places: none
    assert offers(state, weak) == [0, 0, -1, 2, 2, -1]


def test_the_order_of_processing_decides_how_much_a_reserve_does():
    """Four places, two reserved, at school 0. Detected 0 and 1 live in the zone (30 points), detected 2 and 3 do not, nor
    do 4 to 7. Reserve-first: the reserve is used up by 0 and 1, who had got in anyhow; the lottery shares two places
    among six. Open-first: 0 and 1 take the open places, so 2 and 3 get the reserved ones."""
    families = table([0, 0, 1, 1, 1, 1, 1, 1], detected=[True] * 4 + [False] * 4)
    state, rules = town(families, [[0]] * 8, places=(4, 1, 1))
    assert offers(state, under("reserved_places", state, rules, share=0.5, order="open_first")) == [0] * 4 + [-1] * 4
    others = 0
    for year in range(1, 21):
        ruled = under("reserved_places", state, rules, share=0.5)
        got = offers(state._replace(year=year), ruled)
        assert got[:2] == [0, 0] and got.count(0) == 4
        others += got[4:].count(0)
    assert 0 < others < 40


def test_a_number_of_reserved_places_and_a_maximum_by_school():
    """Three places at school 0, two of them reserved; no more than 2/3 detected: of four detected two get in."""
    state, rules = town(table([0] * 4 + [1] * 2, detected=[True] * 4 + [False] * 2), [[0]] * 6, places=(3, 1, 1))
    ruled = under("reserved_places", state, rules, places=2, maximum=0.67, schools=("school 0",))
    assert ruled.orders.reserved == {0: pytest.approx(2 / 3)} and ruled.orders.maximum == {0: 0.67}
    got = offers(state, ruled)
    assert got[:4].count(0) == 2 and got[4:].count(0) == 1


def test_envy_sets_types_apart_only_where_places_are_reserved():
    """At school 0 (one place, reserved) a detected family without points sits before one with 30: no envy between types.
    At school 2 nothing is reserved; a detected family there before one with 30 points would be envied: counted."""
    lists, points = np.array([[0], [0], [2], [2]], np.int32), np.array([[30], [0], [30], [0]])
    seats, types = np.array([1, 0, 1]), np.array([0, 1, 0, 1])
    wrong = np.array([-1, 0, -1, 2])
    assert justified_envy(wrong, lists, points, seats, types=types) == 0
    assert justified_envy(wrong, lists, points, seats, types=types, apart=np.array([True, True, False])) == 1
    assert justified_envy(wrong, lists, points, seats) == 2
    state, rules = town(table([0, 1], detected=[False, True]), [[0], [0]])
    done = admit(state, under("reserved_places", state, rules, share=1.0, schools=("school 0",)))
    assert done.round.offer.tolist() == [-1, 0] and done.events.envy == 0


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"share": 0.5, "maximum": 0.4}, "more than maximum"),
        ({"places": 200}, "its .* places; lower places"),
        ({"places": 6, "maximum": 0.3}, "may take"),
    ],
)
def test_a_reserve_that_does_not_fit_is_refused(values, wrong):
    with pytest.raises(ScenarioError, match=wrong):
        SchoolChoiceModel(configure(to_tree_of("classroom") | {"policies": [{"kind": "reserved_places"} | values]}), 1)


def test_reserve_and_maximum_may_both_move_past_the_old_ones():
    """From 10-30 % to 40-60 %, and back: whichever is edited first, the reserve is never above the maximum on the way."""
    state, rules = town(*RIVALS, reserved=0.1, maximum=0.3)
    up = under("reserved_places", state, rules, share=0.4, maximum=0.6)
    assert (up.admission.reserved, up.admission.maximum) == (0.4, 0.6)
    down = under("reserved_places", state, up, share=0.1, maximum=0.3)
    assert (down.admission.reserved, down.admission.maximum) == (0.1, 0.3)


# Eight applicants, two of them detected (share 1/4), four places at 0 and at 1; all like 0 better and all live near.
MIXED = table([0] * 8, detected=[True, True] + [False] * 6), [[0, 1]] * 8


@pytest.mark.parametrize(
    ("points_of_the_detected", "free", "band"),
    [
        (0, None, 0.0),  # by lottery
        (10, 2, 0.0),  # both detected come first: without a band both at school 0
        (10, 2, 0.2),  # 1/4 +- .2 of four places: .2 to 1.8 pupils, so exactly one
    ],
)
def test_controlled_choice_puts_one_of_the_two_detected_at_each_school(points_of_the_detected, free, band):
    for year in range(1, 9):
        state, rules = town(*MIXED, places=(4, 4, 1), points=ZONE | {"low_income": points_of_the_detected})
        state = state._replace(year=year)
        if free is not None:
            assert offers(state, rules)[:2].count(0) == free
        got = np.array(offers(state, under("controlled_choice", state, rules, band=band)))
        assert sorted(got[:2]) == [0, 1]
        assert sorted(got[2:]) == [0, 0, 0, 1, 1, 1]


def test_the_band_limits_the_others_too():
    """The six others have a sibling at school 0 (40 points) and would fill it. One place is kept for a detected pupil,
    and school 1, where the band allows three others, takes the other detected one."""
    state, rules = town(*MIXED, places=(4, 4, 1))
    state = state._replace(round=state.round._replace(sibling=np.array([-1, -1] + [0] * 6, np.int32)))
    assert offers(state, rules)[:2] == [1, 1]
    assert sorted(offers(state, under("controlled_choice", state, rules, band=0.1))[:2]) == [0, 1]
    wide = under("controlled_choice", state, rules, band=0.25)  # 0 to 2 of four: as without
    assert offers(state, wide) == offers(state, rules)
    here = under("controlled_choice", state, rules, band=0.1, schools=("school 1",))
    assert here.orders.band == {1: 0.1} and here.admission.band == 1
    got = offers(state, here)  # school 0 full of others; at school 1 three others at most, but only two come
    assert got[:2].count(1) == 1 and got[:2].count(-1) == 1


def test_limits_by_hand():
    """A quarter of the applicants detected, ten places: 2.5. Band 0: 2 or 3. Band .1: 1.5 to 3.5, so 2 or 3. Band .2: .5
    to 4.5, so 1 to 4; the others 6 to 9. With 30 % reserved 3 to 4; with at most 10 % detected 1, nothing else moves."""
    asked = Applications(*(np.zeros((8, 1), np.int32),) * 2, np.zeros(8), np.array([1, 1] + [0] * 6), np.zeros((8, 1)))
    base = Rules.of(hand_config())

    def spans(rules, places=10):
        least, most = limits(rules, asked, np.array([places]))
        return [(int(least[0, g]), int(most[0, g])) for g in (1, 0)]

    assert spans(base) == [(0, 10), (0, 10)]
    for band, wanted in ((0.0, [(2, 3), (7, 8)]), (0.1, [(2, 3), (7, 8)]), (0.2, [(1, 4), (6, 9)])):
        assert spans(base.edit("admission.band", band)) == wanted
    wide = base.edit("admission.band", 0.2)
    assert spans(wide.edit("admission.reserved", 0.3)) == [(3, 4), (6, 9)]
    assert spans(wide.edit("admission.maximum", 0.1)) == [(1, 1), (6, 9)]
    assert spans(base.edit("admission.band", 0.0), 8) == [(2, 2), (6, 6)]
    assert spans(base.add("orders.reserved", {0: 0.5}).add("orders.maximum", {0: 0.5})) == [(5, 5), (0, 10)]


def test_strength_narrows_the_band():
    state, rules = town(*MIXED)
    for intensity, band in ((0.0, 1.0), (0.5, 0.55), (1.0, 0.1)):
        assert under("controlled_choice", state, rules, intensity=intensity).admission.band == pytest.approx(band)


def test_controlled_choice_holds_in_the_classroom():
    """Offers of one year, all schools in one match, 30 % detected: no school takes more detected than the band allows, and
    the school farthest from the mix is nearer to it than without."""
    tree = to_tree_of(
        "classroom", 'admission.private="inside"', "households.detection=1.0", "households.vulnerable_share=0.3"
    )
    spread = {}
    for band in (1.0, 0.1):
        model = SchoolChoiceModel(configure(tree | {"policies": [{"kind": "controlled_choice", "band": band}]}), 1)
        model.step()
        turn, now = model.at_choice.round, model.at_choice
        got = turn.offer >= 0
        detected = now.households.detected[turn.rows]
        places = now.schools.places[:, 0]
        heads = np.bincount(turn.offer[got & detected], minlength=places.size)
        share = detected.mean()
        spread[band] = np.abs(heads - share * places).max()
        if band == 0.1:
            assert (heads <= np.maximum(np.floor((share + 0.1) * places), np.ceil(share * places))).all()
    assert spread[0.1] < spread[1.0]


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
        assert policy.bill(rules, state, at) == euro


def test_common_admission_needs_schools_to_bring_in():
    for values in ({}, {"sectors": ["subsidised"], "fee": 1.0}):
        with pytest.raises(ScenarioError, match="no subsidised school"):
            SchoolChoiceModel(
                configure(to_tree_of("classroom") | {"policies": [{"kind": "common_admission"} | values]}), 1
            )
    with pytest.raises(ScenarioError, match="sectors is empty"):
        configure({"policies": [{"kind": "common_admission", "sectors": []}]})


def test_no_envy_in_a_year_of_pilots_and_zones():
    """The classroom with all schools in one match: pilots by zone beside deferred acceptance leave no justified envy,
    since both are one match; pilots of immediate acceptance may."""
    overrides = ('admission.private="inside"', 'admission.mechanism="deferred_acceptance"', "city.slack=0.0")
    for mechanism in ("zone_assignment", "deferred_acceptance"):
        tree = to_tree(load(ROOT / "configs" / "classroom.toml", overrides))
        tree["policies"] = [{"kind": "mechanism", "mechanism": mechanism, "intensity": 0.5}]
        model = SchoolChoiceModel(configure(tree), 1, collect=False)
        model.step()
        assert model.rules.orders.mechanism
        assert model.at_choice.events.envy == 0
