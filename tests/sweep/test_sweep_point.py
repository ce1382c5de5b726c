"""A point: its values set in the base, whatever they are; what cannot be set is a failed run and nothing more."""

import io
import json

import pandas as pd
import pytest

from abm.scenario import load as load_scenario
from abm.scenario import to_tree
from experiments.sweep.block import play
from experiments.sweep.conduct import items
from experiments.sweep.point import resolve, scenario_digest
from experiments.sweep.spec import load
from tests.builders import ROOT

BASE = ROOT / "configs" / "classroom.toml"
POLICY = '[[policies]]\nkind = "detection"\nintensity = 0.5\n'


def played(folder, text, size=10):
    path = folder / "sweep.toml"
    path.write_text(f'base = "{BASE}"\nyears = 0\nseeds = 1\nindicators = ["dissimilarity"]\n{text}')
    done = play(next(items(load(path), size, [0])))
    return done, pd.read_parquet(io.BytesIO(done.parquet))


def test_a_policys_intensity_in_pairs_without_and_with_it(tmp_path):
    """Without the policy its intensity has nothing to change: that is no fault."""
    (tmp_path / "p.toml").write_text(POLICY)
    done, rows = played(tmp_path, 'effect = "p.toml"\n[vary]\n"policies.0.intensity" = [0.1, 0.2]\n')
    assert done.failed == 0
    assert rows.run.nunique() == 3
    assert rows.run[0] == rows.run[2]


def test_points_leave_nothing_behind_in_one_another():
    tree = to_tree(load_scenario(BASE))
    arms = {"p": [{"kind": "detection", "intensity": 0.5}]}
    base = json.dumps({"scenario": tree, "arms": arms})
    for level in (0.1, 0.9):
        assert resolve(base, {"policies": "p", "policies.0.intensity": level}).policies[0].intensity == level
    assert resolve(base, {"policies": "p"}).policies[0].intensity == 0.5
    assert resolve(base, {"choice.peers.majority": 1.0, "choice.peers.minority": 2.0}).choice.peers == {
        "majority": 1.0, "minority": 2.0
    }  # fmt: skip
    assert resolve(base, {}) == load_scenario(BASE)


@pytest.mark.parametrize("key", ["policies.0.intensity", "policies.\u00b2.intensity", "policies.0"])
def test_a_policy_that_is_not_there_is_a_failed_run(tmp_path, key):
    done, rows = played(tmp_path, f'[vary]\n"{key}" = [0.1, 0.2]\n')
    assert done.failed == 2
    assert rows.error.str.contains("vary.policies").all()


def test_whatever_goes_wrong_in_a_point_does_not_stop_the_others(tmp_path, monkeypatch):
    def breaking(base, values):
        if values["choice.length"] == 2:
            raise RecursionError("broken on purpose")
        return resolve(base, values)

    monkeypatch.setattr("experiments.sweep.block.resolve", breaking)
    done, rows = played(tmp_path, '[vary]\n"choice.length" = [2, 3]\n')
    assert (done.runs, done.failed) == (2, 1)
    assert rows.error[0] == "RecursionError: broken on purpose"


def test_the_digest_is_that_of_the_whole_configuration():
    """As from the tree with all its keys, whose text it must equal."""
    import hashlib

    for name in ("milan", "policies/oslo_no_opt_out"):
        config = load_scenario(ROOT / "configs" / f"{name}.toml")
        text = json.dumps(to_tree(config), sort_keys=True)
        assert scenario_digest(config) == hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
