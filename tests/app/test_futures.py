"""Futures: those that share their first years equal those played alone; what is dropped or fails is told."""

import numpy as np
import pytest

from abm.config.declare import ScenarioError
from abm.sight import TERMS
from experiments.app import futures
from experiments.app.frames import called, families, keys
from experiments.app.futures import Future, Studio, pointed, with_policies
from experiments.app.story import family
from tests.builders import scenario

MAGNET = {"kind": "magnet", "start": 3}


@pytest.fixture(scope="module")
def config():
    return scenario("classroom", "run.years=5")


@pytest.fixture(scope="module")
def baseline(config):
    made = Future(config, 1, 5)
    made.play()
    return made


@pytest.fixture(scope="module")
def changed(config, baseline):
    made = Future(with_policies(config, [MAGNET]), 1, 5, baseline)
    made.play()
    return made


def test_shared_first_years_equal_a_future_played_alone(config, baseline, changed):
    assert changed.states[2] is baseline.states[2]
    assert changed.states[3] is not baseline.states[3]
    alone = Future(with_policies(config, [MAGNET]), 1, 5)
    alone.play()
    assert alone.told() == changed.told()
    for year in range(6):
        assert alone.frame(year) == changed.frame(year)
        for mine, theirs in zip(
            alone.states[year].world.households, changed.states[year].world.households, strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)


def test_another_city_or_seed_shares_nothing(config, baseline):
    assert Future(config, 2, 5, baseline).states == []
    assert Future(scenario("classroom", "run.years=5", "city.pupils=410"), 1, 5, baseline).states == []


def test_a_shorter_future_takes_no_more_than_its_years(config, baseline):
    made = Future(config, 1, 2, baseline)
    made.play()
    assert len(made.states) == 3 and not made.error


def test_the_row_of_a_dot_is_the_row_of_its_family(baseline):
    """Key, place and school of a dot are those of the family that is told for it, in every year."""
    for year in (1, 4):
        table = baseline.states[year].world.households
        assert families(baseline.states[year].world)[16 : 16 + 4 * table.id.size] == keys(table.id).tobytes()
        for row in (0, table.id.size // 2, table.id.size - 1):
            told = family(baseline, year, row)
            assert told["school"] == table.school[row]
            assert told["local"] == baseline.states[year].world.city.local[table.place[row]]


def test_a_family_s_reasons_are_those_of_the_year_it_chose(config, baseline):
    """Parts add up to the total, and the list is the one handed in; asked later, the choice is still told."""
    from abm.model import SchoolChoiceModel

    model = SchoolChoiceModel(config, 1)
    model.step()
    model.step()
    turn, later = model.at_choice.round, baseline.states[4].world.households
    checked = 0
    for at, identity in enumerate(turn.id):
        rows = np.flatnonzero(later.id == identity)
        if not rows.size:
            continue
        told = family(baseline, 4, int(rows[0]))
        assert (told["entered"], told["offer"]) == (2, turn.offer[at])
        by_place = sorted((row["listed"], row["school"]) for row in told["considered"] if row["listed"])
        assert [s for _, s in by_place] == [s for s in turn.lists[at].tolist() if s >= 0]
        for row in told["considered"]:
            assert set(row["parts"]) == {*TERMS, "taste"}
            assert sum(row["parts"].values()) == pytest.approx(row["total"], abs=2e-3)
        checked += 1
    assert checked > 20


def test_who_was_there_at_the_start_has_made_no_choice(baseline):
    told = family(baseline, 0, 0)
    assert told["considered"] == [] and told["way"] == "start"
    with pytest.raises(IndexError):
        family(baseline, 0, 10**6)


def test_an_error_ends_a_future_with_a_sentence(config, monkeypatch):
    made = Future(with_policies(config, [{"kind": "close_schools", "schools": ["Nowhere"]}]), 1, 5)
    made.play()
    assert "close_schools" in made.error and made.done.is_set()

    def broken(world):
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(futures, "standing", broken)
    failed = Future(config, 3, 5)
    failed.play()
    assert failed.told()["error"] == "year 0 could not be played: ZeroDivisionError: by hand"


def test_a_wrong_policy_is_told_before_it_is_played(config):
    with pytest.raises(ScenarioError):
        with_policies(config, [{"kind": "magnets"}])


def test_the_studio_drops_what_nobody_looks_at(config, monkeypatch):
    monkeypatch.setattr(futures, "KEPT", 2)
    studio = Studio()
    first, second = studio.future(config, 1, 1), studio.future(config, 2, 1)
    assert first.done.wait(60) and second.done.wait(60)
    assert studio.known(first.key) is first  # looked at last
    third = studio.future(config, 3, 1)
    assert list(studio.futures) == [first.key, third.key]
    with pytest.raises(KeyError):
        studio.known(second.key)
    again = studio.future(config, 2, 1)
    assert again is not second and again.done.wait(60)
    assert again.told() == second.told()


def test_large_futures_are_dropped_sooner(config, monkeypatch):
    monkeypatch.setattr(futures, "ROWS", 100)
    studio = Studio()
    for seed in range(1, 6):
        assert studio.future(config, seed, 1).done.wait(60)
    assert len(studio.futures) == futures.FEWEST


def test_the_future_asked_for_again_is_the_same(config):
    studio = Studio()
    assert studio.future(config, 1, 1) is studio.future(config, 1, 1)


def test_a_school_pointed_at_by_pseudonym_is_the_city_s_own(config, baseline):
    names = baseline.states[0].world.city.school_names
    assert called("School 2", names) == names[1]
    assert called(names[3], names) == names[3]
    assert [called(name, names) for name in ("School 0", "School 99", "Else", "7")] == [
        "School 0",
        "School 99",
        "Else",
        "7",
    ]
    assert called("School 1", ("A", "School 1")) == "School 1", "a name of the city goes before a pseudonym"
    asked = [{"kind": "magnet", "rule": "named", "schools": ["School 2"]}, {"kind": "campaign"}]
    assert pointed(baseline, asked) == [
        {"kind": "magnet", "rule": "named", "schools": [names[1]]},
        {"kind": "campaign"},
    ]
    assert asked[0]["schools"] == ["School 2"], "what was asked stays as it is"
