"""The table of figures: declared once, measured in full, printed and written as declared; the history of ratios."""

import itertools
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from experiments.benchmark import apart, choices, conduct, figures, history, long_runs, markets, rounds, starts, years
from experiments.benchmark.figures import SIZES, TABLE, Reading
from tests.builders import ROOT


@contextmanager
def threads(jobs, where):
    with ThreadPoolExecutor(jobs) as pool:
        yield pool


@pytest.fixture
def tiny(monkeypatch):
    """All that is measured, of cities and markets so small that it takes seconds, in this process."""
    for module in (choices, markets, starts, years):
        monkeypatch.setattr(module, "ROUNDS", dict.fromkeys(SIZES, 3))
    monkeypatch.setattr(choices, "PUPILS", dict.fromkeys(SIZES, 2_000))
    monkeypatch.setattr(markets, "COUNTS", {"10k": 200, "100k": 400, "1M": 2_000})
    monkeypatch.setattr(years, "HOUSEHOLDS", 1_000)
    monkeypatch.setattr(starts, "SEEDS", 1)
    monkeypatch.setattr(starts, "crew", threads)
    monkeypatch.setattr(starts, "python", lambda code, **environment: float(len(code)))
    for name, value in {"METROPOLIS": 1_500, "LONG": 2, "CONTINENT": 3_000, "TOWN": 1_000, "TOWN_YEARS": 3}.items():
        monkeypatch.setattr(long_runs, name, value)
    monkeypatch.setattr(long_runs, "apart", lambda function, *given, tick: function(*given, tick))
    monkeypatch.setattr(long_runs.thousand_seeds, "__defaults__", (2, 1))
    monkeypatch.setattr(rounds, "SHORTEST", 1e-4)


def test_each_size_shows_what_is_declared_for_it(tiny):
    """Measured in miniature, continent gives every figure of the table once, in its order; table and JSON agree with it."""
    readings, faults = conduct.measure("continent")
    assert faults == []
    assert [reading.name for reading in readings] == list(TABLE) == figures.shown("continent")
    assert all(reading.value > 0 or reading.name.endswith("students") for reading in readings)
    rows = figures.as_json(readings)
    for row, reading in zip(rows, readings, strict=True):
        wanted = TABLE[reading.name]
        assert list(row) == ["name", "value", "unit", "must", "aim"]
        assert (row["name"], row["value"], row["unit"]) == (reading.name, reading.value, wanted.unit)
        assert (row["must"] or "", row["aim"] or "") == (wanted.must, wanted.aim)
    lines = figures.as_text(readings).splitlines()
    assert len(lines) == len(TABLE) + 1
    for line, reading in zip(lines[1:], readings, strict=True):
        assert line.startswith(reading.name) and TABLE[reading.name].must in line
        assert line.endswith(figures.verdict(reading))


def test_a_part_that_fails_costs_no_other(tiny, monkeypatch):
    """Too little memory for the markets: their figures are missing, all others are there, and it is told."""

    def too_large(size, tick):
        raise MemoryError

    monkeypatch.setattr(conduct.markets, "markets", too_large)
    readings, faults = conduct.measure("small")
    names = [reading.name for reading in readings]
    assert names == [name for name in figures.shown("small") if "students" not in name]
    assert faults == ["benchmark: not enough memory"]


def test_sizes_show_what_the_smaller_ones_do_and_more():
    counts = [len(figures.shown(size)) for size in SIZES]
    assert counts == sorted(set(counts)) and counts[-1] == len(TABLE)
    for small, large in itertools.pairwise(SIZES):
        assert set(figures.shown(small)) < set(figures.shown(large))
        assert set(conduct.parts(small)[:5]) == set(conduct.parts(large)[:5])


@pytest.mark.parametrize("name", TABLE)
def test_an_aim_is_further_than_what_must_be(name):
    wanted = TABLE[name]
    if wanted.aim:
        assert wanted.must.split()[0] == wanted.aim.split()[0]
        assert figures.holds(float(wanted.aim.split()[1]), wanted.must)
        assert not figures.holds(float(wanted.must.split()[1]), wanted.aim)


def test_verdicts_and_spread_by_hand():
    """Of 9, 7, 8, 30, 6 the middle one is 8, half lie between 7 and 9; bounds are <= 8 and <= 4."""
    name = "perceive and rank, per utility evaluation"
    reading = Reading(name, (9.0, 7.0, 8.0, 30.0, 6.0))
    assert (reading.value, reading.quartiles) == (8.0, (7.0, 9.0))
    assert figures.verdict(reading) == "met"
    assert figures.verdict(Reading(name, (8.1,))) == "NOT MET"
    assert figures.verdict(Reading(name, (3.0,))) == "aim met"
    assert figures.verdict(Reading("yardstick F", (1.0,))) == ""
    assert Reading(name, (1.0, 2.0)).quartiles is None


