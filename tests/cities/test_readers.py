"""Faults of real tables: each is named with its file, row or key, and its remedy."""

import json
import math

import pytest

from abm.cities import readers
from abm.cities.tables import make
from abm.config import Columns
from abm.config.declare import ScenarioError
from abm.scenario import configure
from tests.cities.conftest import feature, tree, write_csv, write_geojson


def cell(file, line, column, value):
    """A change of one cell of a CSV file; the header is line 1."""

    def change(folder, base):
        rows = [text.split(",") for text in (folder / file).read_text().splitlines()]
        rows[line - 1][rows[0].index(column)] = value
        write_csv(folder / file, rows[0], rows[1:])

    return change


def setting(section, **values):
    return lambda folder, base: base["city"]["tables"][section].update(values)


def every(file, column, value):
    def change(folder, base):
        rows = [text.split(",") for text in (folder / file).read_text().splitlines()]
        for row in rows[1:]:
            row[rows[0].index(column)] = value
        write_csv(folder / file, rows[0], rows[1:])

    return change


def text(file, content):
    return lambda folder, base: (folder / file).write_text(content)


def folder_is(path):
    return lambda folder, base: base["city"]["tables"].update(folder=path)


def swapped(folder, base):
    for section in ("areas", "schools"):
        base["city"]["tables"][section].update(x="lat", y="lon")


def one_outline_less(folder, base):
    base["city"]["tables"]["areas"] |= {"x": "", "y": "", "polygons": "outlines.geojson", "polygon_id": "area"}
    shapes = json.loads((folder / "outlines.geojson").read_text())
    write_geojson(folder / "outlines.geojson", shapes["features"][1:])


def wrong_epsg(folder, base):
    base["city"] = tree(folder, "web")["city"]
    base["city"]["tables"]["areas"].pop("epsg")


def empty_geojson(folder, base):
    base["city"] = tree(folder, "web")["city"]
    write_geojson(folder / "areas.geojson", [])


def web_with(content):
    def change(folder, base):
        base["city"] = tree(folder, "web")["city"]
        (folder / "areas.geojson").write_text(content)

    return change


def outline(corners):
    def change(folder, base):
        base["city"] = tree(folder, "web")["city"]
        write_geojson(folder / "areas.geojson", [feature("Polygon", [corners], code="a1", it=1, na=1, as_m=1, as_f=1)])

    return change


def lines_in_geojson(folder, base):
    base["city"] = tree(folder, "web")["city"]
    write_geojson(folder / "areas.geojson", [feature("LineString", [[0, 0], [1, 1]], code="a")], 3857)


