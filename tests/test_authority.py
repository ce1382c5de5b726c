"""The authority: dates, thresholds, budget, memory, names that do not exist, edits in order."""

import pytest

from abm.authority import Act, Memory, check
from abm.config.declare import ScenarioError
from abm.model import SchoolChoiceModel
from abm.scenario import configure, to_tree
from tests.builders import scenario


def config(*policies, years=3, **sections):
    return configure(to_tree(scenario("classroom", f"run.years={years}")) | sections | {"policies": list(policies)})


def acts(model):
    """What was done in each year, as (policy, funded, euro)."""
    out = []
    for _ in range(model.config.run.years):
        model.step()
        memory = model.world.ledger.get("authority", Memory())
        out.append([(act.policy, act.funded, act.euro) for act in memory.acts])
        assert model.indicators["cost"] == sum(act.euro for act in memory.acts)
    return out


def model(*policies, **extra):
    return SchoolChoiceModel(config(*policies, **extra), 1, collect=False)


CHEAP = {"kind": "detection", "rate": 0.9, "cost_fixed": 100.0, "cost_pupil": 0.0}
DEAR = {"kind": "magnet", "cost_fixed": 250.0, "cost_school": 0.0, "cost_pupil": 0.0}


def test_costs_count_in_the_years_in_force():
    """100 in years 2 and 3, 250 from year 3 on."""
    assert acts(model(CHEAP | {"start": 2}, DEAR | {"start": 3})) == [
        [],
        [(0, True, 100.0)],
        [(0, True, 100.0), (1, True, 250.0)],
    ]


def test_within_a_budget_policies_are_paid_in_the_order_of_the_file():
    """300 pay for one of the two: the first of the file; the other is left out and leaves the rules as they were."""
    for order, first in (((CHEAP, DEAR), 100.0), ((DEAR, CHEAP), 250.0)):
        town = model(*order, years=1, authority={"budget": 300.0})
        assert acts(town) == [[(0, True, first), (1, False, 0.0)]]
    assert town.rules.households.detection == scenario("classroom").households.detection
    town = model(CHEAP, DEAR, years=1, authority={"budget": 350.0})
    assert acts(town) == [[(0, True, 100.0), (1, True, 250.0)]]


def test_a_budget_that_cannot_pay_a_policy_at_all_is_refused():
    with pytest.raises(ScenarioError, match=r"budget = 90: too small for policies\[0\] \(detection\)"):
        model(CHEAP, authority={"budget": 90.0})
    assert model(CHEAP | {"intensity": 0.5}, authority={"budget": 90.0})


def test_a_threshold_acts_in_the_year_after_it_is_passed():
    """The share of pupils per year is known: D of year 1 and 2 lie on either side of the threshold between them."""
    plain = model(years=3)
    d = [plain.indicators["dissimilarity"]]
    for _ in range(3):
        plain.step()
        d.append(plain.indicators["dissimilarity"])
    assert d[0] < d[1], "the test needs a rising D"
    between = (d[0] + d[1]) / 2
    watch = {"indicator": "dissimilarity", "above": between}
    assert [bool(year) for year in acts(model(CHEAP | {"when": watch}))] == [False, True, True]
    assert [bool(year) for year in acts(model(CHEAP | {"when": {"indicator": "dissimilarity", "below": between}}))] == [
        True
    ] * 3


def test_while_the_threshold_is_passed_only():
    """``stays = no``: a D below the threshold in year 0 and above it in year 1 means one year in force."""
    plain = model(years=1)
    before = plain.indicators["dissimilarity"]
    plain.step()
    assert plain.indicators["dissimilarity"] > before
    between = (before + plain.indicators["dissimilarity"]) / 2
    watch = {"indicator": "dissimilarity", "below": between, "stays": False}
    done = acts(model(CHEAP | {"when": watch, "rate": scenario("classroom").households.detection}, years=2))
    assert [bool(year) for year in done] == [True, False]


def test_a_figure_that_is_not_there_is_named():
    with pytest.raises(ScenarioError, match="no figure 'dissimilarty'"):
        acts(model(CHEAP | {"when": {"indicator": "dissimilarty", "above": 0.5}}))
    with pytest.raises(ScenarioError, match="without a threshold"):
        config(CHEAP | {"when": {"indicator": "dissimilarity"}})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("schools", ["Atlantis"], "has no 'Atlantis'"),
        ("districts", ["Distrct 1"], "Classroom has no"),
        ("groups", ["minorty"], "did you mean 'minority'"),
    ],
)
def test_names_that_do_not_exist_are_refused(field, value, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        model(CHEAP | {field: value})
    assert f"policies[0] (detection).{field}" in str(caught.value)


def test_targets_are_remembered_or_chosen_anew():
    """Two pilot schools by need: remembered from the first year, whatever composition becomes later."""
    pilot = {"kind": "mechanism", "mechanism": "top_trading_cycles", "intensity": 0.25}
    for anew in (False, True):
        town = model(pilot | {"anew": anew}, years=3)
        seen = []
        for _ in range(3):
            town.step()
            seen.append(town.world.ledger["authority"].targets[0].schools)
        assert all(len(schools) == 2 for schools in seen)
        if not anew:
            assert len(set(seen)) == 1


def test_the_memory_is_part_of_the_world_so_a_run_can_be_taken_up_again():
    """Three years in one go, and one year, then two from that moment: the same to the last figure."""
    both = [CHEAP | {"when": {"indicator": "dissimilarity", "above": 0.1}}, {"kind": "mechanism", "intensity": 0.5}]
    straight = model(*both).run()
    first = model(*both)
    first.step()
    again = SchoolChoiceModel(first.config, 1, collect=False, state=first.state).run()
    assert str(again.indicators.rows) == str(straight.indicators.rows)
    assert again.world.ledger["authority"] == straight.world.ledger["authority"]


def test_later_policies_of_the_file_hold():
    """Of two policies that set one lever the later in the file holds (documented in the contract)."""
    entries = [CHEAP | {"rate": 0.9}, CHEAP | {"rate": 0.6}]
    for order in (entries, entries[::-1]):
        town = model(*order, years=1).run()
        assert town.rules.households.detection == order[-1]["rate"]


def test_acts_are_plain():
    assert Act(0, True, 1.0, 2.0, 3.0)._asdict() == {
        "policy": 0,
        "funded": True,
        "schools": 1.0,
        "pupils": 2.0,
        "euro": 3.0,
    }
    town = model()
    assert check(town.config, town.world) is None
