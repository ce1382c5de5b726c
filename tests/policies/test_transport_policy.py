"""Free or faster transport by hand: which school is near, who looks at what, who goes where, what it costs.

A line: schools at 2, 3 and 6 km, the home at 0 km. A minute on foot is 0.1 km, a wait of 5 minutes 0.5 km. Families
look at the nearest school and the local one (school 0, the nearest straight ahead). Walking distance ends at 1 km.
"""

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from abm.choice import perceive, rank
from abm.config.declare import ScenarioError
from abm.households import take
from abm.model import SchoolChoiceModel
from abm.policies import SHELF
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.sight import choosers
from abm.supply import supply
from abm.tickets import felt, further, held
from tests.builders import STATE, blueprint, hand_config, scenario, table, view, with_seen, world
from tests.policies.three_schools import under

PLAIN = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)
STOPS = [{"name": "home", "x": 0.0}, {"name": "far", "x": 6.0}]
TRAM = {"between": ["home", "far"], "minutes": 10.0}
LOOK = {"nearest": 1, "uninformed": 1.0, "network": 0, "flagship": 0, "noise": 0.0}


def line(families=None, *, stops=STOPS, homes=(0.0, 5.0), choice=None, **columns):
    """The three schools; families who have not chosen, at place 0 unless said otherwise."""
    config = hand_config(
        city={"stops": stops, "network": {"walking_kmh": 6.0, "access_km": 1.0, "waiting": 5.0}},
        perception=LOOK,
        choice={**PLAIN, "distance": -1.0, "knee_km": 1.0, "taste": "none"} | (choice or {}),
    )
    districts = {"area_district": np.arange(len(homes)), "district_names": ("west", "east")[: len(homes)]}
    plan = blueprint(
        config, [(x, STATE, 10) for x in (2.0, 3.0, 6.0)], homes, pupils=[[5, 5]] * len(homes), **districts
    )
    families = table([0, 0], [0, 1]) if families is None else families
    return world(config, plan, families, **columns), Rules.of(config)


def looked_at(state, rules):
    """The sets of schools that the families consider."""
    considered = perceive(supply(state, rules), rules).round.considered
    return [sorted(row[row >= 0].tolist()) for row in considered]


def listed(state, rules):
    lists = rank(perceive(supply(state, rules), rules), rules).round.lists
    return [row[row >= 0].tolist() for row in lists]


# --- lines -----------------------------------------------------------------------------------------------------------
def test_a_tram_makes_another_school_the_nearest():
    """To school 2: 0.5 + 1 = 1.5 km instead of 6, against 2 to school 0: now families know it and like it best."""
    state, rules = line()
    after = under("transport", state, rules, links=[TRAM], discount=0.0)
    assert looked_at(state, rules) == [[0], [0]] and looked_at(state, after) == [[0, 2], [0, 2]]
    assert listed(state, rules) == [[0], [0]] and listed(state, after) == [[2, 0], [2, 0]]


def test_lines_are_built_in_order():
    """Of three lines half the intensity builds the first two (1.5, halves up), at 480,000 euro each."""
    stops = [*STOPS, {"name": "mid", "x": 3.0}]
    links = [{"between": ["home", "mid"]}, TRAM, {"between": ["mid", "far"]}]
    state, rules = line(stops=stops)
    for intensity, built in ((0.0, 0), (0.3, 1), (0.5, 2), (1.0, 3)):
        policy = SHELF["transport"](links=links, intensity=intensity, discount=0.0)
        at = policy.pick(rules, state)
        orders = policy.edit(rules, state, at).orders
        assert [link[:2] for link in orders.links] == [tuple(link["between"]) for link in links[:built]]
        assert orders.tickets == () and not policy.treated(rules, state, at).any()
        assert policy.bill(rules, state, at) == 480_000 * built


def test_when_the_policy_ends_its_lines_are_gone():
    """A run with a policy in years 1 and 2 has the baseline's map in year 3."""
    base = to_tree(
        scenario("classroom", 'city.stops=[{name="w", x=-1.0}, {name="e", x=1.0}]', "run.years=3", "response.places=false",
                 "response.close_below=0")
    )  # fmt: skip
    line = {"kind": "transport", "end": 2, "links": [{"between": ["w", "e"], "minutes": 1.0}]}
    with_it, without = (SchoolChoiceModel(configure(base | {"policies": p}), 1) for p in ([line], []))
    for year in (1, 2, 3):
        with_it.step()
        without.step()
        assert (with_it.world.city.distance == without.world.city.distance).all() == (year == 3)
        assert (with_it.world.city.local == without.world.city.local).all()


# --- tickets ---------------------------------------------------------------------------------------------------------
def test_a_way_as_felt():
    """Knee 1 km, discount .5: 0.5 stays, 3 km are 1 + 1 = 2, 6 km are 1 + 2.5 = 3.5."""
    assert felt(np.array([0.5, 1.0, 3.0, 6.0], np.float32), 0.5, 1.0).tolist() == [0.5, 1.0, 2.0, 3.5]


