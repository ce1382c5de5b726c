"""Mixed housing and revitalisation by hand: who gains and who loses which entrants; totals are kept; what is built stays."""

import itertools

import numpy as np
import pytest

from abm.housing import amenity, build_homes, draw_majority, mix
from abm.moving import move
from abm.rules import Rules
from abm.scenario import configure, to_tree
from tests.builders import STATE, blueprint, differences, hand_config, scenario, table, world
from tests.conftest import History


def town(pupils, status=None, households=None, **sections):
    """One area, one place and one school a row of ``pupils`` (area, group), each in a district of its own."""
    n = len(pupils)
    config = hand_config(**sections)
    sites = 5.0 * np.arange(n)
    plan = blueprint(
        config, [(x, STATE, 20) for x in sites], sites, district=np.arange(n), pupils=pupils, area_district=np.arange(n),
        area_status=np.zeros(n) if status is None else np.array(status),
    )  # fmt: skip
    return world(config, plan, table([0]) if households is None else households), Rules.of(config)


def test_no_order_no_change():
    state, rules = town([[8, 2], [2, 8]])
    assert differences(build_homes(state, rules), state) == []


def test_two_areas_are_mixed_by_half():
    """(8, 2) and (2, 8) have 10 and 10 together, so (5, 5) each: half of the way is (6.5, 3.5), then (5.75, 4.25)."""
    state, rules = town([[8, 2], [2, 8]])
    rules = rules.add("orders.housing", {0: 0.5, 1: 0.5})
    once = build_homes(state, rules)
    assert once.city.entry_rate.tolist() == [[6.5, 3.5], [3.5, 6.5]]
    assert build_homes(once, rules).city.entry_rate.tolist() == [[5.75, 4.25], [4.25, 5.75]]
    assert state.city.entry_rate.tolist() == [[8, 2], [2, 8]]


def test_areas_of_unlike_size_keep_theirs():
    """Together (12, 4): three majority families to one. In full the area of 12 gets (9, 3), that of 4 gets (3, 1)."""
    rate = mix(np.array([[12.0, 0.0], [0.0, 4.0], [1.0, 5.0]]), np.array([0, 0, 1]), {0: 1.0})
    assert rate.tolist() == [[9, 3], [3, 1], [1, 5]]


def test_districts_of_another_share_are_another_pool():
    """Districts 0 and 1 deal with one another at .5; district 2 has nobody to deal with at .25 but itself."""
    rate = mix(np.array([[8.0, 2.0], [2.0, 8.0], [1.0, 5.0]]), np.arange(3), {0: 0.5, 1: 0.5, 2: 0.25})
    assert rate.tolist() == [[6.5, 3.5], [3.5, 6.5], [1, 5]]


def test_totals_of_areas_and_groups_are_kept():
    rng = np.random.default_rng(3)
    rate = rng.gamma(0.7, 9, (30, 3))
    mixed = mix(rate, rng.integers(0, 6, 30), {0: 0.3, 2: 0.3, 5: 0.9})
    assert mixed.sum(axis=0) == pytest.approx(rate.sum(axis=0), abs=1e-9)
    assert mixed.sum(axis=1) == pytest.approx(rate.sum(axis=1), abs=1e-9)
    assert (mixed >= 0).all() and not np.allclose(mixed, rate)


def test_the_majority_is_drawn_and_the_minority_gives_way():
    """Area 0 pulls by .5: 2 more than its 4. Areas 1 and 2 have 8 and 4 and lose 4/3 and 2/3. For each that comes half a
    minority family goes, 1 of 6, all to area 1, where the minority's 2 live; area 2 has none."""
    rate = np.array([[4.0, 6.0], [8.0, 2.0], [4.0, 0.0]])
    out = draw_majority(rate, np.arange(3), np.array([0.5, 0, 0]), 0.5)
    assert out == pytest.approx(np.array([[6, 5], [8 - 4 / 3, 3], [4 - 2 / 3, 0]]))
    assert out.sum(axis=0) == pytest.approx(rate.sum(axis=0))


