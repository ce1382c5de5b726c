"""Enrol: offers are taken up; the unplaced leave or are placed ex officio, one after another, where there is room."""

import numpy as np
import pytest

from abm.city import PRIVATE, SUBSIDISED
from abm.enrolment import count_entrants, enrol, leave_unhappy, look, place_officially
from abm.households import EX_OFFICIO, LATE, OFFER
from abm.rules import Rules
from tests.builders import STATE, applied, blueprint, hand_config, table, with_seen, world


def town(families, stock, **sections):
    """Schools on the line as given, with a fee unless of the state; one place at 0 km."""
    config = hand_config(**({"demography": {"leave_unhappy": 0.0}} | sections))
    plan = blueprint(config, stock, [0.0], pupils=[[5, 5]])
    return world(config, plan, families, fee=[s[1] != STATE for s in stock]), Rules.of(config)


def offered(state, lists, offer):
    state = applied(state, lists)
    return state._replace(round=state.round._replace(offer=np.asarray(offer, np.int32)))


STOCK = [(1.0, STATE, 2), (2.0, STATE, 2), (0.5, PRIVATE, 9)]


def test_offers_are_taken_up_and_the_unplaced_go_to_the_nearest_state_school_with_room():
    """Two take their offers at school 0, the third goes to school 1: 0 is full and the near private school takes nobody."""
    state, rules = town(table([0, 0, 0]), STOCK)
    after = enrol(offered(state, [[0, 1], [1, 0], [0, 2]], [0, 0, -1]), rules)
    assert after.households.school.tolist() == [0, 0, 1]
    assert after.households.way.tolist() == [OFFER, OFFER, EX_OFFICIO]
    assert after.households.rank.tolist() == [0, 1, -1]
    assert after.seen.heads[:, 0, 0].tolist() == [2, 1, 0]
    assert after.schools.entrants.tolist() == [2, 1, 0]


def test_where_nothing_has_room_a_pupil_stays_unplaced():
    state, rules = town(table([0] * 5), STOCK)
    after = enrol(offered(state, [[0]] * 5, [-1] * 5), rules)
    assert sorted(after.households.school) == [-1, 0, 0, 1, 1]
    assert after.households.id.size == 5


def test_ex_officio_at_schools_with_a_fee_only_if_allowed():
    """With ex_officio_state off, a subsidised school inside the match takes the unplaced; a private one outside never.

    A subsidised school without a fee is as good as one of the state.
    """
    stock = [(1.0, STATE, 0), (2.0, SUBSIDISED, 2), (0.5, PRIVATE, 9)]
    for strict, fee, wanted in ((True, 1, -1), (False, 1, 1), (True, 0, 1)):
        state, rules = town(table([0]), stock, admission={"ex_officio_state": strict})
        state = state._replace(schools=state.schools._replace(fee=np.array([0, fee, 1], np.float32)))
        assert enrol(offered(state, [[0]], [-1]), rules).households.school.tolist() == [wanted]


def test_a_closed_school_takes_nobody():
    state, rules = town(table([0]), STOCK, **{})
    state = state._replace(schools=state.schools._replace(open=np.array([False, True, True])))
    assert enrol(offered(state, [[1]], [-1]), rules).households.school.tolist() == [1]


def test_unhappy_families_leave_with_the_probability_of_their_status():
    """.1 exp(.5 status): status -1, 0, 2 gives .061, .1, .272; shares of 20,000 within four standard errors."""
    n = 20_000
    state, rules = town(table([0] * 3 * n, status=np.repeat([-1.0, 0.0, 2.0], n)), [(1.0, STATE, 1)])
    rules = rules.edit("demography.leave_unhappy", 0.1).edit("demography.leave_status", 0.5)
    after = leave_unhappy(state, rules, np.arange(3 * n))
    gone = ~np.isin(state.households.id, after.households.id)
    for k, status in enumerate((-1, 0, 2)):
        p = 0.1 * np.exp(0.5 * status)
        assert gone[k * n : (k + 1) * n].mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n))
    assert after.events.left_group.size == gone.sum() == after.events.left_unhappy.sum()


@pytest.mark.parametrize(("rule", "wanted"), [("nearest", 0), ("room", 2), ("balanced", 1)])
def test_rules_of_placement(rule, wanted):
    """Nearest school 0; most room at school 2; smallest share of the minority at school 1."""
    stock = [(1.0, STATE, 4), (2.0, STATE, 4), (3.0, STATE, 9)]
    families = table([0] * 7, [0, 1, 0, 0, 1, 1, 0], school=[0, 0, 1, 1, 2, 2, -1])
    state, rules = town(families, stock)
    after = place_officially(state, rules, np.array([6]), LATE, rule)
    assert after.households.school[6] == wanted


