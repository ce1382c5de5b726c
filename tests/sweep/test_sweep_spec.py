"""Sweep files: what they mean, and what is said of a wrong one."""

import pytest

from abm.config.declare import ScenarioError
from experiments.sweep.conduct import items
from experiments.sweep.design import Design
from experiments.sweep.spec import load
from tests.builders import ROOT

HEAD = f'base = "{ROOT / "configs" / "classroom.toml"}"\n'


def written(tmp_path, text):
    path = tmp_path / "sweep.toml"
    path.write_text(HEAD + text)
    return load(path)


def test_a_full_grid_has_every_combination_once(tmp_path):
    """Two, three and two levels: twelve points, the last key fastest."""
    sweep = written(
        tmp_path,
        '[vary]\n"choice.peers_full"=[0.6, 0.8]\n"choice.length"={low=2, high=6, steps=3}\n"choice.taste"=["none", "persistent"]\n',
    )
    design = Design(sweep)
    points = [design.point(k) for k in range(design.points)]
    assert design.points == 12
    assert len({tuple(point.values()) for point in points}) == 12
    assert points[0] == {"choice.peers_full": 0.6, "choice.length": 2, "choice.taste": "none"}
    assert points[1]["choice.taste"] == "persistent"
    assert [p["choice.length"] for p in points[:6:2]] == [2, 4, 6]


def test_one_at_a_time_starts_from_the_base(tmp_path):
    sweep = written(tmp_path, 'design="one_at_a_time"\n[vary]\n"choice.peers_full"=[0.6, 0.9]\n"choice.length"=[3]\n')
    design = Design(sweep)
    assert [design.point(k) for k in range(design.points)] == [
        {}, {"choice.peers_full": 0.6}, {"choice.peers_full": 0.9}, {"choice.length": 3}
    ]  # fmt: skip


@pytest.mark.parametrize(("design", "points"), [("latin_hypercube", 8), ("sobol", 8 * 4), ("morris", 8 * 3)])
def test_samples_lie_within_bounds_and_repeat(tmp_path, design, points):
    """Two factors: N points, N (2 + 2) and N (2 + 1)."""
    text = f'design="{design}"\nsamples=8\n[vary]\n"choice.peers_full"={{from="bounds"}}\n"choice.length"={{low=2, high=5}}\n'
    one, other = (Design(written(tmp_path, text)) for _ in range(2))
    assert one.points == other.points == points
    drawn = [one.point(k) for k in range(points)]
    assert drawn == [other.point(k) for k in range(points)]
    assert all(0 <= p["choice.peers_full"] <= 1 for p in drawn)
    assert {p["choice.length"] for p in drawn} <= {2, 3, 4, 5}
    assert len({p["choice.length"] for p in drawn}) > 2


def test_policies_are_levels_by_file(tmp_path):
    (tmp_path / "more.toml").write_text('[[policies]]\nkind="detection"\n')
    sweep = written(tmp_path, '[vary]\npolicies=["none", "more.toml"]\n')
    assert sweep.arms["none"] == []
    assert sweep.arms["more"][0]["kind"] == "detection"
    assert [Design(sweep).point(k)["policies"] for k in range(2)] == ["none", "more"]


