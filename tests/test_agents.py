"""Mesa's side of the model: agents as views of the tables, the data collector, the generator, households in words."""

import mesa
import numpy as np
import pytest

from abm.agents import AuthorityAgent, SchoolAgent
from abm.model import SchoolChoiceModel
from tests.builders import scenario


@pytest.fixture(scope="module")
def model():
    return SchoolChoiceModel(scenario("classroom", "run.years=3"), 1).run()


def test_it_is_a_mesa_model_and_steps_are_counted(model):
    assert isinstance(model, mesa.Model)
    assert model.year == 3
    with_agents = [a for a in model.agents if isinstance(a, SchoolAgent)]
    assert len(with_agents) == model.world.schools.open.size == len(model.schools)
    assert sum(isinstance(a, AuthorityAgent) for a in model.agents) == 1


def test_agents_are_views_of_the_tables(model):
    world = model.world
    for s, agent in enumerate(model.schools):
        assert isinstance(agent, mesa.Agent)
        assert agent.name == world.city.school_names[s]
        assert agent.pos == (world.schools.x[s], world.schools.y[s])
        assert agent.pupils == (world.households.school == s).sum()
        here = world.households.group[world.households.school == s]
        if here.size:
            assert agent.minority_share == pytest.approx((here > 0).mean())
        assert agent.places == world.schools.places[s, 0]
        assert agent.demand == (world.round.lists[:, 0] == s).sum()
        assert agent.reputation == pytest.approx(world.schools.reputation[s])
        assert agent.sector in ("state", "subsidised", "private")
        assert agent.theme == "" and agent.open


def test_the_data_collector_has_a_row_a_year_and_a_row_a_school(model):
    by_year = model.datacollector.get_model_vars_dataframe()
    assert by_year["year"].tolist() == [0, 1, 2, 3]
    assert by_year["dissimilarity"].iloc[-1] == model.indicators["dissimilarity"]
    assert by_year.notna().to_numpy()[1:].all()
    by_school = model.datacollector.get_agenttype_vars_dataframe(SchoolAgent)
    assert len(by_school) == 4 * len(model.schools)
    assert by_school["pupils"].groupby(level=0).sum().iloc[-1] == model.indicators["pupils"]


def test_mesa_s_own_generator_is_seeded_and_unused(model):
    """``rng`` comes from the seed; the model's numbers are keyed, so drawing from it disturbs nothing."""
    again = SchoolChoiceModel(scenario("classroom", "run.years=3"), 1)
    assert isinstance(again.rng, np.random.Generator)
    for _ in range(3):
        again.rng.random(7)
        again.random.random()
        again.step()
    assert again.indicators.rows == model.indicators.rows or str(again.indicators.rows) == str(model.indicators.rows)


def test_agent_sets_can_be_used(model):
    """Mesa's tools work on the agents: select, get, aggregate."""
    schools = model.agents_by_type[SchoolAgent]
    assert sum(schools.get("pupils")) == model.indicators["pupils"]
    private = schools.select(lambda a: a.sector == "private")
    assert len(private) == 2


def test_without_collecting_there_is_no_collector():
    assert SchoolChoiceModel(scenario("classroom"), 1, collect=False).datacollector is None
