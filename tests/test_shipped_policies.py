"""The shipped policy scenarios: each loads on its city, fits it, changes its rules, and says where its numbers are from."""

import re
import tomllib
from dataclasses import replace

import pytest

from abm.model import SchoolChoiceModel
from abm.rules import Rules, changed
from abm.scenario import load
from experiments.compare.plan import arms_of
from tests.builders import ROOT, scenario

FOLDER = ROOT / "configs" / "policies"
BASES = {
    "barcelona_shock_plan": "barcelona",
    "bergamo_mixed_housing": "milan",
    "brno_magnets": "oslo",
    "free_transport": "milan",
    "lille_revitalisation": "milan",
    "lyon_boundaries": "oslo",
    "milan_basins": "milan",
    "nijmegen_mix": "amsterdam",
    "oslo_no_opt_out": "oslo",
    "oslo_resource_model": "oslo",
    "turin_bay_nursery": "milan",
}
SOURCED = re.compile(r"assumption|\b(19|20)\d\d\b")  # an assumption, or a source or event with its year


def path(name):
    return FOLDER / f"{name}.toml"


@pytest.fixture(scope="module")
def start():
    """The model of a city at its start, made once."""
    made = {}

    def of(city):
        if city not in made:
            made[city] = SchoolChoiceModel(scenario(city), 1, collect=False)
        return made[city]

    return of


def numbers(text):
    """(line, comment) of each setting that is a number, the description apart."""
    for line in re.sub(r'""".*?"""', "''", text, flags=re.DOTALL).splitlines():
        value = tomllib.loads(line) if "=" in line.split("#")[0] else {}
        if any(isinstance(v, int | float | list) and not isinstance(v, bool) and re.search(r"\d", str(v)) for v in value.values()):  # fmt: skip
            yield line, line.partition("#")[2]


def test_every_file_is_in_the_table():
    """All that is shipped is checked here, but for plans of made-up towns, which have no source."""
    assert {p.stem for p in FOLDER.glob("*.toml")} - {"transport", "classroom_theme"} == set(BASES)


@pytest.mark.parametrize("name", BASES)
def test_it_is_its_base_and_policies(name):
    """Apart from title, description and policies a file is the city that it names, whose own policies are none."""
    tree, config, base = tomllib.loads(path(name).read_text("utf-8")), load(path(name)), scenario(BASES[name])
    assert set(tree) == {"base", "title", "description", "policies"}
    assert tree["base"] == f"../{BASES[name]}.toml"
    assert config.policies and not base.policies
    assert replace(config, title=base.title, description=base.description, policies=()) == base
    assert config.title != base.title


@pytest.mark.parametrize("name", BASES)
def test_description_tells_real_from_assumed_and_gives_the_evidence(name):
    """Where the city is another's stand-in, it says so first; no setting names a school or district."""
    config = load(path(name))
    for word in ("Real:", "Assumed:", "Evidence:"):
        assert word in config.description
    assert config.description.startswith("STAND-IN") == (not name.startswith(BASES[name]))
    assert ("stand-in" in config.title) == (not name.startswith(BASES[name]))
    assert not any(policy.schools or policy.districts for policy in config.policies)


@pytest.mark.parametrize("name", BASES)
def test_every_number_has_its_source_or_is_an_assumption(name):
    found = list(numbers(path(name).read_text("utf-8")))
    assert found
    assert [line for line, comment in found if not SOURCED.search(comment)] == []


def test_a_number_without_a_source_is_found():
    """The check itself: bare numbers, numbers in lists and comments without a source do not pass; words need none."""
    text = 'a = 1\nb = [2]  # lots\nc = "3"\nd = true\ne = 0.5  # assumption\ntext = """\nf = 6"""\n'
    assert [line for line, comment in numbers(text) if not SOURCED.search(comment)] == ["a = 1", "b = [2]  # lots"]


@pytest.mark.parametrize("name", BASES)
def test_every_policy_fits_the_city_and_changes_its_rules(name, start):
    """Each policy by itself edits the rules at the city's start, and only levers that it declares."""
    model = start(BASES[name])
    rules = Rules.of(model.config)
    for policy in load(path(name)).policies:
        policy.fits(rules, model.world)
        levers = changed(rules, policy.edit(rules, model.world, policy.pick(rules, model.world)))
        assert levers and set(levers) <= set(policy.levers), policy.kind


@pytest.mark.parametrize("name", BASES)
def test_it_can_be_compared_with_its_base(name):
    """One future for the file and, where it bundles policies, one for each of these."""
    policies = load(path(name)).policies
    arms = arms_of([path(name)], scenario(BASES[name]))
    assert arms[0].name == name and arms[0].policies == policies
    assert len(arms) == 1 + (len(policies) if len(policies) > 1 else 0)


def test_one_and_two_schools_get_a_theme(start):
    """An illustration of one school is one school, and Brno's two are two, also if some schools pass the city's share."""
    for name, count in (("milan_basins", 1), ("turin_bay_nursery", 1), ("brno_magnets", 2)):
        model = start(BASES[name])
        rules, magnet = Rules.of(model.config), load(path(name)).policies[-1]
        assert len(magnet.pick(rules, model.world).schools) == count
        candidates = int(magnet.candidates(rules, model.world).sum())
        assert all(int(magnet.intensity * (candidates + d) + 0.5) == count for d in (-5, 5))


def test_barcelona_triples_the_detected_in_even_steps():
    """Detected share of all pupils: .07 before, then .117, .163 and .21; one rate a year, the last to stay."""
    config = load(path("barcelona_shock_plan"))
    families = config.households
    vulnerable, before = families.vulnerable_share, families.vulnerable_share * families.detection
    steps = [p for p in config.policies if p.kind == "detection"]
    shares = [vulnerable * p.rate + (1 - vulnerable) * p.error for p in steps]
    assert shares == pytest.approx([before * (1 + 2 * k / 3) for k in (1, 2, 3)], abs=1e-3)
    assert [(p.start, p.end) for p in steps] == [(1, 1), (2, 2), (3, 0)]