@pytest.mark.parametrize(
    ("values", "majority", "minority"),
    [
        ({"discount": 0.5}, [0, 1], [0, 1]),  # 3 km feel like 2, which they knew; 6 km like 3.5
        ({"discount": 0.5, "groups": ("majority",)}, [0, 1], [0]),
        ({"discount": 0.5, "further": 0}, [0], [0]),
        ({"discount": 0.8}, [0, 1, 2], [0, 1, 2]),  # 6 km feel like 1 + .2 x 5 = 2
        ({"discount": 0.8, "further": 1}, [0, 1], [0, 1]),
        ({"discount": 0.8, "intensity": 0.625}, [0, 1], [0, 1]),  # .625 x .8 = .5
        ({"discount": 0.8, "intensity": 0.0}, [0], [0]),
        ({"discount": 0.8, "districts": ("east",)}, [0], [0]),
    ],
)
def test_who_looks_at_further_schools(values, majority, minority):
    state, rules = line(stops=[])
    assert looked_at(state, under("transport", state, rules, **values)) == [majority, minority]


def test_further_schools_are_those_of_a_slow_search(classroom):
    """School by school, in the classroom, where families differ in how many schools they know."""
    state, rules = classroom.worlds[1], classroom.rules[1]
    ordered = under("transport", state, rules, discount=0.6, groups=("minority",), further=3)
    few = take(state.households, np.arange(0, state.households.id.size, 7))
    near = np.arange(few.id.size) % 8 + 1
    city = state.city
    slow = []
    for h in range(few.id.size):
        ways = sorted(float(city.distance[few.place[h], s]) for s in np.flatnonzero(state.schools.open))
        last = ways[min(near[h], len(ways)) - 1]
        afforded = [km for km in ways[near[h] :] if min(km, 1.5) + 0.4 * max(km - 1.5, 0) <= last]
        slow.append(min(len(afforded), 3) if few.group[h] else 0)
    got = further(state, ordered, few, near)
    assert got.tolist() == slow and {0, 1, 3} <= set(slow)


def test_nothing_is_spared_within_walking_distance():
    """With a knee of 3 km nobody looks at more, and schools 0 and 1 are worth what they were."""
    state, rules = line(stops=[], choice={"knee_km": 3.0})
    after = under("transport", state, rules, discount=1.0)
    assert looked_at(state, after) == [[0], [0]]
    near = view(state, after).ways.table[[0, 2]]
    assert near.tolist() == [[2.0, 3.0, 6.0], [2.0, 3.0, 3.0]]


def test_cheaper_ways_let_the_majority_flee_farther():
    """Half the pupils of school 0 are of the majority, at school 1 all. The majority's peers weigh 1.5, f = 1.

    Its utility is -2 + .75 = -1.25 at school 0 and -3 + 1.5 = -1.5 at school 1; with the ticket -1.5 + .75 = -.75 and
    -2 + 1.5 = -.5, so it leaves school 0, which it did not before; the minority stays with the nearer one.
    """
    families = table([0, 0], [0, 1], tolerance=1.0)
    state, rules = line(families, stops=[], choice={"peers": {"majority": 1.5, "minority": 0.0}, "peers_full": 1.0})
    state = with_seen(state, own_share=[[0.5, 1.0, 0.0], [0.5, 0.0, 1.0]])
    wide = rules.edit("perception.nearest", 2)
    assert listed(state, wide) == [[0, 1], [0, 1]]
    assert listed(state, under("transport", state, rules, discount=0.5)) == [[1, 0], [0, 1]]


def test_of_two_tickets_the_larger_discount_holds():
    state, rules = line(table([0, 0, 1, 1], [0, 1, 0, 1], detected=[False, True, True, False]), stops=[])
    both = under("transport", state, rules, discount=0.2)
    both = under("transport", state, both, discount=0.6, groups=("detected",), districts=("east",))
    assert held(state, both, state.households).tolist() == [1, 1, 2, 1]
    rows = choosers(state, both, state.households, np.full(4, -1), np.zeros(4)).whole[:, 0]
    assert rows.tolist() == [2, 2, 5, 3]  # two places; a block of them for each ticket
    far = view(state, both).ways.table[rows, 2]
    assert far.tolist() == pytest.approx([1 + 0.8 * 5, 1 + 0.8 * 5, 1.0, 1.0])
    few = take(state.households, np.array([2]))
    assert held(state, both, few).tolist() == [2]


def test_who_is_reached_and_what_it_costs():
    """Pupils with a school: two in the west (one of the minority), one in the east."""
    state, rules = line(table([0, 0, 1, 0], [0, 1, 1, 1], school=[0, 0, 1, -1]), stops=[])
    for values, pupils in (
        ({}, 3),
        ({"groups": ("minority",)}, 2),
        ({"districts": ("west",)}, 2),
        ({"discount": 0.0}, 0),
    ):
        policy = SHELF["transport"](intensity=0.5, **values)
        reach = policy.reach(rules, state, policy.pick(rules, state))
        assert reach == (0, 0.5 * pupils) and policy.price(reach) == 50 * pupils


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"links": [{"between": ["home", "moon"]}]}, "moon"),
        ({"schools": ("school 0",)}, "leave schools out"),
    ],
)
def test_what_a_city_cannot_do_is_refused(values, words):
    state, rules = line()
    with pytest.raises(PydanticCustomError, match=words):
        SHELF["transport"](**values).fits(rules, state)


def test_links_in_a_city_without_stops_are_refused_before_the_run():
    tree = to_tree(scenario("classroom")) | {"policies": [{"kind": "transport", "links": [TRAM]}]}
    with pytest.raises(ScenarioError, match="the city has no stops"):
        SchoolChoiceModel(configure(tree), 1)
