"""Outcomes that rest on assumptions, and cost."""

import numpy as np

from abm.classes import form
from abm.rules import Rules
from abm.schools import true_quality
from abm.world import World


def outcomes(world: World, rules: Rules):
    """The achievement gap and early leaving, if switched on (both assumptions), and the policies' cost of the year."""
    if rules.outcomes.on:
        score = achievement(world, rules)
        minority = world.households.group > 0
        has = world.households.school >= 0
        gap = score[~minority & has].mean() - score[minority & has].mean() if (minority & has).any() else float("nan")
        yield "achievement_gap", "all", "city", float(gap)
        odds = np.log(rules.outcomes.early_leaving / (1 - rules.outcomes.early_leaving + 1e-12) + 1e-12)
        leaving = 1 / (1 + np.exp(-(odds - rules.outcomes.early_slope * score)))
        for name, member in (("all", has), (rules.groups[0], has & ~minority), (rules.minority, has & minority)):
            yield "early_leaving", name, "city", float(leaving[member].mean()) if member.any() else float("nan")
    yield "cost", "all", "city", float(world.ledger.get("cost", 0.0))


def achievement(world: World, rules: Rules) -> np.ndarray:
    """(household,) sd: own status, the school's quality, peers' and neighbours' mean status (assumption: linear).

    Peers are the schoolmates, or the class with ``classes.peers = "class"``.
    """
    w, table = rules.outcomes, world.households
    school = np.maximum(table.school, 0)
    area = world.city.place_area[table.place]
    count = np.maximum(np.bincount(area, minlength=len(world.city.area_names)), 1)
    neighbours = np.bincount(area, table.status.astype(float), minlength=count.size) / count
    quality = true_quality(world.schools, world.year)
    return (
        w.status * table.status.astype(float) + w.quality * quality[school] + w.peers * peers(world, rules)
        + w.neighbourhood * neighbours[area]
    )  # fmt: skip


def peers(world: World, rules: Rules) -> np.ndarray:
    """(household,) float64 mean status of each pupil's school or class, itself included."""
    table = world.households
    if rules.classes.peers == "school":
        return world.seen.status[np.maximum(table.school, 0)]
    of = form(world, rules).of
    inside = of >= 0
    size = np.bincount(of[inside])
    mean = np.bincount(of[inside], table.status[inside].astype(float)) / np.maximum(size, 1)
    return np.where(inside, mean[np.maximum(of, 0)] if mean.size else 0.0, 0.0)
