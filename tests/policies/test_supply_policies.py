"""School supply by hand: who is picked, what is ordered, and what comes of it on a line of a few schools."""

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from abm.choice import perceive, rank
from abm.city import PRIVATE, SUBSIDISED
from abm.config.declare import ScenarioError
from abm.demography import demography
from abm.households import RELOCATED
from abm.model import SchoolChoiceModel
from abm.policies import SHELF
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.schools import fee_due, official
from abm.segregation import dissimilarity
from abm.supply import supply
from abm.transfers import reconsider
from abm.world import new_year
from tests.builders import STATE, blueprint, hand_config, scenario, table, with_seen, world

PLAIN = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)


def town(stock, sites=(0.0,), families=None, *, areas=None, plan=None, sections=None, **columns):
    """Schools on a line, classes of 10, two grades; ``areas``: district of each site."""
    config = hand_config(**(sections or {}) | {"city": {"grades": 2, "class_size": 10}})
    plan = dict(plan or {})
    if areas is not None:
        plan |= {"area_district": np.array(areas), "district_names": ("west", "east")[: max(areas) + 1]}
    families = table([0]) if families is None else families
    made = blueprint(config, stock, list(sites), pupils=[[5, 5]] * len(sites), **plan)
    return world(config, made, families, **columns), Rules.of(config)


def ordered(kind, state, rules, **values):
    """The policy's targets and the rules that it makes."""
    policy = SHELF[kind](**values)
    policy.fits(rules, state)
    at = policy.pick(rules, state)
    return at, policy.edit(rules, state, at)


def carried_out(kind, state, rules, **values):
    return supply(state, ordered(kind, state, rules, **values)[1])


def spread(state):
    """D of the minority over the schools."""
    return dissimilarity(state.seen.heads.sum(axis=1)[:, ::-1])


def sitting(*heads):
    """A table of pupils at schools 0, 1, ... from (majority, minority) heads; all in the entry grade, at place 0."""
    group = np.concatenate([np.repeat([0, 1], pair) for pair in heads])
    school = np.repeat(np.arange(len(heads)), [sum(pair) for pair in heads])
    return table(np.zeros(group.size, int), group, school=school)


# --- open ----------------------------------------------------------------------------------------------------------
# Areas at 0, 2 (west) and 6, 8 km (east). Majority and minority pupils: 3 + 1, 2 + 0 in the west; 0 + 1, 2 + 2 in the
# east. Shares of the minority: west 1/6, east 3/5. The one school of the west has 10 places a grade, that of the east 2.
HOMES = table([0] * 4 + [1] * 2 + [2] + [3] * 4, [0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1], detected=[False] * 4 + [True] * 2 + [False] * 5)  # fmt: skip
TWO_DISTRICTS = ([(0.0, STATE, 10), (8.0, STATE, 2)], (0.0, 2.0, 6.0, 8.0), HOMES)


def sited(**values):
    state, rules = town(*TWO_DISTRICTS, areas=[0, 0, 1, 1], plan={"district": [0, 1]})
    at, after = ordered("open_school", state, rules, **values)
    return at.districts, [o.x for o in after.orders.opened]


@pytest.mark.parametrize(
    ("values", "districts", "sites"),
    [
        ({"sites": 1}, (1,), [8.0]),  # most of the east's minority lives at 8 km
        ({"sites": 3}, (1, 0, 1), [8.0, 0.0, 6.0]),  # a school for each district, then the east's next area
        ({"sites": 3, "intensity": 0.34}, (1,), [8.0]),
        ({"sites": 2, "districts": ("west",)}, (0, 0), [0.0, 2.0]),
        ({"where": "detected"}, (0,), [2.0]),  # all detected pupils live at 2 km
        ({"where": "crowded"}, (1,), [8.0]),  # 5 pupils and 2 x 2 places, against 6 and 2 x 10
        ({"x": (1.0, 7.5), "y": (0.0, 0.0)}, (0, 1), [1.0, 7.5]),
    ],
)
def test_sites_of_new_schools(values, districts, sites):
    assert sited(**values) == (districts, sites)


def test_a_new_school_is_considered_and_listed_by_those_near_it():
    """One child at 4 km lists by distance: school 0 (4 km) before school 1 (5 km); with a new school at 3 km that one first."""
    sections = {"choice": {**PLAIN, "distance": -1.0, "taste": "none"}, "perception": {"noise": 0.0}}
    state, rules = town([(0.0, STATE, 10), (9.0, STATE, 10)], (4.0,), sections=sections)
    assert rank(perceive(state, rules), rules).round.lists[0, :2].tolist() == [0, 1]
    after = carried_out("open_school", state, rules, x=(3.0,), y=(0.0,))
    assert rank(perceive(after, rules), rules).round.lists[0, :3].tolist() == [2, 0, 1]


