"""Scenarios through the command line's function: what is wrong is said in a line or two, and nothing is written."""

import pytest
from typer.testing import CliRunner

from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.scenario import configure, load
from experiments.command_line import app
from tests.builders import ROOT

CLASSROOM = ROOT / "configs" / "classroom.toml"
RUN = ["run", str(CLASSROOM), "--seeds", "1", "--jobs", "1"]


def refused(arguments, out, *words):
    """The command ends with exit code 2, one or two lines that name what is wrong, no traceback, and no folder."""
    result = CliRunner().invoke(app, [*arguments, "--out", str(out)])
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    lines = [line for line in result.stderr.splitlines() if line and "seed/s]" not in line]
    assert 1 <= len(lines) <= 3 and "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert result.stdout == ""
    assert not out.exists()


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("choice.alpha=abc", ["choice.alpha", "number", "'abc'"]),
        ("choice.alpha=true", ["choice.alpha", "number"]),
        ("choice.alpha=1.5", ["choice.alpha", "0 to 1"]),
        ("choice.alpha=nan", ["choice.alpha", "finite"]),
        ("choice.alfa=1", ["choice.alfa", "unknown key", "did you mean 'alpha'"]),
        ("chioce.alpha=1", ["unknown key", "did you mean 'choice'"]),
        ("choice..alpha=1", ["unknown key"]),
        ("run.years=1.5", ["run.years", "integer"]),
        ("run.years=-1", ["run.years", "0 to 1000"]),
        ("city.schools=0", ["city.schools", "1 to"]),
        ("city.slack=-0.5", ["city.slack", "0 to 5"]),
        ("city.kind=hexagons", ["city.kind", "'grid'"]),
        ('city.shares=[0.5, 0.6]', ["shares sum to 1.1"]),
        ('city.shares=[1.0]', ["shares has 1 numbers for 2 groups"]),
        ('city.groups=["a", "a"]', ["groups must be different"]),
        ('city.minority="majority"', ["minority must not be the name of the first group"]),
        ('choice.distance={roma = -1.0}', ["choice.distance", "no group 'roma'"]),
        ('choice.distance={majority = -1.0}', ["choice.distance", "no value for group 'minority'"]),
        ("nonsense", ["--set nonsense", "dotted.key=value"]),
        ("=3", ["--set =3", "dotted.key=value"]),
        ("title.x=3", ["title", "string"]),
        ("policies=3", ["policies must be a list"]),
        ("policies=[{start=3}]", ["policies[0]", "kind"]),
        ('policies=[{kind="magnit"}]', ["policies[0].kind", "'magnit'", "did you mean 'magnet'"]),
        ('policies=[{kind="magnet", start=5, end=3}]', ["policies[0]", "ends in year 3", "before it starts in year 5"]),
        ('policies=[{kind="magnet", shools=3}]', ["policies[0]", "shools", "did you mean 'schools'"]),
        ('policies=[{kind="magnet", themes="many"}]', ["policies[0]", "themes", "integer"]),
        ('run.calendar=["demography", "sleep"]', ["calendar has no verb 'sleep'", "perceive"]),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_remedy(override, words, tmp_path):
    refused([*RUN, "--set", override], tmp_path / "out", *words)


GRID = ["city.kind=grid", "city.cells=20", "moving.neighbours=radius"]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["moving.neighbours=radius"], ["moving.neighbours", "grid", "city.kind", 'set it to "area"']),
        ([*GRID, "moving.radius=10"], ["moving.radius = 10", "20 cells", "lower it"]),
        (["moving.settle=5"], ["moving.settle", "moving.rate above 0", "run.calendar"]),
        (["moving.settle=5", "moving.rate=0.1", "city.start=observed"], ["moving.settle", "city.start", "set it to 0"]),
    ],
)  # fmt: skip
def test_moves_that_do_not_fit_the_city_are_told_with_their_remedy(overrides, words, tmp_path):
    refused([*RUN, *settings(overrides)], tmp_path / "out", *words)


def test_a_radius_just_below_half_of_the_grid_is_taken():
    assert load(CLASSROOM, [*GRID, "moving.radius=9"]).moving.radius == 9


IMPOSSIBLE = [
    (["city.start=observed"], ["city.start", "nearest"]),
    (["city.kind=tables"], ["city.tables.folder", "--data"]),
    (["city.residential_dissimilarity=0.95"], ["city.residential_dissimilarity", "lower it"]),
    (["city.block=7", "city.kind=grid"], ["city.block = 7", "city.cells"]),
    (["city.private_share=0.7", "city.subsidised_share=0.7"], ["private_share", "more than 1"]),
]


