"""A drawing controlled against the problem without the solver's model: a walk through each zone, and sums."""

from collections import deque

import numpy as np

from abm.rezoning.problem import Problem, dissimilarity


def faults(problem: Problem, centre: np.ndarray) -> list[str]:
    """What is wrong with a drawing (unit,), in words; an empty list if nothing is."""
    out = []
    rows = np.arange(centre.size)
    if centre.shape != problem.present.shape or centre.min(initial=0) < 0 or centre.max(initial=0) >= problem.root.size:
        return ["a unit is given to no centre"]
    changed = centre != problem.present
    if not problem.allowed[rows, centre].all():
        out.append("a unit is given to a centre that is too far, or in another district")
    if not (problem.movable[centre[changed]].all() and problem.movable[problem.present[changed]].all()):
        out.append("a zone that was to stay is redrawn")
    load = np.bincount(centre, problem.load, problem.root.size)
    if (load > problem.most).any():
        out.append("a zone has more residents than fit")
    if (load < problem.least).any():
        out.append("a zone has lost too many residents")
    if problem.load[changed].sum() > problem.moved:
        out.append("too many change school")
    if (centre[problem.root] != np.arange(problem.root.size)).any():
        out.append("a centre has lost its root")
    apart = cut_off(problem, centre) & ~(cut_off(problem, problem.present) & ~changed)
    if apart.any():
        out.append(f"unit {int(np.flatnonzero(apart)[0])} is cut off from its centre")
    if dissimilarity(problem, centre) > dissimilarity(problem, problem.present):
        out.append("the zones are less even than those there are")
    return out


def cut_off(problem: Problem, centre: np.ndarray) -> np.ndarray:
    """(unit,) bool: no path through neighbouring units of the same centre leads to the centre's root (breadth first)."""
    near: dict[int, list[int]] = {}
    for a, b in problem.edges.tolist():
        if centre[a] == centre[b]:
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
    seen = set()
    queue = deque(int(u) for c, u in enumerate(problem.root) if centre[u] == c)
    while queue:
        u = queue.popleft()
        if u not in seen:
            seen.add(u)
            queue.extend(near.get(u, ()))
    return np.array([u not in seen for u in range(centre.size)], bool)
