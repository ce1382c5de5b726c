"""A saved session comes back whole; what cannot be loaded is left out and told."""

import json

import pytest

from abm import __version__
from abm.config.declare import ScenarioError
from experiments.app.session import FORMAT, restore
from tests.builders import scenario

MAGNET = {"kind": "magnet", "start": 3, "intensity": 0.5}


def opened(saved):
    return restore(saved, ("classroom", "milan"), scenario, "classroom")


def saved(**changes):
    own = {"format": FORMAT, "version": __version__, "scenario": "classroom", "seed": 4, "years": 10, "year": 6}
    return own | {"policies": [MAGNET], "budget": 2e6, "guesses": [{"key": "D"}], "language": "it"} | changes


def test_a_session_comes_back_as_it_was():
    session, notes = opened(saved())
    assert not notes
    assert json.loads(json.dumps(session.tree())) == saved()
    assert opened(session.tree())[0] == session


def test_a_policy_that_no_longer_exists_is_told_and_the_others_stay():
    session, notes = opened(saved(policies=[{"kind": "teleport", "start": 1}, MAGNET]))
    assert session.policies == (MAGNET,)
    assert notes == [{"code": "policy_gone", "values": {"policy": "teleport"}}]


@pytest.mark.parametrize("entry", [{"kind": "magnet", "intensity": 7}, {"kind": "magnet", "wand": 1}])
def test_a_policy_with_parameters_that_it_no_longer_has_is_told(entry):
    session, notes = opened(saved(policies=[entry, MAGNET]))
    assert session.policies == (MAGNET,)
    assert [note["code"] for note in notes] == ["policy_wrong"]
    assert notes[0]["values"]["policy"] == "magnet" and notes[0]["values"]["why"]


def test_another_version_is_told_and_loads():
    session, notes = opened(saved(version="0.0.1"))
    assert [note["code"] for note in notes] == ["version"]
    assert session.seed == 4 and session.year == 6


def test_a_scenario_that_is_not_here_gives_way_to_the_first():
    session, notes = opened(saved(scenario="atlantis"))
    assert session.scenario == "classroom"
    assert notes[0] == {"code": "scenario", "values": {"scenario": "atlantis", "instead": "classroom"}}


@pytest.mark.parametrize(("key", "value"), [("seed", "one"), ("years", 0), ("year", 99), ("seed", True)])
def test_a_number_that_makes_no_sense_is_replaced(key, value):
    session, notes = opened(saved(**{key: value}))
    assert [note["code"] for note in notes] == ["number"] and notes[0]["values"]["key"] == key
    assert getattr(session, key) == {"seed": 1, "years": 10, "year": 0}[key]


@pytest.mark.parametrize("other", [None, [], "text", {"type": "FeatureCollection"}])
def test_what_is_no_session_is_an_error_with_a_remedy(other):
    with pytest.raises(ScenarioError, match="no saved session"):
        opened(other)
