"""Reading the tables of a real city as they are: CSV or GeoJSON, with errors that say file, row, column and remedy."""

import csv
import difflib
import functools
import io
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.config import Columns
from abm.config.declare import ScenarioError

Shape = tuple[np.ndarray, ...]
"""Rings (corner, 2) of an outline, open (the last corner is not the first again); a point is one ring of one corner."""
LARGE = 50_000  # bytes from which a table is kept once read, for the next city that is made of it


class Table(NamedTuple):
    """One table: columns of raw values, the lines they stand on, and shapes in the file's own coordinates."""

    path: Path
    key: str  # where the scenario names it, such as city.tables.areas
    columns: dict[str, list]  # name -> values, one a row
    lines: list[int]  # line of the file or number of the feature, one a row
    shapes: list[Shape] | None  # one a row, None: no geometry
    epsg: int | None  # coordinate system that the file itself names

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.lines)


def read(folder: str, columns: Columns, key: str) -> Table:
    """The rows of a table that ``where`` and ``without`` let pass, with the outlines and their properties if named.

    ScenarioError: no folder, no file, nothing in it, broken, no row passes, rows without an outline.
    """
    table = _open(folder, columns.file, key, "file")
    if table.shapes is not None and not columns.x:
        _check_epsg(table, columns.epsg, "epsg")
    for column, value in columns.where.items():
        values = texts(table, column, "where")
        keep = [i for i, text in enumerate(values) if text == value]
        if not keep:
            some = ", ".join(list(dict.fromkeys(values))[:6])
            raise ScenarioError(f"{table.path}: no row has {column} = {value!r} ({key}.where); it has {some}")
        table = _take(table, keep)
    for column, value in columns.without.items():
        out = (value,) if isinstance(value, str) else value
        table = _take(table, [i for i, text in enumerate(texts(table, column, "without")) if text not in out])
    return _join(table, _open(folder, columns.polygons, key, "polygons"), columns) if columns.polygons else table


def texts(table: Table, column: str, field: str) -> list[str]:
    """One column as text without blanks around it; '' where empty."""
    return ["" if value is None else str(value).strip() for value in _column(table, column, field)]


def numbers(table: Table, column: str, field: str, *, empty: bool = False) -> np.ndarray:
    """(row,) float of one column; NaN where empty if ``empty`` allows that. ScenarioError names the row of a text."""
    values = _column(table, column, field)
    out = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if value is None or (isinstance(value, str) and not value.strip()):
            if empty:
                continue
            remedy = "fill it, or leave the row out by `where`"
            raise ScenarioError(f"{place(table, i)}: column {column!r} is empty ({table.key}.{field}); {remedy}")
        try:
            out[i] = float(value)
        except (TypeError, ValueError):
            raise ScenarioError(
                f"{place(table, i)}: column {column!r} holds {value!r:.40}, not a number ({table.key}.{field}); "
                "correct the cell or name another column"
            ) from None
        if not np.isfinite(out[i]):
            raise ScenarioError(
                f"{place(table, i)}: column {column!r} is not finite ({table.key}.{field}); correct the cell"
            )
    return out


def place(table: Table, row: int) -> str:
    """File and row in words, for errors."""
    return f"{table.path}, {'feature' if table.path.suffix in ('.geojson', '.json') else 'line'} {table.lines[row]}"


def names(values: dict | list | tuple, limit: int = 12) -> str:
    """Some names in a row, for errors."""
    values = list(values)
    return ", ".join(map(str, values[:limit])) + (" ..." if len(values) > limit else "")


