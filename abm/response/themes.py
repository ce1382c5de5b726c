"""Themes: schools in need apply, the authority grants what it has funds for or offers themes itself; themes end."""

import numpy as np

from abm.city import STATE
from abm.randomness import Key, draw
from abm.reputation import standardised
from abm.response.memory import in_need
from abm.rules import Rules
from abm.schools import THEMES
from abm.world import World


def adopt_themes(world: World, rules: Rules) -> World:
    """Old themes end; ordered ones go on; ordered and granted schools take a theme, seen ``theme_lag`` years later.

    A granted theme lasts ``theme_life`` years; an ordered one no longer than that, and no longer than it is ordered.
    """
    settings, schools, year = rules.response, world.schools, world.year
    if not settings.themes:
        return world
    if not (rules.orders.themes or settings.theme_funds or (schools.theme >= 0).any()):
        return world._replace(events=world.events._replace(themed=())) if world.events.themed else world
    theme, begins, until = schools.theme.copy(), schools.theme_year.copy(), schools.theme_until.copy()
    worth = schools.theme_worth.copy()
    ordered = np.array([s for s in rules.orders.themes if schools.open[s]], int)
    on = ordered[(theme[ordered] >= 0) & (until[ordered] > 0)]
    until[on] = _until(begins[on], year, settings.theme_life)
    over = (theme >= 0) & (until > 0) & (until <= year + 1)
    theme[over] = -1
    taken = ordered[(theme[ordered] < 0) & ~over[ordered]]
    without = (theme < 0) & ~over
    without[taken] = False
    granted = grants(world, rules, without)
    new = np.concatenate([taken, granted])
    theme[new] = kinds(world, rules, new)
    begins[new] = year + max(settings.theme_lag, 1)  # families choose before schools respond
    worth[new] = settings.theme_quality
    until[taken] = _until(begins[taken], year, settings.theme_life)
    until[granted] = begins[granted] + settings.theme_life if settings.theme_life else 0
    schools = schools._replace(theme=theme, theme_year=begins, theme_until=until, theme_worth=worth)
    return world._replace(schools=schools, events=world.events._replace(themed=tuple(int(s) for s in new)))


def kinds(world: World, rules: Rules, rows: np.ndarray) -> np.ndarray:
    """(row,) int8 number of the theme of each school in ``rows``: as ordered, else drawn."""
    drawn = np.floor(draw(Key(world.seed, "school", world.year, 3), rows) * len(THEMES))
    names = [rules.orders.themes.get(int(s), "") for s in rows]
    return np.array([THEMES.index(n) if n else drawn[k] for k, n in enumerate(names)], np.int8)


def _until(begins: np.ndarray, year: int, life: int) -> np.ndarray:
    """First year without a theme ordered in ``year``: it shows in the choices of next year, to the end of its life at most."""
    return np.minimum(year + 2, begins + life) if life else np.full_like(begins, year + 2)


def grants(world: World, rules: Rules, without: np.ndarray) -> np.ndarray:
    """Schools whose application is granted this year: of those in need ``without`` (school,) a theme, the neediest.

    Need: share of the minority plus lack of first choices per place, both standardised (assumption).
    """
    if not rules.response.theme_funds:
        return np.empty(0, np.int64)
    schools = world.schools
    state = schools.open & (schools.sector == STATE) & without
    applies = state & in_need(world, rules)
    demand = schools.demand / np.maximum(schools.places[:, 0], 1)
    need = standardised(world.seen.own_share[1], state) - standardised(demand, state)
    order = np.lexsort((np.arange(need.size), -np.where(applies, need, -np.inf)))
    return order[: min(rules.response.theme_funds, int(applies.sum()))]
