"""A made-up city of nine areas and six centres with a made-up table of assignments, and a forecast file for it."""

import csv

import numpy as np
import pytest

AREAS = [
    (f"a{k}", 300 + 40 * k, 20 + 15 * (k % 4), 10.0 + k, 2.10 + 0.012 * (k % 3), 41.38 + 0.009 * (k // 3))
    for k in range(9)
]
CENTRES = [  # code, sector, lon, lat, places, demand
    ("101", "Public", 2.101, 41.381, 30, 24), ("102", "Public", 2.113, 41.382, 30, 45), ("103", "Public", 2.123, 41.389, 25, 12),
    ("104", "Private", 2.102, 41.391, 50, 40), ("105", "Private", 2.112, 41.398, 25, 20), ("106", "Public", 2.124, 41.399, 30, 22),
]  # fmt: skip
YEARS = range(2018, 2023)
BASE = """
[city]
kind = "tables"
grades = 3
groups = ["native", "foreign"]
minority = "foreign"
zones = "none"
start = "nearest"
place_pupils = 5.0
[city.tables.areas]
file = "areas.csv"
id = "code"
x = "lon"
y = "lat"
groups = { native = "native", foreign = "foreign" }
status = "income"
[city.tables.schools]
file = "centres.csv"
id = "code"
x = "lon"
y = "lat"
sector = "sector"
sectors = { Public = "state", Private = "subsidised" }
places = "places_2020"
[admission]
mechanism = "immediate_acceptance"
subsidised = "inside"
[perception]
flagship = 0
"""
FORECAST = """
title = "Made-up"
base = "base.toml"
fit_from = 2018
fit_until = 2020
targets = [2021, 2022, 2023]
members = 3
draws = 5
settle = 6
[assignments]
file = "assignments.csv"
places = "places_offered"
first = "assigned_first_choice"
other = "assigned_other_choice"
[cohort]
change = { 2021 = -0.1 }
sd = 0.01
source = "made up"
[scenario.city.tables.schools]
places = "places_{fit_until}"
[scenario.reputation]
memory = 1.0
[scenario.response]
places = false
fees = false
themes = false
close_below = 0
"""


def write_csv(path, head, lines):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *lines])


def assignments(rng, first=YEARS[0], last=YEARS[-1]):
    """Rows of a table in which every centre's demand is Poisson and cut off at its places; centre 900 is in no inventory."""
    lines = []
    for year in range(first, last + 1):
        for code, sector, _, _, places, demand in [*CENTRES, ("900", "Public", 0, 0, 25, 10)]:
            lines.append((year, code, places, min(rng.poisson(demand), places), rng.integers(0, 3), sector))
    return lines


HEAD = ("year", "code", "places_offered", "assigned_first_choice", "assigned_other_choice", "sector")


@pytest.fixture
def made_up(tmp_path):
    """A folder with the tables of the city, its scenario and its forecast file."""
    write_csv(tmp_path / "areas.csv", ["code", "native", "foreign", "income", "lon", "lat"], AREAS)
    rows = [(c, s, x, y, *(p for _ in YEARS)) for c, s, x, y, p, _ in CENTRES]
    write_csv(tmp_path / "centres.csv", ["code", "sector", "lon", "lat", *(f"places_{year}" for year in YEARS)], rows)
    write_csv(tmp_path / "assignments.csv", HEAD, assignments(np.random.default_rng(5)))
    (tmp_path / "base.toml").write_text(BASE)
    (tmp_path / "forecast.toml").write_text(FORECAST)
    return tmp_path