def test_an_effect_runs_every_point_in_a_pair(tmp_path):
    (tmp_path / "more.toml").write_text('[[policies]]\nkind="detection"\n')
    design = Design(written(tmp_path, 'effect="more.toml"\n[vary]\n"choice.length"=[2, 3]\n'))
    assert [design.point(k) for k in range(design.points)] == [
        {"choice.length": length, "policies": arm} for length in (2, 3) for arm in ("none", "more")
    ]
    with pytest.raises(ScenarioError, match="effect: name one file"):
        written(tmp_path, 'effect="more.toml"\n[vary]\npolicies=["none"]\n')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "vary: give a table"),
        ('desgin="grid"\n[vary]\n"choice.length"=[1]', "desgin: unknown key"),
        ('design="full"\n[vary]\n"choice.length"=[1]', "design: 'full' is not a design; one of grid"),
        ('seeds=0\n[vary]\n"choice.length"=[1]', "seeds = 0: must be a whole number"),
        ('keep=[99]\n[vary]\n"choice.length"=[1]', "keep: must be"),
        (
            'indicators=["dissimlarity"]\n[vary]\n"choice.length"=[1]',
            "no indicator 'dissimlarity'; did you mean 'dissimilarity'?",
        ),
        ('[vary]\n"choice.length"=3', "vary.choice.length: give a list"),
        ('[vary]\n"choice.length"=[]', "at least one level"),
        ('[vary]\n"choice.length"=[2, 2]', "none twice"),
        ('[vary]\n"choice.length"={low=5, high=2, steps=2}', "low < high"),
        ('[vary]\n"choice.length"={low=1, high=2, step=2}', "step: unknown key"),
        ('[vary]\n"choice.length"={low=1, high=2}', "steps = 0"),
        ('[vary]\n"title"={from="bounds", steps=2}', "no bounds are declared"),
        ('[vary]\n"choice.length"=[2024-01-01]', "finite numbers, texts or yes/no"),
        ('[vary]\n"choice.length"=[nan]', "finite numbers, texts or yes/no"),
        ('[vary]\n"choice.peers"=[1.0, 1' + 400 * "0" + "]", "finite numbers, texts or yes/no"),
        ('[vary]\n"choice.peeers"=[1.0]', "did you mean 'peers'"),
        ('design="one_at_a_time"\n[vary]\n"choice.peeers"=[1.0]', "did you mean 'peers'"),
        ('[vary]\n"city.shares.0"=[0.5]', "is an entry of a list"),
        ('[vary]\n"run.years"=[1, 2]', "cannot be varied; years, seed and seeds are keys of the sweep"),
        ("[vary]\nseed=[1, 2]", "cannot be varied"),
        ('design="sobol"\nsamples=6\n[vary]\n"choice.length"={low=1, high=2}', "power of two, such as 8"),
    ],
)
def test_faults_name_the_key_and_the_remedy(tmp_path, text, words):
    with pytest.raises(ScenarioError, match=r"sweep\.toml") as error:
        written(tmp_path, text)
    assert words in str(error.value)


def test_the_folder_of_real_tables_reaches_every_point(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(HEAD + '[vary]\n"choice.length"=[2]\n')
    sweep = load(path, tmp_path / "tables")
    assert sweep.base["city"]["tables"]["folder"] == str(tmp_path / "tables")
    assert sweep.identity() != load(path).identity()


def test_a_base_that_is_no_scenario_is_told(tmp_path):
    (tmp_path / "odd.toml").write_text("run = 3\n")
    path = tmp_path / "sweep.toml"
    path.write_text('base = "odd.toml"\nyears = 2\n[vary]\n"choice.length"=[2]\n')
    with pytest.raises(ScenarioError, match=r"odd\.toml: run"):
        load(path)


def test_a_grid_of_a_hundred_million_points_is_no_list(tmp_path):
    keys = ("choice.peers", "choice.distance", "choice.emulation", "choice.reputation")
    sweep = written(tmp_path, "[vary]\n" + "".join(f'"{key}"={{low=0.0, high=1.0, steps=100}}\n' for key in keys))
    design = Design(sweep)
    assert design.points == 10**8
    assert design.point(10**8 - 1) == dict.fromkeys(keys, 1.0)
    item = next(items(sweep, 3, [10**8]))
    assert [values for _, values, _ in item.points] == [design.point(3 * 10**7)]


def test_the_number_of_points_is_known_without_drawing_them(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.sweep.design.sample", lambda sweep: pytest.fail("drawn"))
    text = 'design="sobol"\nsamples=4194304\nseeds=10\n[vary]\n"choice.length"={low=2, high=5}\n'
    assert Design(written(tmp_path, text)).runs == 3 * 4194304 * 10
