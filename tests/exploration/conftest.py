"""A tiny city, a policy and a sweep over both."""

import pytest

CITY = """
[run]
years = 2
[city]
pupils = 80
schools = 4
district_count = 2
area_pupils = 5
place_pupils = 5
class_size = 10
residential_dissimilarity = 0.25
"""
POLICY = 'base = "city.toml"\n[[policies]]\nkind = "magnet"\nquality = 2.0\nrule = "least_demanded"\nlag = 0\n'
SWEEP = """
base = "city.toml"
design = "latin_hypercube"
samples = 40
seeds = 2
effect = "magnet.toml"
indicators = ["dissimilarity", "private:majority"]
[vary]
"choice.theme" = { low = 0.0, high = 4.0 }
"choice.distance" = { from = "spread" }
"policies.0.themes" = { low = 0, high = 4 }
"""


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Folder with city.toml, magnet.toml and sweep.toml."""
    folder = tmp_path_factory.mktemp("exploration")
    for name, text in (("city", CITY), ("magnet", POLICY), ("sweep", SWEEP)):
        (folder / f"{name}.toml").write_text(text)
    return folder
