"""A small city with a plan, and a trial of it; one draw that many tests read."""

import pytest

from experiments.trials.simulation import Draw, run
from experiments.trials.spec import load

CITY = """
[city]
pupils = 400
shares = [0.7, 0.3]
grades = 3
schools = 6
district_count = 2
area_pupils = 20
place_pupils = 10
class_size = 10
private_share = 0.0
residential_dissimilarity = 0.3
[households]
vulnerable_share = 0.3
detection_lag = 0.0
"""
PLAN = """
base = "city.toml"
[[policies]]
kind = "detection"
start = 1
rate = 0.9
error = 0.05
[[policies]]
kind = "pre_assignment"
start = 1
benefit = 5.0
"""
TRIAL = """
title = "A small plan"
base = "city.toml"
policies = "plan.toml"
start = 2018
first = 2016
before = [2016, 2017]
after = [2019]
burn_in = 3
seeds = 2
[grades]
entry = [0]
upper = [1, 2]
[demography]
base = { entrants = 100, minority_share = 0.3 }
[demography.years]
2016 = { entrants = 110, minority_share = 0.2 }
2017 = { entrants = 110, minority_share = 0.2 }
2018 = { entrants = 100, minority_share = 0.3 }
2019 = { entrants = 90, minority_share = 0.4 }
[[published]]
grades = "entry"
change = -0.2
title = "entry"
source = "made up"
[[published]]
grades = ""
change = -0.3
title = "another stage"
source = "made up"
"""


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """Folder with city.toml, plan.toml and trial.toml."""
    folder = tmp_path_factory.mktemp("trial")
    for name, text in (("city", CITY), ("plan", PLAN), ("trial", TRIAL)):
        (folder / f"{name}.toml").write_text(text)
    return folder


@pytest.fixture(scope="session")
def trial(place):
    return load(place / "trial.toml")


@pytest.fixture(scope="session")
def one(trial):
    """Results of one draw."""
    return run(Draw(1, {}), trial)
