"""Transfers by hand: who looks again goes where it is better by more than the cost, if there is room; late arrivals."""

import numpy as np
import pytest

from abm.enrolment import look
from abm.households import LATE, TRANSFER, pack
from abm.lanes import LANES
from abm.randomness import Key
from abm.rules import Rules
from abm.start import start
from abm.transfers import reconsider, transfer, with_present
from abm.turns import take_turns
from tests.builders import STATE, blueprint, hand_config, scenario, table, world
from tests.reference.transfers import Again

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


PEERS = {"peers": {"majority": 1.0, "minority": 0.0}, "distance": 0.0, "peers_full": 0.0}


def again(families, stock, cost=0.0, choice=None, perception=None, **transfers):
    """Schools are judged by their composition only, by the majority only, who see all schools; ``transfers`` options."""
    return town(
        families, stock, cost, choice=PEERS | (choice or {}), perception={"noise": 0.0} | (perception or {}),
        transfers={"cost": cost, "reconsider": 1.0, "turns": "share"} | transfers,
    )  # fmt: skip


@pytest.mark.parametrize(("sees", "moved"), [("start", {2}), ("now", {1})])
def test_compositions_as_at_the_round_s_start_or_as_they_stand(sees, moved):
    """School 0 has a, b (f = .5, M = 0) and n of the minority; school 1 has c (f = 1) and m. Moving costs .2.

    At first V is 2/3 for a and b (x = 2/3), at school 1 (x = 1/2) it would be 1: one of them moves. The other, if it sees
    that, stays, since x is 1/2 at school 0 and 2/3 at school 1 now; if it sees the start, it moves too. For c V is .5 at
    school 1, .667 at the other: not worth the cost.
    """
    families = table([0] * 5, [0, 0, 1, 0, 1], school=[0, 0, 0, 1, 1], tolerance=[0.5, 0.5, 0.5, 1.0, 0.5])
    seen = set()
    for year in range(1, 9):
        state, rules = again(families, [(1.0, STATE, 5), (-1.0, STATE, 5)], 0.2, sees=sees)
        after = reconsider(state._replace(year=year), rules)
        assert after.households.school[2:].tolist() == [0, 1, 1]
        seen.add(int((after.households.school[:2] == 1).sum()))
    assert seen == moved


def test_two_rounds_in_a_step_are_two_steps_where_nothing_is_drawn():
    """Without taste and with room for all, rounds seen from their start depend on no order: composition by composition."""
    rng = np.random.default_rng(4)
    families = table(
        rng.integers(0, 6, 300),
        rng.integers(0, 2, 300),
        school=rng.integers(0, 5, 300),
        tolerance=rng.uniform(0.3, 1, 300),
    )
    sections = {"transfers": {"cost": 0.05, "reconsider": 1.0, "turns": "share"}, "perception": {"noise": 0.0, "nearest": 9, "network": 0}}  # fmt: skip
    choice = {**ZERO, "taste": "none", "distance": -0.1, "peers": 3.0}

    def played(steps, rounds):
        config = hand_config(choice=choice, **sections | {"transfers": sections["transfers"] | {"rounds": rounds}})
        stock = [(float(x), STATE, 300) for x in range(5)]
        state = world(config, blueprint(config, stock, np.linspace(0, 4, 6)), families)
        for year in range(1, steps + 1):
            state = transfer(state._replace(year=year), Rules.of(config))
        return state

    once, twice, both = played(1, 1), played(2, 1), played(1, 2)
    assert (once.households.school != twice.households.school).any()
    assert both.households.school.tolist() == twice.households.school.tolist()
    moved = both.households.school != families.school
    assert sorted(both.events.moved_id) == sorted(families.id[moved])  # whoever comes back has not moved


@pytest.mark.parametrize(("keep", "left"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3)])
def test_nobody_leaves_a_school_of_keep_pupils_or_fewer(keep, left):
    """Three would go to the nearer school: one after another, as long as more than ``keep`` are there."""
    state, rules = town(
        table([0] * 3, school=0), [(2.0, STATE, 3), (1.0, STATE, 3)], 0.0,
        transfers={"cost": 0.0, "reconsider": 1.0, "turns": "share", "keep": keep, "rounds": 3},
    )  # fmt: skip
    assert (reconsider(state, rules).households.school == 0).sum() == left


@pytest.mark.parametrize(("empty", "goes"), [("city", False), ("ideal", True)])
@pytest.mark.parametrize("sees", ["start", "now"])
def test_a_school_without_pupils_may_be_what_a_family_likes_best(empty, goes, sees):
    """One of the majority (f = .8) among three at school 0; school 1 is empty: V there is that of 1/3, or 1."""
    families = table([0] * 3, [0, 1, 1], school=0, tolerance=0.8)
    state, rules = again(families, [(1.0, STATE, 5), (-1.0, STATE, 5)], 0.1, perception={"empty": empty}, sees=sees)
    assert reconsider(state, rules).households.school.tolist() == [int(goes), 0, 0]


