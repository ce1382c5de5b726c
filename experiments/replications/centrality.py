"""Which new link raises the centrality of a node most: closeness, betweenness and degree, also as one group sees them.

In the group versions every node counts by the share of the group's families who live there (Michailidis et al. 2024);
with all nodes alike they are the usual measures (Freeman 1978), up to a factor. Graphs are undirected and connected, all
links are equally long. A link that touches the node itself changes only the ways that lead through it, so each candidate
is judged from the ways of the graph without that node, found once.
"""

import networkx
import numpy as np

KINDS = ("closeness", "betweenness", "degree")


def centrality(graph: networkx.Graph, node: int, kind: str, weights=None) -> float:
    """Centrality of ``node`` in a graph with nodes 0, 1, ...; ``weights`` (node,) sum to 1, None: all alike.

    With w the weights and d the number of links between two nodes: closeness 1 / sum w(u) d(u, v); betweenness
    sum over s and t of w(s) times the share of the shortest ways from s to t that lead through v; degree sum of w over
    the neighbours.
    """
    links, weights = _matrix(graph), _weights(graph, weights)
    if kind == "closeness":
        far = weights @ _paths(links)[0][node]
        return float(1 / far) if far > 0 else np.inf  # all live there
    if kind == "betweenness":
        return _between(*_paths(_without(links, node)), links[node] > 0, node, weights)
    return float(weights @ links[node])


def best_link(graph: networkx.Graph, node: int, kind: str, weights=None) -> int | None:
    """The node to which a new link raises the centrality of ``node`` most; equals: the lowest number. None: linked to all."""
    links, weights = _matrix(graph), _weights(graph, weights)
    free = [u for u in range(len(links)) if u != node and not links[node, u]]
    if not free:
        return None
    if kind == "closeness":
        distance = _paths(links)[0]
        worth = [-(weights @ np.minimum(distance[node], 1 + distance[u])) for u in free]
    elif kind == "betweenness":
        apart, ways = _paths(_without(links, node))
        worth = []
        for u in free:
            near = links[node] > 0
            near[u] = True
            worth.append(_between(apart, ways, near, node, weights))
    else:
        worth = [weights[u] for u in free]
    return free[int(np.argmax(np.round(worth, 12)))]  # sums of one set of numbers in two orders are equal


def plan(graph: networkx.Graph, nodes, strategy: str, homes: np.ndarray, count: int, rng) -> list[tuple[int, int]]:
    """``count`` new links, one after another: each raises the centrality of the weakest of ``nodes`` most.

    strategy: a kind of centrality; ``group`` and a kind, where the weakest is sought over nodes and groups and the link
    is the best for that group; or ``random``, any two nodes without a link, drawn from ``rng``. homes: (node, group)
    pupils. A node that is linked to all others is passed over; the list ends where no link is left.
    """
    graph, out = graph.copy(), []
    while len(out) < count:
        link = _random(graph, rng) if strategy == "random" else _next(graph, nodes, strategy, homes)
        if link is None:
            break
        graph.add_edge(*link)
        out.append(link)
    return out


def _next(graph: networkx.Graph, nodes, strategy: str, homes: np.ndarray) -> tuple[int, int] | None:
    """The next link of a strategy by centrality; None: every one of ``nodes`` is linked to all."""
    kind = strategy.removeprefix("group ")
    views = [None] if kind == strategy else list((homes / homes.sum(axis=0)).T)
    weak = [(centrality(graph, v, kind, w), i, v, w) for i, (w, v) in enumerate((w, v) for w in views for v in nodes)]
    for _, _, v, w in sorted(weak, key=lambda one: one[:2]):
        u = best_link(graph, v, kind, w)
        if u is not None:
            return v, u
    return None


def _random(graph: networkx.Graph, rng) -> tuple[int, int] | None:
    free = np.argwhere(np.triu(_matrix(graph) == 0, 1))
    return tuple(int(k) for k in free[rng.integers(len(free))]) if len(free) else None


def _matrix(graph: networkx.Graph) -> np.ndarray:
    """(node, node) float64 1 where there is a link, without loops."""
    links = (networkx.to_numpy_array(graph, nodelist=range(len(graph))) > 0).astype(float)
    np.fill_diagonal(links, 0)
    return links


def _weights(graph: networkx.Graph, weights) -> np.ndarray:
    return np.full(len(graph), 1 / len(graph)) if weights is None else np.asarray(weights, float)


def _without(links: np.ndarray, node: int) -> np.ndarray:
    """The links without those of ``node``."""
    links = links.copy()
    links[node] = links[:, node] = 0
    return links


def _paths(links: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(node, node) links on the shortest way, inf without a way, and how many ways are as short; all nodes at once."""
    distance = np.where(np.eye(len(links), dtype=bool), 0.0, np.inf)
    front = ways = np.eye(len(links))
    step = 0
    while front.any():
        step += 1
        front = np.where(np.isinf(distance), front @ links, 0.0)
        distance[front > 0] = step
        ways = ways + front
    return distance, ways


def _between(apart: np.ndarray, ways: np.ndarray, near: np.ndarray, node: int, weights: np.ndarray) -> float:
    """Betweenness of ``node`` with neighbours ``near`` (node,) bool; apart, ways: as :func:`_paths` without the node."""
    to = 1 + apart[:, near].min(axis=1)  # (node,) links to the node
    by = np.where(apart[:, near] == (to - 1)[:, None], ways[:, near], 0.0).sum(axis=1)  # (node,) ways to it
    through, about = np.outer(by, by), to[:, None] + to[None, :]
    ties = through / np.maximum(through + ways, 1)
    share = np.where(about < apart, 1.0, np.where(about == apart, ties, 0.0))
    np.fill_diagonal(share, 0)
    share[node] = share[:, node] = 0
    return float(weights @ share.sum(axis=1))
