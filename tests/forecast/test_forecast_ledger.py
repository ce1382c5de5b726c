"""The ledger: order, hashes, and what tampering does."""

import json

import pytest

from abm.config.declare import ScenarioError
from experiments.forecast.ledger import START, Ledger, file_hash


@pytest.fixture
def book(tmp_path):
    """A ledger with two forecasts and a score, and the first forecast's file."""
    file = tmp_path / "forecast.csv"
    file.write_text("code,year,mean\n1,2021,3\n")
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add("forecast", file=file.name, sha256=file_hash(file))
    ledger.add("forecast", file="other.csv", sha256="0")
    ledger.add("score", forecast=file_hash(file), years=[2021])
    return ledger, file


def test_lines_hold_the_hash_of_the_line_before(book):
    ledger, file = book
    lines = Ledger(ledger.path).lines
    assert [line["before"] for line in lines] == [START, lines[0]["hash"], lines[1]["hash"]]
    assert Ledger(ledger.path).forecast(file)["kind"] == "forecast"
    assert ledger.scored([2021]) and not ledger.scored([2021, 2022])


def test_two_hands_append_one_chain(book):
    ledger, _ = book
    other = Ledger(ledger.path)
    ledger.add("score", forecast="a", years=[2022])
    other.add("score", forecast="b", years=[2022])
    assert len(Ledger(ledger.path).lines) == 5


def test_a_changed_forecast_is_refused(book):
    ledger, file = book
    file.write_text("code,year,mean\n1,2021,4\n")
    with pytest.raises(ScenarioError, match="changed after it was written"):
        ledger.forecast(file)


def test_a_forecast_that_was_never_written_down_is_refused(book, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("code\n")
    with pytest.raises(ScenarioError, match="not in the ledger"):
        book[0].forecast(file)


@pytest.mark.parametrize("fault", ["value", "time", "lost", "swapped", "inserted", "torn", "garbled"])
def test_tampering_shows(book, fault):
    ledger, _ = book
    lines = ledger.path.read_text().splitlines()
    changed = {
        "value": [lines[0].replace('"2021"', '"2022"').replace('"0"', '"1"'), lines[1].replace('"0"', '"1"'), lines[2]],
        "time": [lines[0].replace("T", "U", 1), *lines[1:]],
        "lost": [lines[0], lines[2]],
        "swapped": [lines[1], lines[0], lines[2]],
        "inserted": [lines[0], json.dumps(json.loads(lines[1]) | {"sha256": "1"}), *lines[1:]],
        "torn": [*lines[:2], lines[2][:40]],
        "garbled": ["{", *lines],
    }[fault]
    ledger.path.write_text("\n".join(changed) + "\n")
    with pytest.raises(ScenarioError, match=r"ledger.jsonl, line \d: does not fit"):
        Ledger(ledger.path)
