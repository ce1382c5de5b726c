"""What the columns of real tables mean: heads by group, districts, sectors, places, status and coordinates."""

import numpy as np

from abm.cities.geography import degrees, middle
from abm.cities.readers import Table, mean, names, numbers, place, texts
from abm.city import SECTORS
from abm.config import Columns
from abm.config.declare import ScenarioError


def heads(table: Table, columns: Columns, groups: tuple[str, ...]) -> np.ndarray:
    """(row, group) float heads of ``groups``: columns or sums of them, percentages of the total, or the rest of it.

    ScenarioError: a group without a column, a missing column, a text, a negative number, parts beyond the total.
    """
    named = (*columns.groups, *((columns.rest,) if columns.rest else ()))
    for name in named:
        if name not in groups or named.count(name) > 1:
            fault = "is named twice" if name in groups else f"is no group here{mean(name, groups)}"
            raise ScenarioError(
                f"{table.key}.groups: {name!r} {fault}; the groups are {names(groups)}, one of them may be `rest`"
            )
    lacking = [name for name in groups if name not in named]
    if lacking:
        raise ScenarioError(
            f"{table.key}.groups: no column for group {lacking[0]!r} of {table.path.name}; add it, or set rest = "
            f"{lacking[0]!r} and total"
        )
    if (columns.rest or columns.percent) and not columns.total:
        raise ScenarioError(
            f"{table.key}.total: `rest` and `percent` need the column of all heads of {table.path.name}; name it"
        )
    total = count(table, columns.total, "total") if columns.total else None
    out = np.zeros((table.size, len(groups)))
    for name, parts in columns.groups.items():
        for part in (parts,) if isinstance(parts, str) else parts:
            out[:, groups.index(name)] += count(table, part, "groups")
    if columns.percent:
        out *= total[:, None] / 100
    for name, factor in columns.times.items():
        if name not in columns.groups:
            raise ScenarioError(
                f"{table.key}.times: {name!r}{mean(name, columns.groups)}; write {names(columns.groups)}"
            )
        out[:, groups.index(name)] *= factor
    if columns.rest:
        rest = total - out.sum(axis=1)
        if (rest < -1e-6 * np.maximum(total, 1)).any():
            i = int(np.argmin(rest))
            raise ScenarioError(
                f"{place(table, i)}: the groups sum to {out[i].sum():g}, more than {columns.total} = {total[i]:g}; "
                f"check {table.key}.groups"
            )
        out[:, groups.index(columns.rest)] = np.maximum(rest, 0)
    return out


def school_heads(table: Table, columns: Columns, groups: tuple[str, ...], minority: str) -> np.ndarray | None:
    """(school, group) or, where schools know the minority only as a whole, (school, 2) whole pupils; None: not known.

    ScenarioError as :func:`heads`, and for parts of pupils or no pupil at all.
    """
    if not columns.groups and not columns.rest:
        return None
    out = heads(table, columns, (groups[0], minority) if together(columns, groups, minority) else groups)
    if columns.percent:  # each but one group rounded, that one takes up the slack
        total = np.rint(count(table, columns.total, "total"))
        keep = groups.index(columns.rest) if columns.rest in groups else 0
        out = np.rint(out)
        out[:, keep] += total - out.sum(axis=1)
    part = np.abs(out - np.rint(out)).max(axis=1)
    if (part > 1e-6).any() or (out < 0).any():
        i = int(np.argmax(np.maximum(part, -out.min(axis=1))))
        raise ScenarioError(
            f"{place(table, i)}: pupils must be whole numbers of at least 0 ({table.key}.groups); set percent = true "
            "for percentages"
        )
    if out.sum() == 0:
        raise ScenarioError(
            f"{table.path}: no pupil in any school ({table.key}.groups); check the columns, or leave groups out if "
            "unknown"
        )
    return np.rint(out).astype(np.int64)


def together(columns: Columns, groups: tuple[str, ...], minority: str) -> bool:
    """Whether a table names the minority as a whole, by its common name, rather than group by group."""
    return minority not in groups and (minority in columns.groups or columns.rest == minority)


def count(table: Table, column: str, field: str) -> np.ndarray:
    """(row,) float of a column that counts something. ScenarioError where it is negative."""
    values = numbers(table, column, field)
    if (values < 0).any():
        i = int(np.argmin(values))
        raise ScenarioError(
            f"{place(table, i)}: {column} = {values[i]:g} is negative ({table.key}.{field}); correct the cell, a "
            "count is at least 0"
        )
    return values


