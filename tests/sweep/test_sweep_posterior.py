"""Sweeps over the sets of a posterior: which points, which seeds, whose rows, what is refused."""

import dataclasses
import io
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.scenario import configure, to_tree
from experiments import posterior
from experiments.command_line import app
from experiments.exploration.adapter import model
from experiments.sensitivity.analysis import analyse, by_point
from experiments.sweep.block import play
from experiments.sweep.conduct import conduct, items, pilot, told
from experiments.sweep.dataset import Dataset
from experiments.sweep.design import Design
from experiments.sweep.look import repeat, table
from experiments.sweep.manifest import sweep_of
from experiments.sweep.spec import load
from tests.builders import scenario

CITY = """
[run]
years = 1
[city]
pupils = 80
schools = 4
district_count = 2
area_pupils = 5
place_pupils = 5
class_size = 10
residential_dissimilarity = 0.25
"""
POLICY = '[[policies]]\nkind = "cut_places"\n'
SETS = """# made by hand
choice.distance,choice.zone.minority,perception.nearest,weight
-0.3,0.1,3,1
-0.6,0.2,4.4,0
-0.9,0.3,5,2
-1.2,0.4,6,1
"""
HEAD = 'base = "city.toml"\ndesign = "posterior"\nposterior = "sets.csv"\nsamples = 4\nseeds = 2\nindicators = ["dissimilarity"]\n'
ARMS = HEAD + '[vary]\npolicies = ["none", "cut.toml"]\n'


@pytest.fixture
def folder(tmp_path):
    for name, text in (("city.toml", CITY), ("cut.toml", POLICY), ("sets.csv", SETS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def written(folder, text):
    (folder / "sweep.toml").write_text(text)
    return load(folder / "sweep.toml")


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_points_are_draws_by_weight_each_in_every_arm(folder):
    design = Design(written(folder, ARMS))
    points = [design.point(k) for k in range(design.points)]
    drawn = posterior.draws(posterior.read(folder / "sets.csv", configure({})), 4)
    assert (
        [p["choice.distance"] for p in points[::2]] == [d["choice.distance"] for d in drawn] == [-0.3, -0.9, -0.9, -1.2]
    )
    assert [p["policies"] for p in points] == ["none", "cut"] * 4
    assert [p | {"policies": ""} for p in points[::2]] == [p | {"policies": ""} for p in points[1::2]]
    assert {p["perception.nearest"] for p in points} == {3, 5, 6}
    alone = Design(written(folder, HEAD))
    assert [alone.point(k) for k in range(alone.points)] == [
        {k: v for k, v in p.items() if k != "policies"} for p in points[::2]
    ]
    pairs = Design(written(folder, HEAD + 'effect = "cut.toml"\n'))
    assert [pairs.point(k) for k in range(pairs.points)] == points


def test_each_draw_has_seeds_of_its_own_the_same_in_all_arms(folder):
    """Other designs have the same seeds at all points."""
    for text in (ARMS, HEAD + 'effect = "cut.toml"\n'):
        design = Design(written(folder, text + ""))
        seeds = [[design.seed(2 * k), design.seed(2 * k + 1)] for k in range(design.points)]
        assert seeds[::2] == seeds[1::2] == [[1, 2], [3, 4], [5, 6], [7, 8]]
    grid = Design(written(folder, 'base = "city.toml"\nseeds = 2\n[vary]\n"choice.length" = [2, 3]\n'))
    assert [grid.seed(k) for k in range(4)] == [1, 2, 1, 2]


def test_a_run_is_that_of_the_scenario_with_the_values_set(folder):
    """To the bit, also where the base has one number for all groups."""
    sweep = written(folder, ARMS)
    rows = pd.read_parquet(io.BytesIO(play(next(items(sweep, 100, [0]))).parquet))
    assert rows.error.eq("").all() and len(rows) == 16
    last = rows[(rows.point == 6) & (rows.seed == 8)].iloc[0]
    base = configure(sweep.base)
    assert not isinstance(base.choice.zone, dict)
    config = posterior.with_values(
        base, {"choice.distance": -1.2, "choice.zone.minority": 0.4, "perception.nearest": 6}
    )
    assert config.choice.zone == {"majority": base.choice.zone, "minority": 0.4}
    run = SchoolChoiceModel(config, 8, collect=False).run()
    assert last.value == run.indicators["dissimilarity"]
    assert (last["choice.zone.minority"], last["perception.nearest"], last.policies) == (0.4, 6.0, "none")


def test_identity_covers_the_files_content_but_no_names(folder):
    sweep = written(folder, ARMS)
    assert written(folder, 'title = "Other"\n' + ARMS).identity() == sweep.identity()
    (folder / "copy.csv").write_text("# another remark\n" + SETS)
    assert written(folder, ARMS.replace("sets.csv", "copy.csv")).identity() == sweep.identity()
    for old, new in (("-1.2", "-1.3"), ("5,2", "5,3"), ("choice.zone.minority", "choice.zone.majority")):
        (folder / "sets.csv").write_text(SETS.replace(old, new))
        assert written(folder, ARMS).identity() != sweep.identity()


def test_it_comes_back_from_its_manifest(folder):
    sweep = written(folder, ARMS)
    again = sweep_of(json.loads(json.dumps({"sweep": dataclasses.asdict(sweep)})))
    assert again.identity() == sweep.identity()
    assert (again.factors, again.sets, again.weights) == (sweep.factors, sweep.sets, sweep.weights)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD.replace('posterior = "sets.csv"\n', ""), "posterior: name a file"),
        (HEAD.replace("sets.csv", "none.csv"), "none.csv: cannot be read"),
        (HEAD + '[vary]\n"choice.length" = [2, 3]\n', "vary.choice"),
        (HEAD.replace('design = "posterior"', 'design = "grid"') + '[vary]\n"choice.length" = [2]\n', "only counts with design"),
        (HEAD + 'effect = "cut.toml"\n[vary]\npolicies = ["none"]\n', "effect: name one file"),
    ],
)  # fmt: skip
def test_what_is_refused(folder, text, words):
    with pytest.raises(ScenarioError, match=r"\.(toml|csv)") as error:
        written(folder, text)
    assert words in str(error.value)


