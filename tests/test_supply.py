"""Orders on schools by hand: opened, moved, merged, closed, filled otherwise; and the books of a city with all at once."""

import numpy as np
import pytest

from abm.agents import SchoolAgent
from abm.city import SUBSIDISED
from abm.demography import demography
from abm.geometry import distances
from abm.households import LATE_MARK, RELOCATED, entry_year, sibling_gap
from abm.model import SchoolChoiceModel
from abm.orders import Opening
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.schools import appended, full_class, offered, official, public, theme_visible
from abm.supply import close, supply
from abm.world import new_year
from tests.builders import STATE, blueprint, differences, hand_config, scenario, table, world

LINE = ((0.0, STATE, 20), (8.0, STATE, 20))


def town(stock=LINE, sites=(0.0, 4.0, 8.0), families=None, grades=2, zones="none", plan=None, **columns):
    """Schools on a line, classes of 10."""
    config = hand_config(city={"grades": grades, "class_size": 10, "zones": zones})
    families = table([0]) if families is None else families
    made = blueprint(config, list(stock), list(sites), pupils=[[5, 5]] * len(sites), **(plan or {}))
    return world(config, made, families, **columns), Rules.of(config)


OPENING = Opening("Middle", 4.0, 0.0, 10, 0.5, "music")


def test_a_school_opens_at_its_site():
    """Half way between schools at 0 and 8 km: 4, 0 and 4 km from the homes; its reputation is the mean of 1 and 3."""
    state, rules = town(reputation=[1, 3])
    after = supply(state, rules.add("orders.opened", (OPENING,)))
    schools, city = after.schools, after.city
    assert city.school_names == ("school 0", "school 1", "Middle")
    assert city.distance.tolist() == [[0, 8, 4], [4, 4, 0], [8, 0, 4]]
    assert city.nearest.tolist() == [[0, 2, 1], [2, 0, 1], [1, 2, 0]]
    assert city.local.tolist() == [0, 2, 1]
    assert (schools.x[2], schools.y[2], schools.sector[2], schools.fee[2]) == (4, 0, STATE, 0)
    assert (schools.reputation[2], schools.quality[2], schools.theme[2]) == (2, 0.5, 1)
    assert theme_visible(schools, after.year).tolist() == [False, False, True]
    assert schools.open.tolist() == [True] * 3 and schools.chance[2] == 1
    assert after.seen.heads.shape[0] == 3 and after.seen.heads[2].sum() == 0
    assert {column.shape[0] for column in schools} == {3}


def test_it_fills_grade_by_grade():
    """Ten places for the first entry cohort, none above; a year later ten in both grades."""
    state, rules = town()
    first = demography(new_year(supply(state, rules.add("orders.opened", (OPENING,)))), rules)
    assert first.schools.places.tolist() == [[20, 20], [20, 20], [10, 0]]
    assert demography(new_year(first), rules).schools.places[2].tolist() == [10, 10]


def test_it_opens_once_and_stays_when_the_order_is_gone():
    state, rules = town()
    order = rules.add("orders.opened", (OPENING,))
    after = supply(state, order)
    assert differences(supply(after, order), after) == []
    assert differences(supply(after, rules), after) == []
    shut = supply(after, rules.add("orders.closed", (2,)))
    assert not supply(shut, order).schools.open[2]  # built once; that it closed since is not undone


def test_no_order_no_change_and_no_new_caches():
    state, rules = town()
    assert supply(state, rules) is state


def test_ways_to_a_new_school_go_round_a_torus():
    """On a torus of side 10 the way from 1 km to a school at 9 km is 2 km."""
    state, rules = town(sites=(1.0, 4.0, 8.0), plan={"torus_km": 10.0})
    after = supply(state, rules.add("orders.opened", (Opening("Round", 9.0, 0.0, 10),)))
    assert after.city.distance[:, 2].tolist() == [2, 5, 1]


DISTRICTS = {"district": [0, 1], "area_district": np.array([0, 0, 1]), "district_names": ("west", "east")}


