"""Switches come from the declarations alone, and whatever they can be set to is a policy that the model takes."""

import json

import pytest
from pydantic import ValidationError

from abm.config import parameters
from abm.policies import SHELF
from abm.scenario import to_tree
from experiments.app.futures import with_policies
from experiments.app.presets import presets
from experiments.app.switches import NOTHING, idle, shelf
from tests.builders import CONFIGS, ROOT, scenario

ENTRIES = shelf(scenario("classroom"))
INPUTS = [(entry["kind"], made) for entry in ENTRIES for made in entry["parameters"]]
PRESETS = [(name, preset) for name in CONFIGS for preset in presets(ROOT / "configs" / f"{name}.toml")]


def test_every_policy_of_the_shelf_is_a_switch_with_its_evidence():
    assert [entry["kind"] for entry in ENTRIES] == list(SHELF)
    for entry in ENTRIES:
        assert entry["what"].endswith("."), entry["kind"]
        assert len(entry["evidence"]) > 20, entry["kind"]
        assert len(entry["wrong"]) > 20, entry["kind"]
    json.dumps(ENTRIES, allow_nan=False)


def test_inputs_are_the_declared_parameters_and_own_ones_come_before_costs():
    for entry in ENTRIES:
        declared = {p.key: p for p in parameters(SHELF[entry["kind"]])}
        keys = [made["key"] for made in entry["parameters"]]
        assert set(keys) <= set(declared)
        assert keys == sorted(keys, key=lambda key: key.startswith("cost_"))
        assert {"cost_fixed", "cost_school", "cost_pupil"} <= set(keys)
        for made in entry["parameters"]:
            p = declared[made["key"]]
            assert (made["doc"], made["unit"]) == (p.doc, p.unit)
            assert made["default"] == (list(p.default) if isinstance(p.default, tuple) else p.default)


def values(made):
    """What a reader can set an input to."""
    if made["control"] == "choice":
        return made["choices"]
    if made["control"] == "flag":
        return [True, False]
    if made["control"] == "several":
        return [[name] for name in made["choices"]]
    if made["control"] == "sides":
        return [{"majority": made["low"], "minority": made["high"]}]
    return [made["low"], made["high"]]


@pytest.mark.parametrize(("kind", "made"), INPUTS, ids=lambda x: x if isinstance(x, str) else x["key"])
def test_whatever_an_input_can_be_set_to_is_taken(kind, made):
    assert made["control"] in ("choice", "flag", "several", "sides", "slider", "number")
    for value in values(made):
        try:
            policy = SHELF[kind](kind=kind, **{made["key"]: value})
        except ValidationError as error:  # two settings that contradict each other are told as a sentence
            assert [fault["type"] for fault in error.errors()] == ["check"]
            continue
        assert getattr(policy, made["key"]) == (tuple(value) if isinstance(value, list) else value)


def test_whole_numbers_get_whole_steps_and_shares_get_sliders():
    inputs = {(kind, made["key"]): made for kind, made in INPUTS}
    assert inputs["campaign", "share"]["control"] == "slider"
    assert inputs["campaign", "further"]["step"] == 1
    assert inputs["magnet", "taste"]["control"] == "sides"
    assert inputs["points", "zone"]["optional"]
    assert "named" not in inputs["magnet", "rule"]["choices"], "names of schools are left to the scenario file"
    assert ("campaign", "name") not in inputs, "free texts are left to the scenario file"
    assert ("transport", "links") not in inputs


def test_what_can_do_nothing_here_is_told_with_its_reason():
    tree = to_tree(scenario("classroom"))
    assert "no subsidised school here" in idle(tree, 1, "no_fees")
    assert not idle(tree, 1, "no_fees").startswith("policies[")
    assert idle(tree, 1, "magnet") == ""
    still = to_tree(scenario("classroom", "admission.points.low_income=15"))
    assert idle(still, 1, "points") == NOTHING


def test_a_level_of_the_scenario_replaces_the_declared_one():
    entries = {entry["kind"]: entry for entry in shelf(scenario("classroom", 'authority.decides.magnet="state"'))}
    assert entries["magnet"]["decided_by"] == "state"


def test_every_policy_file_is_a_preset_of_its_city():
    files = {path.stem for path in (ROOT / "configs" / "policies").glob("*.toml")}
    assert {preset["name"] for _, preset in PRESETS} == files
    assert len(PRESETS) == len(files)


@pytest.mark.parametrize(("name", "preset"), PRESETS, ids=lambda x: x if isinstance(x, str) else x["name"])
def test_presets_fill_the_panel_with_policies_that_are_taken(name, preset):
    assert preset["title"] and preset["description"]
    sent = json.loads(json.dumps(preset["policies"]))  # as the page sends them back
    config = with_policies(scenario(name), sent)
    assert [policy.kind for policy in config.policies] == [entry["kind"] for entry in sent]


def test_each_shipped_scenario_has_a_preset():
    assert {name for name, _ in PRESETS} == set(CONFIGS)


def test_policies_on_schools_are_told_and_what_naming_schools_asks_of_them():
    entries = {entry["kind"]: entry for entry in ENTRIES}
    assert entries["magnet"]["by_schools"] and entries["magnet"]["naming"] == {"rule": "named"}
    assert entries["close_schools"]["by_schools"] and entries["close_schools"]["naming"] == {}
    assert not entries["campaign"]["by_schools"]
    assert entries["campaign"]["naming"] == {}