def identifiers(table: Table, columns: Columns) -> list[str]:
    """Identifier of each row; ScenarioError where two rows share one."""
    if not columns.id:
        return [str(i + 1) for i in range(table.size)]
    ids = texts(table, columns.id, "id")
    seen: dict[str, int] = {}
    for i, name in enumerate(ids):
        if name in seen:
            raise ScenarioError(
                f"{place(table, i)}: {columns.id} = {name!r} stands on line {table.lines[seen[name]]} too "
                f"({table.key}.id); ids must differ, or filter by `where`"
            )
        seen[name] = i
    return ids


def labels(table: Table, columns: Columns, ids: list[str]) -> tuple[str, ...]:
    """Names of the rows, made different by their identifiers where two are alike."""
    if not columns.name:
        return tuple(ids)
    own = texts(table, columns.name, "name")
    return tuple(
        name if name and own.count(name) == 1 else f"{name} ({key})".strip() for name, key in zip(own, ids, strict=True)
    )


def districts(table: Table, columns: Columns, city: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """(area,) district of each row, and the districts' names: as in ``columns.districts``, else alphabetical."""
    if not columns.district:
        return np.zeros(table.size, np.int64), (city,)
    values = texts(table, columns.district, "district")
    if columns.district_letters:
        values = [value[: columns.district_letters] for value in values]
    if columns.districts:
        belongs = {v: name for name, vs in columns.districts.items() for v in ((vs,) if isinstance(vs, str) else vs)}
        for i, value in enumerate(values):
            if value not in belongs:
                raise ScenarioError(
                    f"{place(table, i)}: {columns.district} = {value!r} is in no district of {table.key}.districts; "
                    "add it to one"
                )
        values = [belongs[value] for value in values]
    used = (
        tuple(name for name in columns.districts if name in values) if columns.districts else tuple(sorted(set(values)))
    )
    return np.array([used.index(value) for value in values]), used


def sectors(table: Table, columns: Columns) -> np.ndarray:
    """(school,) STATE, SUBSIDISED or PRIVATE; all of the state where there is no sector column."""
    for value, sector in columns.sectors.items():
        if sector not in SECTORS:
            raise ScenarioError(
                f"{table.key}.sectors: {value!r} stands for {sector!r}{mean(sector, SECTORS)}; write one of "
                f"{names(SECTORS)}"
            )
    if not columns.sector:
        return np.zeros(table.size, np.int64)
    values = texts(table, columns.sector, "sector")
    known = {name: name for name in SECTORS} | dict(columns.sectors)
    for i, value in enumerate(values):
        if value not in known:
            raise ScenarioError(
                f"{place(table, i)}: sector {value!r} is not in {table.key}.sectors{mean(value, known)}; add "
                f"{value!r} = one of {names(SECTORS)}"
            )
    return np.array([SECTORS.index(known[value]) for value in values])


def points(table: Table, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude (row,) degrees: from the columns, else from the shape (a point inside an outline)."""
    if bool(columns.x) != bool(columns.y):
        raise ScenarioError(f"{table.key}: name both x and y of {table.path.name}, or neither for a GeoJSON geometry")
    where = f"{table.path} ({table.key}.x, y)"
    if columns.x:
        return degrees(numbers(table, columns.x, "x"), numbers(table, columns.y, "y"), columns.epsg, where)
    if table.shapes is None:
        raise ScenarioError(
            f"{table.key}.x: {table.path.name} has no geometry; name the columns x and y, or a file of polygons"
        )
    epsg = columns.polygon_epsg if columns.polygons else columns.epsg
    at = np.array([rings[0][0] if len(rings[0]) == 1 else middle(rings) for rings in table.shapes])
    return degrees(at[:, 0], at[:, 1], epsg, where)


def status(table: Table, columns: Columns, weight: np.ndarray, sd: float) -> tuple[np.ndarray, int]:
    """(area,) mean status in sd of persons, and how many areas lack it (they get the mean, 0).

    A z-score over the areas, weighted by pupils, times ``sd``, the spread between areas: units do not matter.
    """
    if not columns.status:
        return np.zeros(table.size), table.size
    value = numbers(table, columns.status, "status", empty=True)
    if columns.status_log:
        if (value <= 0).any():
            raise ScenarioError(
                f"{place(table, int(np.nanargmin(value)))}: {columns.status} must be above 0 for its logarithm "
                f"({table.key}.status_log)"
            )
        value = np.log(value)
    known = np.isfinite(value)
    if not known.any() or weight[known].sum() == 0:
        return np.zeros(table.size), table.size
    centre = np.average(value[known], weights=weight[known])
    width = np.sqrt(np.average((value[known] - centre) ** 2, weights=weight[known]))
    return np.where(known, sd * (value - centre) / (width if width > 0 else 1.0), 0.0), int((~known).sum())
