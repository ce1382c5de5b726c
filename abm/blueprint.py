"""What makers of cities (:mod:`abm.cities`) hand in, and :mod:`abm.city`, :mod:`abm.schools` and :mod:`abm.residents` build on."""

from typing import NamedTuple

import numpy as np


class Blueprint(NamedTuple):
    """What a maker of cities delivers: homes by area and group, places, schools, and who sat where if that is known."""

    area_names: tuple[str, ...]
    area_district: np.ndarray  # (area,) int
    district_names: tuple[str, ...]
    area_x: np.ndarray  # (area,) km
    area_y: np.ndarray  # (area,) km
    area_status: np.ndarray  # (area,) mean status, sd
    pupils: np.ndarray  # (area, group) int, pupils of the stage at the start
    place_x: np.ndarray  # (place,) km, sorted by area
    place_y: np.ndarray  # (place,) km
    place_area: np.ndarray  # (place,) int, not falling
    homes: np.ndarray  # (place,) int, families that find room there
    school_names: tuple[str, ...]
    school_x: np.ndarray  # (school,) km
    school_y: np.ndarray  # (school,) km
    school_district: np.ndarray  # (school,) int
    school_sector: np.ndarray  # (school,) STATE, SUBSIDISED or PRIVATE
    school_places: np.ndarray  # (school,) int, places in the entry grade
    school_zone: np.ndarray | None = None  # (school,) int, zones = "table"
    place_zone: np.ndarray | None = None  # (place,) int, zones = "table"
    flows: np.ndarray | None = None  # (area, school, group) int, observed start
    outlines: tuple = ()  # one tuple of (corner, 2) km rings an area
    torus_km: float = 0.0  # side of a torus; 0: a plane
    cells: int = 0  # cells along a side of a grid, a place each; 0: no grid
    notes: dict | None = None  # what the maker reports: sources' totals, residuals
