"""The first look by hand: who is content with the local school lists it alone and does not look again."""

import numpy as np
import pytest

from abm.choice import perceive, rank
from abm.demography import demography
from abm.households import entry_year, take
from abm.rules import Rules
from abm.staying import stays
from abm.transfers import reconsider
from abm.world import new_year
from tests.builders import STATE, blueprint, hand_config, scenario, table, with_seen, world

ZERO = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)
GROUPS = [0, 0, 1, 1]  # two families of each side at 0 km, tolerance .6 and .8 each


def street(first_look, minority_share, **choice):
    """Four families at 0 km; their local school stands at .3 km, a nearer one costs them nothing more: private, at .1 km."""
    choice = {**ZERO, "distance": -1.0, "taste": "none", "length": 3, "first_look": first_look} | choice
    config = hand_config(choice=choice, perception={"noise": 0.0, "nearest": 3})
    stock = [(0.3, STATE, 9), (0.1, 2, 9), (-0.9, STATE, 9)]
    families = table([0] * 4, GROUPS, tolerance=np.array([0.6, 0.8, 0.6, 0.8]))
    state = world(config, blueprint(config, stock, [0.0]), families)
    share = np.full(3, minority_share)
    return with_seen(state, own_share=[1 - share, share]), Rules.of(config)


def test_without_a_first_look_nobody_stays():
    state, rules = street("none", 0.0)
    assert state.city.local.tolist() == [0]
    assert not stays(state, rules, state.households).any()
    assert rank(perceive(state, rules), rules).round.lists.tolist() == [[1, 0, 2]] * 4


@pytest.mark.parametrize(
    ("share", "content", "wanted"),
    [
        (0.25, {"majority": 0.3, "minority": 1.0}, [True, True, True, True]),
        (0.3, {"majority": 0.3, "minority": 1.0}, [True, True, True, True]),  # at the threshold: content
        (0.31, {"majority": 0.3, "minority": 1.0}, [False, False, True, True]),
        (0.31, {"majority": 0.3, "minority": 0.5}, [False, False, False, False]),  # .69 of the majority: too many
        (0.5, {"majority": 0.4, "minority": 0.5}, [False, False, True, True]),
    ],
)
def test_content_is_a_share_of_the_other_side_by_group(share, content, wanted):
    state, rules = street("content", share, content=content)
    assert stays(state, rules, state.households).tolist() == wanted


@pytest.mark.parametrize(
    ("share", "wanted"),
    [
        (0.1, [True, True, False, False]),  # majority .9 >= .6 and .8; minority .1 falls short of both
        (0.3, [True, False, False, False]),
        (0.7, [False, False, True, False]),
    ],
)
def test_tolerance_is_each_family_s_share_of_its_own_side(share, wanted):
    state, rules = street("tolerance", share)
    assert stays(state, rules, state.households).tolist() == wanted


def test_who_is_content_lists_the_local_school_alone_and_likes_it_best():
    """Distance alone would put the private school at .1 km first; the majority is content at .25 and lists school 0."""
    state, rules = street("content", 0.25, content={"majority": 0.3, "minority": 0.0})
    turn = rank(perceive(state, rules), rules).round
    assert turn.lists.tolist() == [[0, -1, -1]] * 2 + [[1, 0, 2]] * 2
    assert turn.favourite.tolist() == [0, 0, 1, 1]
    assert turn.lists.dtype == turn.favourite.dtype == np.int32


def test_only_content_pupils_of_the_local_school_do_not_look_again():
    """All could gain .2 km at the private school. Content: the majority, of which one sits at the local school, one afar."""
    state, rules = street("content", 0.25, content={"majority": 0.3, "minority": 0.0})
    state = state._replace(households=state.households._replace(school=np.array([0, 2, 0, 2], np.int32)))
    rules = rules.edit("transfers.reconsider", 1.0).edit("transfers.cost", 0.1)
    assert reconsider(state, rules).households.school.tolist() == [0, 1, 1, 1]
    free = rules.edit("choice.first_look", "none")
    assert reconsider(state, free).households.school.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("first_look", ["content", "tolerance"])
def test_all_others_list_as_without_a_first_look(classroom, first_look):
    """Family by family in a city: who is content has the local school alone, all others the list they had."""
    plain = Rules.of(scenario("classroom"))
    rules = plain.edit("choice.first_look", first_look)
    before = perceive(demography(new_year(classroom.worlds[4]), plain), plain)
    old, new = rank(before, plain).round, rank(before, rules).round
    who, seen = take(before.households, old.rows), before.seen.own_share
    assert (entry_year(who.id) == 5).all()
    counts = [0, 0]
    for h in range(who.id.size):
        local, side = before.city.local[who.place[h]], int(who.group[h] > 0)
        if first_look == "content":
            content = seen[1 - side, local] <= np.float32((0.3, 1.0)[side])
        else:
            content = seen[side, local] >= who.tolerance[h]
        counts[int(content)] += 1
        assert new.lists[h].tolist() == ([local] + [-1] * 7 if content else old.lists[h].tolist())
    assert min(counts) >= 10
