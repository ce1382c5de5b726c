"""Draw zones by large neighbourhood search: a few neighbouring centres at a time, each time a linear model for CP-SAT.

Perron and Furnon, OR-tools. One worker, a fixed seed and a limit of deterministic time (work done, not seconds), so that the
same problem has the same drawing on every machine with the same version. Each step starts from the drawing there is and
keeps it unless a better one is found: the result is never worse than the present zones.
"""

import numpy as np

from abm.rezoning.problem import PRICE, WHOLE, Problem, Today, balance, today

ROUND = 5  # centres redrawn at a time
STEP = 0.1  # deterministic time of one model, about seconds
EFFORT = 5.0  # deterministic time of a drawing in all; Milan takes about 15 s of one core, most of it presolve
PASSES = 6
VERSION = 1  # of the solver: part of the key of stored drawings


def draw(problem: Problem, *, round_size: int = ROUND, step: float = STEP, effort: float = EFFORT) -> np.ndarray:
    """(unit,) int centre of each unit: pass after pass over the centres, most unbalanced first, until nothing gets better."""
    centre, spent = problem.present.copy(), 0.0
    as_is, near = today(problem), _adjacency(problem)
    finished: set[bytes] = set()
    for _ in range(PASSES):
        better = False
        order = np.lexsort((np.arange(problem.root.size), -np.abs(balance(problem, centre))))
        for c in order[problem.movable[order]]:
            group = _round(problem, centre, int(c), round_size)
            rows = np.flatnonzero(np.isin(centre, group))
            mark = np.asarray(group).tobytes() + centre[rows].tobytes() + rows.tobytes()
            if len(group) < 2 or mark in finished:
                continue
            found, optimal, work = _solve(problem, centre, group, rows, near, as_is, step)
            spent += work
            if optimal and found is None:
                finished.add(mark)
            if found is not None:
                centre[rows], better = found, True
            if spent > effort:
                return centre
        if not better:
            break
    return centre


def _adjacency(problem: Problem) -> list[list[int]]:
    """Neighbours of each unit."""
    near: list[list[int]] = [[] for _ in range(problem.tilt.size)]
    for a, b in problem.edges.tolist():
        near[a].append(b)
        near[b].append(a)
    return near


def _round(problem: Problem, centre: np.ndarray, c: int, size: int) -> list[int]:
    """Centre ``c`` and up to ``size`` - 1 others that can exchange units with it: of opposite balance first, then near ones."""
    share = (
        problem.allowed[centre == c].sum(axis=0) + problem.allowed[:, c] @ np.eye(problem.root.size, dtype=int)[centre]
    )
    fits = (share > 0) & problem.movable
    fits[c] = False
    now = balance(problem, centre)
    gain = np.abs(now) + abs(now[c]) - np.abs(now + now[c])
    others = np.flatnonzero(fits)
    order = np.lexsort((others, problem.distance[problem.root[others], c], -gain[others]))
    return sorted([c, *others[order][: size - 1].tolist()])


def _solve(problem: Problem, centre, group: list[int], rows: np.ndarray, near, as_is, step: float):
    """(row,) centres of a better drawing of ``rows``, or None; whether that is proved to be best; deterministic time used."""
    from ortools.sat.python import cp_model  # here: it takes a while to load and only these policies need it

    model = cp_model.CpModel()
    take = {
        (u, c): model.new_bool_var(f"{u} {c}")
        for u in rows.tolist() for c in group
        if problem.allowed[u, c] and (u not in problem.root[group] or problem.root[c] == u)
    }  # fmt: skip
    for u in rows.tolist():
        model.add_exactly_one(take[u, c] for c in group if (u, c) in take)
    _contiguous(problem, model, take, near, as_is)
    cost = _imbalance(problem, model, take, rows, group)
    left = problem.moved - int(problem.load[centre != problem.present].sum())
    stays = [(int(problem.load[u]), take[u, c]) for u, c in take if c == problem.present[u]]
    fixed = int(problem.load[rows].sum())
    outside = int(problem.load[rows][centre[rows] != problem.present[rows]].sum())
    model.add(fixed - sum(w * x for w, x in stays) <= left + outside)
    price = 2 * PRICE * WHOLE / max(int(problem.load.sum()), 1)
    grain = max(1, round(1 / max(price, 1e-9)))  # load whose move costs one millionth
    model.minimize(grain * cost - sum(w * x for w, x in stays))
    for (u, c), x in take.items():
        model.add_hint(x, int(centre[u] == c))
    solver = cp_model.CpSolver()
    p = solver.parameters
    p.num_workers, p.random_seed, p.max_deterministic_time, p.cp_model_presolve = 1, 1, step, True
    status = solver.solve(model)
    work = float(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, False, work
    found = np.array([next(c for c in group if (u, c) in take and solver.value(take[u, c])) for u in rows.tolist()])
    worth = [_worth(problem, rows, part, group, grain) for part in (centre[rows], found)]
    return (found if worth[1] < worth[0] else None), status == cp_model.OPTIMAL, work


def _contiguous(problem: Problem, model, take: dict, near, as_is: Today) -> None:
    """A unit goes to a centre only with a neighbour nearer to its root.

    One that does not hang on such a chain today may stay with its centre: with the unit that joins it now, or, if it is
    cut off today, as it is; but it is no bridge for others.
    """
    loose = as_is.loose

    def astray(u: int, c: int) -> bool:
        return bool(loose[u]) and problem.present[u] == c

    for (u, c), x in take.items():
        if u == problem.root[c]:
            continue
        if astray(u, c):
            if as_is.bridge[u] >= 0:
                joint = take.get((int(as_is.bridge[u]), c))  # none: it has gone to a centre that is not redrawn now
                model.add_bool_or([x.negated()] if joint is None else [joint, x.negated()])
            continue
        far = problem.distance[:, c]
        steps = [take[v, c] for v in near[u] if (v, c) in take and (far[v], v) < (far[u], u) and not astray(v, c)]
        model.add_bool_or([*steps, x.negated()])


def _imbalance(problem: Problem, model, take: dict, rows: np.ndarray, group: list[int]):
    """The sum over the centres of their absolute imbalance; their loads stay within bounds."""
    deviations = []
    for c in group:
        mine = [u for u in rows.tolist() if (u, c) in take]
        tilt = sum(int(problem.tilt[u]) * take[u, c] for u in mine)
        load = sum(int(problem.load[u]) * take[u, c] for u in mine)
        deviation = model.new_int_var(0, 2 * WHOLE, f"deviation {c}")
        model.add(tilt <= deviation)
        model.add(-tilt <= deviation)
        model.add(load <= int(problem.most[c]))
        model.add(load >= int(problem.least[c]))
        deviations.append(deviation)
    return sum(deviations)


def _worth(problem: Problem, rows: np.ndarray, part: np.ndarray, group: list[int], grain: int) -> int:
    """The objective of a drawing ``part`` of ``rows``, counted anew."""
    uneven = sum(abs(int(problem.tilt[rows[part == c]].sum())) for c in group)
    return grain * uneven - int(problem.load[rows[part == problem.present[rows]]].sum())