def test_what_a_new_school_costs():
    """Half of four schools: two buildings at 280,000 euro; pupils are counted where it stands, not before."""
    state, rules = town(*TWO_DISTRICTS, areas=[0, 0, 1, 1])
    policy = SHELF["open_school"](sites=4, intensity=0.5)
    at = policy.pick(rules, state)
    assert policy.reach(rules, state, at) == (2, 0)
    assert policy.price(policy.reach(rules, state, at)) == 560_000
    after = supply(state, policy.edit(rules, state, at))
    after = after._replace(households=after.households._replace(school=np.full(11, 2, np.int32)))
    assert policy.reach(rules, after, at) == (2, 11)
    gone = after._replace(schools=after.schools._replace(open=np.array([True, True, False, True])))
    assert policy.reach(rules, gone, at) == (1, 0)


# --- close ---------------------------------------------------------------------------------------------------------
SEGREGATED = [(0.0, STATE, 10), (1.0, STATE, 6), (2.0, STATE, 9)], (0.0,), sitting((0, 4), (4, 0), (4, 0))


def test_closing_a_segregated_school_disperses_its_pupils():
    """Four minority pupils alone, D = 1. Two places are left at 1 km, the others go to 2 km: 4 + 2 each, D = 0."""
    state, rules = town(*SEGREGATED)
    state = with_seen(state, own_share=[[0, 1, 1], [1, 0, 0]])
    assert spread(state) == 1
    after = carried_out("close_schools", state, rules)
    assert after.schools.open.tolist() == [False, True, True]
    assert after.seen.heads.sum(axis=1).tolist() == [[0, 0], [4, 2], [4, 2]]
    assert spread(after) == 0
    assert (after.households.way[:4] == RELOCATED).all()


@pytest.mark.parametrize(
    ("values", "closed"),
    [
        ({"number": 2}, (0, 1)),
        ({"number": 2, "intensity": 0.5}, (0,)),
        ({"first": "smallest"}, (2,)),
        ({"schools": ("school 1", "school 2")}, (1, 2)),
        ({"schools": ("school 3",)}, (3,)),  # a private one only by name
        ({"number": 3}, (0, 1, 2)),
    ],
)
def test_who_closes(values, closed):
    """Shares of the minority .9, .5, .1 and pupils 10, 10, 5 at state schools; the private school is all minority."""
    stock = [(0.0, STATE, 20), (1.0, STATE, 20), (2.0, STATE, 20), (3.0, PRIVATE, 20)]
    state, rules = town(stock, (0.0,), sitting((1, 9), (5, 5), (5, 0), (0, 3)))
    at, after = ordered("close_schools", state, rules, **values)
    assert at.schools == after.orders.closed == closed


# --- merge ---------------------------------------------------------------------------------------------------------
def four_schools():
    """All minority at 0 km, half at 1 km, none at 1.4 and 5 km; 4 pupils each; places for 6 of them."""
    stock = [(0.0, STATE, 6), (1.0, STATE, 6), (1.4, STATE, 6), (5.0, STATE, 6)]
    return town(stock, (0.0,), sitting((0, 4), (2, 2), (4, 0), (4, 0)))


def test_the_most_segregated_school_joins_the_most_different_one_within_reach():
    """School 0 joins school 2 (1.4 km, differs by 1), not 1 (nearer, .5) nor 3 (too far): 4 + 4, 2 + 2, 4 + 0 heads.

    Eight pupils need a class of 10 beyond 6 places. Of 6 minority and 10 majority pupils, D = half of |4/6| + |2/6 - 2/10|
    + .4 + .4 = .8 before, half of |4/6 - 4/10| + |2/6 - 2/10| + .4 = .4 after.
    """
    assert spread(four_schools()[0]) == pytest.approx(0.8)
    state, rules = four_schools()
    at, after = ordered("merge_schools", state, rules, number=9)
    assert after.orders.merged == ((0, 2),)  # school 1 has no partner left within 1.5 km, school 3 none at all
    assert at.schools == (0,)
    state = supply(state, after)
    assert state.seen.heads.sum(axis=1).tolist() == [[0, 0], [2, 2], [4, 4], [4, 0]]
    assert state.schools.places[2].tolist() == [16, 6]
    assert spread(state) == pytest.approx(0.4)


