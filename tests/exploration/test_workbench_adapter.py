"""The library's own evaluators give the numbers of direct runs."""

import pickle

import numpy as np
import pytest

from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.scenario import configure
from experiments.exploration.adapter import identifier, model, spreads
from experiments.sweep.factors import factor_of
from experiments.sweep.spec import load
from tests.builders import scenario

ema = pytest.importorskip("ema_workbench")
LEVER = {"policies.0.intensity": {"low": 0.0, "high": 1.0}}


@pytest.fixture(scope="module")
def plan(tiny):
    return load(tiny / "sweep.toml")


def direct(plan, tree, seed):
    """Segregation after the last year, by the model itself."""
    run = SchoolChoiceModel(configure(plan.base | tree), seed)
    for _ in range(plan.keep[-1]):
        run.step()
    return run.indicators["dissimilarity"]


def test_what_the_model_declares(plan):
    made = model(plan, LEVER)
    kinds = {p.name: type(p).__name__ for p in (*made.uncertainties, *made.levers)}
    assert kinds == {
        "choice__theme": "RealParameter", "choice__distance": "RealParameter", "policies__0__themes": "IntegerParameter",
        "policies__0__intensity": "RealParameter",
    }  # fmt: skip
    assert [o.name for o in made.outcomes] == ["dissimilarity", "private_majority", "effect_dissimilarity", "effect_private_majority"]  # fmt: skip
    assert identifier("outside_local_school:majority") == "outside_local_school_majority"


@pytest.mark.filterwarnings("ignore")  # of the library
def test_an_evaluator_gives_the_numbers_of_direct_runs(plan):
    made = model(plan, LEVER)
    with ema.SequentialEvaluator(made) as evaluator:
        table, outcomes = evaluator.perform_experiments(scenarios=2, policies=2)
    assert len(table) == 4
    for k, row in enumerate(table.to_dict("records")):
        choice = plan.base["choice"] | {"theme": row["choice__theme"], "distance": row["choice__distance"]}
        policy = plan.arms["magnet"][0] | {
            "themes": int(row["policies__0__themes"]), "intensity": row["policies__0__intensity"],
        }  # fmt: skip
        seeds = range(plan.seed, plan.seed + plan.seeds)
        with_it = [direct(plan, {"choice": choice, "policies": [policy]}, seed) for seed in seeds]
        without = [direct(plan, {"choice": choice, "policies": []}, seed) for seed in seeds]
        assert outcomes["dissimilarity"][k] == pytest.approx(np.mean(with_it), abs=1e-12)
        gap = np.mean(np.subtract(with_it, without))
        assert outcomes["effect_dissimilarity"][k] == pytest.approx(gap, abs=1e-12)


def test_policies_as_files_are_a_lever(tiny):
    text = (
        (tiny / "sweep.toml")
        .read_text()
        .replace('effect = "magnet.toml"\n', "")
        .replace('"policies.0.themes"', "policies")
    )
    (tiny / "files.toml").write_text(text.replace("{ low = 0, high = 4 }", '["none", "magnet.toml"]'))
    made = model(load(tiny / "files.toml"))
    assert [(lever.name, [c.value for c in lever.categories]) for lever in made.levers] == [("policies", ["none", "magnet"])]  # fmt: skip
    run = pickle.loads(pickle.dumps(made.function))
    nothing = run(choice__theme=1.0, choice__distance=-0.5, policies="none")
    assert nothing["effect_dissimilarity"] == 0
    assert run(choice__theme=1.0, choice__distance=-0.5, policies="magnet")["effect_private_majority"] is not None


def test_declared_spreads():
    """Distance -.6 times .3 to 1.8 or the like: ends in order, within bounds; by group where the value is."""
    base = scenario("classroom")
    vary = spreads(base)
    assert {"choice.distance", "choice.peers.majority", "choice.peers.minority"} <= set(vary)
    for key, entry in vary.items():
        made = factor_of(key, entry, base, "latin_hypercube", "here")
        assert made.low < made.high
    with pytest.raises(ScenarioError, match="no spread is declared"):
        factor_of("city.side_km", {"from": "spread"}, base, "latin_hypercube", "here")
    with pytest.raises(ScenarioError, match="name a group"):
        factor_of("choice.peers", {"from": "spread"}, base, "latin_hypercube", "here")
