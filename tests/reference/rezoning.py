"""Every drawing there is, one after another: the slow twin of the solver of zones."""

from itertools import product

import numpy as np

from abm.rezoning.problem import PRICE, WHOLE, Problem


def best(problem: Problem) -> tuple[float, np.ndarray | None]:
    """Least D plus the price of moving, and a drawing that has it, among all that keep to the rules."""
    worth, found = np.inf, None
    choices = [np.flatnonzero(row) for row in problem.allowed]
    for drawing in product(*choices):
        centre = np.array(drawing)
        if not _keeps(problem, centre):
            continue
        sums = [problem.tilt[centre == c].sum() for c in range(problem.root.size)]
        cost = (
            np.abs(sums).sum() / 2 / WHOLE + PRICE * problem.load[centre != problem.present].sum() / problem.load.sum()
        )
        if cost < worth:
            worth, found = float(cost), centre
    return worth, found


def _keeps(problem: Problem, centre: np.ndarray) -> bool:
    """Loads within bounds, and from every unit a way to its root whose every step comes nearer and stays in the zone."""
    for c, root in enumerate(problem.root):
        mine = set(np.flatnonzero(centre == c).tolist())
        load = sum(problem.load[u] for u in mine)
        if root not in mine or not problem.least[c] <= load <= problem.most[c]:
            return False
        for u in mine - {int(root)}:
            here = (problem.distance[u, c], u)
            beside = {b if a == u else a for a, b in problem.edges.tolist() if u in (a, b)}
            if not any((problem.distance[v, c], v) < here for v in beside & mine):
                return False
    return problem.load[centre != problem.present].sum() <= problem.moved