def test_named_pairs_and_wider_reach():
    state, rules = four_schools()
    named = {"schools": ("school 1", "school 0"), "into": ("school 2", "school 3")}
    assert ordered("merge_schools", state, rules, **named)[1].orders.merged == ((0, 3), (1, 2))
    assert ordered("merge_schools", state, rules, **named, intensity=0.5)[1].orders.merged == ((0, 3),)
    far = ordered("merge_schools", state, rules, number=2, within_km=5.0)[1].orders.merged
    assert far == ((0, 2), (1, 3))


# --- relocate ------------------------------------------------------------------------------------------------------
def border_town(**plan):
    """West: areas at 0 and 1 km, all minority; east: at 2 and 3 km, all majority. School 0 in the west, 1 in the east."""
    families = table([0, 1, 2, 3], [1, 1, 0, 0], school=[0, 0, 1, 1])
    return town([(0.0, STATE, 10), (3.0, STATE, 10)], (0.0, 1.0, 2.0, 3.0), families, areas=[0, 0, 1, 1], plan={"district": [0, 1]} | plan)  # fmt: skip


def test_a_school_moves_to_the_border_once():
    """Half way between the nearest areas of both districts, 1 and 2 km: at 1.5 km, half a km from each. Pupils stay."""
    state, rules = border_town()
    at, after = ordered("relocate_school", state, rules)
    assert at.schools == (0,) and after.orders.relocated == {0: (1.5, 0.0)}
    state = supply(state, after)
    assert state.city.distance[:, 0].tolist() == [1.5, 0.5, 0.5, 1.5]
    assert state.city.local.tolist() == [0, 0, 0, 1]  # the family at 2 km was nearest to school 1 (1 km) before
    assert (state.households.school == [0, 0, 1, 1]).all()
    assert SHELF["relocate_school"]().edit(rules, state, at) == rules


def test_a_school_moves_to_its_named_site():
    state, rules = border_town()
    state = carried_out("relocate_school", state, rules, schools=("school 0",), x=(2.2,), y=(0.0,))
    assert state.schools.x.tolist() == [2.2, 3.0] and state.schools.district.tolist() == [1, 1]


def test_the_border_on_a_torus_may_lie_across_its_edge():
    """Round a torus of 10 km the west's area at 0 and the east's at 9 km are 1 km apart: the border is at -.5 km."""
    families = table([0, 1, 2, 3], [1, 1, 0, 0], school=[0, 0, 1, 1])
    state, rules = town([(0.0, STATE, 9), (9.0, STATE, 9)], (0.0, 3.0, 6.0, 9.0), families, areas=[0, 0, 1, 1], plan={"district": [0, 1], "torus_km": 10.0})  # fmt: skip
    after = ordered("relocate_school", state, rules)[1]
    assert after.orders.relocated == {0: (-0.5, 0.0)}
    assert supply(state, after).city.distance[:, 0].tolist() == [0.5, 3.5, 3.5, 0.5]


# --- places --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "offer"),
    [
        ({}, [13, 20, 10, 20]),  # 12 x 1.05 = 12.6: 13 stay; full; one class of 10 stays; private
        ({"intensity": 0.5}, [17, 20, 15, 20]),  # of 7 empty places 3 go, of 10 five
        ({"share": 0.5, "margin": 0.0}, [16, 20, 15, 20]),
        ({"margin": 1.0}, [20, 20, 10, 20]),
        ({"schools": ("school 2",)}, [20, 20, 10, 20]),
    ],
)
def test_surplus_places_are_cut_but_never_those_of_the_entrants(values, offer):
    """Entrants 12, 20, 3 and 5 of 20 places each."""
    stock = [(0.0, STATE, 20), (1.0, STATE, 20), (2.0, STATE, 20), (3.0, PRIVATE, 20)]
    state, rules = town(stock, entrants=[12, 20, 3, 5])
    after = ordered("cut_places", state, rules, **values)[1]
    assert demography(new_year(state), after).schools.places[:, 0].tolist() == offer
    assert demography(new_year(state), rules).schools.places[:, 0].tolist() == [20] * 4


def test_cuts_come_on_top_of_a_class_size_and_of_an_earlier_cut():
    """Classes of 8 make 16 of 20 places; 12 entrants and no margin: 12. A second cut finds nothing left to cut."""
    state, rules = town([(0.0, STATE, 20)], entrants=[12])
    rules = ordered("class_size", state, rules, pupils=8, schools=("school 0",))[1]
    once = ordered("cut_places", state, rules, margin=0.0)[1]
    assert demography(new_year(state), once).schools.places[0, 0] == 12
    assert ordered("cut_places", state, once, margin=0.0)[1] == once


