"""Calibrations of tiny cities that take seconds: a made-up one, and one with tables, whose start can be observed."""

import pytest

from experiments.calibration.spec import load
from tests.cities.conftest import small  # noqa: F401 (the folder of the small city's tables)

CITY = """
[city]
pupils = 600
schools = 6
grades = 2
district_count = 2
layout = 3
"""
TABLES = """
[city]
kind = "tables"
grades = 2
groups = ["italian", "north_african", "asian"]
minority = "foreign"
start = "nearest"
zones = "none"
place_pupils = 5.0
[city.tables.areas]
file = "areas.csv"
id = "code"
name = "code"
district = "part"
groups = { italian = "it", north_african = "na", asian = ["as_m", "as_f"] }
x = "lon"
y = "lat"
[city.tables.schools]
file = "schools.csv"
id = "code"
sector = "kind"
sectors = { statale = "state", paritaria = "private" }
groups = { foreign = "foreign" }
total = "pupils"
rest = "italian"
x = "lon"
y = "lat"
"""
CALIBRATION = """
title = "A tiny city"
base = "base.toml"
population = 20
generations = 2
simulations = 60
predictive = 20
pool = 1
settle = 1
[free]
"choice.distance" = { low = -3.0, high = -0.1 }
"choice.peers.majority" = { low = 0.0, high = 8.0 }
[targets.d]
measure = "dissimilarity"
value = 0.3
tolerance = 0.05
source = "made up"
[targets.km]
measure = "distance_km"
value = 1.0
tolerance = 0.1
source = "made up"
[targets.nearest]
measure = "nearest:majority"
value = 0.6
tolerance = 0.05
source = "made up"
held_out = true
persistence = 0.65
copy = 0.4
"""


@pytest.fixture
def written(tmp_path):
    """``written(text, city)``: the path of a calibration file beside its scenario."""

    def write(text=CALIBRATION, city=CITY):
        (tmp_path / "base.toml").write_text(city)
        path = tmp_path / "tiny.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def calibration(written):
    return load(written())
