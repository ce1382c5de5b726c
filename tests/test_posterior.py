"""Files of parameter sets: read and refused, drawn by weight, and runs in which each seed has a set of its own."""

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.results import TABLES, Run
from abm.summary import summarise
from abm.summary.weights import weights
from abm.values import Groups, put, with_values
from experiments import engine, posterior
from experiments.command_line import app
from experiments.explaining import explain_household
from tests.builders import ROOT, scenario

CLASSROOM = ROOT / "configs" / "classroom.toml"
SMALL = ("city.pupils=160", "city.schools=4", "city.area_pupils=20", "run.years=2")
FILE = """# made by hand
choice.distance,choice.peers.majority,perception.nearest,weight
-0.3,1.0,3,0.5
-0.6,3.0,4,0.0
-1.2,6.0,5,0.25
-1.8,9.0,6,0.25
"""


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    path = tmp_path_factory.mktemp("posterior") / "sets.csv"
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def finished(sets, tmp_path_factory):
    """Four seeds of the small classroom, each under its own set."""
    config = scenario("classroom", *SMALL, "run.seeds=4")
    own = posterior.by_seed(sets, config, [1, 2, 3, 4])
    folder = tmp_path_factory.mktemp("posterior") / "run"
    run, _ = engine.run(config, [1, 2, 3, 4], folder, "classroom.toml", 1, bar=False, sets=own)
    return run, config, own


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def by_set(*words):
    return [word for value in SMALL for word in ("--set", value)] + list(words)


@pytest.mark.parametrize("count", [1, 3, 4, 7, 100])
def test_weights_are_respected(sets, count):
    """A set is drawn as often as its weight says, up to one; never with weight 0; the same every time, in order."""
    table = posterior.read(sets, scenario("classroom"))
    drawn = posterior.draws(table, count)
    often = Counter(values["choice.distance"] for values in drawn)
    for distance, weight in zip(table["choice.distance"], table.weight, strict=True):
        assert abs(often[distance] - count * weight) < 1
    assert often[-0.6] == 0 and len(drawn) == count
    assert drawn == posterior.draws(table, count)
    assert [d["choice.distance"] for d in drawn] == sorted((d["choice.distance"] for d in drawn), reverse=True)


def test_random_weights_give_their_share():
    rng = np.random.default_rng(1)
    for _ in range(20):
        share = rng.dirichlet(np.full(30, 0.3)) * (rng.random(30) < 0.7)
        often = np.bincount(posterior.chosen(share, 50), minlength=30)
        assert (np.abs(often - 50 * share / share.sum()) < 1).all()
        assert (often[share == 0] == 0).all()


def test_a_file_is_written_as_it_is_read(tmp_path):
    table = pd.DataFrame({"choice.distance": [-0.51234567, -1.0], "choice.zone": [1.0, 2.0], "weight": [0.25, 0.75]})
    posterior.save(tmp_path / "s.csv", table, ["from a test"])
    assert (tmp_path / "s.csv").read_text().startswith("# from a test\n")
    pd.testing.assert_frame_equal(posterior.read(tmp_path / "s.csv", scenario("classroom")), table)
    assert posterior.middle(table) == {"choice.distance": -1.0, "choice.zone": 2.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("choice.distance\n", "has no rows"),
        ("weight\n1\n", "has no parameters"),
        ("choice.distanc\n-1\n", "set 1: no parameter 'choice.distanc'"),
        ("choice.peers.children\n-1\n", "no parameter 'choice.peers.children'"),
        ("choice.distance.majority.x\n-1\n", "no parameter"),
        ("choice.distance\nfar\n", "every cell must be a number"),
        ("choice.distance,choice.zone\n-1,\n", "set 1"),
        ("choice.distance\n-1\n-99\n", "set 2"),
        ("choice.distance,weight\n-1,-1\n-1,2\n", "weight: must be numbers of 0 and more, not all 0"),
        ("choice.distance,weight\n-1,0\n", "not all 0"),
        ("choice.distance,weight\n-1,nan\n-1,1\n", "weight"),
        ("choice.distance\n-1,2\n-1,2\n", "more cells than"),
        ("choice.distance,run.years\n-1,2\n", "run.years: years and seeds are the same"),
    ],
)
def test_files_that_are_refused(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=r"bad\.csv") as error:
        posterior.read(path, scenario("classroom"))
    assert words in str(error.value)