@pytest.mark.parametrize(("cut", "school"), [(False, 0), (True, 1)])
def test_nobody_flees_to_a_seat_that_is_not_there(cut, school):
    """A family of the next cohort sits at school 1, 2 km away, and would rather be at school 0, next door, where 12 of
    its cohort sit: it changes if there are 20 places, and cannot once the empty ones are cut."""
    sections = {
        "choice": {**PLAIN, "distance": -1.0, "taste": "none"}, "perception": {"noise": 0.0},
        "transfers": {"reconsider": 1.0, "cost": 0.5}, "demography": {"leave": 0.0},
    }  # fmt: skip
    state, rules = town([(0.0, STATE, 20), (2.0, STATE, 20)], sections=sections, entrants=[12, 1])
    if cut:
        rules = ordered("cut_places", state, rules, margin=0.0)[1]
    year = demography(new_year(state), rules)
    year = year._replace(households=table([0] * 13, school=[0] * 12 + [1]))
    assert reconsider(year, rules).households.school[12] == school


def test_smaller_classes_in_the_most_segregated_half():
    """Two classes of 10 become two of 8 in one of two schools: 16 places for the next cohort; those inside keep 20."""
    state, rules = town([(0.0, STATE, 20), (1.0, STATE, 20)], (0.0,), sitting((1, 9), (9, 1)), demand=[5, 30])
    state = with_seen(state, own_share=[[0.1, 0.9], [0.9, 0.1]])
    at, after = ordered("class_size", state, rules, pupils=8, share=1.0, intensity=0.5)
    assert at.schools == (0,)
    assert demography(new_year(state), after).schools.places.tolist() == [[16, 20], [20, 20]]
    sought = ordered("class_size", state, rules, pupils=12, share=0.5, first="sought")[1]
    assert demography(new_year(state), sought).schools.places.tolist() == [[20, 20], [24, 20]]


# --- fees ----------------------------------------------------------------------------------------------------------
def fee_town():
    """A subsidised school next door for 2,000 euro with three pupils, and a state school 1 km away."""
    sections = {
        "choice": {**PLAIN, "distance": -1.0, "fee": -1.0, "taste": "none"}, "perception": {"noise": 0.0},
        "admission": {"subsidised": "inside"},
    }  # fmt: skip
    families = table([0] * 4, school=[0, 0, 0, -1])
    return town([(0.0, SUBSIDISED, 10), (1.0, STATE, 10)], (0.0,), families, sections=sections, fee=[2, 0])


@pytest.mark.parametrize(
    ("values", "due", "first"), [({}, 0.0, 0), ({"cut": 0.2}, 1.6, 1), ({"intensity": 0.6}, 0.8, 0)]
)
def test_a_family_of_mean_status_lists_the_subsidised_school_when_the_fee_is_below_a_km(values, due, first):
    """The fee weighs 1 a thousand euro, the way 1 a km: 2,000 and 1,600 euro are more than 1 km, 800 and 0 are less."""
    state, rules = fee_town()
    assert rank(perceive(state, rules), rules).round.lists[0, 0] == 1
    at, after = ordered("no_fees", state, rules, **values)
    assert fee_due(state.schools, after)[0] == pytest.approx(due)
    assert rank(perceive(state, after), after).round.lists[0, 0] == first
    assert official(state.schools, after).tolist() == [due == 0, True]
    assert at.schools == (0,)


def test_the_authority_pays_what_families_paid():
    """Three pupils at 2,000 euro: 6,000; a cut of .5 at intensity .5 a quarter of it; after another policy's half, half."""
    state, rules = fee_town()
    state = with_seen(state, heads=[[[3, 0], [0, 0]], [[0, 0], [0, 0]]])
    policy = SHELF["no_fees"]()
    at = policy.pick(rules, state)
    assert policy.bill(rules, state, at) == 6000
    assert SHELF["no_fees"](cut=0.5, intensity=0.5).bill(rules, state, at) == 1500
    half = SHELF["no_fees"](cut=0.5).edit(rules, state, at)
    assert policy.bill(half, state, at) == 3000
    assert policy.edit(half, state, at).orders.fee == {0: 0.0}


def test_private_schools_only_on_demand():
    state, rules = town([(0.0, SUBSIDISED, 9), (1.0, PRIVATE, 9), (2.0, STATE, 9)], fee=[1, 4, 0])
    assert ordered("no_fees", state, rules)[0] == Targets((0,))
    assert set(ordered("no_fees", state, rules, private=True)[0].schools) == {0, 1}


