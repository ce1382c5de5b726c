"""Ways by public transport: a line and a triangle by hand, a slow twin on a graph, schools that open or move, faults."""

import networkx
import numpy as np
import pytest

from abm.config.declare import ScenarioError
from abm.network import linked, network, ways
from abm.orders import Opening
from abm.rules import Rules
from abm.scenario import configure
from abm.supply import supply
from tests.builders import STATE, blueprint, differences, hand_config, table, town, world

# On foot 6 km/h, so a minute is 0.1 km; a wait of 5 minutes is 0.5 km; nobody walks more than 1 km to a stop.
HOW = {"walking_kmh": 6.0, "access_km": 1.0, "waiting": 5.0}
STOPS = [{"name": name, "x": x} for name, x in (("A", 0.0), ("B", 5.0), ("C", 9.0))]
LINE = [{"between": ["A", "B"], "minutes": 10.0}, {"between": ["B", "C"], "minutes": 20.0}]
SCHOOLS = [(1.0, STATE, 10), (5.5, STATE, 10), (9.25, STATE, 10)]
HOMES = [0.5, 2.5]


def line(links=LINE, stops=STOPS, zones="none", homes=HOMES):
    """The three stops and three schools on a line; its configuration and blueprint."""
    config = hand_config(city={"stops": stops, "links": links, "network": HOW, "zones": zones})
    return config, blueprint(config, SCHOOLS, homes, pupils=[[5, 5]] * len(homes))


def state(**values):
    config, plan = line(**values)
    return world(config, plan, table([0, 1])), Rules.of(config)


def test_a_line_by_hand():
    """From 0.5 km: to A 0.5, wait 0.5, ride 1 to B or 3 to C, then 0.5 or 0.25 on foot; school 0 is nearer on foot.

    From 2.5 km no stop is within 1 km: all ways are walks.
    """
    city = town(*line())
    assert city.distance.tolist() == [[0.5, 2.5, 4.25], [1.5, 3.0, 6.75]]
    assert city.straight.tolist() == [[0.5, 5.0, 8.75], [1.5, 3.0, 6.75]]
    assert city.distance.dtype == np.float32


def test_the_longest_walk_is_included_and_nothing_beyond_it():
    """A home at 1 km walks to A; the school at 5.5 km: 1 + 0.5 + 1 + 0.5 = 3 against 4.5. At 1.01 km it walks all the way."""
    city = town(*line(homes=[1.0, 1.01]))
    assert city.distance[:, 1].tolist() == pytest.approx([3.0, 4.49])


def test_a_triangle_by_hand():
    """A to C takes 30 minutes straight on and 10 + 10 by B: 20, plus 5 of waiting, are 2.5 km; of two links A-B the faster."""
    links = [("A", "C", 30.0), ("A", "B", 10.0), ("C", "B", 10.0), ("B", "A", 12.0)]
    net = network(line([{"between": pair, "minutes": m} for *pair, m in links])[0].city)
    assert net.ride == pytest.approx(np.array([[np.inf, 1.5, 2.5], [1.5, np.inf, 1.5], [2.5, 1.5, np.inf]]))


def test_stops_without_links_and_unreachable_stops_leave_walks():
    for links in ([], [{"between": ["B", "C"], "minutes": 1.0}]):
        city = town(*line(links))
        assert (city.distance == city.straight).all()


def test_without_stops_there_is_one_table_of_distances():
    city = town(*line(links=[], stops=[]))
    assert city.network is None and (city.distance == city.straight).all()


@pytest.mark.parametrize("seed", range(4))
def test_ways_are_those_of_a_graph(seed):
    """A slow twin: a directed graph of homes, stops and schools, shortest paths by networkx."""
    rng = np.random.default_rng(seed)
    stops, homes, schools = (rng.uniform(0, 6, (n, 2)) for n in (12, 25, 9))
    links = [
        {"between": [str(a), str(b)], "minutes": float(rng.uniform(1, 12))}
        for a, b in rng.integers(0, 12, (18, 2)) if a != b
    ]  # fmt: skip
    named = [{"name": str(k), "x": float(x), "y": float(y)} for k, (x, y) in enumerate(stops)]
    config = hand_config(city={"stops": named, "links": links, "network": HOW | {"access_km": 1.5}})
    got = ways(network(config.city), homes, schools).whole()
    graph = networkx.DiGraph()
    for link in links:
        for one, other in (link["between"], link["between"][::-1]):
            km = min(0.1 * link["minutes"], graph.get_edge_data(one, other, {"weight": np.inf})["weight"])
            graph.add_edge(one, other, weight=km)
    for k, stop in enumerate(stops):
        for kind, points in (("home", homes), ("school", schools)):
            for i, point in enumerate(points):
                km = float(np.hypot(*(point - stop)))
                if km <= 1.5:
                    edge = ((kind, i), str(k)) if kind == "home" else (str(k), (kind, i))
                    graph.add_edge(*edge, weight=km + (0.5 if kind == "home" else 0.0))
    for i, home in enumerate(homes):
        for j, school in enumerate(schools):
            graph.add_edge(("home", i), ("school", j), weight=float(np.hypot(*(home - school))))
    slow = [
        [networkx.shortest_path_length(graph, ("home", i), ("school", j), "weight") for j in range(9)]
        for i in range(25)
    ]  # fmt: skip
    assert got == pytest.approx(np.array(slow), rel=1e-5)
    assert (got < ways(None, homes, schools).whole()).any()


