"""Schools' responses by hand: themes, funds, classes, fees, closing. Each can be switched off."""

import numpy as np
import pytest

from abm.city import PRIVATE, SUBSIDISED
from abm.response import adopt_themes, change_fees, change_places, close_schools, remember, respond, spend_funds
from abm.rules import Rules
from abm.schools import THEMES, offered, theme_visible
from tests.builders import STATE, blueprint, differences, hand_config, table, with_seen, world


def town(
    stock=((1.0, STATE, 20), (2.0, STATE, 20), (3.0, STATE, 20)), families=None, response=None, grades=1, **columns
):
    config = hand_config(city={"grades": grades, "class_size": 10}, response=response or {})
    families = table([0]) if families is None else families
    return world(config, blueprint(config, list(stock), [0.0]), families, **columns), Rules.of(config)


def test_years_short_of_demand_and_years_of_stigma_are_remembered():
    """First choices below .8 x 20 = 16: schools 0 and 1, until school 0 has 16. City's minority share 4 of 8 = .5:
    school 2 has 3 of 4, .25 more than the city; school 1 has 1 of 4."""
    group = [0, 0, 0, 1, 1, 1, 1, 0]
    state, rules = town(families=table([0] * 8, group, school=[1] * 4 + [2] * 4), demand=[0, 15, 20])
    once = remember(state, rules)
    assert once.schools.unwanted.tolist() == [1, 1, 0]
    assert once.schools.stigmatised.tolist() == [0, 0, 1]
    twice = remember(once._replace(schools=once.schools._replace(demand=np.array([16, 0, 20], np.int32))), rules)
    assert twice.schools.unwanted.tolist() == [0, 2, 0]
    assert twice.schools.stigmatised.tolist() == [0, 0, 2]


def test_a_minority_share_at_the_limit_of_stigma_counts():
    """Shares .6 and .4 in a city of .5: exactly .1 above it is stigmatised."""
    group = [1] * 6 + [0] * 4 + [1] * 4 + [0] * 6
    state, rules = town(families=table([0] * 20, group, school=[0] * 10 + [1] * 10))
    assert remember(state, rules).schools.stigmatised.tolist() == [1, 0, 0]


def test_schools_in_need_for_years_apply_and_the_neediest_are_granted_a_theme():
    """Schools 0 and 1 have been short of demand for two years, school 2 for one. Minority shares .9, .5, .1 and first
    choices 0, 15, 0: school 0 is in most need, then school 1; school 2 does not apply."""
    state, rules = town(demand=[0, 15, 0], unwanted=[2, 2, 1], response={"theme_funds": 1})
    state = with_seen(state, own_share=[[0.1, 0.5, 0.9], [0.9, 0.5, 0.1]])
    after = adopt_themes(state, rules)
    assert after.events.themed == (0,)
    assert (after.schools.theme >= 0).tolist() == [True, False, False]
    assert after.schools.theme_year[0] == 1 + 2
    assert after.schools.theme_until[0] == 0
    assert after.schools.theme_worth[0] == np.float32(0.3)
    next_year = adopt_themes(after._replace(year=2), rules)
    assert next_year.events.themed == (1,)
    assert next_year.schools.theme[0] == after.schools.theme[0]
    assert adopt_themes(next_year._replace(year=3), rules).events.themed == ()


def test_stigma_for_years_makes_a_school_apply_too():
    state, rules = town(stigmatised=[0, 2, 1], response={"theme_funds": 3})
    assert adopt_themes(state, rules).events.themed == (1,)


def test_applications_are_of_open_state_schools_only():
    stock = ((1.0, PRIVATE, 20), (2.0, STATE, 20), (3.0, STATE, 20))
    state, rules = town(stock, unwanted=[9, 9, 9], response={"theme_funds": 5}, open=[True, True, False])
    assert adopt_themes(state, rules).events.themed == (1,)


def test_schools_that_do_not_respond_take_no_theme():
    state, rules = town(unwanted=[9, 9, 9], response={"theme_funds": 5, "themes": False})
    after = adopt_themes(state, rules.add("orders.themes", {0: "music"}))
    assert (after.schools.theme == -1).all()


def test_a_granted_theme_ends_after_its_life():
    """Granted in year 1, lag 2, life 3: seen in years 3, 4 and 5; gone at the end of year 5, and not granted anew then."""
    state, rules = town(
        unwanted=[2, 0, 0], response={"theme_funds": 1, "theme_lag": 2, "theme_life": 3, "theme_patience": 2}
    )
    themes, seen = [], []
    for year in range(1, 7):
        seen.append(bool(theme_visible(state.schools, year)[0]))
        state = adopt_themes(state._replace(year=year), rules)
        themes.append(bool(state.schools.theme[0] >= 0))
    assert seen == [False, False, True, True, True, False]
    assert themes == [True, True, True, True, False, True]