def test_rounds_are_interleaved(monkeypatch):
    """After the first round each task comes once a round in turn, each beside the floor, and ratios are of one round."""
    monkeypatch.setattr(rounds.yardstick, "seconds", lambda: 0.5)
    monkeypatch.setattr(rounds, "SHORTEST", 0)
    seen, spent = [], iter([9, 9, 9, 9, 2, 4, 3, 9])
    monkeypatch.setattr(rounds, "clock", lambda task, repeats=1: (task(), next(spent))[1])
    times = rounds.interleave({"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, 2, lambda text: None)
    assert seen[-4:] == ["a", "b", "a", "b"]
    assert times.task == {"a": (9, 2), "b": (9, 4)} and times.ratio("b", "a") == (1, 2)
    assert times.in_floors("b", 2) == (9, 4)


def test_the_market_is_tight_and_proposals_are_counted():
    """As many places as students, lists of ten different schools; proposals as deferred acceptance makes them one by one."""
    made = markets.market(2_000)
    assert made.places.sum() == 2_000
    assert all(len(set(row)) == markets.LENGTH for row in made.lists[:100].tolist())
    offers = made.give("deferred acceptance")
    assert markets.proposals(made, offers) == one_by_one(made) > 1.5 * 2_000


def one_by_one(market):
    """Proposals of deferred acceptance with sets, one student after another."""
    held, count = {s: [] for s in range(market.places.size)}, 0
    free = [(h, 0) for h in range(len(market.lists))]
    while free:
        h, r = free.pop()
        if r == market.lists.shape[1]:
            continue
        count += 1
        s = market.lists[h, r]
        held[s].append((market.points[h, r], market.lottery[h], h, r))
        if len(held[s]) > market.places[s]:
            refused = min(held[s])
            held[s].remove(refused)
            free.append((refused[2], refused[3] + 1))
    return count


def test_two_processes_add_to_the_history_at_once(tmp_path):
    """Sixty lines each, none lost, none torn; only ratios are in them, with version, date and size."""
    path = tmp_path / "new" / "benchmark.jsonl"
    code = (
        "import sys; from pathlib import Path; from experiments.benchmark.history import keep\n"
        "from experiments.benchmark.figures import TABLE, Reading\n"
        "for k in range(60): keep([Reading(name, (k + 1.0,)) for name in TABLE], sys.argv[1], Path(sys.argv[2]))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, size, str(path)], cwd=ROOT, stderr=subprocess.PIPE)
        for size in ("small", "city")
    ]
    for process in both:
        assert process.communicate(timeout=120)[1] == b"" and process.returncode == 0
    lines = history.read(path)
    assert len(lines) == len(path.read_text().splitlines()) == 120
    for size in ("small", "city"):
        own = [line["ratios"]["rank alone, per utility evaluation"] for line in lines if line["size"] == size]
        assert own == [k + 1.0 for k in range(60)]
    assert set(lines[0]) == {"version", "code", "date", "size", "ratios"}
    assert {TABLE[name].unit for name in lines[0]["ratios"]} == set(figures.RATIOS)


def test_a_torn_line_of_the_history_is_left_out(tmp_path):
    path = tmp_path / "benchmark.jsonl"
    assert history.read(path) == []
    path.write_text('{"size": "small"}\n{"size": "ci\n')
    assert history.read(path) == [{"size": "small"}]


def told(text, number, tick):
    tick(f"{text} {number}")
    return number + 1


def failing(tick):
    raise ValueError("nothing to measure")


def test_work_apart_answers_ticks_and_fails_in_plain_words():
    from abm.config.declare import ScenarioError

    seen = []
    assert apart.apart(told, "year", 3, tick=seen.append) == 4
    assert seen == ["year 3"]
    with pytest.raises(ScenarioError, match="nothing to measure"):
        apart.apart(failing)
    with pytest.raises(ScenarioError, match="no_such_module"):
        apart.python("import no_such_module")
    assert 0 < apart.python("x = 1") < 5
    assert 10e6 < apart.peak_memory() < 1e11


def test_json_is_written_as_the_issue_has_it(tmp_path):
    path = tmp_path / "figures.json"
    conduct.write([Reading("yardstick F", (0.8, 0.7, 0.9))], path)
    assert json.loads(path.read_text()) == [
        {"name": "yardstick F", "value": 0.8, "unit": "ns", "must": None, "aim": None}
    ]


def test_a_coarse_clock_is_waited_for(monkeypatch):
    """It moves by a tick of 10 ms in the third reading after the first: three times two calls."""
    readings, calls = iter([5.0, 5.0, 5.0, 5.01]), []
    monkeypatch.setattr(rounds.time, "thread_time", lambda: next(readings))
    assert rounds.clock(lambda: calls.append(1), 2) == pytest.approx(0.01 / 6)
    assert len(calls) == 6