def test_district_and_zone_of_a_new_and_of_a_moved_school_are_those_of_the_site():
    """Zones are districts. The new school at 7 km is in the east; the west's school moves to 8 km and is in the east too."""
    state, rules = town(zones="district", plan=DISTRICTS)
    rules = rules.add("orders.opened", (Opening("East", 7.0, 0.0, 10),)).add("orders.relocated", {0: (8.0, 0.0)})
    after = supply(state, rules)
    assert after.schools.district.tolist() == after.city.school_zone.tolist() == [1, 1, 1]
    assert after.schools.x.tolist() == [8, 8, 7]
    assert after.city.distance.tolist() == [[8, 8, 7], [4, 4, 3], [0, 0, 1]]
    assert after.city.local.tolist() == [2, 2, 0]  # the west has no school: the nearest
    assert differences(supply(after, rules), after) == []
    assert differences(supply(after, Rules.of(hand_config())), after) == []


def test_zones_of_one_school_each_are_drawn_anew():
    """Two zones become three; the old ones are given up where the new school is nearer."""
    state, rules = town(zones="nearest", sites=(0.0, 3.9, 4.1, 8.0))
    assert state.city.zone.tolist() == [0, 0, 1, 1]
    after = supply(state, rules.add("orders.opened", (Opening("Middle", 4.0, 0.0, 40),)))
    assert after.city.zone.tolist() == [0, 2, 2, 1]
    assert after.city.school_zone.tolist() == [0, 1, 2]


def test_pupils_of_a_closed_school_go_to_the_nearest_with_room():
    """Four pupils at 0 km; one place at 1 km and three at 2 km, in their grade."""
    stock = ((0.0, STATE, 9), (1.0, STATE, 1), (2.0, STATE, 9), (3.0, STATE, 9))
    state, rules = town(stock, (0.0,), table([0] * 4, school=0, rank=0))
    state = state._replace(schools=state.schools._replace(places=np.array([[9, 9], [1, 9], [3, 9], [9, 9]], np.int32)))
    after = supply(state, rules.add("orders.closed", (0,)))
    assert sorted(after.households.school) == [1, 2, 2, 2]
    assert (after.households.way == RELOCATED).all() and (after.households.rank == -1).all()
    assert after.schools.open.tolist() == [False, True, True, True] and after.schools.intake[0] == 0
    assert after.events.closed == (0,) and 0 not in after.city.nearest
    again = close(after, rules, np.arange(4) == 2)  # as when a school closes by itself later in the year
    assert again.events.closed == (0, 2) and sorted(again.households.school) == [1, 3, 3, 3]


def pair(seven=7, eighteen=18):
    """School 0 with ``seven`` entrants and 3 in grade 1, school 1 with ``eighteen`` and 15; 20 places in each grade."""
    school = np.repeat([0, 0, 1, 1], [seven, 3, eighteen, 15])
    grade = np.repeat([0, 1, 0, 1], [seven, 3, eighteen, 15])
    return town(((0.0, STATE, 20), (9.0, STATE, 20), (1.0, STATE, 20)), (0.0,), table(np.zeros(school.size, int), school=school, grade=grade, rank=0))  # fmt: skip


def test_a_merged_school_goes_whole_and_its_classes_as_far_as_they_are_needed():
    """7 + 18 = 25 entrants need one class of 10 beyond 20 places; 3 + 15 = 18 need none. The intake follows the entrants.

    School 2 is nearer and empty, but nobody goes there.
    """
    state, rules = pair()
    after = supply(state, rules.add("orders.merged", ((0, 1),)))
    assert (after.households.school == 1).all()
    assert after.schools.places.tolist() == [[20, 20], [30, 20], [20, 20]]
    assert after.schools.intake.tolist() == [0, 30, 20]
    came = state.households.school == 0
    assert (after.households.way[came] == RELOCATED).all() and (after.households.rank[came] == -1).all()
    assert (after.households.rank[~came] == 0).all()
    assert after.events.closed == (0,) and not after.schools.open[0]
    assert after.seen.heads[:, :, 0].tolist() == [[0, 0], [25, 18], [0, 0]]