# --- faults --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("open_school", {"x": (20.0,), "y": (0.0,)}, "far outside the city"),
        ("open_school", {"x": (2.0,), "y": (-9.0,)}, "far outside the city"),
        ("open_school", {"x": (2.0,)}, "1 coordinates and y 0"),
        ("open_school", {"x": (2.0,), "y": (0.0,), "districts": ("west",)}, "give one of them"),
        ("open_school", {"name": "school 1"}, "already"),
        ("open_school", {"theme": "dance"}, "not known"),
        ("close_schools", {"schools": ("school 0", "school 1")}, "all 2 schools"),
        ("close_schools", {"number": 2}, "all 2 schools"),
        ("merge_schools", {"schools": ("school 0",), "into": ("school 0",)}, "with itself"),
        ("merge_schools", {"schools": ("school 0",), "into": ("school 9",)}, "no school 'school 9'"),
        ("merge_schools", {"schools": ("school 0",), "into": ("school 1", "school 0")}, "1 and into 2"),
        ("relocate_school", {"schools": ("school 0",), "x": (99.0,), "y": (0.0,)}, "far outside the city"),
        ("relocate_school", {"x": (1.0,), "y": (0.0,)}, "0 and x 1 sites"),
        ("no_fees", {}, "no subsidised school here"),
        ("no_fees", {"groups": ("majority",)}, "all families"),
    ],
)
def test_what_the_city_cannot_do_is_refused(kind, values, message):
    state, rules = border_town()
    with pytest.raises(PydanticCustomError, match=message):
        SHELF[kind](**values).fits(rules, state)


def test_schools_of_different_sectors_do_not_merge_and_a_city_of_one_district_has_no_border():
    state, rules = town([(0.0, STATE, 9), (1.0, PRIVATE, 9)])
    with pytest.raises(PydanticCustomError, match="different sectors"):
        SHELF["merge_schools"](schools=("school 0",), into=("school 1",)).fits(rules, state)
    with pytest.raises(PydanticCustomError, match="one district"):
        SHELF["relocate_school"]().fits(rules, state)


def test_a_class_size_that_leaves_a_school_without_places_is_refused():
    """Two places are a fifth of a class of 10 and give one in classes of 5; of a class of 25 they give .4, which is none."""
    config = hand_config(city={"class_size": 10})
    state = world(config, blueprint(config, [(0.0, STATE, 2), (1.0, STATE, 20)], [0.0]), table([0]))
    policy = SHELF["class_size"](pupils=5, schools=("school 0",))
    policy.fits(Rules.of(config), state)  # one place is left
    small = state._replace(schools=state.schools._replace(intake=np.array([0, 20], np.int32)))
    policy.fits(Rules.of(config), small)  # it has none to lose
    state.city.notes["class_size"] = 25
    with pytest.raises(PydanticCustomError, match="without any places"):
        policy.fits(Rules.of(config), state)


def test_two_policies_that_open_a_school_of_one_name_are_told():
    twins = [{"kind": "open_school"}] * 2
    base = scenario("classroom", "run.years=1")
    model = SchoolChoiceModel(configure(to_tree(base) | {"policies": twins}), 1, collect=False)
    with pytest.raises(ScenarioError, match=r"policies\[1\].*another policy opens"):
        model.step()


@pytest.mark.parametrize("kind", ["open_school", "close_schools", "merge_schools", "relocate_school"])
def test_what_is_built_closed_or_moved_stays_after_the_end_and_is_done_once(kind, history):
    """In force in years 1 and 2: the tables of schools that stand after year 1 stand after year 3."""
    base = scenario("classroom", "run.years=3", "response.close_below=0")
    policy = {"kind": kind, "end": 2} | ({"within_km": 4.0} if kind == "merge_schools" else {})
    model = SchoolChoiceModel(configure(to_tree(base) | {"policies": [policy]}), 1, collect=False)
    seen = []
    for _ in range(3):
        model.step()
        seen.append([np.stack([model.world.schools.x, model.world.schools.y, model.world.schools.open]).tolist()])
    assert seen[0] == seen[1] == seen[2]
    before = history("classroom").worlds[0].schools
    assert seen[0] != [np.stack([before.x, before.y, before.open]).tolist()]


def test_the_cost_of_a_closing_is_paid_once():
    base = scenario("classroom", "run.years=2", "response.close_below=0")
    model = SchoolChoiceModel(configure(to_tree(base) | {"policies": [{"kind": "close_schools"}]}), 1, collect=False)
    pupils = model.world.seen.heads.sum(axis=(1, 2))
    worst = model.config.policies[0].pick(model.rules, model.world).schools[0]
    model.step()
    assert model.indicators["cost"] == 1000 * pupils[worst]
    model.step()
    assert model.indicators["cost"] == 0