@pytest.mark.parametrize(("overrides", "words"), IMPOSSIBLE)
def test_a_city_that_cannot_be_made_is_told_plainly(overrides, words, tmp_path):
    result = CliRunner().invoke(app, [*RUN, *settings(overrides), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit) and "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize(("overrides", "words"), IMPOSSIBLE)
def test_a_city_that_cannot_be_made_leaves_no_folder(overrides, words, tmp_path):
    CliRunner().invoke(app, [*RUN, *settings(overrides), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def settings(overrides):
    return [part for o in overrides for part in ("--set", o)]


def test_a_missing_file(tmp_path):
    refused(["run", str(tmp_path / "nowhere.toml")], tmp_path / "out", "nowhere.toml", "no such scenario file")


def test_a_folder_is_no_file(tmp_path):
    refused(["run", str(tmp_path)], tmp_path / "out", "cannot be read")


def test_bad_toml_is_told_with_its_place(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("[city]\npupils = = 3\n", encoding="utf-8")
    refused(["run", str(path)], tmp_path / "out", "bad.toml", "not valid TOML", "line 2")


def test_toml_nested_beyond_reading_is_told(tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text("a = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    refused(["run", str(path)], tmp_path / "out", "deep.toml", "not valid TOML", "flatten")


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes(b'title = "Z\xfcrich"\n')
    refused(["run", str(path)], tmp_path / "out", "latin.toml", "UTF-8")


def test_an_output_that_cannot_be_written(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("mine")
    result = CliRunner().invoke(app, [*RUN, "--years", "0", "--out", str(tmp_path / "file" / "run")])
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr and "--out" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    result = CliRunner().invoke(app, [*RUN, "--years", "0", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "other files" in result.stderr and "--out" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_run_in_the_folder_is_left_alone(tmp_path):
    """The same command twice is one run; with another number of years it is refused and the first stays as it was."""
    first = CliRunner().invoke(app, [*RUN, "--years", "0", "--out", str(tmp_path / "run")])
    assert first.exit_code == 0, first.output
    kept = (tmp_path / "run" / "indicators.csv").read_bytes()
    again = CliRunner().invoke(app, [*RUN, "--years", "0", "--out", str(tmp_path / "run")])
    assert again.exit_code == 0
    other = CliRunner().invoke(app, [*RUN, "--years", "1", "--out", str(tmp_path / "run")])
    assert other.exit_code == 2 and "another run" in other.stderr
    assert (tmp_path / "run" / "indicators.csv").read_bytes() == kept


@pytest.mark.parametrize("arguments", [["run"], ["run", "x.toml", "--seeds", "0"], ["explain", "x"], ["fly"]])
def test_usage_errors(arguments):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Usage" in result.stderr or "--help" in result.stderr


def test_explain_without_a_run(tmp_path):
    result = CliRunner().invoke(app, ["explain", str(tmp_path), "--household", "0"])
    assert result.exit_code == 2
    assert "manifest.json" in result.stderr and "Traceback" not in result.stderr


EDGES = {
    "one group": ['city.groups=["pupils"]', "city.shares=[1.0]"],
    "no pupils": ["city.pupils=0"],
    "nobody of the minority": ["city.shares=[1.0, 0.0]"],
    "nobody of the majority": ["city.shares=[0.0, 1.0]"],
    "one school": ["city.schools=1", "city.private_share=0.0"],
    "private schools only": ["city.private_share=1.0"],
    "one grade": ["city.grades=1"],
    "twenty grades": ["city.grades=20"],
    "no slack": ["city.slack=0.0", "demography.growth=0.1"],
    "no years": ["run.years=0"],
    "empty calendar": ["run.calendar=[]"],
    "all leave": ["demography.leave=1.0"],
    "all vulnerable": ["households.vulnerable_share=1.0", "households.detection=1.0"],
    "a grid": ["city.kind=grid", "city.cells=20", "city.block=10"],
    "one pupil": ["city.pupils=1", "city.district_count=1"],
}


@pytest.mark.parametrize("edge", EDGES)
def test_odd_but_possible_cities_run(edge):
    """The model runs to the end, and everybody is counted."""
    config = load(CLASSROOM, ["run.years=2", *EDGES[edge]])
    model = SchoolChoiceModel(config, 1).run()
    assert model.year == config.run.years
    assert model.indicators["pupils"] + model.indicators["unplaced"] == model.world.households.id.size


@pytest.mark.parametrize(
    "edge", ["no pupils", "one group", "nobody of the minority", "one grade", "no years", "one school"]
)
def test_odd_but_possible_runs_end_with_a_page(edge, tmp_path):
    """The command line runs them too: exit code 0, a summary, the page."""
    overrides = settings(["run.years=1", *EDGES[edge]])
    result = CliRunner().invoke(app, [*RUN, "--out", str(tmp_path / "run"), *overrides])
    assert result.exit_code == 0, f"{result.output} {result.exception!r}"
    assert result.stdout
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize("groups", [1, 3, 40])
def test_one_group_or_forty(groups):
    """One group: no segregation to speak of (nan), but a city that runs; forty groups: all are counted."""
    names = [f"g{k}" for k in range(groups)]
    city = {"groups": names, "shares": [1 / groups] * groups, "pupils": 8000, "residential_dissimilarity": 0.3}
    model = SchoolChoiceModel(configure({"city": city, "run": {"years": 2}}), 1).run()
    heads = model.world.seen.heads.sum(axis=(0, 1))
    assert heads.size == groups
    assert (heads > 0).sum() == groups
    assert (model.indicators["dissimilarity", "minority", "city"] >= 0) == (groups > 1)


def test_more_groups_than_an_id_can_hold_are_refused():
    """Six bits of a stable id hold the group: 65 groups would take each other's ids."""
    names = [f"g{k}" for k in range(65)]
    with pytest.raises(ScenarioError):
        configure({"city": {"groups": names, "shares": [1 / 65] * 65}})


@pytest.mark.parametrize("calendar", [["rank"], ["perceive", "rank", "enrol"], ["demography", "admit"]])
def test_a_calendar_that_lacks_what_a_verb_needs_is_refused(calendar):
    with pytest.raises(ScenarioError):
        configure({"run": {"calendar": calendar}})


def test_overrides_reach_lists_and_make_tables():
    config = load(
        CLASSROOM, ["choice.distance={majority = -1.0, minority = -2.0}", "run.years=3", "city.name=Somewhere"]
    )
    assert config.choice.distance == {"majority": -1.0, "minority": -2.0}
    assert (config.run.years, config.city.name) == (3, "Somewhere")


def test_a_section_that_is_no_table_is_not_overridden_silently(tmp_path):
    refused([*RUN, "--set", "run=5", "--years", "1"], tmp_path / "out", "run: must be a section", "it is 5")


def test_numbers_are_not_read_from_text():
    with pytest.raises(ScenarioError, match="number"):
        configure({"choice": {"alpha": "0.5"}})


def test_a_minority_s_common_name_serves_all_its_groups():
    tree = {"city": {"groups": ["a", "b", "c"], "shares": [0.4, 0.3, 0.3], "minority": "others"}}
    config = configure(tree | {"choice": {"distance": {"majority": -1.0, "others": -2.0, "c": -3.0}}})
    assert config.by_group("choice.distance").tolist() == [-1, -2, -3]


@pytest.mark.parametrize("name", ["all", "vulnerable", "detected"])
def test_a_group_with_the_name_of_a_measurement_s_group_is_refused(name):
    with pytest.raises(ScenarioError):
        configure({"city": {"groups": ["majority", name]}})


def test_a_scenario_may_lie_over_a_base(tmp_path):
    """Tables are joined key by key, lists and values replaced; the base is named relative to the file."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "low.toml").write_text(
        'title = "Low"\n[run]\nyears = 3\nseeds = 4\n[choice]\npeers = { majority = 2.0, minority = 1.0 }\n'
    )
    path = tmp_path / "deep" / "high.toml"
    path.write_text('base = "../low.toml"\ntitle = "High"\n[run]\nyears = 5\n[choice]\npeers = { majority = 3.0 }\n')
    config = load(path, ["run.seed=9"])
    assert (config.title, config.run.years, config.run.seeds, config.run.seed) == ("High", 5, 4, 9)
    assert config.choice.peers == {"majority": 3.0, "minority": 1.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('base = "nowhere.toml"', ["nowhere.toml", "no such scenario file", "names it as base"]),
        ("base = 3", ["base must be the path"]),
        ('base = "own.toml"', ["leads back to this file"]),
    ],
)
def test_a_base_that_cannot_be_used_is_told(tmp_path, text, words):
    (tmp_path / "own.toml").write_text(text + "\n")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "own.toml")
    for word in words:
        assert word in str(caught.value)


def test_two_policies_that_contradict_are_refused_with_their_year():
    both = [
        {"kind": "mechanism", "start": 2},
        {"kind": "mechanism", "mechanism": "top_trading_cycles", "start": 4, "end": 6},
    ]
    with pytest.raises(ScenarioError, match=r"both set .* in year 4; leave one out"):
        configure({"policies": both})
    assert configure({"policies": [both[0] | {"end": 3}, both[1]]})
    assert configure({"policies": [both[0] | {"intensity": 0.0}, both[1]]})