FAULTS = {
    "no folder given": (folder_is(""), "city.tables.folder.*--data DIR"),
    "no such folder": (folder_is("/no/such/folder"), "/no/such/folder.*--data DIR"),
    "no file named": (setting("areas", file=""), r"city.tables.areas.file.*name a CSV or GeoJSON"),
    "no such file": (setting("areas", file="area.csv"), r"area.csv: no such file.*did you mean 'areas.csv'"),
    "no such column": (setting("areas", groups={"italian": "itt", "north_african": "na", "asian": "as_m"}), r"areas.csv: no column 'itt'.*areas.groups.*did you mean 'it'"),
    "text for a number": (cell("areas.csv", 4, "it", "many"), r"areas.csv, line 4: column 'it' holds 'many', not a number"),
    "empty number": (cell("schools.csv", 3, "pupils", ""), r"schools.csv, line 3: column 'pupils' is empty"),
    "negative heads": (cell("areas.csv", 3, "na", "-5"), r"areas.csv, line 3: na = -5 is negative"),
    "negative pupils": (cell("schools.csv", 2, "foreign", "-5"), r"schools.csv, line 2: foreign = -5 is negative"),
    "parts beyond the total": (cell("schools.csv", 2, "foreign", "500"), r"schools.csv, line 2: the groups sum to 500, more than pupils = 101"),
    "part of a pupil": (cell("schools.csv", 2, "foreign", "5.5"), r"schools.csv, line 2: pupils must be whole"),
    "nan coordinate": (cell("areas.csv", 3, "lon", "nan"), r"areas.csv, line 3: column 'lon' is not finite"),
    "infinite coordinate": (cell("schools.csv", 3, "lat", "inf"), r"schools.csv, line 3: column 'lat' is not finite"),
    "not on the globe": (cell("areas.csv", 3, "lat", "95"), r"areas.csv.*\(9.1\d*, 95\) is not on the globe in EPSG:4326"),
    "metres as degrees": (cell("areas.csv", 3, "lat", "5600000"), r"not on the globe.*set epsg"),
    "lat and lon swapped": (swapped, r"areas.csv.*near latitude 9.2, longitude 45.5; swap the columns x and y"),
    "schools swapped": (setting("schools", x="lat", y="lon"), r"schools.csv.*swap the columns"),
    "far school": (cell("schools.csv", 3, "lat", "51"), r"schools.csv, line 3: school 's2' lies \d+ km from the middle"),
    "unknown epsg": (setting("areas", epsg=1234), r"no coordinate system EPSG:1234"),
    "epsg against the file": (wrong_epsg, r"the file says EPSG:3857.*set epsg = 3857"),
    "no schools": (text("schools.csv", "code,kind,pupils,foreign,way,lon,lat\n"), r"schools.csv: the file is empty"),
    "no pupils": (every("schools.csv", "pupils", "0"), "the groups sum to|no pupil in any school"),
    "no pupils at all": (lambda f, b: [every("schools.csv", c, "0")(f, b) for c in ("pupils", "foreign")], "no pupil in any school"),
    "nobody lives here": (lambda f, b: [every("areas.csv", c, "0")(f, b) for c in ("it", "na", "as_m", "as_f")], "nobody lives in any area"),
    "a group that lives nowhere": (lambda f, b: [every("areas.csv", c, "0")(f, b) for c in ("na", "as_m", "as_f")], "147 pupils of north_african, asian, who live in no area"),
    "area twice": (cell("areas.csv", 4, "code", "a1"), r"areas.csv, line 4: code = 'a1' stands on line 2 too"),
    "school twice": (cell("schools.csv", 4, "code", "s1"), r"schools.csv, line 4: code = 's1' stands on line 2 too"),
    "sector not in the map": (cell("schools.csv", 4, "kind", "statal"), r"schools.csv, line 4: sector 'statal'.*did you mean 'statale'"),
    "no such sector": (setting("schools", sectors={"statale": "public"}), r"'statale' stands for 'public'.*state, subsidised, private"),
    "pupils beyond places": (setting("schools", places="foreign"), r"schools.csv, line \d: \d+ pupils in 5 grades need \d+ places at entry"),
    "empty file": (text("areas.csv", ""), r"areas.csv: the file is empty"),
    "empty GeoJSON": (empty_geojson, r"areas.geojson: the file is empty"),
    "broken GeoJSON": (web_with('{"features": [{"type"'), r"areas.geojson: broken GeoJSON"),
    "lines for polygons": (lines_in_geojson, r"feature 1: geometry LineString; only Point, Polygon"),
    "area without outline": (one_outline_less, r"outlines.geojson: no outline for 1 of 9 rows of areas.csv, such as a1"),
    "nothing passes": (setting("areas", where={"part": "West"}), r"no row has part = 'West'.*it has North, Centre, South"),
    "group without column": (setting("areas", groups={"italian": "it", "asian": "as_m"}), r"no column for group 'north_african'"),
    "no such group": (setting("areas", groups={"italian": "it", "african": "na", "asian": "as_m"}), r"'african' is no group here; did you mean 'north_african'"),
    "rest without total": (setting("schools", total=""), r"schools.total"),
    "district not in the map": (setting("areas", districts={"A": "North", "B": "Centre"}), r"part = 'South' is in no district"),
    "only x": (setting("areas", y=""), r"name both x and y"),
    "no geometry": (setting("areas", x="", y=""), r"areas.csv has no geometry; name the columns x and y"),
    "ragged row": (text("areas.csv", "code,it\n1,2,3\n"), r"areas.csv, line 2: 3 cells under 2 columns"),
    "column twice": (text("areas.csv", "code,it,it\n1,2,3\n"), r"areas.csv: two columns are called 'it'"),
    "outline not finite": (outline([[9.15, 45.45], [9.16, math.nan], [9.16, 45.46]]), "feature 1: coordinates that are not"),
    "outline of two corners": (outline([[9.15, 45.45], [9.16, 45.46]]), "feature 1: no ring of three corners"),
    "not GeoJSON": (web_with('[{"a": 1}]'), "areas.geojson: not a GeoJSON FeatureCollection"),
    "minority without origins": (setting("areas", groups={"italian": "it", "foreign": "na"}), r"origins.file: the areas know only 'foreign' as a whole"),
    "neither places nor pupils": (setting("schools", groups={}, rest="", total=""), r"neither places nor pupils by group"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_remedy(small, fault):
    change, message = FAULTS[fault]
    base = tree(small)
    change(small, base)
    with pytest.raises(ScenarioError, match=message) as error:
        make(configure(base), 1)
    assert len(str(error.value).splitlines()) <= 2


def test_other_separators_a_byte_order_mark_and_quotes_are_read(small):
    plain = make(configure(tree(small)), 1)
    text = (small / "areas.csv").read_text().replace(",", ";").replace("North", '"North"')
    (small / "areas.csv").write_text("\ufeff" + text.replace("\n", "\r\n"), encoding="utf-8")
    again = make(configure(tree(small)), 1)
    assert again.area_names == plain.area_names and (again.flows == plain.flows).all()


def test_a_large_table_is_read_once_and_again_when_it_changed(tmp_path):
    path, columns = tmp_path / "large.csv", Columns(file="large.csv")
    path.write_text("a\n" + "1\n" * readers.LARGE)
    first = readers.read(str(tmp_path), columns, "city.tables.areas")
    assert readers.read(str(tmp_path), columns, "city.tables.areas") is first
    assert readers.read(str(tmp_path), columns, "city.tables.schools").key == "city.tables.schools"
    path.write_text("a\n" + "12\n" * readers.LARGE)
    assert readers.read(str(tmp_path), columns, "city.tables.areas").columns["a"][0] == "12"
