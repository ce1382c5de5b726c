"""A small city as tables in each format the reader takes, and the folder of the real ones."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from abm.scenario import configure, load

ROOT = Path(__file__).parents[2]
WEST, SOUTH, STEP = 9.15, 45.45, (0.0128, 0.009)  # nine squares of about a kilometre in Milan
AREAS = [  # id, district, residents italian, north african, asian, status
    ("a1", "North", 900, 30, 70, 10.0), ("a2", "North", 800, 120, 80, 12.0), ("a3", "North", 400, 0, 0, 20.0),
    ("b1", "Centre", 500, 300, 200, 5.0), ("b2", "Centre", 0, 0, 0, 9.0), ("b3", "Centre", 700, 50, 50, 11.0),
    ("c1", "South", 300, 200, 100, 4.0), ("c2", "South", 650, 20, 130, 13.0), ("c3", "South", 990, 5, 5, 19.0),
]  # fmt: skip
SCHOOLS = [  # id, sector, column, line, pupils, foreign, observed way in metres
    ("s1", "statale", 0.5, 0.5, 101, 17, 400), ("s2", "statale", 1.4, 0.6, 87, 30, 700), ("s3", "statale", 0.4, 1.5, 120, 70, 500),
    ("s4", "statale", 2.5, 2.4, 99, 3, 600), ("s5", "paritaria", 1.5, 1.5, 76, 2, 1200), ("s6", "statale", 1.2, 2.5, 64, 25, 800),
]  # fmt: skip


def lonlat(column, line):
    """Longitude and latitude of a point in squares from the south-west corner."""
    return WEST + STEP[0] * column, SOUTH + STEP[1] * line


def mercator(lon, lat):
    """EPSG:3857 by its formula."""
    return 6378137.0 * np.radians(lon), 6378137.0 * np.log(np.tan(np.pi / 4 + np.radians(lat) / 2))


def corners(row, to=lambda lon, lat: (lon, lat)):
    """Closed ring of the ``row``-th square."""
    c, k = row % 3, row // 3
    return [list(map(float, to(*lonlat(c + i, k + j)))) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]


def feature(geometry, coordinates, /, **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": geometry, "coordinates": coordinates}}


def write_csv(path, head, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def write_geojson(path, features, epsg=None):
    crs = {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}} if epsg else {}
    path.write_text(json.dumps({"type": "FeatureCollection", **crs, "features": features}), encoding="utf-8")


def tree(folder, kind="csv", **city):
    """The scenario of the small city in ``folder``; ``kind``: csv (points), outlined (csv with polygons), web (EPSG:3857)."""
    heads = {"italian": "it", "north_african": "na", "asian": ["as_m", "as_f"]}
    areas = {"id": "code", "name": "code", "district": "part", "groups": heads, "status": "wealth"}
    schools = {"id": "code", "sector": "kind", "sectors": {"statale": "state", "paritaria": "private"}}
    schools |= {"groups": {"foreign": "foreign"}, "total": "pupils", "rest": "italian"}
    point = {"x": "lon", "y": "lat"}
    if kind == "web":
        areas |= {"file": "areas.geojson", "epsg": 3857}
        schools |= {"file": "schools.geojson", "epsg": 3857}
    else:
        areas |= {
            "file": "areas.csv",
            **(point if kind == "csv" else {"polygons": "outlines.geojson", "polygon_id": "area"}),
        }
        schools |= {"file": "schools.csv", **point}
    base = {
        "kind": "tables",
        "grades": 5,
        "groups": list(heads),
        "minority": "foreign",
        "start": "observed",
        "zones": "none",
    }
    tables = {"folder": str(folder), "areas": areas, "schools": schools}
    return {"city": base | {"place_pupils": 5.0, "tables": tables} | city}


def config(folder, kind="csv", **city):
    return configure(tree(folder, kind, **city))


@pytest.fixture
def small(tmp_path):
    """Folder with the small city in all formats."""
    middle = [lonlat(i % 3 + 0.5, i // 3 + 0.5) for i in range(9)]
    rows = [(c, d, i, n, a // 2, a - a // 2, w, *middle[k], 0.99) for k, (c, d, i, n, a, w) in enumerate(AREAS)]
    head = ["code", "part", "it", "na", "as_m", "as_f", "wealth"]
    write_csv(tmp_path / "areas.csv", [*head, "lon", "lat", "km2"], rows)
    write_geojson(
        tmp_path / "outlines.geojson", [feature("Polygon", [corners(k)], area=r[0]) for k, r in enumerate(rows)]
    )
    write_geojson(
        tmp_path / "areas.geojson",
        [
            feature("MultiPolygon", [[corners(k, mercator)]], **dict(zip(head, r[:7], strict=True)))
            for k, r in enumerate(rows)
        ],
        3857,
    )
    schools = [(c, s, p, f, m, *lonlat(x, y)) for c, s, x, y, p, f, m in SCHOOLS]
    head = ["code", "kind", "pupils", "foreign", "way"]
    write_csv(tmp_path / "schools.csv", [*head, "lon", "lat"], schools)
    points = [feature("Point", list(mercator(*r[5:])), **dict(zip(head, r[:5], strict=True))) for r in schools]
    write_geojson(tmp_path / "schools.geojson", points, 3857)
    return tmp_path


@pytest.fixture(scope="session")
def real():
    """``real(city, *overrides)``: the scenario of a real city; skips where its tables are absent.

    They are looked for in the folder $SCHOOLFLIGHT_DATA, else in ``shared/data`` beside this repository.
    """
    base = Path(os.environ.get("SCHOOLFLIGHT_DATA") or ROOT.parent / "shared" / "data")

    def read(city, *overrides):
        if not (base).is_dir():
            pytest.skip(f"no real tables of {city}; set SCHOOLFLIGHT_DATA")
        return load(ROOT / "configs" / "real" / f"{city}.toml", overrides, base)

    return read