@pytest.mark.parametrize(
    ("city", "words"),
    [
        ({"stops": STOPS, "links": [{"between": ["A", "D"]}]}, "names the stop 'D'; stops are A, B, C"),
        ({"links": LINE}, "the city has no stops"),
        ({"stops": STOPS, "links": [{"between": ["A", "A"]}]}, "leads from 'A' to itself"),
        ({"stops": STOPS, "links": [{"between": ["A", "B"], "minutes": -1.0}]}, "minutes: -1.0 is out of bounds"),
        ({"stops": [*STOPS, STOPS[0]]}, "different names"),
        ({"stops": STOPS, "kind": "grid", "torus": True}, "torus"),
        ({"stops": STOPS, "links": [{"between": ["A"], "minutes": 1.0}]}, "between"),
    ],
)
def test_faults_are_named(city, words):
    with pytest.raises(ScenarioError, match=words):
        configure({"city": city})


def test_stops_that_no_home_can_reach_are_a_mistake():
    """As where degrees are given for kilometres."""
    with pytest.raises(ScenarioError, match="no home lies within 1 km"):
        town(*line(links=[], stops=[{"name": "A", "x": 9.19, "y": 45.46}]))


# --- links as ordered ------------------------------------------------------------------------------------------------
DIRECT = (("A", "C", 5.0),)  # 0.5 + 0.5 + 0.5 + 0.25 = 1.75 km from the home at 0.5 km to the school at 9.25 km


def test_an_ordered_link_changes_ways_and_order_and_falls_back_to_the_bit():
    """School 2 is third for the home at 0.5 km (4.25 km); with the link second (1.75 km, before 2.5), then third again."""
    start, rules = state()
    assert start.city.nearest.tolist() == [[0, 1, 2], [0, 1, 2]]
    after = supply(start, rules.add("orders.links", DIRECT))
    assert after.city.distance.tolist() == [[0.5, 2.5, 1.75], [1.5, 3.0, 6.75]]
    assert after.city.nearest.tolist() == [[0, 2, 1], [0, 1, 2]]
    assert after.ledger["links"] == DIRECT
    assert supply(after, rules.add("orders.links", DIRECT)).city is after.city
    back = supply(after, rules)
    assert differences(start.city, back.city) == [] and back.ledger["links"] == ()


@pytest.mark.parametrize("zones", ["none", "nearest", "district", "sectors"])
def test_zones_and_local_schools_stay_as_drawn(zones):
    """Here the link would make school 2 the nearest of a home at A, also when another school opens later.

    Straight from 0 km school 0 lies at 1 km; a ride of 1 minute takes 0 + 0.5 + 0.1 + 0.25 = 0.85 km to school 2.
    """
    start, rules = state(zones=zones, homes=[0.0, 9.0])
    ordered = rules.add("orders.links", (("A", "C", 1.0),))
    after = supply(start, ordered)
    assert (start.city.nearest[0, 0], after.city.nearest[0, 0]) == (0, 2)
    caches = {f"world.{name}" for name in ("network.ride", "ways.table", "nearest")}
    assert {"world.ways.table", "world.nearest"} <= set(differences(start.city, after.city)) <= caches
    opening = Opening("new", 20.0, 0.0, 10)
    with_school, without = (supply(start, r.add("orders.opened", (opening,))) for r in (ordered, rules))
    assert with_school.city.zone.tolist() == without.city.zone.tolist()
    assert with_school.city.local.tolist() == without.city.local.tolist()


def test_a_school_that_opens_or_moves_is_reached_by_the_network():
    """A school at 8.75 km, 0.25 from C: 0.5 + 0.5 + 3 + 0.25 = 4.25 km from the home at 0.5 km; 6.25 on foot from 2.5 km."""
    start, rules = state()
    opened = supply(start, rules.add("orders.opened", (Opening("new", 8.75, 0.0, 10),)))
    assert opened.city.distance[:, 3].tolist() == [4.25, 6.25]
    assert opened.city.straight[:, 3].tolist() == [8.25, 6.25]
    moved = supply(start, rules.add("orders.relocated", {0: (8.75, 0.0)}))
    assert moved.city.distance[:, 0].tolist() == [4.25, 6.25]
    assert moved.city.straight[:, 0].tolist() == [8.25, 6.25]
    both = rules.add("orders.opened", (Opening("new", 8.75, 0.0, 10),)).add("orders.links", DIRECT)
    assert supply(start, both).city.distance[:, 3].tolist() == [1.75, 6.25]
    assert differences(supply(opened, both).city, supply(start, both).city) == []


def test_a_link_without_network_or_to_an_unknown_stop_is_refused():
    with pytest.raises(ScenarioError, match="new links need a network"):
        linked(None, DIRECT)
    with pytest.raises(ScenarioError, match="'D'"):
        linked(town(*line()).network, (("A", "D", 1.0),))