def test_within_a_district_newcomers_go_by_homes_and_the_minority_leaves_evenly():
    """Areas (3, 1) and (1, 5) are one district, (8, 2) another. Half of 4 come, by 4 : 6 families: .8 and 1.2; two go for
    them, by 1 : 5: a third of one and five thirds."""
    rate = np.array([[3.0, 1.0], [1.0, 5.0], [8.0, 2.0]])
    out = draw_majority(rate, np.array([0, 0, 1]), np.array([0.5, 0]), 1.0)
    assert out == pytest.approx(np.array([[3.8, 2 / 3], [2.2, 10 / 3], [6, 4]]))


def test_no_more_can_come_or_go_than_there_are():
    """Area 0 would draw 8, the other area has 2; each of these would displace one, of whom there is 1: it goes."""
    out = draw_majority(np.array([[8.0, 1.0], [2.0, 0.0]]), np.arange(2), np.array([1.0, 0]), 1.0)
    assert out.tolist() == [[10, 0], [0, 1]]


def test_if_all_areas_pull_nobody_moves():
    rate = np.array([[4.0, 6.0], [8.0, 2.0]])
    assert draw_majority(rate, np.arange(2), np.array([0.5, 0.1]), 1.0).tolist() == rate.tolist()


def test_revitalised_areas_rise_in_status_quality_and_amenity():
    """Pull .5; displacement 1. Rates become (6, 4) and (6, 4): area 0 gains 2 x .5 = 1 sd, the other, as big, loses 1.
    School 0 gains .5 x .4 = .2; a second year doubles amenity and quality."""
    settings = {"displacement": 1.0, "revival_status": 2.0, "revival_quality": 0.4}
    state, rules = town([[4, 6], [8, 2]], status=[-1, 1], moving=settings)
    rules = rules.add("orders.revitalised", {0: 0.5})
    once = build_homes(state, rules)
    assert once.city.entry_rate == pytest.approx(np.array([[6, 4], [6, 4]]))
    assert once.city.area_status.tolist() == [0, 0]
    assert once.schools.quality == pytest.approx([0.2, 0])
    assert amenity(once).tolist() == [0.5, 0]
    twice = build_homes(once, rules)
    assert amenity(twice).tolist() == [1.0, 0]
    assert twice.schools.quality == pytest.approx([0.4, 0])
    assert amenity(state).tolist() == [0, 0]


def test_families_move_for_amenity():
    """An amenity of .5 at weight 2 is worth 1: more than a cost of .9, less than 1.1."""
    for cost, wanted in ((0.9, 1), (1.1, 0)):
        moving = {
            "rate": 1.0,
            "beta": 1000.0,
            "composition": 0.0,
            "access": 0.0,
            "price": 0.0,
            "cost": cost,
            "candidates": 200,
        }
        state, rules = town([[5, 5], [5, 5]], households=table([0], school=0), moving=moving | {"amenity": 2.0})
        state = state._replace(ledger={"amenity": np.array([0.0, 0.5], np.float32)})
        assert move(state, rules).households.place.tolist() == [wanted]


@pytest.mark.parametrize(
    ("kind", "extra"), [("mixed_housing", {"share": 0.3}), ("revitalisation", {"rate": 0.2, "share": 0.25})]
)
def test_homes_stay_when_the_policy_ends(kind, extra):
    """In force in years 2 and 3: entry rates move in these years, and in no other; the city's totals never do."""
    tree = to_tree(scenario("classroom", "run.years=5"))
    run = History(configure(tree | {"policies": [{"kind": kind, "start": 2, "end": 3} | extra]}))
    rates = [state.city.entry_rate for state in run.worlds]
    moved = [not np.array_equal(a, b) for a, b in itertools.pairwise(rates)]
    assert moved == [False, True, True, False, False]
    for rate in rates:
        assert rate.sum(axis=0) == pytest.approx(rates[0].sum(axis=0))
    assert run.indicators[1]["cost"] == run.indicators[4]["cost"] == 0 < run.indicators[2]["cost"]
