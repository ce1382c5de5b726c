"""Transfers by hand: who looks again goes where it is better by more than the cost, if there is room; late arrivals."""

import numpy as np
import pytest

from abm.households import LATE, TRANSFER, pack
from abm.rules import Rules
from abm.transfers import reconsider, transfer
from tests.builders import STATE, blueprint, hand_config, table, world

ZERO = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)


def town(families, stock, cost=1.0, reconsider=1.0, **sections):
    """All look again; utility is minus the distance in km; no taste."""
    sections = {
        "choice": {**ZERO, "distance": -1.0, "taste": "none"} | sections.pop("choice", {}),
        "transfers": {"cost": cost, "reconsider": reconsider}, "perception": {"noise": 0.0},
    } | sections  # fmt: skip
    config = hand_config(**sections)
    return world(config, blueprint(config, stock, [0.0]), families), Rules.of(config)


@pytest.mark.parametrize(("cost", "wanted"), [(0.9, 1), (1.0, 0), (1.1, 0)])
def test_a_family_leaves_for_more_than_the_cost(cost, wanted):
    """From 2 km to 1 km is worth 1: it moves at cost .9, and not at a cost of 1 or more (the gain must exceed it)."""
    state, rules = town(table([0], school=0), [(2.0, STATE, 2), (1.0, STATE, 2)], cost)
    after = transfer(state, rules)
    assert after.households.school.tolist() == [wanted]
    assert after.events.moved_id.size == wanted
    if wanted:
        assert after.households.way.tolist() == [TRANSFER]
        assert (after.events.moved_from[0], after.events.moved_to[0]) == (0, 1)
        assert after.seen.heads[:, 0, 0].tolist() == [0, 1]


def test_the_cost_is_in_utility_before_beta():
    state, rules = town(table([0], school=0), [(2.0, STATE, 2), (1.0, STATE, 2)], 1.1, choice={"beta": 10.0})
    assert transfer(state, rules).households.school.tolist() == [0]


def test_nobody_moves_to_a_full_school_and_a_place_given_up_is_free_at_once():
    """Schools at 3, 2 and 1 km with one place each; 1 km is free. Whoever comes first in the keyed order moves first.

    The family at 2 km gains 1, the one at 3 km gains 2 or 1: the end state depends on the order, never above places.
    """
    seen = set()
    for year in range(1, 12):
        state, rules = town(table([0, 0], school=[0, 1]), [(3.0, STATE, 1), (2.0, STATE, 1), (1.0, STATE, 1)], 0.5)
        after = transfer(state._replace(year=year), rules)
        assert np.bincount(after.households.school, minlength=3).max() == 1
        seen.add(tuple(after.households.school))
    assert seen == {(2, 1), (1, 2)}


def test_a_full_school_takes_nobody():
    state, rules = town(table([0, 0], school=[0, 1]), [(2.0, STATE, 1), (1.0, STATE, 1)], 0.0)
    assert transfer(state, rules).households.school.tolist() == [0, 1]


def test_room_is_by_grade_of_the_child():
    """The better school has a place in the second grade only: the second grader moves, the first grader stays."""
    config = {"city": {"grades": 2}}
    families = table([0] * 3, grade=[0, 1, 0], school=[0, 0, 1])
    state, rules = town(families, [(2.0, STATE, 2), (1.0, STATE, 1)], 0.5, **config)
    assert transfer(state, rules).households.school.tolist() == [0, 1, 1]


def test_flight_from_composition():
    """A majority family (f = 1) at a school with a quarter of its own side leaves for one with three quarters: gain 4 x .5."""
    families = table([0] * 8, [0, 1, 1, 1, 0, 0, 0, 1], school=[0] * 4 + [1] * 4, tolerance=1.0)
    choice = {"peers": {"majority": 4.0, "minority": 0.0}, "distance": 0.0}
    for cost, moved in ((1.9, True), (2.1, False)):
        state, rules = town(families, [(1.0, STATE, 5), (1.0, STATE, 5)], cost, choice=choice)
        after = transfer(state, rules)
        assert (after.households.school[0] == 1) == moved
        assert after.events.moved_group.tolist() == ([0] if moved else [])


def test_nobody_flees_from_fresh_noise():
    """With persistent taste, families at their best school stay however often they look; redrawn taste makes them move."""
    for taste, settled in (("persistent", True), ("redrawn", False)):
        families = table([0] * 200, school=np.arange(200) % 2)
        state, rules = town(families, [(1.0, STATE, 200), (-1.0, STATE, 200)], 0.0, choice={"taste": taste})
        state = transfer(state, rules)
        again = transfer(state._replace(year=2, events=state.events), rules)
        assert (again.events.moved_id.size == 0) == settled


def test_the_share_who_look_again():
    """reconsider = .3: of 20,000 families who would all gain, .3 move, within four standard errors."""
    n = 20_000
    state, rules = town(table([0] * n, school=0), [(2.0, STATE, n), (1.0, STATE, n)], 0.0, reconsider=0.3)
    moved = transfer(state, rules).events.moved_id.size / n
    assert moved == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / n))


def test_a_late_arrival_is_placed_where_most_room_is():
    """By default it goes to the school with most room, the farther one: "where places are left, as happens"."""
    late = table([0], id=[int(pack(1, 0, 15, 0, 3))], way=LATE)
    for rule, wanted in (("room", 1), ("nearest", 0)):
        state, rules = town(late, [(1.0, STATE, 2), (2.0, STATE, 5)], 99.0)
        rules = rules.edit("transfers.late_placement", rule)
        after = transfer(state, rules)
        assert after.households.school.tolist() == [wanted]
        assert after.households.way.tolist() == [LATE]


def test_the_unplaced_are_tried_again():
    state, rules = town(table([0, 0], school=[0, -1], grade=0, year=0), [(1.0, STATE, 2)], 99.0)
    assert transfer(state, rules).households.school.tolist() == [0, 0]


def test_nobody_moves_at_a_cost_beyond_all_gains(classroom):
    world_, rules = classroom.worlds[-1], Rules.of(classroom.config).edit("transfers.cost", 1000.0)
    after = reconsider(world_, rules)
    assert after.events.moved_id.size == 0
    assert (after.households.school == world_.households.school).all()