def test_placing_goes_on_with_what_is_left():
    """ "room" looks at the places left after each placement: 3 and 2 free places go 0, then either, and end full."""
    state, rules = town(table([0] * 5), [(1.0, STATE, 3), (2.0, STATE, 2)])
    after = place_officially(state, rules, np.arange(5), LATE, "room")
    assert np.bincount(after.households.school).tolist() == [3, 2]


def test_balanced_placement_counts_whom_it_has_placed():
    """Two empty schools, four of the minority and four of the majority: each ends with an equal share or nearly so."""
    families = table([0] * 8, [1, 1, 1, 1, 0, 0, 0, 0])
    state, rules = town(families, [(1.0, STATE, 4), (2.0, STATE, 4)])
    after = place_officially(state, rules, np.arange(8), LATE, "balanced")
    assert np.bincount(after.households.school).tolist() == [4, 4]


def test_radius_limits_the_rules_that_look_round_but_nobody_is_lost():
    """Within the two nearest "room" chooses; if both are full the nearest with room anywhere serves."""
    stock = [(1.0, STATE, 1), (2.0, STATE, 1), (30.0, STATE, 9)]
    state, rules = town(table([0] * 3), stock, transfers={"late_radius": 2})
    after = place_officially(state, rules, np.arange(3), LATE, "room")
    assert sorted(after.households.school) == [0, 1, 2]


def test_room_is_by_grade():
    """The entry grade of school 0 is full, its second grade is not."""
    config = hand_config(city={"grades": 2})
    families = table([0] * 3, grade=[0, 0, 1], school=[0, -1, -1])
    plan = blueprint(config, [(1.0, STATE, 1), (2.0, STATE, 1)], [0.0])
    after = place_officially(world(config, plan, families), Rules.of(config), np.array([1, 2]), LATE, "nearest")
    assert after.households.school.tolist() == [0, 1, 0]


def test_the_composition_seen_is_of_the_whole_school():
    """Three of four majority, one vulnerable of four, mean status; an empty school is taken for the city's average."""
    families = table([0] * 4, [0, 0, 0, 1], school=0, vulnerable=[True, False, False, False], status=[1, 2, 3, -2])
    state, _ = town(families, [(1.0, STATE, 9), (2.0, STATE, 9)])
    assert state.seen.own_share.tolist() == [[0.75, 0.75], [0.25, 0.25]]
    assert state.seen.vulnerable.tolist() == [0.25, 0.25]
    assert state.seen.status.tolist() == [1.0, 1.0]


def test_entrants_are_counted_in_the_entry_grade():
    config = hand_config(city={"grades": 2})
    families = table([0] * 4, grade=[0, 0, 1, 0], school=[0, 0, 0, -1])
    state = world(config, blueprint(config, [(1.0, STATE, 9)], [0.0]), families)
    assert count_entrants(state).schools.entrants.tolist() == [2]
    assert with_seen(state, vulnerable=[0.5]).seen.vulnerable.tolist() == [0.5]


def test_composition_after_several_draws_is_their_mean():
    """Two of the majority (rows 0, 1) and one of the minority (row 2). Draw 1 puts rows 0 and 2 at school 0, row 1 at 1:
    shares of the majority 1/2 and 1. Draw 2 puts rows 0 and 1 at school 0, row 2 at 1: 1 and 0. Draw 3 has no place for
    row 2, which counts where it is: rows 1 and 2 at school 0, row 0 at 1: 1/2 and 1. Means 2/3 and 2/3. Then row 0 leaves for school 1, and is there in every draw.
    """
    state, rules = town(table([0, 0, 0], [0, 0, 1]), STOCK[:2], admission={"draws": 3})
    state = offered(state, [[0, 1]] * 3, [0, 1, 0])
    further = np.array([[0, 1], [0, 0], [1, -1]], np.int32)
    after = enrol(state._replace(round=state.round._replace(redrawn=further)), rules)
    assert after.households.school.tolist() == [0, 1, 0]
    assert after.seen.heads[:, 0].tolist() == [[1, 1], [1, 0]]
    assert after.seen.own_share[0] == pytest.approx([2 / 3, 2 / 3])
    assert after.seen.own_share.sum(axis=0) == pytest.approx([1, 1])
    moved = after._replace(households=after.households._replace(school=np.array([1, 1, 0], np.int32)))
    assert look(moved).seen.own_share[0] == pytest.approx([(0 + 1 + 1 / 2) / 3, (1 + 1 / 2 + 1) / 3])
