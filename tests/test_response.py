"""Schools' responses by hand: themes, funds, classes, fees, closing. Each can be switched off."""

import numpy as np
import pytest

from abm.city import PRIVATE
from abm.response import adopt_themes, change_fees, change_places, close_schools, respond, spend_funds
from abm.rules import Rules
from tests.builders import STATE, blueprint, differences, hand_config, table, with_seen, world


def town(
    stock=((1.0, STATE, 20), (2.0, STATE, 20), (3.0, STATE, 20)), families=None, response=None, grades=1, **columns
):
    config = hand_config(city={"grades": grades, "class_size": 10}, response=response or {})
    families = table([0]) if families is None else families
    return world(config, blueprint(config, list(stock), [0.0]), families, **columns), Rules.of(config)


def test_the_neediest_schools_adopt_themes():
    """Minority shares .9, .5, .1 and first choices 0, 20, 20 of 20 places: school 0 is in most need, then school 1."""
    state, rules = town(demand=[0, 20, 20], response={"theme_funds": 1})
    state = with_seen(state, own_share=[[0.1, 0.5, 0.9], [0.9, 0.5, 0.1]])
    after = adopt_themes(state, rules)
    assert after.events.themed == (0,)
    assert (after.schools.theme >= 0).tolist() == [True, False, False]
    assert after.schools.theme_year[0] == 1
    next_year = adopt_themes(after._replace(year=2), rules)
    assert next_year.events.themed == (1,)
    assert next_year.schools.theme[0] == after.schools.theme[0]


def test_themes_are_for_open_state_schools_only():
    stock = ((1.0, PRIVATE, 20), (2.0, STATE, 20), (3.0, STATE, 20))
    state, rules = town(stock, response={"theme_funds": 5}, open=[True, True, False])
    assert adopt_themes(state, rules).events.themed == (1,)


def test_themes_end_after_their_life():
    """Adopted in year 1, lag 2, life 3: seen in years 3, 4 and 5; over from year 6 on."""
    state, rules = town(theme=[2, -1, -1], theme_year=[1, 0, 0], response={"theme_lag": 2, "theme_life": 3})
    themes = [int(adopt_themes(state._replace(year=y), rules).schools.theme[0]) for y in (3, 5, 6)]
    assert themes == [2, 2, -1]


def test_funds_buy_quality_with_a_lag():
    """2,000 euro a pupil at .1 sd a thousand buy .2 in the end; with a mean lag of 1 year half of what lacks each year."""
    state, rules = town(funding=[2, 0, 0], response={"funding_lag": 1.0, "funding_quality": 0.1})
    bought = []
    for _ in range(3):
        state = spend_funds(state, rules)
        bought.append(float(state.schools.bought[0]))
    assert bought == pytest.approx([0.1, 0.15, 0.175])
    state = state._replace(schools=state.schools._replace(funding=np.zeros(3, np.float32)))
    assert spend_funds(state, rules).schools.bought[0] == pytest.approx(0.0875)


def test_a_class_is_added_after_years_of_demand():
    """More than 1.5 first choices a place for three years add a class of 10; two years do not; 1.5 exactly does not."""
    state, rules = town(demand=[31, 30, 0], entrants=[20, 20, 20], response={"patience": 3})
    intakes = []
    for _ in range(4):
        state = change_places(state, rules)
        intakes.append(state.schools.intake.tolist())
    assert intakes == [[20, 20, 20], [20, 20, 20], [30, 20, 20], [30, 20, 20]]


def test_a_class_is_cut_after_years_of_empty_places_but_the_last_class_stays():
    """Fewer than .4 x 20 = 8 entrants for two years cut 10 places, then no more: one class is the least."""
    state, rules = town(entrants=[7, 8, 20], response={"patience": 2})
    intakes = []
    for _ in range(6):
        state = change_places(state, rules)
        intakes.append(state.schools.intake.tolist())
    assert intakes == [[20, 20, 20], [10, 20, 20], [10, 20, 20], [10, 20, 20], [10, 20, 20], [10, 20, 20]]


def test_one_year_off_starts_the_count_anew():
    state, rules = town(demand=[31, 0, 0], entrants=[20, 20, 20], response={"patience": 2})
    state = change_places(state, rules)
    calm = state._replace(schools=state.schools._replace(demand=np.zeros(3, np.int32)))
    state = change_places(calm, rules)
    busy = state._replace(schools=state.schools._replace(demand=np.array([31, 0, 0], np.int32)))
    assert change_places(busy, rules).schools.intake[0] == 20


def test_private_schools_move_their_fees():
    """Full and asked for by more: +3 %; under three quarters full: -3 %; in between, or of the state: as it was."""
    stock = ((1.0, PRIVATE, 20), (2.0, PRIVATE, 20), (3.0, PRIVATE, 20), (4.0, STATE, 20))
    state, rules = town(stock, demand=[21, 5, 20, 50], entrants=[20, 14, 15, 20], fee=[2, 2, 2, 0])
    assert change_fees(state, rules).schools.fee == pytest.approx([2.06, 1.94, 2, 0])


def test_a_school_without_demand_closes_and_its_pupils_go_to_the_nearest_with_room():
    """School 0 has 2 entrants for years and no class left to cut. Its two pupils go to school 1 (one place) and 2."""
    families = table([0] * 3, school=[0, 0, 1])
    stock = ((1.0, STATE, 10), (2.0, STATE, 2), (3.0, STATE, 5))
    state, rules = town(stock, families, {"patience": 2, "close_below": 3}, entrants=[2, 9, 9], strained=[-2, 0, 0])
    after = close_schools(state, rules)
    assert after.events.closed == (0,)
    assert after.schools.open.tolist() == [False, True, True]
    assert sorted(after.households.school) == [1, 1, 2]
    assert after.schools.intake.tolist() == [0, 2, 5]
    assert after.seen.heads[0].sum() == 0
    assert 0 not in after.city.nearest
    assert after.city.local.tolist() == [1]


def test_the_last_open_school_never_closes():
    state, rules = town(((1.0, STATE, 10),), None, {"patience": 1, "close_below": 3}, entrants=[0], strained=[-9])
    assert close_schools(state, rules).schools.open.tolist() == [True]


def test_close_below_0_closes_none():
    state, rules = town(response={"patience": 1, "close_below": 0}, entrants=[0, 0, 0], strained=[-9, -9, -9])
    assert close_schools(state, rules).events.closed == ()


def test_pupils_of_a_closed_school_without_room_elsewhere_stay_without_a_school():
    families = table([0] * 3, school=[0, 0, 1])
    stock = ((1.0, STATE, 10), (2.0, STATE, 2))
    state, rules = town(stock, families, {"patience": 1, "close_below": 3}, entrants=[2, 9], strained=[-2, 0])
    assert sorted(close_schools(state, rules).households.school) == [-1, 1, 1]


def test_a_school_can_close_where_classes_are_neither_added_nor_cut():
    """Years without demand are counted even so; after two of them school 0, of one class, closes."""
    stock = ((1.0, STATE, 10), (2.0, STATE, 10))
    state, rules = town(stock, response={"places": False, "patience": 2, "close_below": 3}, entrants=[1, 9])
    first = respond(state, rules)
    assert first.events.closed == ()
    assert respond(first, rules).events.closed == (0,)


def test_with_every_response_off_only_the_years_are_counted():
    off = {"themes": False, "funding": False, "places": False, "fees": False, "close_below": 0}
    state, rules = town(response=off, demand=[99, 0, 0], entrants=[0, 0, 0], fee=[1, 1, 1])
    assert set(differences(respond(state, rules), state)) <= {"world.schools.strained"}
