"""What a school remembers: for how many years in a row it has been short of first choices, or stigmatised."""

import numpy as np

from abm.compiled import in_place
from abm.rules import Rules
from abm.world import World


def remember(world: World, rules: Rules) -> World:
    """Count the years: first choices below ``theme_demand`` x places; minority share ``theme_stigma`` above the city's."""
    schools, settings = world.schools, rules.response
    unwanted, stigmatised = np.empty((2, schools.open.size), np.int8)
    _count_years(
        schools.open, schools.demand, schools.places, float(settings.theme_demand), stigma(world),
        float(settings.theme_stigma), schools.unwanted, schools.stigmatised, unwanted, stigmatised,
    )  # fmt: skip
    return world._replace(schools=schools._replace(unwanted=unwanted, stigmatised=stigmatised))


def stigma(world: World) -> np.ndarray:
    """(school,) float64 minority share minus that of all pupils who have a school."""
    out = np.empty(world.schools.open.size)
    _stigma(world.seen.heads, world.seen.own_share, out)
    return out


def in_need(world: World, rules: Rules) -> np.ndarray:
    """(school,) bool: stigmatised, or short of demand, for so many years that the school looks for a theme."""
    patience = rules.response.theme_patience
    return (world.schools.unwanted >= patience) | (world.schools.stigmatised >= patience)


@in_place
def _stigma(heads, own_share, out):
    """Into ``out`` (school,). Shares are float32: differences are rounded, so that a limit is met exactly."""
    pupils, minority = 0, 0
    for s in range(heads.shape[0]):
        for d in range(heads.shape[1]):
            for g in range(heads.shape[2]):
                pupils += heads[s, d, g]
                minority += heads[s, d, g] * (g > 0)
    for s in range(out.size):
        out[s] = np.rint((own_share[1, s] - minority / max(pupils, 1)) * 1e6) / 1e6


@in_place
def _count_years(is_open, demand, places, short, above, limit, unwanted, stigmatised, out_unwanted, out_stigmatised):
    """Years in a row, this one included, of fewer first choices than ``short`` x places, and of shares ``above`` the ``limit``."""
    for s in range(is_open.size):
        more = is_open[s] and demand[s] < short * places[s, 0]
        out_unwanted[s] = min(unwanted[s], 99) + 1 if more else 0
        more = is_open[s] and above[s] >= limit
        out_stigmatised[s] = min(stigmatised[s], 99) + 1 if more else 0
