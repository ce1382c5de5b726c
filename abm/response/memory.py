"""What a school remembers: for how many years in a row it has been short of first choices, or stigmatised."""

import numpy as np

from abm.rules import Rules
from abm.world import World


def remember(world: World, rules: Rules) -> World:
    """Count the years: first choices below ``theme_demand`` x places; minority share ``theme_stigma`` above the city's."""
    schools, settings = world.schools, rules.response
    short = schools.open & (schools.demand < settings.theme_demand * schools.places[:, 0])
    avoided = schools.open & (stigma(world) >= settings.theme_stigma)
    return world._replace(
        schools=schools._replace(
            unwanted=_counted(schools.unwanted, short), stigmatised=_counted(schools.stigmatised, avoided)
        )
    )


def stigma(world: World) -> np.ndarray:
    """(school,) float64 minority share minus that of all pupils who have a school."""
    heads = world.seen.heads.sum(axis=(0, 1))
    city = heads[1:].sum() / max(heads.sum(), 1)
    return np.round(world.seen.own_share[1].astype(float) - city, 6)  # shares are float32: a limit is met exactly


def in_need(world: World, rules: Rules) -> np.ndarray:
    """(school,) bool: stigmatised, or short of demand, for so many years that the school looks for a theme."""
    patience = rules.response.theme_patience
    return (world.schools.unwanted >= patience) | (world.schools.stigmatised >= patience)


def _counted(years: np.ndarray, now: np.ndarray) -> np.ndarray:
    return np.where(now, np.minimum(years, 99) + 1, 0).astype(np.int8)