def test_the_command_refuses_plainly(tmp_path, capfd):
    result = command("run", CLASSROOM, "--posterior", tmp_path / "none.csv", "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "none.csv: cannot be read" in result.output + capfd.readouterr().err
    assert not (tmp_path / "run").exists()


def test_values_by_group():
    """One number becomes one for each side; a wider name hides what it stands for; narrower keys go in last."""
    base = scenario("milan", "choice.emulation=0.5", "choice.zone={Italian=1.0, foreign=2.0}")
    made = with_values(base, {"choice.emulation.minority": 0.7, "choice.zone.majority": 3.0})
    assert made.choice.emulation == {"majority": 0.5, "minority": 0.7}
    assert made.by_group("choice.zone").tolist() == [3.0] + [2.0] * 5
    made = with_values(base, {"choice.zone.asian": 9.0, "choice.zone.minority": 4.0})
    assert made.by_group("choice.zone").tolist() == [1.0, 4.0, 9.0, 4.0, 4.0, 4.0]
    with pytest.raises(ScenarioError, match="has no 'majority'"):
        put({"city": {"groups": ["a"], "minority": "a"}, "title": "x"}, "title.majority", 1.0, "here")
    assert with_values(base, {"perception.nearest": 3.6}).perception.nearest == 4


def test_a_value_is_set_without_changing_the_tree():
    tree = {"city": {"groups": ["a", "b"], "minority": "b"}, "choice": {"zone": 1.0}}
    assert put(tree, "choice.zone.b", 2.0, "x", Groups.of(tree))["choice"]["zone"] == {
        "majority": 1.0, "minority": 1.0, "b": 2.0
    }  # fmt: skip
    assert tree["choice"] == {"zone": 1.0}


def test_each_seed_runs_under_its_own_set(finished, tmp_path):
    """Tables are those of four runs of one seed each, whose parameters are given by hand."""
    run, config, own = finished
    assert [own.by_seed[seed]["choice.distance"] for seed in (1, 2, 3, 4)] == [-0.3, -0.3, -1.2, -1.8]
    for seed in (2, 4):
        values = own.by_seed[seed]
        alone = scenario(
            "classroom", *SMALL, f"choice.distance={values['choice.distance']}",
            f"choice.peers.majority={values['choice.peers.majority']}", f"choice.peers.minority={config.choice.peers['minority']}",
            f"perception.nearest={int(values['perception.nearest'])}",
        )  # fmt: skip
        single, _ = engine.run(alone, [seed], tmp_path / str(seed), "x", 1, bar=False)
        for table in TABLES:
            rows = (run.folder / f"{table}.csv").read_text().splitlines()
            mine = [line for line in rows[1:] if line.startswith(f"{seed},")]
            assert mine == (single.folder / f"{table}.csv").read_text().splitlines()[1:], table


def test_one_set_is_the_same_as_setting_its_values(tmp_path):
    """To the bit, for all seeds."""
    (tmp_path / "one.csv").write_text("choice.distance,choice.peers.majority\n-0.9,2.5\n")
    end = ["--seeds", 2, "--jobs", 1]
    first = command("run", CLASSROOM, *by_set(), "--posterior", tmp_path / "one.csv", *end, "--out", tmp_path / "a")
    also = by_set("--set", "choice.distance=-0.9", "--set", "choice.peers.majority=2.5")
    also += ["--set", "choice.peers.minority=1.0"]
    second = command("run", CLASSROOM, *also, *end, "--out", tmp_path / "b")
    assert first.exit_code == second.exit_code == 0, first.output + second.output
    assert Run(tmp_path / "b").config().choice.peers["minority"] == scenario("classroom").choice.peers["minority"]
    for table in TABLES:
        assert (tmp_path / "a" / f"{table}.csv").read_bytes() == (tmp_path / "b" / f"{table}.csv").read_bytes()


def test_the_manifest_says_the_sets_and_repeats_the_run(finished, sets, tmp_path):
    run, config, own = finished
    about = json.loads((run.folder / "manifest.json").read_text())["sets"]
    assert about["digest"] == posterior.digest(sets)
    assert about["by_seed"]["3"]["choice.peers.majority"] == 6.0
    assert run.sets() == own and run.config() == config
    assert run.config(3).choice.distance == -1.2 and run.config(3).perception.nearest == 5
    engine.run(run.config(), [1, 2, 3, 4], tmp_path / "again", "x", 1, bar=False, sets=run.sets())
    for table in TABLES:
        assert (tmp_path / "again" / f"{table}.csv").read_bytes() == (run.folder / f"{table}.csv").read_bytes()


def test_without_sets_nothing_is_added(tmp_path):
    run = Run(tmp_path / "run")
    run.open(scenario("classroom"), [1], "x")
    assert run.sets() is None and "sets" not in run.manifest()


def test_another_file_or_other_seeds_are_another_run(finished, tmp_path):
    run, config, own = finished
    other = own._replace(by_seed=own.by_seed | {4: own.by_seed[1]})
    for changed in (None, other, own._replace(digest="0")):
        with pytest.raises(ScenarioError, match="holds another run"):
            run.open(config, [1, 2, 3, 4], "x", sets=changed)
    run.open(config, [1, 2, 3, 4], "x", sets=own)


def test_an_interrupted_run_goes_on_under_the_same_sets(finished, tmp_path, monkeypatch):
    run, config, own = finished
    real, ran = engine.run_seed, []

    def stop(scenario, seed, folder, sets):
        if seed == 3 and "stopped" not in ran:
            ran.append("stopped")
            raise KeyboardInterrupt
        ran.append(seed)
        return real(scenario, seed, folder, sets)

    monkeypatch.setattr(engine, "run_seed", stop)
    call = (config, [1, 2, 3, 4], tmp_path / "run", "x", 1)
    with pytest.raises(KeyboardInterrupt):
        engine.run(*call, bar=False, sets=own)
    engine.run(*call, bar=False, sets=own)
    assert ran == [1, 2, "stopped", 3, 4]
    for table in TABLES:
        assert (tmp_path / "run" / f"{table}.csv").read_bytes() == (run.folder / f"{table}.csv").read_bytes()


def test_explain_uses_the_seeds_own_set(finished):
    run, *_ = finished
    table = SchoolChoiceModel(run.config(4), 4, collect=False).run().world.households
    entrant = int(table.id[np.flatnonzero(table.grade == 0)[0]])
    page = explain_household(run.folder, entrant, 4, None)
    model = SchoolChoiceModel(run.config(4), 4, collect=False).run()
    assert str(model.household(entrant)) in page
    assert "under its own set of parameters from" in page and "choice.distance = -1.8" in page
    other = SchoolChoiceModel(run.config(), 4, collect=False).run()
    assert str(other.household(entrant)) not in page


def test_page_and_summary_say_what_bands_hold(finished):
    run, config, own = finished
    words = f"4 seeds, each under its own set of parameters from {own.file}"
    text = " ".join(str(summarise(run, config)).split())
    assert words in text and "chance together" in text and "chance only" not in text
    result = command("report", run.folder)
    assert result.exit_code == 0, result.output
    html = (run.folder / "report.html").read_text()
    assert words in html and "parameter and seed uncertainty together" in html
    assert "nothing is calibrated" not in html and "uncalibrated" not in html
    assert own.digest in html


def test_weights_in_kilometres_span_the_sets(finished):
    run, config, _ = finished
    rows = {row[0]: row[1:] for row in weights(config, [run.config(seed) for seed in (1, 2, 3, 4)]).rows}
    sibling = config.choice.sibling
    assert rows["an older sibling attends"][0] == f"+{sibling / 1.8:.1f} km to +{sibling / 0.3:.1f} km"
