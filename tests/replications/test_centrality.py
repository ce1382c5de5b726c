"""Which link raises a centrality most: against networkx, link by link; plans of links."""

import networkx
import numpy as np
import pytest

from experiments.replications.centrality import KINDS, best_link, centrality, plan


def graphs():
    """Connected random graphs of 12 nodes, with shares of a group over their nodes."""
    for seed in range(4):
        graph = networkx.connected_watts_strogatz_graph(12, 4, 0.5, seed=seed)
        yield graph, np.random.default_rng(seed).dirichlet(np.ones(12))


def slow(graph, node, kind, weights):
    """The definitions, by all shortest ways that networkx lists."""
    if kind == "closeness":
        return 1 / sum(weights[u] * d for u, d in networkx.shortest_path_length(graph, node).items())
    if kind == "degree":
        return sum(weights[u] for u in graph[node])
    total = 0.0
    for s in graph:
        for t in graph:
            if len({s, t, node}) == 3:
                ways = list(networkx.all_shortest_paths(graph, s, t))
                total += weights[s] * np.mean([node in way for way in ways])
    return total


def test_alike_nodes_give_the_usual_measures():
    """Of n nodes: closeness n/(n - 1) times, degree (n - 1)/n times, betweenness 2/n times those of networkx."""
    for graph, _ in graphs():
        known = {
            "closeness": (networkx.closeness_centrality(graph), 12 / 11),
            "degree": (networkx.degree_centrality(graph), 11 / 12),
            "betweenness": (networkx.betweenness_centrality(graph, normalized=False), 2 / 12),
        }
        for kind, (usual, factor) in known.items():
            for v in graph:
                assert centrality(graph, v, kind) == pytest.approx(factor * usual[v])


@pytest.mark.parametrize("kind", KINDS)
def test_weighted_measures_are_their_definitions(kind):
    for graph, weights in graphs():
        for v in graph:
            assert centrality(graph, v, kind, weights) == pytest.approx(slow(graph, v, kind, weights))


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_link_is_the_best_of_all(kind):
    """Each candidate added in turn and measured anew; equals go by number. Ties are compared to nine digits."""
    for graph, weights in graphs():
        for v in graph:
            for w in (None, weights):
                worth = {}
                for u in set(graph) - {v} - set(graph[v]):
                    longer = graph.copy()
                    longer.add_edge(v, u)
                    worth[u] = round(slow(longer, v, kind, np.full(12, 1 / 12) if w is None else w), 9)
                assert best_link(graph, v, kind, w) == min(worth, key=lambda u, worth=worth: (-worth[u], u))


def test_a_node_linked_to_all_has_no_best_link():
    assert best_link(networkx.complete_graph(4), 0, "closeness") is None


def test_a_plan_by_hand():
    """On the path 0-1-2-3-4 with schools at 0 and 2: node 0 is less close (1/10 against 1/6) and gets the link to 3, after
    which its ways are 1, 2, 1, 2: none of 2, 3, 4 brings it closer, and 3 is as good as 2 and 4 (1 + 1 + 2 + 2 = 6).
    """
    path = networkx.path_graph(5)
    assert best_link(path, 0, "closeness") == 3
    homes = np.ones((5, 1))
    assert plan(path, [0, 2], "closeness", homes, 1, None) == [(0, 3)]
    assert path.number_of_edges() == 4  # the graph itself is not touched


def test_a_group_plan_serves_the_group_that_has_it_worst():
    """Schools at both ends of a path; all of group b live at node 0: for them the school at 4 is the farthest."""
    homes = np.array([[1, 5], [1, 0], [1, 0], [1, 0], [1, 0]])
    assert plan(networkx.path_graph(5), [0, 4], "group closeness", homes, 1, None) == [(4, 0)]
    assert plan(networkx.path_graph(5), [0, 4], "group degree", homes, 1, None)[0][0] in (0, 4)


def test_random_links_are_new_and_end_with_the_complete_graph():
    links = plan(networkx.path_graph(4), [0], "random", None, 10, np.random.default_rng(1))
    assert len(links) == len({frozenset(pair) for pair in links}) == 3
