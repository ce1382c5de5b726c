"""What a school remembers: for how many years in a row it has been short of first choices, or stigmatised."""

import numpy as np

from abm.compiled import in_place
from abm.rules import Rules
from abm.world import World


def remember(world: World, rules: Rules) -> World:
    """Count the years: first choices below ``theme_demand`` x places; minority share ``theme_stigma`` above the city's."""
    schools, settings = world.schools, rules.response
    unwanted, stigmatised = schools.unwanted.copy(), schools.stigmatised.copy()
    _count_years(
        schools.open, schools.demand, schools.places, float(settings.theme_demand), world.seen.heads,
        world.seen.own_share, float(settings.theme_stigma), unwanted, stigmatised,
    )  # fmt: skip
    return world._replace(schools=schools._replace(unwanted=unwanted, stigmatised=stigmatised))


def in_need(world: World, rules: Rules) -> np.ndarray:
    """(school,) bool: stigmatised, or short of demand, for so many years that the school looks for a theme."""
    patience = rules.response.theme_patience
    return (world.schools.unwanted >= patience) | (world.schools.stigmatised >= patience)


@in_place
def _count_years(is_open, demand, places, short, heads, own_share, stigma, unwanted, stigmatised):
    """Renew ``unwanted`` and ``stigmatised`` (school,): years in a row, this one included.

    The city's minority share is that of all pupils who have a school. Shares are float32: the difference is rounded, so
    that a limit is met exactly.
    """
    pupils, minority = 0, 0
    for s in range(heads.shape[0]):
        for d in range(heads.shape[1]):
            for g in range(heads.shape[2]):
                pupils += heads[s, d, g]
                minority += heads[s, d, g] if g > 0 else 0
    city = minority / pupils if pupils > 0 else 0.0
    for s in range(is_open.size):
        fewer = is_open[s] and demand[s] < short * places[s, 0]
        unwanted[s] = (unwanted[s] + 1 if unwanted[s] < 99 else 100) if fewer else 0
        above = is_open[s] and np.rint((own_share[1, s] - city) * 1e6) / 1e6 >= stigma
        stigmatised[s] = (stigmatised[s] + 1 if stigmatised[s] < 99 else 100) if above else 0
