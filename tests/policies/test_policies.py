"""One contract for every policy of the shelf, found by itself: levers, dates, intensity, cost, documentation."""

import dataclasses
import inspect

import pytest

from abm.config import parameters
from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.policies import SHELF, Policy
from abm.policies.policy import Reach
from abm.policies.targets import Targets
from abm.rules import Rules, changed
from abm.scenario import configure, to_tree
from tests.builders import ROOT, differences, scenario
from tests.policies.examples import EXAMPLES

BASES = {"__init__", "neediest", "policy", "sites", "targets", "telling", "themes", "zoned"}
YEARS = 3


def staged(kind, **extra):
    """The classroom, prepared for a policy, with and without it: two configurations."""
    example = EXAMPLES[kind]
    base = scenario("classroom", *example.overrides, f"run.years={YEARS}")
    return base, configure(to_tree(base) | {"policies": [{"kind": kind} | example.values | extra]})


def run(config, years=YEARS):
    """The model at its start and after each year, as (world, indicators)."""
    model = SchoolChoiceModel(config, 1, collect=False)
    out = [(model.world, model.indicators)]
    for _ in range(years):
        model.step()
        out.append((model.world, model.indicators))
    return out


def unlike(a, b):
    """Where two moments of two runs differ, the authority's notes apart."""
    worlds = [
        moment[0]._replace(ledger={k: v for k, v in moment[0].ledger.items() if k != "authority"}) for moment in (a, b)
    ]
    rows = (
        [x[0] for x, y in zip(a[1].rows, b[1].rows, strict=True) if str(x) != str(y)]
        if len(a[1].rows) == len(b[1].rows)
        else ["rows"]
    )
    return differences(*worlds) + rows


@pytest.fixture(params=SHELF, scope="module")
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def base_run(kind):
    return run(staged(kind)[0])


@pytest.fixture(scope="module")
def policy(kind):
    return staged(kind)[1].policies[0]


@pytest.fixture(scope="module")
def model(kind):
    return SchoolChoiceModel(staged(kind)[0], 1, collect=False)


def edited(policy, model):
    before = Rules.of(model.config)
    return before, policy.edit(before, model.world, policy.pick(before, model.world))


def test_every_file_is_on_the_shelf():
    """Each file of the folder but the base files holds one policy, under the file's name, and has an example."""
    files = {p.stem for p in (ROOT / "abm" / "policies").glob("*.py")} - BASES
    assert files - set(SHELF) == set(), "files that are not on the shelf (abm/policies/__init__.py)"
    assert set(SHELF) - files == set(), "on the shelf, but no file of that name"
    assert set(SHELF) == set(EXAMPLES), "each policy of the shelf needs an entry in tests/policies/examples.py"
    for name, cls in SHELF.items():
        assert issubclass(cls, Policy)
        assert cls.__module__ == f"abm.policies.{name}"
        assert cls().kind == name


def test_declared_levers_are_those_it_edits(policy, kind, model):
    """At full intensity or at half, named schools or not: some may be treated by one lever and all by another."""
    moved = set()
    for values in ({}, *EXAMPLES[kind].variants):
        for intensity in (1.0, 0.5):
            before, after = edited(dataclasses.replace(policy, intensity=intensity, **values), model)
            moved |= changed(before, after)
            assert before == Rules.of(model.config)
    assert policy.levers
    assert moved == set(policy.levers)
    assert set(policy.alone) <= set(policy.levers)


def test_it_can_be_applied_twice(policy, model):
    """A year's rules are made anew from the scenario's, so a second year in force gives the first year's edits again."""
    assert edited(policy, model)[1] == edited(policy, model)[1]


@pytest.mark.parametrize(("start", "end", "years"), [(1, 0, [1, 2, 3, 4]), (2, 3, [2, 3]), (4, 4, [4]), (5, 0, [])])
def test_dates(policy, start, end, years):
    dated = dataclasses.replace(policy, start=start, end=end)
    assert [y for y in range(5) if dated.active(y)] == years


def test_every_parameter_is_documented(policy):
    cls = type(policy)
    declared = {p.key for p in parameters(cls)}
    assert {f.name for f in dataclasses.fields(cls)} - {"when"} <= declared
    for p in parameters(cls):
        assert p.unit and p.doc.endswith(".") and p.source


def test_its_text_says_mechanism_evidence_sign_and_risk(policy):
    text = " ".join(inspect.getdoc(type(policy)).split())
    for word in ("Mechanism:", "Evidence:", "Expected sign", "What can go wrong:"):
        assert word in text


