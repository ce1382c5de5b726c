"""The makers of cities, one file each: a grid and a graph for theory, a synthetic city from a few numbers, real tables."""

from importlib import import_module

from abm.city import Blueprint
from abm.config import Config

MAKERS = {kind: f"abm.cities.{kind}" for kind in ("grid", "graph", "synthetic", "tables")}


def make(config: Config, seed: int) -> Blueprint:
    """The blueprint of the scenario's city; the same for every seed unless ``city.layout`` is 0."""
    return import_module(MAKERS[config.city.kind]).make(config, config.city.layout or seed)
