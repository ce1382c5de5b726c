"""The school year as a whole: pairing by seed, independence of the order of rows, years counted, nothing shared."""

import copy
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from abm import memory
from abm.config import VERBS
from abm.households import entry_year
from abm.model import YEAR, SchoolChoiceModel
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.sight import choosers
from abm.world import new_year
from experiments import engine, processes
from tests.builders import CLOSING, ROOT, by_id, differences, scenario, shuffled

SWITCHED = 6  # the first year of the policies below
STRONG = {  # each policy so strong that it must show
    "campaign": {"further": 8, "information": 1.0},
    "detection": {"rate": 1.0},
    "magnet": {"themes": 4, "quality": 2.0},
    "mechanism": {"mechanism": "serial_dictatorship"},
    "reserved_places": {"share": 0.5},
}


def with_policies(config, *policies):
    return configure(to_tree(config) | {"policies": list(policies)})


def strong(kind, start=SWITCHED):
    return {"kind": kind, "start": start} | STRONG.get(kind, {})


@pytest.mark.parametrize("kind", STRONG)
def test_before_its_first_year_a_policy_changes_nothing_to_the_bit(kind, classroom):
    """Whole worlds, measurements and rules are compared; from its first year on the policy leaves a mark."""
    model = SchoolChoiceModel(with_policies(classroom.config, strong(kind)), 1, collect=False)
    for year in range(classroom.config.run.years + 1):
        if year:
            model.step()
        if year < SWITCHED:
            assert differences(classroom.worlds[year], model.world) == []
            assert [tuple(map(str, row)) for row in classroom.indicators[year].rows] == [
                tuple(map(str, row)) for row in model.indicators.rows
            ]
            assert model.rules == classroom.rules[year]
    assert differences(classroom.worlds[-1], model.world) != []


@pytest.mark.parametrize("kind", STRONG)
def test_a_policy_that_has_ended_leaves_the_rules_as_they_were(kind):
    config = with_policies(scenario("classroom", "run.years=3"), strong(kind, 1) | {"end": 2})
    model = SchoolChoiceModel(config, 1, collect=False)
    seen = []
    for _ in range(3):
        model.step()
        seen.append(model.rules == Rules.of(config))
    assert seen == [False, False, True]


def test_a_policy_disturbs_no_random_number_of_the_families():
    """Families in both runs have the same attributes, the same tastes and, as choosers, the same lottery number.

    Common random numbers: what differs between the runs is what the policies did, never a new draw.
    """
    base = SchoolChoiceModel(scenario("classroom", "moving.rate=0.1"), 1, collect=False)
    bundle = with_policies(base.config, *(strong(kind, 1) for kind in STRONG))
    other = SchoolChoiceModel(bundle, 1, collect=False)
    for _ in range(4):
        base.step()
        other.step()
    a, b = base.world.households, other.world.households
    _, i, j = np.intersect1d(a.id, b.id, return_indices=True)
    assert i.size > 0.8 * a.id.size  # families who moved home have other successors; most are the same
    for name in ("family", "group", "tolerance", "workplace", "grade", "vulnerable"):
        assert (getattr(a, name)[i] == getattr(b, name)[j]).all(), name
    everyone = [
        choosers(w, r, w.households, np.full(w.households.id.size, -1), np.zeros(w.households.id.size))
        for w, r in ((base.world, base.rules), (other.world, other.rules))
    ]
    assert (everyone[0].key[i] == everyone[1].key[j]).all()
    assert differences(base.world, other.world) != []


def test_who_moves_home_does_not_change_the_status_of_others():
    """With moves on, two runs differ in who lives where; families at the same home in both have the same status."""
    base = SchoolChoiceModel(scenario("classroom", "moving.rate=0.3"), 1, collect=False)
    other = SchoolChoiceModel(with_policies(base.config, *(strong(kind, 1) for kind in STRONG)), 1, collect=False)
    differ = 0
    for _ in range(8):
        base.step()
        other.step()
        a, b = base.world.households, other.world.households
        _, i, j = np.intersect1d(a.id, b.id, return_indices=True)
        same = a.place[i] == b.place[j]
        new = same & (entry_year(a.id[i]) == base.year)  # siblings and movers keep the status they were born with
        differ += (a.status[i] != b.status[j])[new & (a.family[i] == a.id[i])].sum()
    assert differ == 0


TIES = (
    'choice.taste="none"', "choice.distance=0.0", "choice.reputation=0.0", "choice.peers=0.0", "choice.emulation=0.0", "choice.zone=0.0",
    "perception.nearest=4", "perception.uninformed=0.2", "perception.network=2", "perception.flagship=2", "transfers.reconsider=0.5",
    'policies=[{kind="campaign"}]',
)  # fmt: skip