def test_classes_taken_over_are_of_the_ordered_size():
    """Of 25 entrants 5 lack a place: one class of 6."""
    state, rules = pair()
    after = supply(state, rules.add("orders.merged", ((0, 1),)).add("orders.class_size", {1: 6}))
    assert after.schools.places[1].tolist() == [26, 20]


def test_mergers_in_a_chain_and_against_each_other():
    """0 into 1 into 2: all at 2. 0 into 1 and 1 into 0: the first holds. Into itself or a closed school: nothing."""
    state, rules = pair()
    chain = supply(state, rules.add("orders.merged", ((0, 1), (1, 2))))
    assert (chain.households.school == 2).all() and chain.events.closed == (0, 1)
    both = supply(state, rules.add("orders.merged", ((0, 1), (1, 0))))
    assert (both.households.school == 1).all() and both.events.closed == (0,)
    assert supply(state, rules.add("orders.merged", ((0, 0),))) is state
    shut = supply(state, rules.add("orders.closed", (1,)))
    assert differences(supply(shut, rules.add("orders.merged", ((0, 1),))), shut) == []


def test_the_last_open_school_never_closes():
    state, rules = town()
    assert supply(state, rules.add("orders.closed", (0, 1))) is state


def test_places_on_offer():
    """50 in classes of 25 are 40 in classes of 20; half of 50 is 25; 20 x .4 = 8 (not 7.99...); the intake stays."""
    config = hand_config()
    schools = world(config, blueprint(config, [(0.0, STATE, n) for n in (50, 50, 20, 50)], [0.0]), table([0])).schools
    rules = Rules.of(config)
    assert offered(schools, rules, 25).tolist() == schools.intake.tolist()
    rules = rules.add("orders.class_size", {0: 20, 3: 30}).add("orders.intake", {1: 0.5, 2: 1 - 12 / 20, 3: 0.5})
    assert offered(schools, rules, 25).tolist() == [40, 25, 8, 30]
    assert full_class(schools, rules, 25).tolist() == [20, 25, 25, 30]
    assert schools.intake.tolist() == [50, 50, 20, 50]


def test_places_fall_back_and_the_cohort_keeps_its_own():
    """Half the places in year 2 only: that cohort goes on with 10 places, the next one has 20."""
    state, rules = town()
    second = demography(new_year(state), rules.add("orders.intake", {0: 0.5}))
    assert second.schools.places.tolist() == [[10, 20], [20, 20]]
    assert demography(new_year(second), rules).schools.places.tolist() == [[20, 10], [20, 20]]


def test_a_fee_that_is_paid_opens_the_school_to_pupils_placed_ex_officio_but_moves_no_local_school():
    state, rules = town(((0.0, SUBSIDISED, 20), (8.0, STATE, 20)), fee=[1, 0])
    free = rules.add("orders.fee", {0: 0.0})
    assert official(state.schools, rules).tolist() == [False, True]
    assert official(state.schools, free).tolist() == [True, True]
    assert official(state.schools, rules.add("orders.fee", {0: 0.1})).tolist() == [False, True]
    assert public(state.schools).tolist() == [False, True]
    assert supply(state, free) is state


def test_an_appended_row_is_zero_where_nothing_is_said():
    state, _ = town()
    made = appended(state.schools, intake=7, open=True)
    assert made.intake.tolist() == [20, 20, 7] and made.open[2] and made.places[2].tolist() == [0, 0]
    assert all(column.dtype == old.dtype for column, old in zip(made, state.schools, strict=True))


BUSY = [
    {"kind": "open_school", "start": 2, "sites": 2, "places": 10, "where": "crowded"},
    {"kind": "relocate_school", "start": 2, "number": 2},
    {"kind": "merge_schools", "start": 3, "within_km": 4.0, "number": 2, "end": 3},
    {"kind": "close_schools", "start": 4, "first": "smallest", "end": 5, "anew": True},
    {"kind": "class_size", "start": 2, "end": 5, "pupils": 9},
]  # fmt: skip


