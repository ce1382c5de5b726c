"""One contract for every policy: declared levers are those it edits, dates hold, documentation is complete."""

import dataclasses
import inspect

import pytest

from abm.config import parameters
from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.policies import SHELF, Policy
from abm.rules import Rules, changed
from abm.scenario import configure, to_tree
from tests.builders import ROOT, scenario

# Values other than the scenario's own for every parameter of a policy, so that each declared lever is moved.
MOVED = {
    "campaign": {"schools": 3, "information": 0.4, "side": "minority"},
    "detection": {"rate": 0.9},
    "magnet": {"schools": 1, "quality": 0.7},
    "mechanism": {"mechanism": "top_trading_cycles"},
    "reserved_places": {"share": 0.3, "maximum": 0.5, "order": "open_first"},
}


@pytest.fixture(scope="module")
def model():
    return SchoolChoiceModel(scenario("classroom"), 1, collect=False)


@pytest.fixture(params=SHELF)
def policy(request):
    return SHELF[request.param](**{"kind": request.param} | MOVED[request.param])


def test_every_file_is_on_the_shelf():
    """Each file of the folder but the base class holds one policy, under the file's name."""
    files = {p.stem for p in (ROOT / "abm" / "policies").glob("*.py")} - {"__init__", "policy"}
    assert files == set(SHELF)
    for name, cls in SHELF.items():
        assert issubclass(cls, Policy)
        assert cls.__module__ == f"abm.policies.{name}"


def test_declared_levers_are_those_it_edits(policy, model):
    before = Rules.of(model.config)
    after = policy.edit(before, model.world)
    assert changed(before, after) == set(policy.levers)


def test_levers_exist(policy, model):
    for lever in policy.levers:
        Rules.of(model.config).read(lever)


def test_it_edits_a_copy(policy, model):
    before = Rules.of(model.config)
    policy.edit(before, model.world)
    assert before == Rules.of(model.config)


def test_it_can_be_applied_twice(policy, model):
    """Setting a lever again gives the same rules: no policy adds to what it set before."""
    once = policy.edit(Rules.of(model.config), model.world)
    assert policy.edit(once, model.world) == once


@pytest.mark.parametrize(("start", "end", "years"), [(1, 0, [1, 2, 3, 4]), (2, 3, [2, 3]), (4, 4, [4]), (5, 0, [])])
def test_dates(policy, start, end, years):
    dated = dataclasses.replace(policy, start=start, end=end)
    assert [y for y in range(5) if dated.active(y)] == years


def test_every_parameter_is_documented(policy):
    cls = type(policy)
    declared = {p.key: p for p in parameters(cls)}
    assert set(declared) == {f.name for f in dataclasses.fields(cls)}
    for p in declared.values():
        assert p.unit and p.doc.endswith(".") and p.source


def test_its_text_says_mechanism_evidence_sign_and_risk(policy):
    text = " ".join(inspect.getdoc(type(policy)).split())
    for word in ("Mechanism:", "Evidence:", "Expected sign", "What can go wrong:"):
        assert word in text


def test_who_may_decide_is_said(policy):
    assert policy.decided_by in ("municipality", "region", "state", "school")


def test_it_survives_a_scenario_and_back(policy):
    config = configure({"policies": [dataclasses.asdict(policy)]})
    assert config.policies == (policy,)
    assert configure(to_tree(config)) == config


NOTHING = {
    "campaign": {"schools": 0, "information": 0.0, "side": "all"},
    "detection": {"rate": 0.35},
    "magnet": {"schools": 0, "quality": 0.3},
    "mechanism": {"mechanism": "immediate_acceptance"},
    "reserved_places": {"share": 0.0, "maximum": 1.0, "order": "reserve_first"},
}


@pytest.mark.parametrize("kind", SHELF)
def test_at_no_intensity_it_is_no_policy(kind):
    """Where a policy has a setting that equals the default rules, the run is the one without it, but for the cost."""
    config = scenario("classroom", "run.years=2")
    entry = {"kind": kind, "cost": 7.0} | NOTHING[kind]
    with_it = configure(to_tree(config) | {"policies": [entry]})
    a, b = (SchoolChoiceModel(c, 1, collect=False).run() for c in (config, with_it))
    differ = {x[0] for x, y in zip(a.indicators.rows, b.indicators.rows, strict=True) if str(x) != str(y)}
    assert differ == {"cost"}
    assert b.indicators["cost"] == 7.0


def test_cost_counts_in_the_years_in_force():
    entries = [{"kind": "campaign", "cost": 5.0, "start": 2, "end": 3}, {"kind": "magnet", "cost": 2.0, "start": 3}]
    config = configure(to_tree(scenario("classroom", "run.years=4")) | {"policies": entries})
    model = SchoolChoiceModel(config, 1, collect=False)
    paid = [model.indicators["cost"]]
    for _ in range(4):
        model.step()
        paid.append(model.indicators["cost"])
    assert paid == [0, 0, 5, 7, 2]


def test_edits_apply_in_the_order_of_the_file():
    """Of two policies that set one lever the later in the file holds."""
    entries = [{"kind": "detection", "rate": 0.9}, {"kind": "detection", "rate": 0.6}]
    for order in (entries, entries[::-1]):
        config = configure(to_tree(scenario("classroom", "run.years=1")) | {"policies": order})
        model = SchoolChoiceModel(config, 1, collect=False).run()
        assert model.rules.households.detection == order[-1]["rate"]


def test_a_lever_out_of_bounds_is_refused_when_it_is_set(model):
    with pytest.raises((ScenarioError, ValueError)):
        Rules.of(model.config).edit("households.detection", 1.5)


def test_a_policy_that_ends_before_it_starts_is_refused():
    with pytest.raises(ScenarioError, match="before it starts"):
        configure({"policies": [{"kind": "magnet", "start": 5, "end": 3}]})
