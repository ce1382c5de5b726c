"""Origins of a minority that the areas know only as a whole: shares by district, from a table of counts by category."""

import numpy as np

from abm.cities.readers import Table, mean, names, numbers, place, read, texts
from abm.config import CityConfig, Columns
from abm.config.declare import ScenarioError

KEY = "city.tables.origins"


def shares(city: CityConfig, areas: Table, district: np.ndarray, district_names: tuple[str, ...]) -> np.ndarray:
    """(area, origin) share of each origin ``city.groups[1:]`` in the minority of an area: that of its district.

    Counts of an origin are summed over its categories; ``rest`` is what they leave of ``whole``, a column of the areas.
    ScenarioError: no table, a missing column, an unknown origin, a district without counts.
    """
    origins = city.tables.origins
    if not origins.file:
        raise ScenarioError(
            f"{KEY}.file: the areas know only {city.minority!r} as a whole; name a table of origins by district, or "
            "one group"
        )
    _check(city)
    table = read(city.tables.folder, Columns(file=origins.file, where=origins.where), KEY)
    count = _counts(table, origins)
    unit, category = texts(table, origins.district, "district"), texts(table, origins.category, "category")
    heads = np.zeros((len(district_names), len(city.groups) - 1))
    for name, values in origins.groups.items():
        wanted = (values,) if isinstance(values, str) else values
        for i in range(table.size):
            if category[i] in wanted and unit[i] in district_names:
                heads[district_names.index(unit[i]), city.groups.index(name) - 1] += count[i]
    for name in district_names:
        if name not in unit:
            raise ScenarioError(
                f"{table.path}: no row of district {name!r} ({KEY}.district){mean(name, set(unit))}; rename it in "
                "city.tables.areas.districts"
            )
    if origins.rest:
        whole = np.bincount(district, numbers(areas, origins.whole, "whole"), minlength=len(district_names))
        heads[:, city.groups.index(origins.rest) - 1] = np.maximum(whole - heads.sum(axis=1), 0)
    if (heads.sum(axis=1) == 0).any():
        raise ScenarioError(
            f"{table.path}: no origin has a count in {district_names[int(heads.sum(axis=1).argmin())]!r}; check "
            f"{KEY}.groups and count"
        )
    return (heads / heads.sum(axis=1, keepdims=True))[district]


def _check(city: CityConfig) -> None:
    """Each origin is named once, in ``groups`` or as ``rest``."""
    origins = city.tables.origins
    named = [*origins.groups, *([origins.rest] if origins.rest else [])]
    for name in named:
        if name not in city.groups[1:]:
            raise ScenarioError(
                f"{KEY}.groups: {name!r} is no origin{mean(name, city.groups[1:])}; the origins are "
                f"{names(city.groups[1:])}"
            )
    if sorted(named) != sorted(city.groups[1:]):
        raise ScenarioError(f"{KEY}.groups: name each of {names(city.groups[1:])} once, one of them may be `rest`")
    if origins.rest and not origins.whole:
        raise ScenarioError(f"{KEY}.whole: `rest` needs the column of the areas with the whole minority; name it")


def _counts(table: Table, origins) -> np.ndarray:
    """(row,) counts of people; cells that read ``hidden`` (kept back for privacy) count as none."""
    seen = texts(table, origins.count, "count")
    columns = {"count": [0 if origins.hidden and text == origins.hidden else text for text in seen]}
    out = numbers(table._replace(columns=columns), "count", "count")
    if (out < 0).any():
        i = int(out.argmin())
        raise ScenarioError(
            f"{place(table, i)}: {origins.count} = {out[i]:g} is negative ({KEY}.count); correct the cell"
        )
    return out
