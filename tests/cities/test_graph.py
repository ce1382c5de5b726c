"""A city on a graph: homes and schools at the nodes; ways are those along the links, also after new ones; faults."""

import networkx
import numpy as np
import pytest

from abm import cities
from abm.config.declare import ScenarioError
from abm.rules import Rules
from abm.scenario import configure
from abm.start import start
from abm.supply import supply
from tests.builders import town

HOPS = {"walking_kmh": 12.0, "access_km": 0.0, "waiting": 0.0, "on_foot": False}  # a link of 5 minutes is 1 km


def line(**city):
    """Nodes A to D on a line, linked in a row; schools at A and C."""
    stops = [
        {"name": "A", "x": 0.0, "pupils": {"majority": 3, "minority": 1}, "places": 4},
        {"name": "B", "x": 1.0},
        {"name": "C", "x": 2.0, "pupils": {"minority": 2}, "places": 3},
        {"name": "D", "x": 3.0, "pupils": {"majority": 1}},
    ]
    links = [{"between": pair} for pair in (["A", "B"], ["B", "C"], ["C", "D"])]
    base = {"kind": "graph", "grades": 1, "zones": "none", "stops": stops, "links": links, "network": HOPS}
    return configure({"city": base | city})


def test_a_line_by_hand():
    config = line()
    plan = cities.make(config, 1)
    assert plan.area_names == ("A", "B", "C", "D")
    assert plan.pupils.tolist() == [[3, 1], [0, 0], [0, 2], [1, 0]]
    assert plan.school_names == ("School at A", "School at C")
    assert plan.school_places.tolist() == [4, 3]
    place = town(config, plan)
    assert place.distance.tolist() == [[0, 2], [1, 1], [2, 0], [3, 1]]
    assert place.distance.dtype == np.float32
    world = start(config, 1)
    assert world.seen.heads[:, 0].tolist() == [[3, 1], [1, 2]]  # everybody at the nearest


def test_a_link_of_another_length_and_the_same_stop():
    """Two minutes of B to C are .4 km; a wait of 5 minutes is 1 km, but not for those who live at the school's stop."""
    links = [{"between": ["A", "B"]}, {"between": ["B", "C"], "minutes": 2.0}, {"between": ["C", "D"]}]
    place = town(config := line(links=links, network=HOPS | {"waiting": 5.0}), cities.make(config, 1))
    assert place.distance == pytest.approx(np.array([[0, 2.4], [2, 1.4], [2.4, 0], [3.4, 2]]))


@pytest.mark.parametrize("seed", range(3))
def test_distance_is_the_number_of_hops(seed):
    """On a random graph, against networkx; also with a link ordered, and without it again."""
    rng = np.random.default_rng(seed)
    graph = networkx.connected_watts_strogatz_graph(30, 4, 0.3, seed=seed)
    at = sorted(int(v) for v in rng.choice(30, 5, replace=False))
    stops = [
        {"name": str(v), "x": float(v), "pupils": {"majority": 1, "minority": 1}, "places": 12 * (v in at)}
        for v in graph
    ]
    world = start(config := line(stops=stops, links=[{"between": (str(a), str(b))} for a, b in graph.edges]), 1)

    def hops():
        far = dict(networkx.all_pairs_shortest_path_length(graph))
        return [[far[v][s] for s in at] for v in graph]

    assert world.city.distance.tolist() == hops()
    one, other = next((a, b) for a, b in rng.integers(0, 30, (99, 2)) if a != b and not graph.has_edge(a, b))
    rules = Rules.of(config)
    after = supply(world, rules.add("orders.links", ((str(one), str(other), 5.0),)))
    graph.add_edge(int(one), int(other))
    assert after.city.distance.tolist() == hops()
    assert supply(after, rules).city.distance.tolist() == world.city.distance.tolist()


@pytest.mark.parametrize(
    ("city", "words"),
    [
        ({"kind": "synthetic"}, "stop 'A' has pupils or places, which need kind"),
        ({"stops": [{"name": "A", "pupils": {"others": 1}}], "links": []}, "pupils of group 'others'"),
        ({"stops": [{"name": "A", "pupils": {"majority": -1}}], "links": []}, "out of bounds"),
        ({"stops": [], "links": []}, "on_foot = false, but the city has no stops"),
    ],
)
def test_faults_of_the_scenario(city, words):
    with pytest.raises(ScenarioError, match=words):
        line(**city)


@pytest.mark.parametrize(
    ("city", "words"),
    [
        ({"stops": [{"name": "A", "pupils": {"majority": 1}}], "links": []}, "with places: at least one"),
        ({"stops": [{"name": "A", "places": 1}], "links": []}, "with pupils"),
        ({"stops": [{"name": "A", "pupils": {"majority": 1}}, {"name": "B", "places": 1}], "links": []}, "same point"),
        (
            {"links": [{"between": ["A", "B"]}, {"between": ["C", "D"]}]},
            "no way along links leads from .* set city.network.on_foot",
        ),
    ],
)
def test_faults_of_the_graph(city, words):
    with pytest.raises(ScenarioError, match=words):
        start(line(**city), 1)
