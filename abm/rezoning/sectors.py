"""Sectors of several schools: zones of single schools joined, about as many to a sector, so that sectors resemble the city."""

import numpy as np

from abm.rezoning.problem import GRAIN, Problem, balance, tilts
from abm.rezoning.store import solved

ROUNDS = 4  # drawings, each from the last one's middles


def drawn_sectors(pupils, metres, touching, joins, *, size: int, reach_km: float) -> tuple[np.ndarray, np.ndarray]:
    """(zone,) int sector, and (sector,) int millionths of imbalance: grown, then redrawn round their middles while it helps."""
    sector = grown(metres, touching, joins, size)
    for _ in range(ROUNDS):
        problem = sector_problem(pupils, metres, touching, joins, sector, size=size, reach_km=reach_km)
        before, sector = sector, solved(problem)
        if (sector == before).all():
            break
    return sector, balance(problem, sector)


def sector_problem(pupils, metres, touching, joins, sector, *, size: int, reach_km: float) -> Problem:
    """Zones are units, sectors are centres; a sector's root is the zone most in its middle.

    pupils: (zone, 2); metres: (zone, zone) int between their schools; touching: (edge, 2); joins: (zone,) bool, the others
    stay alone; sector: (zone,) to begin with. A sector has ``size`` schools or one more or less, or as many as it begins
    with; a zone joins one whose root is within ``reach_km``.
    """
    count = int(sector.max(initial=-1)) + 1
    root = np.array([_middle(metres, np.flatnonzero(sector == c)) for c in range(count)], np.int64)
    held = np.bincount(sector, minlength=count)
    allowed = (metres[:, root] <= 1000 * reach_km) & joins[:, None] & joins[root][None, :]
    allowed[np.arange(sector.size), sector] = True
    return Problem(
        tilt=tilts(pupils), load=np.full(sector.size, GRAIN), edges=touching, distance=metres[:, root], allowed=allowed,
        present=sector, root=root, most=GRAIN * np.maximum(size + 1, held),
        least=GRAIN * np.minimum(max(size - 1, 1), held), movable=joins[root], moved=GRAIN * sector.size,
    )  # fmt: skip


def grown(metres: np.ndarray, touching: np.ndarray, joins: np.ndarray, size: int) -> np.ndarray:
    """(zone,) int sector: from the outermost free zone inwards, each takes the nearest free zones that touch it.

    What is left over with less than half of ``size`` joins a sector that it touches, the smallest of them. Zones that do not join
    are sectors of their own.
    """
    n = joins.size
    near = np.zeros((n, n), bool)
    near[touching[:, 0], touching[:, 1]] = near[touching[:, 1], touching[:, 0]] = True
    sector, free = np.full(n, -1, np.int64), joins.copy()
    outer = np.argsort(-metres[:, joins].sum(axis=1), kind="stable")
    groups: list[list[int]] = []
    for seed in outer:
        if not free[seed]:
            continue
        group = _grow(int(seed), free, near, metres, size)
        beside = sorted({int(sector[z]) for u in group for z in np.flatnonzero(near[u] & (sector >= 0))})
        if 2 * len(group) < size and beside:
            at = min(beside, key=lambda c: (len(groups[c]), c))
            groups[at] += group
        else:
            at = len(groups)
            groups.append(group)
        sector[group] = at
    alone = np.flatnonzero(~joins)
    sector[alone] = len(groups) + np.arange(alone.size)
    return sector


def _grow(seed: int, free: np.ndarray, near: np.ndarray, metres: np.ndarray, size: int) -> list[int]:
    """The zones that ``seed`` gathers, itself included; they are no longer free."""
    group = [seed]
    free[seed] = False
    while len(group) < size:
        open_to = np.flatnonzero(near[group].any(axis=0) & free)
        if open_to.size == 0:
            break
        new = int(open_to[np.argmin(metres[open_to][:, group].sum(axis=1))])
        group.append(new)
        free[new] = False
    return group


def _middle(metres: np.ndarray, members: np.ndarray) -> int:
    """The member with the shortest ways to the others."""
    return int(members[metres[np.ix_(members, members)].sum(axis=1).argmin()])