def test_who_may_decide_and_its_area_are_said(policy):
    assert policy.decided_by in ("municipality", "region", "state", "school")
    assert policy.area in ("admission", "supply", "detection", "communication", "priority", "neighbourhood")
    assert policy.dose in ("strength", "targets")


def test_it_survives_a_scenario_and_back(kind):
    config = staged(kind)[1]
    assert configure(to_tree(config)) == config


def test_at_zero_intensity_it_is_no_policy(kind, base_run):
    """Every table and every measurement of three years, to the bit; nor does it cost anything."""
    costs = {"cost_fixed": 1000.0, "cost_school": 10.0, "cost_pupil": 1.0}
    nothing = staged(kind, intensity=0.0, **costs)[1]
    treated = nothing.policies[0].pick(Rules.of(nothing), base_run[0][0]).schools
    assert not (nothing.policies[0].dose == "targets" and treated), "at intensity 0 pick still returns schools"
    for was, now in zip(base_run, run(nothing), strict=True):
        assert unlike(was, now) == []


def test_before_its_start_it_is_no_policy(kind, base_run):
    for was, now in list(zip(base_run, run(staged(kind, start=3)[1]), strict=True))[:3]:
        assert unlike(was, now) == []


def test_in_force_it_changes_the_city(kind, base_run):
    now = run(staged(kind)[1])
    assert unlike(base_run[0], now[0]) == []
    moved = set(unlike(base_run[-1], now[-1])) - {"world.ledger.cost", "cost"}
    assert moved, (
        f"{kind} costs and does nothing in the classroom; give its example values, or a classroom, in which it bites"
    )


def test_its_price_adds_up(policy, kind):
    """Year by year: intensity x fixed + schools x cost of a school + pupils x cost of a pupil + what the city's fees make."""
    costs = {"cost_fixed": 1000.0, "cost_school": 10.0, "cost_pupil": 0.5}
    model = SchoolChoiceModel(staged(kind, intensity=0.5, **costs)[1], 1, collect=False)
    for _ in range(2):
        before = model.world
        model.step()
        (act,) = model.world.ledger["authority"].acts
        at, acting = model.world.ledger["authority"].targets[0], model.config.policies[0]
        further = acting.grants(Reach(act.schools, act.pupils)) + acting.bill(Rules.of(model.config), before, at)
        assert act.euro == 500 + 10 * act.schools + 0.5 * act.pupils + further == model.indicators["cost"]
        assert 0 <= act.pupils <= before.households.id.size
        assert 0 <= act.schools <= model.world.schools.open.size


def test_more_intensity_treats_no_fewer(policy, kind, model):
    """Targets are nested: whoever is treated at a lower intensity is at a higher one; reach never falls."""
    rules = Rules.of(model.config)
    last, reach = Targets(), (0.0, 0.0)
    for intensity in (0.0, 0.25, 0.5, 0.75, 1.0):
        stronger = dataclasses.replace(policy, intensity=intensity)
        at = stronger.pick(rules, model.world)
        assert set(last.schools) <= set(at.schools) and set(last.districts) <= set(at.districts)
        now = stronger.reach(rules, model.world, at)
        assert now[0] >= reach[0] and now[1] >= reach[1]
        last, reach = at, now


def test_groups_are_heeded_or_refused(kind, policy):
    """A policy on whole schools, areas or the city cannot be aimed at the families of some groups, and says so."""
    config = staged(kind, groups=["minority"])[1]
    if not policy.by_groups:
        with pytest.raises(ScenarioError, match=r"groups (empty|out)"):
            SchoolChoiceModel(config, 1, collect=False)


def test_a_policy_on_schools_takes_only_those_that_are_named(kind, policy):
    if not policy.by_schools:
        return
    for school in ("State school 1", "State school 5", "Private school 1"):
        extra = {"schools": [school]} | ({"rule": "named"} if kind == "magnet" else {})
        try:
            model = SchoolChoiceModel(staged(kind, **extra)[1], 1, collect=False)
        except ScenarioError:  # this school cannot be treated, which is told
            continue
        policy = model.config.policies[0]
        at = policy.pick(Rules.of(model.config), model.world)
        assert {model.world.city.school_names[s] for s in at.schools} <= {school}


def test_a_lever_out_of_bounds_is_refused_when_it_is_set():
    with pytest.raises((ScenarioError, ValueError)):
        Rules.of(scenario("classroom")).edit("households.detection", 1.5)


def test_a_policy_that_ends_before_it_starts_is_refused():
    with pytest.raises(ScenarioError, match="before it starts"):
        configure({"policies": [{"kind": "magnet", "start": 5, "end": 3}]})
