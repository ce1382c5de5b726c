"""A grid of cells, one family a cell, as in the models of theory (Schelling 1971; Sage & Flache 2021; Dignum et al. 2022)."""

import numpy as np

from abm.cities.rounding import largest_remainder
from abm.city import STATE, Blueprint
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.geometry import distances
from abm.randomness import Key, permutation


def make(config: Config, seed: int) -> Blueprint:
    """A square of ``cells`` x ``cells`` places; square neighbourhoods of ``block`` cells are its small areas and districts."""
    city = config.city
    n, block = city.cells, city.block
    if n % block:
        raise ScenarioError(f"city.block = {block} does not divide city.cells = {n}; neighbourhoods must tile the grid")
    across, step = n // block, city.side_km / n
    column, line = np.meshgrid(np.arange(n), np.arange(n))
    area = ((line // block) * across + column // block).ravel()
    order = np.argsort(area, kind="stable")
    x, y = ((axis.ravel()[order] + 0.5) * step - city.side_km / 2 for axis in (column, line))
    area = area[order]
    group = _families(city, n * n, seed)
    pupils = np.zeros((across * across, len(city.groups)), np.int64)
    np.add.at(pupils, (area[group >= 0], group[group >= 0]), 1)
    centre = (np.arange(across) + 0.5) * block * step - city.side_km / 2
    centre_x, centre_y = (axis.ravel() for axis in np.meshgrid(centre, centre))
    school_x, school_y = centre_x, centre_y
    if city.school_sites == "random":
        cell = permutation(Key(seed, "city", 0, 2), np.arange(n * n))[: city.schools]
        school_x, school_y = x[cell], y[cell]
    names = tuple(f"block {a + 1}" for a in range(across * across))
    schools = school_x.size
    district = ((school_y + city.side_km / 2) // (block * step)) * across + (school_x + city.side_km / 2) // (
        block * step
    )
    places = _places(city, int(pupils.sum()), (x, y), (school_x, school_y))
    return Blueprint(
        area_names=names, area_district=np.arange(across * across), district_names=names,
        area_x=centre_x, area_y=centre_y, area_status=np.zeros(across * across), pupils=pupils,
        place_x=x, place_y=y, place_area=area, homes=np.ones(n * n, np.int64),
        school_names=tuple(f"School {s + 1}" for s in range(schools)), school_x=school_x, school_y=school_y,
        school_district=district.astype(int), school_sector=np.full(schools, STATE),
        school_places=places, cells=n, torus_km=city.side_km if city.torus else 0.0,
        notes={"resolution": f"{across * across} blocks of {block} x {block} cells"},
    )  # fmt: skip


def _places(city, pupils: int, cells: tuple, sites: tuple) -> np.ndarray:
    """(school,) places in a grade: as given, or by catchment, or evenly by the slack. cells, sites: x and y in km."""
    schools = sites[0].size
    if city.school_places:
        return np.full(schools, city.school_places)
    if city.places_by == "catchment":
        nearest = distances(*cells, *sites, city.side_km if city.torus else 0.0).argmin(axis=1)
        return -(-np.bincount(nearest, minlength=schools) // city.grades)
    return np.full(schools, int(np.ceil(pupils * (1 + city.slack) / schools / city.grades)))


def _families(city, cells: int, seed: int) -> np.ndarray:
    """(cell,) group of the family that lives there, -1: empty; shares are exact, positions random."""
    families = round(city.density * cells)
    heads = largest_remainder(np.array(city.shares) * families, families)
    group = np.full(cells, -1)
    group[permutation(Key(seed, "city", 0, 1), np.arange(cells))[:families]] = np.repeat(np.arange(heads.size), heads)
    return group