def busy(*overrides, policies=BUSY):
    """Six years of the classroom, world by world, with all orders at once."""
    base = scenario("classroom", "run.years=6", 'city.zones="nearest"', *overrides)
    model = SchoolChoiceModel(configure(to_tree(base) | {"policies": policies}), 1)
    worlds = [model.world]
    for _ in range(6):
        model.step()
        worlds.append(model.world)
    return model, worlds


@pytest.fixture(scope="module", params=[(), ("transfers.reconsider=0.5", "demography.late_arrivals=0.1")])
def run(request):
    return busy(*request.param)


def test_all_orders_took_place(run):
    worlds = run[1]
    assert [w.schools.open.size for w in worlds] == [8, 8, 10, 10, 10, 10, 10]
    assert len(worlds[2].ledger["moved"]) == 2
    assert [len(w.events.closed) for w in worlds] == [0, 0, 0, 2, 1, 1, 0]
    assert (worlds[3].households.way == RELOCATED).sum() > 0


def test_heads_add_up_and_nobody_is_at_a_closed_school_or_beyond_places(run):
    for state in run[1]:
        heads = state.seen.heads.sum(axis=2)
        pupils = state.households
        assert heads.sum() == (pupils.school >= 0).sum()
        assert np.unique(pupils.id).size == pupils.id.size
        assert heads[~state.schools.open].sum() == 0
        assert (heads <= state.schools.places)[state.schools.open].all()


def test_nobody_is_lost_and_nobody_moves_without_a_record(run):
    worlds = run[1]
    for year in range(1, 7):
        was, now, events = worlds[year - 1].households, worlds[year].households, worlds[year].events
        late = (entry_year(now.id) == year) & (sibling_gap(now.id) == LATE_MARK)
        graduates = was.grade == worlds[0].grades - 1
        assert now.id.size == was.id.size - graduates.sum() - events.left_group.size + worlds[year].round.id.size + late.sum()  # fmt: skip
        _, old, new = np.intersect1d(was.id, now.id, return_indices=True)
        moved = (was.school[old] != now.school[new]) & (was.school[old] >= 0)
        assert (np.isin(now.id[new], events.moved_id) | np.isin(was.school[old], events.closed))[moved].all()


def test_tables_are_of_one_length_and_caches_are_right(run):
    """Distances, nearest and local schools as computed anew from where the schools stand."""
    for state in run[1]:
        city, schools = state.city, state.schools
        n = schools.open.size
        assert {column.shape[0] for column in schools} == {n} == {len(city.school_names), city.school_zone.size}
        way = distances(city.place_x, city.place_y, schools.x, schools.y, city.torus_km)
        assert (way == city.distance).all()
        is_open = np.flatnonzero(schools.open)
        order = is_open[np.argsort(way[:, is_open], axis=1, kind="stable")]
        assert (city.nearest == order).all()
        assert schools.open[city.local].all()
        nearest = way.argmin(axis=0)
        moved = [*state.ledger.get("moved", {}), *state.ledger.get("built", {}).values()]
        assert (schools.district[moved] == city.area_district[city.place_area[nearest[moved]]]).all()


def test_every_school_has_an_agent(run):
    model, worlds = run
    agents = [a for a in model.agents if isinstance(a, SchoolAgent)]
    assert len(agents) == len(model.schools) == worlds[-1].schools.open.size == 10
    assert [a.name for a in model.schools[8:]] == ["New school 1", "New school 2"]
    rows = model.datacollector.get_agenttype_vars_dataframe(SchoolAgent)
    assert len(rows) == sum(w.schools.open.size for w in worlds)


def test_it_is_the_same_to_the_bit_again_and_untouched_before_the_start():
    """Twice the same; and year 0 and 1, before the first order, are those of the city without policies."""
    first, again, none = busy()[1], busy()[1], busy(policies=[])[1]
    assert [differences(a, b) for a, b in zip(first, again, strict=True)] == [[]] * 7
    assert [differences(a, b) for a, b in zip(first[:2], none[:2], strict=True)] == [[]] * 2
    assert differences(first[2], none[2]) != []
