"""Admission policies worked by hand: reserved places and controlled choice. The town: see three_schools."""

import numpy as np
import pytest

from abm.admission.audit import justified_envy
from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.offers import Applications, admit, limits
from abm.rules import Rules
from abm.scenario import configure, load, to_tree
from tests.builders import ROOT, hand_config, table
from tests.policies.three_schools import ZONE, offers, to_tree_of, town, under

# Family 0 (zone 0) lists school 0 only; 1 (zone 1) lists 0, then 2; 2 (zone 0) lists 2 only. One place each.
RIVALS = table([0, 1, 0]), [[0, -1], [0, 2], [2, -1]]


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


@pytest.mark.parametrize(
    "policy",
    [
        {"kind": "mechanism", "mechanism": "zone_assignment", "intensity": 0.5},
        {"kind": "controlled_choice", "band": 0.02},
        {"kind": "controlled_choice", "band": 0.02, "districts": ["District 1", "District 2"]},
        {"kind": "reserved_places", "share": 0.3, "districts": ["District 1"]},
        {"kind": "reserved_places", "places": 2, "maximum": 0.4},
    ],
)
def test_no_envy_under_deferred_acceptance(policy):
    """The classroom with all schools in one match by deferred acceptance: pilots by zone are part of it, and reserves,
    maxima and bands at all or some schools set only types before each other there: no justified envy in three years."""
    overrides = ('admission.private="inside"', 'admission.mechanism="deferred_acceptance"', "city.slack=0.0")
    tree = to_tree(load(ROOT / "configs" / "classroom.toml", overrides)) | {"policies": [policy]}
    model, plain = SchoolChoiceModel(configure(tree), 1, collect=False), configure(tree | {"policies": []})
    for _ in range(3):
        model.step()
        assert model.rules != Rules.of(plain)
        assert model.at_choice.events.envy == 0
