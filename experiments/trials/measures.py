"""What a trial measures at the end of a year: segregation of detected, vulnerable and minority pupils, by grades and index."""

from typing import NamedTuple

import numpy as np

from abm import segregation
from abm.households import entry_year
from abm.randomness import Key, draw
from abm.world import World

TYPES = {
    "detected": "pupils whom the authority has detected as vulnerable",
    "vulnerable": "pupils who truly are vulnerable",
    "minority": "pupils of the minority",
    "as_before": "pupils who would be detected had detection stayed as it was (its lag apart)",
}
SHOWN = ("detected", "vulnerable", "minority")
INDICES = {
    "dissimilarity": "dissimilarity D",
    "above_chance": "D above chance",
    "hutchens": "Hutchens' square root index",
    "gini": "Gini index",
    "eta_squared": "variance ratio (eta squared)",
}
COUNTS = {
    "entrants": "pupils in the entry grade who came this year",
    "minority_share": "share of the minority among them",
    "vulnerable_share": "share of the truly vulnerable among them",
    "detected_share": "share of the detected among them",
    "found": "share of the vulnerable among them who are detected",
    "wrong": "share of the others among them who are detected by error",
    "proposed": "entrants to whom a school was proposed",
    "accepted": "of these, who listed it first",
}


class Cell(NamedTuple):
    """One figure of one year."""

    grades: str
    type: str
    index: str


def cells(grades: dict[str, tuple[int, ...]]) -> list[Cell]:
    """The figures of a year in order; then come the COUNTS. ``chance`` is D if the same pupils were dealt at random."""
    names = (*INDICES, "chance")
    return [Cell(name, kind, index) for name in grades for kind in TYPES for index in names]


def figures(world: World, grades: dict[str, tuple[int, ...]], rate: float, error: float) -> list[float]:
    """One year's figures: those of ``cells`` and then the COUNTS. ``rate``, ``error``: detection as it was before the plan.

    Whether a pupil is detected hangs on a number drawn from its id (``abm.demography.detect``), so those who would be at
    another rate can be told.
    """
    table, schools = world.households, world.schools.open.size
    inside = table.school >= 0
    before = draw(Key(world.seed, "detected"), table.id) < np.where(table.vulnerable, rate, error)
    flags = dict(zip(TYPES, (table.detected, table.vulnerable, table.group > 0, before), strict=True))
    out: list[float] = []
    for chosen in grades.values():
        rows = inside & np.isin(table.grade, chosen)
        total = np.bincount(table.school[rows], minlength=schools)
        for kind in TYPES:
            some = np.bincount(table.school[rows & flags[kind]], minlength=schools)
            out += indices(np.stack([some, total - some], axis=1))
    return out + _counts(world)


def indices(heads: np.ndarray) -> list[float]:
    """INDICES of ``heads`` (school, 2), and D by chance. Above chance: (D - E)/(1 - E), Carrington & Troske 1997."""
    d, chance = segregation.dissimilarity(heads), segregation.expected_dissimilarity(heads)
    others = (segregation.hutchens(heads), segregation.gini(heads), segregation.eta_squared(heads))
    return [float(d), float((d - chance) / (1 - chance)), *map(float, others), float(chance)]


def _counts(world: World) -> list[float]:
    """The COUNTS of this year's entrants."""
    table, turn = world.households, world.round
    rows = (table.grade == 0) & (table.school >= 0) & (entry_year(table.id) == world.year)
    weak, known = table.vulnerable[rows], table.detected[rows]
    proposed = np.zeros(0, bool) if turn is None else turn.proposed >= 0
    accepted = 0 if turn is None else int((turn.lists[proposed, 0] == turn.proposed[proposed]).sum())
    shares = ((table.group[rows] > 0), weak, known, known[weak], known[~weak])
    return [float(rows.sum()), *(_mean(part) for part in shares), float(proposed.sum()), float(accepted)]


def _mean(flags: np.ndarray) -> float:
    return float(flags.mean()) if flags.size else float("nan")