@pytest.mark.parametrize(
    "overrides",
    [(), ("moving.rate=0.3", "choice.strategic=0.5", "transfers.reconsider=0.5"), TIES],
    ids=["", "all", "ties"],
)
def test_the_order_of_rows_does_not_matter(overrides):
    """Before each verb of three years the households' table is shuffled; by id, each verb's result stays the same."""
    config = scenario("classroom", *CLOSING, *overrides)
    model = SchoolChoiceModel(config, 3, collect=False)
    rng = np.random.default_rng(5)
    world = model.world
    for _ in range(3):
        rules = Rules.of(config)
        world = new_year(world)
        for name in VERBS:
            straight, mixed = YEAR[name](world, rules), YEAR[name](shuffled(world, rng), rules)
            assert differences(by_id(straight), by_id(mixed)) == [], name
            world = straight
    assert not world.schools.open.all()


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The same three seeds run in one process and in two."""
    config = scenario("classroom", "run.years=2")
    folders, started = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "WORTH_PROCESSES", 0.0)  # however short the runs are
        window = processes.window
        patch.setattr(processes, "window", lambda *a: (started.append(a), window(*a))[1])
        for jobs in (1, 2):
            folder = tmp_path_factory.mktemp("jobs") / str(jobs)
            engine.run(config, [1, 2, 3], folder, "classroom", jobs, bar=False)
            folders.append(folder)
    assert len(started) == 1, "two jobs must start processes, one must not"
    return folders


def test_the_number_of_processes_does_not_change_a_byte(twice):
    for table in ("indicators", "schools", "flows"):
        one, two = ((folder / f"{table}.csv").read_bytes() for folder in twice)
        assert one == two
        assert one.count(b"\n") > 20


def test_the_number_of_threads_does_not_matter():
    """NUMBA_NUM_THREADS 1 and 2: the same measurements to the last digit."""
    code = (
        "from abm.model import SchoolChoiceModel; from abm.scenario import load;"
        "m = SchoolChoiceModel(load('configs/classroom.toml', ['run.years=2']), 1).run();"
        "print([(*row[:3], repr(row[3])) for row in m.indicators.rows])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"NUMBA_NUM_THREADS": n}, capture_output=True,
            text=True, check=True, timeout=120,
        ).stdout
        for n in ("1", "2")
    ]  # fmt: skip
    assert said[0] == said[1]
    assert "dissimilarity" in said[0]


def test_two_models_in_one_process_do_not_disturb_each_other(classroom):
    """Steps of two models taken in turn give what each gives alone."""
    config = classroom.config
    a, b = SchoolChoiceModel(config, 1), SchoolChoiceModel(config, 2)
    for year in range(1, 4):
        b.step()
        a.step()
        assert differences(a.world, classroom.worlds[year]) == []
    assert differences(a.world, b.world) != []
    alone = SchoolChoiceModel(config, 2)
    for _ in range(3):
        alone.step()
    assert differences(alone.world, b.world) == []


def test_steps_are_counted_and_run_ends_at_the_last_year():
    config = scenario("classroom", "run.years=3")
    model = SchoolChoiceModel(config, 1)
    assert model.year == 0
    model.step()
    assert (model.year, model.world.year) == (1, 1)
    assert model.run().year == 3
    assert model.run().year == 3


def test_an_earlier_world_is_left_alone():
    """A step makes a new world: a world read again after later steps is what it was when it was new."""
    model = SchoolChoiceModel(scenario("classroom", "moving.rate=0.2"), 1, collect=False)
    kept = []
    for _ in range(4):
        kept.append((model.world, copy.deepcopy(model.world)))
        model.step()
    for world, as_it_was in kept:
        assert differences(world, as_it_was) == []


def test_every_verb_of_the_configuration_is_a_function_of_the_year():
    assert tuple(YEAR) == VERBS
    for name, verb in YEAR.items():
        assert verb.__name__ == name


def test_the_seed_of_the_scenario_is_the_default():
    model = SchoolChoiceModel(scenario("classroom", "run.seed=7", "run.years=0"))
    assert (model.seed_number, model.world.seed) == (7, 7)


def test_what_is_kept_of_a_large_city_tells_the_same(monkeypatch):
    """Cut down to those who chose, last year's worlds explain a family and measure a year as the whole ones do."""
    whole = SchoolChoiceModel(scenario("classroom", "run.years=2"), 1).run()
    monkeypatch.setattr("abm.world._LARGE", 0)
    model = SchoolChoiceModel(scenario("classroom", "run.years=2"), 1)
    model.step()
    assert model.at_choice.households.id.tolist() == model.at_choice.round.id.tolist()
    model.step()
    assert model.at_choice.households.id.size < whole.at_choice.households.id.size
    assert str(model.indicators.rows) == str(whole.indicators.rows)
    for identity in whole.at_choice.round.id[::7]:
        if identity in whole.world.households.id:
            assert str(model.household(int(identity))) == str(whole.household(int(identity)))


def test_memory_is_kept_for_large_cities_only(monkeypatch):
    """The C library is told for millions of pupils, up to the largest number it takes; one of another kind is let be."""
    told = []
    library = SimpleNamespace(mallopt=lambda *given: told.append(given))
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: library)
    memory.keep_for(memory.LARGE - 1)
    assert told == []
    for pupils in (memory.LARGE, 100_000_000):
        memory.keep_for(pupils)
        assert min(value for _, value in told) > 0 and max(value for _, value in told) < 2**31
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: SimpleNamespace())
    memory.keep_for(memory.LARGE)
