"""The summary in words: its numbers are the tables', and odd runs are told plainly."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from abm.report import write_report
from abm.results import Run, write
from abm.scenario import load
from abm.summary import Numbers, parts, summarise
from abm.summary.numbers import between, count, index, kilometres, percent, spread
from abm.summary.tables import equivalent, published
from abm.summary.weights import weights
from experiments.engine import in_words, run_seed

CLASSROOM = Path(__file__).parents[1] / "configs" / "classroom.toml"
SMALL = ("city.pupils=160", "city.schools=4", "city.area_pupils=20", "run.years=2")

ONE_GROUP = (
    'city.groups=["all_one"]', "city.shares=[1.0]", "choice.peers=1.0", "choice.emulation=1.0", "choice.reputation=0.5",
    "choice.private=1.5", "households.tolerance=0.5", "demography.late_arrivals=0.0",
)  # fmt: skip


def make_run(folder: Path, *overrides: str, seeds: int = 3, done: int | None = None):
    """A small run on disk, of which ``done`` seeds are finished, and its configuration."""
    config = load(CLASSROOM, [*SMALL, f"run.seeds={seeds}", *overrides])
    numbers = list(range(1, seeds + 1))
    run = Run(folder)
    run.open(config, numbers, "configs/classroom.toml")
    for seed in numbers[:done]:
        run_seed(in_words(config), seed, str(folder))
    run.finish(config, numbers, 0.0)
    return run, config


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    observed = "city.observed={ dissimilarity = 0.4, private_share_majority = 0.2, near_home_share = 0.8 }"
    return make_run(tmp_path_factory.mktemp("summary") / "run", observed)


def test_numbers_are_the_tables(small):
    run, config = small
    table = run.table("indicators")
    part = table[(table.indicator == "dissimilarity") & (table.group == "minority") & (table.scope == "city")]
    end = part[part.year == 2].set_index("seed").value
    n = Numbers(run, config)
    assert list(n.values("dissimilarity")) == list(end)
    low, high = np.quantile(end, [0.1, 0.9])
    assert n.range("dissimilarity") == (low, np.median(end), high, 3)
    text = str(summarise(run, config))
    assert f"{np.median(end):.3f}" in text and f"{low:.3f} to {high:.3f}" in text
    assert f"{n.range('residence_part').median:.3f}" in text


def test_parts_of_d_add_up_in_each_seed(small):
    n = Numbers(*small)
    d = n.values("dissimilarity")
    total = n.values("dissimilarity_random") + n.values("residence_part") + n.values("choice_part")
    assert np.allclose(d, total)
    assert parts(n).choice.median == pytest.approx(n.range("choice_part").median, abs=1e-9)


class Fixed(Numbers):
    """Numbers as given: D, D by chance, D of nearest schools, in each of two seeds."""

    def __init__(self, d, random, near):
        self.given = {"dissimilarity": d, "dissimilarity_random": random, "dissimilarity_nearest": near}

    def values(self, name, group="", scope="city", year=None):
        return np.array(self.given[name], float)


def test_a_negative_part_has_no_percentage():
    assert parts(Fixed([0.5, 0.5], [0.1, 0.1], [0.2, 0.2])).shares == pytest.approx((0.2, 0.2, 0.6))
    assert parts(Fixed([0.2, 0.2], [0.1, 0.1], [0.3, 0.3])).shares is None  # choice
    assert parts(Fixed([0.5, 0.5], [0.3, 0.3], [0.2, 0.2])).shares is None  # residence
    assert parts(Fixed([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])).shares is None
    assert parts(Fixed([np.nan, np.nan], [0.1, 0.1], [0.2, 0.2])).shares is None


def test_published_figures_stand_beside_the_models(small):
    n = Numbers(*small)
    rows = {row[0]: row[1:] for row in published(n).rows}
    assert rows["D"][0] == "0.400"
    assert rows["D"][2] == index(n.range("dissimilarity").median)
    assert rows["majority pupils at a private school"][2] == percent(n.range("private", "majority").median)
    assert rows["near home share"] == ("80 %", "-", "-", "-")


@pytest.mark.parametrize(
    ("key", "indicator", "group", "scope"),
    [
        ("dissimilarity_state", "dissimilarity", "minority", "sector:state"),
        ("dissimilarity_random", "dissimilarity_random", "minority", "city"),
        ("private_share", "private", "all", "city"),
        ("other_state_share_minority", "other_state", "minority", "city"),
        ("mean_distance_km", "distance_km", "all", "city"),
    ],
)
def test_published_keys_find_their_indicator(small, key, indicator, group, scope):
    n = Numbers(*small)
    assert list(equivalent(key, n).values(2)) == list(n.values(indicator, group, scope, 2))


def test_the_text_fits_the_terminal(small):
    assert max(map(len, str(summarise(*small)).splitlines())) <= 100


@pytest.mark.parametrize(
    "overrides", [("run.years=0",), ('city.kind="grid"', "city.cells=12", "city.block=4", *ONE_GROUP)]
)
def test_odd_runs_are_told_plainly(tmp_path, overrides):
    run, config = make_run(tmp_path / "run", *overrides, seeds=1)
    text = str(summarise(run, config))
    assert not re.search(r"\bnan\b", text)
    assert not re.search(r"[\d%] to [\d]", text.partition("Seeds:")[0])  # one seed has no range
    assert ("not defined" in text) == (len(config.city.groups) == 1)
    assert ("no school year" in text) == (config.run.years == 0)


def test_a_stopped_run_says_so(tmp_path):
    run, config = make_run(tmp_path / "run", seeds=3, done=2)
    assert "2 runs that differ" in str(summarise(run, config))
    assert "of 3 planned" in str(summarise(run, config))


def test_a_missing_indicator_is_left_out(small, tmp_path):
    run, config = small
    table = run.table("indicators")
    table = table[~table.indicator.isin(["exits", "dissimilarity_nearest", "first_choice"])]
    table.to_csv(tmp_path / "indicators.csv", index=False)
    about = run.manifest()
    content = (tmp_path / "indicators.csv").read_bytes()
    about["digests"]["indicators"] = hashlib.blake2b(content, digest_size=8).hexdigest()
    write(tmp_path / "manifest.json", json.dumps(about))
    text = str(summarise(Run(tmp_path), config))
    assert "changed school" not in text and not re.search(r"\bnan\b", text)


@pytest.mark.parametrize(
    ("policy", "warned"),
    [
        ('{ kind = "detection", start = 2 }', True),
        ('{ kind = "detection", start = 3 }', False),  # after the last year
        ('{ kind = "detection", intensity = 0.0 }', False),
        ('{ kind = "campaign" }', False),
    ],
)
def test_a_change_of_detection_is_warned_of(tmp_path, policy, warned):
    """On the terminal and on the page: figures on detected pupils cannot be compared between years."""
    run, config = make_run(tmp_path / "run", f"policies=[{policy}]", seeds=1)
    text = " ".join(str(summarise(run, config)).split())
    assert ("figures on detected pupils are not comparable between years" in text) == warned
    assert ("Read the true type" in text) == warned
    write_report(run, config)
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert page.count("figures on detected pupils are not comparable between years") == warned


def test_how_numbers_are_written():
    assert [index(0.4163), index(-0.0001), index(np.nan)] == ["0.416", "0.000", "not defined"]
    assert [percent(0.256), percent(0.056), percent(0.0), percent(np.nan)] == ["26 %", "5.6 %", "0 %", "not defined"]
    assert [count(1234.0), kilometres(0.734)] == ["1,234", "0.73 km"]
    assert between(spread([0.1, 0.2]), percent) == "11 to 19 %"
    assert between(spread([0.1])) == "-"
    assert spread([np.nan]).seeds == 0


def test_weights_in_kilometres():
    config = load(CLASSROOM)
    rows = {row[0]: row[1:] for row in weights(config).rows}
    assert rows["an older sibling attends"] == ("+3.3 km", "+3.3 km")  # 2.0 / 0.6
    assert weights(load(CLASSROOM, ['choice.form="additive"'])).rows == []
    assert weights(load(CLASSROOM, ["choice.distance=0.0"])).rows[0][1] == "not defined"
