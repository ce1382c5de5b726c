"""Why a household is where it is: the page's numbers are those the model used."""

import numpy as np
import pytest

from abm.model import SchoolChoiceModel
from abm.sight import TERMS
from tests.builders import scenario


@pytest.fixture(scope="module")
def model():
    return SchoolChoiceModel(scenario("classroom", "run.years=2"), 1).run()


def test_every_entrant_s_page_is_the_list_it_handed_in(model):
    """Terms and taste add up to the total; the order of totals is the list; the offer is the school of its offer."""
    turn = model.at_choice.round
    names = model.world.city.school_names
    for at, identity in enumerate(turn.id):
        if identity not in model.world.households.id:
            continue
        view = model.household(int(identity))
        for row in view.considered:
            assert sum(row[name] for name in TERMS) + row["taste"] == pytest.approx(row["total"], abs=1e-4)
        totals = [row["total"] for row in view.considered]
        assert totals == sorted(totals, reverse=True)
        listed = [row["school"] for row in view.considered if row["listed"] != "-"]
        assert listed == [names[s] for s in turn.lists[at] if s >= 0]
        wanted = names[turn.offer[at]] if turn.offer[at] >= 0 else "none"
        assert view.offer.startswith(wanted)


def test_a_page_names_who_and_where(model):
    table, row = model.world.households, 0
    text = str(model.household(row))
    assert str(table.id[row]) in text
    assert model.world.city.area_names[model.world.city.place_area[table.place[row]]] in text
    assert model.world.city.school_names[table.school[row]] in text
    assert model.config.city.groups[table.group[row]] in text


def test_rows_and_stable_ids_lead_to_the_same_page(model):
    rng = np.random.default_rng(1)
    for row in rng.integers(0, model.world.households.id.size, 20):
        assert str(model.household(int(row))) == str(model.household(int(model.world.households.id[row])))


def test_a_household_that_is_not_there(model):
    with pytest.raises(IndexError, match="no household"):
        model.household(10**6)
    with pytest.raises(IndexError, match="no household"):
        model.household(-1)


def test_older_pupils_did_not_choose_this_year(model):
    table = model.world.households
    row = int(np.flatnonzero(table.grade == 3)[0])
    view = model.household(row)
    assert view.considered == []
    assert "did not choose in year 2" in view.outcome


def test_a_family_that_does_not_choose_is_said_to():
    """With nobody choosing every page says so, and an entrant lists its local school alone; by default none does."""
    still = SchoolChoiceModel(scenario("classroom", "run.years=1", "choice.choosers=0.0"), 1).run()
    turn, table = still.at_choice.round, still.world.households
    identity = int(next(i for i in turn.id if i in table.id))
    view = still.household(identity)
    assert "choice.choosers" in view.about["chooses"]
    listed = [row["school"] for row in view.considered if row["listed"] != "-"]
    assert set(listed) <= {view.about["local school"]}
    usual = SchoolChoiceModel(scenario("classroom", "run.years=1"), 1).run()
    assert "chooses" not in usual.household(0).about
