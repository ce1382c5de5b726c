"""Year 0: nearest school with places against a naive twin, random and observed starts."""

import numpy as np
import pytest

from abm import cities
from abm.config.declare import ScenarioError
from abm.nearest import nearest_with_places
from abm.start import start
from abm.world import count_heads
from tests.builders import CLOSING, STATE, blueprint, hand_config, scenario, table, town


def naive(who, distance, places, order):
    """Pairs of (family, school) by (distance, place, rank among the place's schools): the shortest way first, within places."""
    room = places.copy()
    out = np.full(who.id.size, -1)
    pairs = sorted(
        (distance[who.place[h], s], who.place[h], s, order[h], h)
        for h in range(who.id.size)
        for s in range(len(places))
    )
    for _, _, s, _, h in pairs:
        if out[h] < 0 and room[s, who.grade[h]] > 0:
            out[h] = s
            room[s, who.grade[h]] -= 1
    return out


@pytest.mark.parametrize("seed", range(5))
def test_nearest_with_places_is_its_naive_twin(seed):
    """60 families at 12 places, five schools, two grades, too few places: everybody as in the twin."""
    from abm.randomness import Key, draw

    rng = np.random.default_rng(seed)
    config = hand_config(city={"grades": 2})
    stock = [(float(x), STATE, 6) for x in rng.random(5) * 10]
    plan = blueprint(config, stock, rng.random(12) * 10)
    who = table(rng.integers(0, 12, 60), grade=rng.integers(0, 2, 60))
    places = rng.integers(1, 7, (5, 2))
    place = town(config, plan)
    got = nearest_with_places(who, place, places, seed)
    wanted = naive(who, place.distance, places, draw(Key(seed, "order"), who.id))
    assert got.tolist() == wanted.tolist()
    assert (got < 0).any() == (np.bincount(who.grade, minlength=2) > places.sum(axis=0)).any()


def test_the_shortest_ways_are_served_first():
    """One place at the near school: the family next door has it, the other goes on."""
    config = hand_config()
    place = town(config, blueprint(config, [(0.0, STATE, 1), (9.0, STATE, 1)], [3.0, 1.0]))
    assert nearest_with_places(table([0, 1]), place, np.array([[1], [1]]), 1).tolist() == [1, 0]


def test_a_closed_school_in_the_table_is_no_neighbour(history):
    """In the counterfactual of a year after closings nobody sits at a closed school."""
    run = history("classroom", *CLOSING)
    world = run.worlds[-1]
    assert not world.schools.open.all()
    found = nearest_with_places(world.households, world.city, world.schools.places * world.schools.open[:, None], 1)
    assert world.schools.open[found[found >= 0]].all()


def test_a_random_start_is_random_and_within_places():
    """Group and school are independent: D near its random value, the mean of three seeds within .04."""
    gap = []
    for seed in (1, 2, 3):
        from abm.model import SchoolChoiceModel

        model = SchoolChoiceModel(scenario("classroom", 'city.start="random"', "city.pupils=2000", "run.years=0"), seed)
        heads = model.world.seen.heads.sum(axis=2)
        assert (heads <= model.world.schools.places).all()
        gap.append(model.indicators["dissimilarity"] - model.indicators["dissimilarity_random"])
    assert abs(np.mean(gap)) < 0.04


def observed(monkeypatch, flows, places=(3, 3)):
    """A start from flows (area, school, group): two areas, two schools of ``places`` entry places, two grades."""
    config = hand_config(city={"grades": 2, "start": "observed"})
    flows = np.array(flows)
    plan = blueprint(
        config, [(0.0, STATE, places[0]), (5.0, STATE, places[1])], [0.0, 5.0], pupils=flows.sum(axis=1), flows=flows
    )
    monkeypatch.setattr(cities, "make", lambda *_: plan)
    return start(config, 1)


def test_an_observed_start_reproduces_every_school(monkeypatch):
    """Heads by area, school and group are the flows; grades are dealt within each school, evenly."""
    flows = [[[3, 1], [0, 2]], [[1, 0], [2, 2]]]
    world = observed(monkeypatch, flows)
    who = world.households
    got = np.zeros((2, 2, 2), int)
    np.add.at(got, (world.city.place_area[who.place], who.school, who.group), 1)
    assert got.tolist() == flows
    by_grade = world.seen.heads.sum(axis=2)
    assert (by_grade.max(axis=1) - by_grade.min(axis=1)).max() <= 1


def test_an_observed_start_raises_places_where_more_sit_than_there_are_places(monkeypatch):
    """Ten pupils in two grades at a school of three places: it has five a grade; new entrants find three again."""
    world = observed(monkeypatch, [[[6, 4], [0, 0]], [[0, 0], [1, 1]]])
    assert world.schools.places.tolist() == [[5, 5], [3, 3]]
    assert world.schools.intake.tolist() == [3, 3]
    assert (world.seen.heads.sum(axis=2) <= world.schools.places).all()


def test_an_observed_start_needs_observations():
    with pytest.raises(ScenarioError, match=r"city.start.*nearest"):
        start(scenario("classroom", 'city.start="observed"'), 1)


def test_entrants_and_composition_of_year_0_are_noted(classroom):
    world = classroom.worlds[0]
    assert world.year == 0 and world.round is None
    heads = count_heads(world.households, 8, 5, 2)
    assert (world.seen.heads == heads).all()
    assert world.schools.entrants.tolist() == heads[:, 0].sum(axis=1).tolist()


def test_at_first_sight_a_school_is_its_neighbourhood(monkeypatch):
    """Homes 3 + 1 round school 0 and 1 + 1 round school 1, but all sit at school 0: what is seen are the homes, 3/4 and 1/2.

    Heads stay those of the pupils; by default it is the pupils who are seen, 4/6, and at the empty school the city's mean.
    """
    flows = np.array([[[3, 1], [0, 0]], [[1, 1], [0, 0]]])
    seen = {}
    for way in ("pupils", "residents"):
        config = hand_config(city={"start": "observed"}, perception={"first_impression": way})
        sites = [0.0, 5.0]
        plan = blueprint(config, [(0.5, STATE, 9), (5.5, STATE, 9)], sites, pupils=flows.sum(axis=1), flows=flows)
        monkeypatch.setattr(cities, "make", lambda *_, plan=plan: plan)
        seen[way] = start(config, 1).seen
    assert seen["pupils"].own_share[0] == pytest.approx([4 / 6, 4 / 6])
    assert seen["residents"].own_share[0] == pytest.approx([3 / 4, 1 / 2])
    assert seen["residents"].own_share[1] == pytest.approx([1 / 4, 1 / 2])
    assert (seen["pupils"].heads == seen["residents"].heads).all()
