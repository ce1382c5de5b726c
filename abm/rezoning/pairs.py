"""Neighbouring zones joined two by two, the most different first: a matching of greatest weight."""

import networkx as nx
import numpy as np


def pair(pupils: np.ndarray, touching: np.ndarray, allowed: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of zones, those with most to exchange first.

    pupils: (zone, 2) minority and majority; touching: (edge, 2); allowed: (zone,) bool. The weight of a pair is the number of
    pupils who would change between its two zones for both to be alike, n m / (n + m) |p - q| for sizes n and m and
    minority shares p and q: D within the pair, in pupils. The matching has the greatest sum of weights.
    """
    size = pupils.sum(axis=1)
    share = pupils[:, 0] / np.maximum(size, 1e-12)
    graph = nx.Graph()
    for a, b in touching.tolist():
        weight = size[a] * size[b] / max(size[a] + size[b], 1e-12) * abs(share[a] - share[b])
        if allowed[a] and allowed[b] and weight > 0:
            graph.add_edge(a, b, weight=round(weight * 1e6))
    found = sorted((min(p), max(p)) for p in nx.max_weight_matching(graph))
    return sorted(found, key=lambda p: (-graph.edges[p]["weight"], p))


def touching(edges: np.ndarray, zone: np.ndarray) -> np.ndarray:
    """(edge, 2) int pairs of zones with neighbouring units: edges (edge, 2) of units, zone (unit,)."""
    pairs = np.sort(zone[edges], axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).reshape(-1, 2)
