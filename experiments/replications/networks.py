"""Random networks with segregated homes and two schools, and how they become a city on a graph."""

import networkx
import numpy as np

from abm.config import Config
from abm.scenario import configure, to_tree

OWN = 0.8  # share of a group in the nodes of its own half


def blocks(
    seed: int, size: int = 50, inside: float = 0.119, between: float = 0.001
) -> tuple[networkx.Graph, list, list]:
    """A stochastic block model of two communities, redrawn until it is connected: graph, side of each node, schools.

    A school stands at the most central node (closeness) of each community. Nodes are numbered at random, so that the
    lower number, which wins among equals, says nothing of the community.
    """
    rng = np.random.default_rng([seed, 1])
    chance = [[inside, between], [between, inside]]
    while True:
        graph = networkx.stochastic_block_model([size, size], chance, seed=int(rng.integers(2**31)))
        if networkx.is_connected(graph):
            break
    number = rng.permutation(2 * size)
    graph = networkx.relabel_nodes(networkx.Graph(graph.edges), dict(enumerate(map(int, number))))
    side = [int(k) for k in np.argsort(number) >= size]
    close = networkx.closeness_centrality(graph)
    return graph, side, [max((v for v in graph if side[v] == half), key=lambda v: (close[v], -v)) for half in (0, 1)]


def lattice(seed: int, lines: int = 5, columns: int = 10) -> tuple[networkx.Graph, list, list]:
    """A lattice in which each node is linked to its eight neighbours; a school in the middle of either half."""
    rng = np.random.default_rng([seed, 1])
    number = rng.permutation(lines * columns).reshape(lines, columns)
    graph, side = networkx.Graph(), [0] * number.size
    for i in range(lines):
        for j in range(columns):
            side[number[i, j]] = int(j >= columns // 2)
            for k, m in ((i, j + 1), (i + 1, j - 1), (i + 1, j), (i + 1, j + 1)):
                if k < lines and 0 <= m < columns:
                    graph.add_edge(int(number[i, j]), int(number[k, m]))
    return graph, side, [int(number[lines // 2, j]) for j in (columns // 4, columns // 4 + columns // 2)]


def settle(side: list, pupils: int, seed: int) -> np.ndarray:
    """(node, group) pupils: two groups of equal size, each dealt over the nodes at random, ``OWN`` of it on its own side."""
    rng = np.random.default_rng([seed, 2])
    own = np.stack([1 - np.array(side), np.array(side)], axis=1)
    chance = np.where(own == 1, OWN, 1 - OWN)
    return np.stack([rng.multinomial(pupils // 2, chance[:, g] / chance[:, g].sum()) for g in (0, 1)], axis=1)


def city(config: Config, graph: networkx.Graph, schools: list, homes: np.ndarray) -> dict:
    """The scenario as a tree, with these nodes, links, homes and schools; all nodes on a circle, since only links count."""
    tree = to_tree(config)
    angle = 2 * np.pi * np.arange(len(graph)) / len(graph)
    places = int(homes.sum()) // len(schools)
    tree["city"]["stops"] = [
        {
            "name": str(v), "x": float(10 * np.cos(angle[v])), "y": float(10 * np.sin(angle[v])),
            "pupils": {name: int(n) for name, n in zip(tree["city"]["groups"], homes[v], strict=True)},
            "places": places if v in schools else 0,
        }
        for v in range(len(graph))
    ]  # fmt: skip
    tree["city"]["links"] = [{"between": (str(a), str(b))} for a, b in sorted(graph.edges)]
    return tree


def with_links(tree: dict, links: list[tuple[int, int]], years: list[int]) -> Config:
    """The scenario in which ``links`` are built evenly in the ``years``, as policies of transport without tickets."""
    built = [
        {"kind": "transport", "start": year, "discount": 0.0, "links": [{"between": (str(a), str(b))} for a, b in part]}
        for year, part in zip(years, np.array_split(np.array(links, int).reshape(-1, 2), len(years)), strict=True)
        if len(part)
    ]
    return configure(tree | {"policies": built})