@pytest.mark.parametrize(("years", "seen"), [(9, [3, 4, 5]), (3, [3, 4]), (1, [])])
def test_an_ordered_theme_lasts_while_it_is_ordered_and_no_longer_than_its_life(years, seen):
    """Ordered from year 1 on for some years, lag 2, life 3. In the choices of the year after the last order it is still
    there, if it was seen by then."""
    state, rules = town(response={"theme_lag": 2, "theme_life": 3})
    ordered = rules.add("orders.themes", {1: "music"})
    was = []
    for year in range(1, 6):
        was += [year] if theme_visible(state.schools, year)[1] else []
        state = adopt_themes(state._replace(year=year), ordered if year <= years else rules)
        assert year > years or year == 5 or state.schools.theme.tolist() == [-1, THEMES.index("music"), -1]
    assert was == seen
    assert state.schools.theme[1] == -1


def test_an_ordered_theme_without_a_name_is_drawn():
    """Of 40 schools each of the four themes is drawn by some; a school has the same one in a second look."""
    stock = [(float(s), STATE, 20) for s in range(40)]
    state, rules = town(stock)
    rules = rules.add("orders.themes", dict.fromkeys(range(40), ""))
    got = adopt_themes(state, rules).schools.theme
    assert set(got) == {0, 1, 2, 3}
    assert adopt_themes(state, rules).schools.theme.tolist() == got.tolist()


def test_funds_buy_quality_with_a_lag_and_lose_it_again():
    """2,000 euro a pupil at .1 sd a thousand buy .2 in the end; with a mean lag of 1 year half of what lacks each year."""
    state, rules = town(response={"funding_lag": 1.0, "funding_quality": 0.1})
    paid = rules.add("orders.funding", {0: 2.0})
    bought = []
    for _ in range(3):
        state = spend_funds(state, paid)
        bought.append(float(state.schools.bought[0]))
    assert bought == pytest.approx([0.1, 0.15, 0.175])
    assert state.schools.funding.tolist() == [2, 0, 0]
    after = spend_funds(state, rules)
    assert after.schools.bought[0] == pytest.approx(0.0875)
    assert after.schools.funding.tolist() == [0, 0, 0]
    off = rules.edit("response.funding", False).add("orders.funding", {0: 2.0})
    assert spend_funds(state, off).schools.bought[0] == pytest.approx(0.0875)


def test_further_teachers_buy_what_their_cost_buys():
    """Two teachers at 50,000 euro for 40 pupils are 2,500 euro a pupil: .25 sd in the end, at once without a lag. A
    school without pupils gets nothing from its teacher."""
    families = table([0] * 40, school=0)
    state, rules = town(families=families, response={"funding_lag": 0.0, "teacher_cost": 50.0})
    after = spend_funds(state, rules.add("orders.teachers", {0: 2.0, 1: 1.0}))
    assert after.schools.bought == pytest.approx([0.25, 0, 0])
    assert after.schools.funding.tolist() == [0, 0, 0]


def test_a_school_short_of_demand_spends_a_share_on_outreach():
    """1,000 euro a pupil: school 0, short for two years, spends a quarter on being known, so .075 sd instead of .1."""
    state, rules = town(unwanted=[2, 1, 0], response={"funding_lag": 0.0, "outreach": 0.25})
    rules = rules.add("orders.funding", {0: 1.0, 1: 1.0})
    after = spend_funds(state, rules)
    assert after.schools.outreach.tolist() == [0.25, 0, 0]
    assert after.schools.bought == pytest.approx([0.075, 0.1, 0])
    assert spend_funds(after, Rules.of(hand_config())).schools.outreach.tolist() == [0, 0, 0]
    for off in ({"response.outreach": 0.0}, {"response.funding": False}):
        for key, value in off.items():
            assert spend_funds(state, rules.edit(key, value)).schools.outreach.tolist() == [0, 0, 0]


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


def test_a_class_more_is_as_large_as_ordered_when_it_is_offered():
    """Both schools go from two classes to three: the intake is noted in the city's classes of 10, and offered as 3 x 14 and 30."""
    state, rules = town(demand=[31, 31, 0], entrants=[20, 20, 20], response={"patience": 1})
    rules = rules.add("orders.class_size", {0: 14})
    after = change_places(state, rules)
    assert after.schools.intake.tolist() == [30, 30, 20]
    assert offered(after.schools, rules, 10).tolist() == [42, 30, 20]


def test_private_schools_add_and_cut_classes_only_if_they_are_free_to():
    """31 first choices for 20 places; 5 entrants in 20. A subsidised school keeps its agreed places either way."""
    stock = ((1.0, PRIVATE, 20), (2.0, PRIVATE, 20), (3.0, SUBSIDISED, 20), (4.0, STATE, 20))
    columns = dict(demand=[31, 0, 31, 31], entrants=[20, 5, 20, 20])
    state, rules = town(stock, response={"patience": 1}, **columns)
    assert change_places(state, rules).schools.intake.tolist() == [20, 20, 20, 30]
    free = rules.edit("response.private_places", True)
    assert change_places(state, free).schools.intake.tolist() == [30, 10, 20, 30]


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
    counts = {"world.schools.strained", "world.schools.unwanted", "world.schools.stigmatised"}
    assert set(differences(respond(state, rules), state)) <= counts
