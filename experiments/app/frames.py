"""What the map draws of a year: the city once, then for each year its families as bytes and its schools as rows.

The page reads the same layout (page/frames.js). Little-endian, in this order: uint32 mark, families, year, 0; then columns
of all families: uint32 key (stable, keys a family's place round its address point), uint32 place, int32 school (-1: none),
uint8 flags. Row i is row i of the year's table of households.
"""

import hashlib
import zlib
from typing import Any

import numpy as np

from abm.city import SECTORS
from abm.schools import theme_visible
from abm.world import World

MARK = 0x31464C53  # "SLF1"
# Flags: of the minority, not at the local school, changed school during the year, in the entry grade.
MINORITY, AWAY, MOVED, ENTERED = 1, 2, 4, 8
PSEUDONYM = "School "  # before a school's number, where schools are not named
SHAPE = 3  # decimals of a coordinate, km


def town(world: World, config: Any, names: bool = False) -> dict[str, Any]:
    """The city as the page draws it: address points, schools' sites, outlines, names; schools bear pseudonyms unless ``names``."""
    city, schools = world.city, world.schools
    return {
        "name": config.city.name,
        "groups": list(config.city.groups),
        "minority": config.city.minority,
        "places": {"x": _round(city.place_x), "y": _round(city.place_y), "area": city.place_area.tolist()},
        "areas": list(city.area_names),
        "districts": list(city.district_names),
        "area_district": city.area_district.tolist(),
        "cells": city.cells,
        "named": names,
        "outlines": [[np.round(ring, SHAPE).tolist() for ring in rings] for rings in city.outlines],
        "schools": {
            "name": [school_name(city.school_names[s], s, names) for s in range(len(city.school_names))],
            "x": _round(schools.x),
            "y": _round(schools.y),
            "sector": [SECTORS[k] for k in schools.sector],
        },
    }


def school_name(name: str, number: int, names: bool) -> str:
    """The school's name, or a pseudonym that stays."""
    return name if names else f"{PSEUDONYM}{number + 1}"


def called(name: str, names: tuple[str, ...]) -> str:
    """The school that the page calls ``name``: a name of the city, or the one behind a pseudonym."""
    number = name.removeprefix(PSEUDONYM)
    known = name in names or number == name or not number.isdecimal() or not 0 < int(number) <= len(names)
    return name if known else names[int(number) - 1]


def families(world: World) -> bytes:
    """The year's families, packed."""
    table, city = world.households, world.city
    flags = (table.group > 0) * MINORITY
    away = (table.school >= 0) & (table.school != city.local[table.place])
    moved = np.isin(table.id, world.events.moved_id)
    flags = flags + away * AWAY + moved * MOVED + (table.grade == 0) * ENTERED
    head = np.array([MARK, table.id.size, world.year, 0], "<u4")
    parts = (head, keys(table.id), table.place.astype("<u4"), table.school.astype("<i4"), flags.astype("u1"))
    return b"".join(part.tobytes() for part in parts)


def keys(identity: np.ndarray) -> np.ndarray:
    """(household,) uint32 key of each stable id, mixed so that two rarely fall together (the finisher of splitmix64)."""
    mixed = identity.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)).astype("<u4")


def zones(world: World) -> bytes:
    """The local school of each address point, int32."""
    return world.city.local.astype("<i4").tobytes()


def standing(world: World) -> dict[str, list]:
    """The year's schools: pupils, minority share, reputation, demand for each place, theme, label, open, and which zones hold (a number that
    changes with them)."""
    schools, heads = world.schools, world.seen.heads.sum(axis=1)
    total = heads.sum(axis=1)
    share = heads[:, 1:].sum(axis=1) / np.maximum(total, 1)
    places = np.maximum(schools.places[:, 0], 1)
    return {
        "pupils": total.tolist(),
        "share": np.round(share, 4).tolist(),
        "reputation": np.round(schools.reputation.astype(float), 3).tolist(),
        "demand": np.round(schools.demand / places, 3).tolist(),
        "theme": (theme_visible(schools, world.year) & schools.open).tolist(),
        "label": schools.label.tolist(),
        "open": schools.open.tolist(),
        "x": _round(schools.x),
        "y": _round(schools.y),
        "zones": zlib.crc32(zones(world)),
    }


def digest(*parts: Any) -> str:
    """Twelve digits of what a future depends on."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def _round(values: np.ndarray) -> list[float]:
    return np.round(np.asarray(values, float), SHAPE).tolist()