@pytest.mark.parametrize("empty", ["city", "ideal"])
def test_a_school_that_loses_its_last_pupil_shows_the_city_s_shares(empty):
    """a (f = .4, M = 0) is alone at school 1 (x = 1, V = 0) and goes to school 2 with its one place, seen as empty.

    b (f = 1) at school 0 (x = 1/4) moves for a gain above .2. If it comes before a, school 1 has x = 1, and it moves there.
    If it comes after, school 1 is empty: the city's 2/5 are not worth the cost, but the share it likes best is.
    """
    families = table([0] * 5, [0, 0, 1, 1, 1], school=[1, 0, 0, 0, 0], tolerance=[0.4, 1.0, 1.0, 1.0, 1.0])
    seen = set()
    for year in range(1, 13):
        stock = [(1.0, STATE, 9), (1.0, STATE, 9), (1.0, STATE, 1)]
        state, rules = again(families, stock, 0.2, perception={"empty": empty}, sees="now")
        order = take_turns(
            families.id, 1.0, "share", 1, 0, Key(1, "reconsider", year), Key(1, "order", year, 16)
        ).who.tolist()  # fmt: skip
        a_first = order.index(0) < order.index(1)
        after = reconsider(state._replace(year=year), rules).households.school.tolist()
        if empty == "city":
            assert after == [2, 0 if a_first else 1, 0, 0, 0]
        elif a_first:
            assert after[1] == 1
        seen.add(a_first)
    assert seen == {True, False}


def test_redrawn_taste_is_drawn_for_each_round_and_persistent_taste_once():
    """200 families between two equal schools: with a lasting taste the second round changes nothing, with fresh ones it does."""
    for taste, settled in (("persistent", True), ("redrawn", False)):
        ends = []
        for rounds in (1, 2, 3):
            families = table([0] * 200, school=np.arange(200) % 2)
            state, rules = town(
                families, [(1.0, STATE, 200), (-1.0, STATE, 200)], 0.0, choice={"taste": taste},
                transfers={"cost": 0.0, "reconsider": 1.0, "turns": "share", "rounds": rounds},
            )  # fmt: skip
            ends.append(reconsider(state, rules).households.school.tolist())
        assert (ends[0] == ends[1] == ends[2]) == settled
        assert (ends[0] != ends[1]) == (not settled) and (ends[1] != ends[2]) == (not settled)


LIVELY = (
    "transfers.reconsider=0.4",
    "transfers.cost=0.0",
    "choice.taste=redrawn",
    "city.start=random",
    "city.pupils=160",
)
TWINS = [
    ["transfers.reconsider=0.6"],  # all look once at the same state
    ["transfers.rounds=3", "transfers.sees=now", "transfers.turns=share"],
    ["transfers.rounds=4", "transfers.sees=start", "transfers.turns=cycle", "transfers.keep=15"],
    ["transfers.rounds=3", "transfers.sees=now", "perception.empty=ideal", "choice.taste=persistent", "households.tolerant=0.4"],
    ["transfers.rounds=3", "transfers.sees=now", "choice.form=cobb_douglas", "choice.distance_form=min_max", "choice.alpha=0.6", "choice.beta=12.0",
     "perception.empty=ideal", "households.tolerant=0.5", "transfers.cost=0.01"],
]  # fmt: skip


@pytest.mark.parametrize("options", TWINS, ids=lambda o: " ".join(o[:4]))
def test_looking_again_is_that_of_the_slow_twin(options):
    """School by school as in tests/reference/transfers.py, over two steps."""
    config = scenario("classroom", *LIVELY, *options)
    state, rules = start(config, 3), Rules.of(config)
    for year in (1, 2):
        state = look(state._replace(year=year))
        wanted = Again(state, rules).go()
        state = reconsider(state, rules)
        who = state.households
        enrolled = who.school >= 0
        assert {int(i): int(s) for i, s in zip(who.id[enrolled], who.school[enrolled], strict=True)} == wanted
        assert state.events.moved_id.size > 0


@pytest.mark.parametrize("full", [False, True])
def test_the_present_school_is_among_those_considered(full):
    """Where it was; else in the first empty slot; where one row is full, all have a vector of slots more."""
    rows = np.array([[0, 1, -1], [2, -1, 1], [4, 5, 6 if full else -1]], np.int32)
    considered, slot, guest = with_present(rows, np.array([1, 3, 7], np.int32))
    if full:
        assert considered[:, :4].tolist() == [[0, 1, -1, -1], [2, 3, 1, -1], [4, 5, 6, 7]] and slot.tolist() == [
            1,
            1,
            3,
        ]
        assert considered.shape == (3, 3 + LANES) and (considered[:, 4:] == -1).all()
    else:
        assert considered.tolist() == [[0, 1, -1], [2, 3, 1], [4, 5, 7]] and slot.tolist() == [1, 1, 2]
    assert guest.tolist() == [False, True, True]
