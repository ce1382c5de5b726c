"""Funds: what priority funding and further teachers buy, and what a school short of demand spends on being known."""

import numpy as np

from abm.rules import Rules
from abm.world import World


def spend_funds(world: World, rules: Rules) -> World:
    """Quality bought moves towards what this year's means would buy in the long run, with the lag of the rules.

    Means: the year's funding less what goes to outreach, and further teachers at what they cost. A school short of
    first choices for ``theme_patience`` years spends the share ``outreach`` on being known (see abm/outreach.py).
    """
    settings, schools = rules.response, world.schools
    if not (rules.orders.funding or rules.orders.teachers or schools.bought.any() or schools.funding.any()):
        return world
    funding = by_school(rules.orders.funding, schools.open)
    short = schools.unwanted >= settings.theme_patience
    outreach = funding * np.where(short, np.float32(settings.outreach), np.float32(0)) * settings.funding
    means = funding - outreach + teachers(world, rules)
    target = settings.funding_quality * means if settings.funding else 0.0
    step = 1 / (1 + settings.funding_lag)
    bought = schools.bought + step * (target - schools.bought)
    schools = schools._replace(funding=funding, outreach=outreach.astype(np.float32), bought=bought.astype(np.float32))
    return world._replace(schools=schools)


def teachers(world: World, rules: Rules) -> np.ndarray:
    """(school,) float32 1000 euro a pupil and year that further teachers cost; a school without pupils has none."""
    pupils = world.seen.heads.sum(axis=(1, 2))
    cost = rules.response.teacher_cost * by_school(rules.orders.teachers, world.schools.open & (pupils > 0))
    return (cost / np.maximum(pupils, 1)).astype(np.float32)


def by_school(order: dict[int, float], there: np.ndarray) -> np.ndarray:
    """(school,) float32 values of an order {school: value} at the schools ``there`` (school,) bool; 0 at the others."""
    out = np.zeros(there.size, np.float32)
    for s, value in order.items():
        out[s] = value
    return np.where(there, out, np.float32(0))
