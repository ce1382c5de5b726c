"""The makers of cities, one file each: a grid and a graph for theory, a synthetic city from a few numbers, real tables."""

from importlib import import_module

from abm.blueprint import Blueprint
from abm.config import Config

MAKERS = {kind: f"abm.cities.{kind}" for kind in ("grid", "graph", "synthetic", "tables")}
_KEPT_PUPILS = 200_000  # larger cities are made anew: none is kept in memory that nobody uses
_latest: tuple = (None, None)  # what was asked for last, and the blueprint


def make(config: Config, seed: int) -> Blueprint:
    """The blueprint of the scenario's city; the same for every seed unless ``city.layout`` is 0.

    The last one is kept, since many seeds of one scenario share it; not where tables are read, which may change.
    """
    global _latest
    layout = config.city.layout or seed
    asked = (config.city, config.households, config.moving, layout)  # all that makers read
    before, plan = _latest
    if before != asked or config.city.kind == "tables":
        plan = import_module(MAKERS[config.city.kind]).make(config, layout)
        _latest = (asked, plan) if plan.pupils.sum() <= _KEPT_PUPILS else (None, None)
    return plan