def mean(word: str, known) -> str:
    """``; did you mean ...?`` if a known name is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def _column(table: Table, column: str, field: str) -> list:
    if column not in table.columns:
        raise ScenarioError(
            f"{table.path}: no column {column!r} ({table.key}.{field}){mean(column, table.columns)}; "
            f"it has {names(table.columns)}"
        )
    return table.columns[column]


def _open(folder: str, file: str, key: str, field: str) -> Table:
    if not folder:
        raise ScenarioError("city.tables.folder: no folder of real tables; give --data DIR")
    if not Path(folder).is_dir():
        raise ScenarioError(f"city.tables.folder: no folder {folder}; give --data DIR with the folder of the tables")
    if not file:
        raise ScenarioError(f"{key}.{field}: no file named; name a CSV or GeoJSON file in {folder}")
    path = Path(folder) / file
    try:
        about = path.stat()
        parsed = _kept if about.st_size >= LARGE else _parsed
        table = parsed(path, key, (about.st_mtime_ns, about.st_size, about.st_ino))
    except FileNotFoundError:
        known = [f.name for f in path.parent.iterdir() if f.is_file()] if path.parent.is_dir() else []
        raise ScenarioError(
            f"{path}: no such file ({key}.{field}){mean(file, known)}; --data names the folder"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read ({error}); tables are UTF-8 text ({key}.{field})") from None
    if not table.size:
        raise ScenarioError(f"{path}: the file is empty ({key}.{field}); it must have a header and rows, or features")
    return table


def _parsed(path: Path, key: str, _: tuple = ()) -> Table:
    """The table in a file, whole."""
    content = path.read_text(encoding="utf-8-sig")
    return (_geojson if path.suffix.lower() in (".geojson", ".json") else _csv)(path, key, content)


@functools.lru_cache(maxsize=8)
def _kept(path: Path, key: str, stamp: tuple) -> Table:
    """The same, read once for each ``stamp`` of time and size; nobody writes into a table."""
    return _parsed(path, key, stamp)


def _csv(path: Path, key: str, content: str) -> Table:
    reader = csv.reader(io.StringIO(content), delimiter=max(",;\t", key=content.partition("\n")[0].count))
    head = [name.strip() for name in next(reader, [])]
    twice = [name for name in head if name and head.count(name) > 1]
    if twice:
        raise ScenarioError(f"{path}: two columns are called {twice[0]!r} ({key}.file); rename one")
    rows, numbers_of_lines = [], []
    for row in reader:
        if not any(row):
            continue
        if len(row) != len(head):
            raise ScenarioError(
                f"{path}, line {reader.line_num}: {len(row)} cells under {len(head)} columns; quote cells that hold "
                "the separator"
            )
        rows.append(row)
        numbers_of_lines.append(reader.line_num)
    columns = dict(zip(head, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    return Table(path, key, columns, numbers_of_lines, None, None)


def _geojson(path: Path, key: str, content: str) -> Table:
    try:
        tree = json.loads(content) if content.strip() else {"features": []}
        features = tree["features"]
        properties = [feature.get("properties") or {} for feature in features]
        shapes = [_shape(path, i, feature.get("geometry")) for i, feature in enumerate(features)]
    except json.JSONDecodeError as error:
        raise ScenarioError(f"{path}: broken GeoJSON ({error}); fetch the file again ({key})") from None
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError(
            f"{path}: not a GeoJSON FeatureCollection of points or polygons ({key}): {error!r:.60}"
        ) from None
    head = dict.fromkeys(name for entry in properties for name in entry)
    columns = {name: [entry.get(name) for entry in properties] for name in head}
    return Table(path, key, columns, list(range(1, len(features) + 1)), shapes, _crs(tree.get("crs")))


def _shape(path: Path, i: int, geometry: Any) -> Shape:
    """The rings of one geometry: points, polygons and multipolygons."""
    kind = (geometry or {}).get("type")
    if kind == "Point":
        return (np.array([geometry["coordinates"][:2]], float),)
    if kind == "Polygon":
        rings = geometry["coordinates"]
    elif kind == "MultiPolygon":
        rings = [ring for polygon in geometry["coordinates"] for ring in polygon]
    else:
        raise ScenarioError(f"{path}, feature {i + 1}: geometry {kind}; only Point, Polygon and MultiPolygon are read")
    shape = tuple(_ring(ring) for ring in rings if len(ring) > 2)
    if not shape or not all(np.isfinite(ring).all() for ring in shape):
        fault = "coordinates that are not finite" if shape else "no ring of three corners"
        raise ScenarioError(f"{path}, feature {i + 1}: {fault}; correct the outline or leave the feature out")
    return shape


def _ring(corners: list) -> np.ndarray:
    """(corner, 2) of a ring, without the last corner where that repeats the first, as GeoJSON asks for."""
    ring = np.array([corner[:2] for corner in corners], float)
    return ring[:-1] if (ring[0] == ring[-1]).all() else ring


def _crs(entry: Any) -> int | None:
    """EPSG code in the old ``crs`` member of a GeoJSON file, if there is one."""
    properties = (entry or {}).get("properties") or {}
    text = f"EPSG:{properties['code']}" if "code" in properties else str(properties.get("name", ""))
    code = re.search(r"EPSG:+(?:[\d.]*:)?(\d+)$", text)
    return 4326 if "CRS84" in text else int(code.group(1)) if code else None


def _check_epsg(table: Table, epsg: int, field: str) -> None:
    if table.epsg not in (None, epsg):
        raise ScenarioError(
            f"{table.path}: the file says EPSG:{table.epsg}, {table.key}.{field} says {epsg}; set {field} = {table.epsg}"
        )


def _take(table: Table, rows: list[int]) -> Table:
    return table._replace(
        columns={name: [values[i] for i in rows] for name, values in table.columns.items()},
        lines=[table.lines[i] for i in rows],
        shapes=None if table.shapes is None else [table.shapes[i] for i in rows],
    )


def _join(table: Table, outlines: Table, columns: Columns) -> Table:
    """The table with the shape of the outline of equal id, and with the outline's properties that it lacks."""
    _check_epsg(outlines, columns.polygon_epsg, "polygon_epsg")
    ids = texts(table, columns.id, "id")
    row = {name: i for i, name in enumerate(texts(outlines, columns.polygon_id, "polygon_id"))}
    lost = [name for name in ids if name not in row]
    if lost:
        raise ScenarioError(
            f"{outlines.path}: no outline for {len(lost)} of {len(ids)} rows of {table.path.name}, such as "
            f"{names(lost, 3)}; check {table.key}.id and polygon_id"
        )
    joined = _take(outlines, [row[name] for name in ids])
    return table._replace(columns={**joined.columns, **table.columns}, shapes=joined.shapes)