def test_a_bad_set_is_told_before_anything_is_run(folder):
    (folder / "sets.csv").write_text(SETS.replace("-1.2", "-120"))
    with pytest.raises(ScenarioError, match=r"sets\.csv: set 4"):
        written(folder, ARMS)


def test_the_dry_run_tells_how_many_sets(folder):
    result = command("sweep", (written(folder, ARMS), folder / "sweep.toml")[1], "--dry-run")
    assert result.exit_code == 0, result.output
    assert "8 points x 2 seeds = 16 runs" in result.output
    assert "4 draws by weight from the 4 sets of sets.csv, 3 of them different" in result.output


def test_sensitivity_looks_at_the_sample_as_it_is(folder):
    """PAWN on draws: the parameter on which opting out hangs comes first; the page says what Morris and Sobol would need."""
    rng = np.random.default_rng(1)
    rows = [f"{-3 * rng.random():.3f},{rng.random():.3f}" for _ in range(48)]
    (folder / "sets.csv").write_text("choice.distance,outcomes.peers\n" + "\n".join(rows))
    (folder / "sweep.toml").write_text(
        HEAD.replace("samples = 4", "samples = 48")
        .replace("dissimilarity", "outside_local_school:majority")
        .replace("seeds = 2", "seeds = 4\nyears = 4")
    )
    out = folder / "out"
    result = command("sensitivity", folder / "sweep.toml", "--out", out, "--jobs", 1)
    assert result.exit_code == 0, result.output
    told_ = analyse(Dataset(out))
    assert told_.table.key[0] == "choice.distance"
    shares = Dataset(out).design().shares
    assert np.allclose(np.sort(shares, axis=0), ((np.arange(48) + 0.5) / 48)[:, None])
    html = (out / "index.html").read_text()
    assert "drawn by weight from sets.csv" in html and "need designs of their own" in html
    assert "equally likely and independent" not in html


def test_sensitivity_with_policies_counts_them_as_a_factor(folder):
    (folder / "sweep.toml").write_text(ARMS.replace("samples = 4", "samples = 16"))
    result = command("sensitivity", folder / "sweep.toml", "--out", folder / "out", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert set(analyse(Dataset(folder / "out")).table.key) == {
        "choice.distance", "choice.zone.minority", "perception.nearest", "policies"
    }  # fmt: skip


def test_the_dataset_is_read_repeated_and_taken_up_again(folder):
    sweep = written(folder, ARMS)
    there = conduct(sweep, "x", folder / "out", 1, "x", bar=False)
    assert there == (16, 16)
    data = Dataset(folder / "out")
    assert data.sweep().identity() == sweep.identity()
    rows = table(data, "dissimilarity")
    assert list(rows.policies) == ["none", "cut"] * 4
    assert np.isfinite(by_point(data, "dissimilarity", 1)).all()
    run = pd.read_parquet(data.data).run.iloc[-1]
    assert repeat(data, run)[1]
    before = {path.name: path.read_bytes() for path in data.files()}
    next(data.files()).unlink()
    assert conduct(sweep, "x", folder / "out", 1, "x", bar=False) == (16, 16)
    assert {path.name: path.read_bytes() for path in data.files()} == before
    assert "16 runs" in told(sweep, pilot(sweep, "x"), 2)


def test_the_workbench_adapter_says_that_it_needs_ranges(folder):
    with pytest.raises(ScenarioError, match="draws its own points"):
        model(written(folder, ARMS))


def test_a_shipped_city_takes_sets_by_group(folder):
    """Milan names its groups: a set for the sides hides the names they stand for."""
    base = to_tree(scenario("milan", "choice.private={Italian=2.0, foreign=1.0}"))
    made = posterior.with_values(configure(base), {"choice.private.majority": 0.5, "choice.private.minority": 0.25})
    assert made.by_group("choice.private").tolist() == [0.5] + [0.25] * 5
