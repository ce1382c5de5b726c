"""Appeals: what they do, that the fixed point meets the demand, and that the cut at the places is the model's own."""

import numpy as np
import pytest

from abm.config.declare import ScenarioError
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from experiments.calibration.cohorts import entrants, near_home
from experiments.forecast import spec
from experiments.forecast.appeals import run, with_appeal
from experiments.posterior import with_values

WANTED = {"101": 24.0, "102": 45.0, "103": 12.0, "104": 40.0, "105": 20.0, "106": 22.0}


@pytest.fixture
def city(made_up):
    """The made-up city with as many families as are wanted, in small tables."""
    config = spec.load(made_up / "forecast.toml", made_up).config
    return with_values(config, {"city.tables.pupils": 163 * 3})


def year(config, appeal):
    model = SchoolChoiceModel(
        config, 1, collect=False, measure=lambda world, rules, before, first: Indicators((), rules.minority)
    )
    model.world = with_appeal(model.world, np.array(appeal, float))
    model.step()
    return model


def test_an_appeal_draws_families_and_is_held(city):
    plain, loved = year(city, [0, 0, 0, 0, 0, 0]), year(city, [0, 0, 4, 0, 0, 0])
    assert loved.world.schools.demand[2] > plain.world.schools.demand[2] + 5
    loved.step()
    assert loved.world.schools.reputation.tolist() == [0, 0, 4, 0, 0, 0]


def test_first_choices_served_are_demand_cut_at_the_places(city):
    model = year(city, [0, 5, 0, 0, 0, 0])
    cohort = entrants(model.world, near_home(model.world))
    assert (cohort.first == np.minimum(cohort.wished, model.world.schools.places[:, 0])).all()
    assert cohort.first[1] < cohort.wished[1]


def test_the_fixed_point_meets_the_demand(city):
    runs = [run(city, seed, WANTED, 24, 3) for seed in (1, 2, 3)]
    wanted = np.mean([one["wanted"] for one in runs], axis=(0, 1))
    goal = np.array([WANTED[code] for code in runs[0]["codes"]])
    assert np.abs(wanted * goal.sum() / wanted.sum() - goal).max() < 5
    assert np.mean([one["path"][-3:] for one in runs]) < 0.5 * np.mean([one["path"][0] for one in runs])


def test_runs_that_set_out_from_its_appeals_are_there_at_once(city):
    first = run(city, 1, WANTED, 24, 1)
    begin = dict(zip(first["codes"], first["appeal"], strict=True))
    assert run(city, 2, WANTED, 1, 1, begin)["path"][0] < 0.6 * first["path"][0]


def test_without_a_weight_of_reputation_an_appeal_could_do_nothing(city):
    config = with_values(city, {"choice.reputation.majority": 0.0, "choice.reputation.minority": 0.0})
    with pytest.raises(ScenarioError, match=r"choice\.reputation"):
        run(config, 1, WANTED, 2, 1)
