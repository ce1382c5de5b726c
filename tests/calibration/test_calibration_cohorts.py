"""Entry cohorts against the model's own indicators: with one grade, the entrants are all there are."""

import numpy as np
import pytest

from abm.model import SchoolChoiceModel
from experiments.calibration.cohorts import at_nearest, entrants, near_home
from experiments.calibration.measures import measure
from experiments.calibration.simulation import played, pooled, simulate, view
from tests.builders import scenario

SAME = {  # measure: (indicator, group, 1 less it)
    "local:majority": ("outside_local_school", "majority", True), "local:minority": ("outside_local_school", "minority", True),
    "private:majority": ("private", "majority", False), "private:minority": ("private", "minority", False),
    "other_state:majority": ("other_state", "majority", False), "distance_km": ("distance_km", "all", False),
    "dissimilarity": ("dissimilarity_entrants", "minority", False),
}  # fmt: skip


def rows(config, seed, years):
    """The last year's indicators, and the model."""
    model = SchoolChoiceModel(config, seed)
    for _ in range(years):
        model.step()
    return model.indicators, model


@pytest.fixture(scope="module")
def both():
    config = scenario("milan", "city.grades=1", "demography.late_arrivals=0.0")
    indicators, model = rows(config, 4, 2)
    return config, indicators, model


@pytest.mark.parametrize("name", SAME)
def test_the_entry_grade_is_measured_as_the_model_does(both, name):
    config, indicators, model = both
    indicator, side, complement = SAME[name]
    group = {"majority": config.city.groups[0], "minority": config.city.minority, "all": "all"}[side]
    expected = indicators[indicator, group]
    found = measure(view(model.world, config, entrants(model.world, near_home(model.world))), name)
    assert found == pytest.approx(1 - expected if complement else expected, abs=2e-3 if name == "distance_km" else 1e-6)


def test_the_entrants_of_a_city_of_many_grades():
    """D of entrants, and shares of the list that the model measures of entrants alone."""
    config = scenario("classroom", "demography.late_arrivals=0.0")
    indicators, model = rows(config, 2, 3)
    seen = view(model.world, config, entrants(model.world, near_home(model.world)))
    assert measure(seen, "dissimilarity") == pytest.approx(
        indicators["dissimilarity_entrants", config.city.minority], abs=1e-6
    )
    assert seen.cohort.heads.sum() == model.world.schools.entrants.sum()


def test_years_are_pooled_and_seeds_repeat():
    config = scenario("classroom")
    _, cohorts = played(config, 3, 3)
    together = pooled(cohorts[-2:])
    assert (together.heads == cohorts[1].heads + cohorts[2].heads).all()
    assert np.array_equal(played(config, 3, 3)[1][2].heads, cohorts[2].heads)


def test_the_rival_puts_everybody_into_the_nearest_school():
    """With places enough everybody is at the nearest, and the ways are the shortest there are."""
    config = scenario("classroom", "city.slack=3.0")
    model = SchoolChoiceModel(config, 1)
    found = at_nearest(model.world)
    table, city = model.world.households, model.world.city
    assert found.nearest.sum() == found.heads.sum() == table.id.size
    assert found.metres.sum() == np.rint(city.distance.min(axis=1).astype(float)[table.place] * 1000).sum()


def test_one_simulation(calibration):
    """Same values and seed, same figures; other values, others."""
    values = {"choice.distance": -1.0, "choice.peers.majority": 2.0}
    one = simulate(calibration, values, 5)
    assert one == simulate(calibration, values, 5)
    assert set(one) == {"d", "km", "nearest"}
    assert simulate(calibration, values | {"choice.distance": -3.0}, 5)["km"] < one["km"]
