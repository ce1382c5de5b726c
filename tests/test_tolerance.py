"""Tolerance by hand: contact programmes, what schoolmates were like, and the long loop with its lag."""

import numpy as np
import pytest

from abm.demography import demography
from abm.households import pack
from abm.rules import Rules
from abm.scenario import configure, to_tree
from abm.tolerance import experienced, inherit, meet, mixing, remember_mixing
from abm.transfers import transfer
from tests.builders import STATE, blueprint, differences, hand_config, scenario, table, world
from tests.conftest import History

SEATS = [(0.0, STATE, 20), (1.0, STATE, 20)]


def town(families, **sections):
    config = hand_config(**sections)
    return world(config, blueprint(config, SEATS, [0.0]), families), Rules.of(config)


def test_a_programme_lowers_the_preferred_share_to_the_floor():
    """Step .2, floor .5, at school 0: .9 -> .7 -> .5 -> .5; who prefers .3 stays, as do school 1 and the unschooled."""
    state, rules = town(
        table([0] * 4, school=[0, 0, 1, -1], tolerance=[0.9, 0.3, 0.9, 0.9]), households={"contact_floor": 0.5}
    )
    rules = rules.add("orders.contact", {0: 0.2})
    families, seen = state.households, []
    for _ in range(3):
        families = meet(families, rules)
        seen.append(families.tolerance.tolist())
    assert seen == pytest.approx(np.array([[0.7, 0.3, 0.9, 0.9], [0.5, 0.3, 0.9, 0.9], [0.5, 0.3, 0.9, 0.9]]))
    assert differences(meet(state.households, Rules.of(hand_config())), state.households) == []


def test_a_programme_in_a_city_of_one_grade_meets_nobody_who_stays():
    """All leave school after their only year, so there is nobody whose tolerance it could change."""
    sections = {"city": {"grades": 1}, "households": {"contact_floor": 0.5}}
    state, rules = town(table([0, 0], school=[0, 1], tolerance=0.9), **sections)
    assert (demography(state, rules.add("orders.contact", {0: 0.2})).households.tolerance == 0.9).all()


def test_a_family_is_one_whatever_its_schools():
    """Siblings at schools with steps .1 and .3: both follow the stronger one, once."""
    first = pack(0, 0, 0, 0, 0)
    families = table([0, 0], id=[first, pack(1, 0, 1, 0, 0)], family=[first, first], school=[0, 1], tolerance=0.9)
    rules = Rules.of(hand_config()).add("orders.contact", {0: 0.1, 1: 0.3})
    assert meet(families, rules).tolerance.tolist() == pytest.approx([0.6, 0.6])


def test_a_family_that_met_others_stays():
    """Six majority pupils and four others at school 0; five and none at school 1. V(.6) = .6/.9 = .67 and V(1) = .8, so
    for f = .9 leaving is worth 4 x .13 = .53 > .3; after a step of .3, f = .6 and V(.6) = 1 > .8: they stay."""
    families = table([0] * 15, [0] * 6 + [1] * 4 + [0] * 5, school=[0] * 10 + [1] * 5, tolerance=[0.9] * 6 + [0.5] * 4 + [0.9] * 5)  # fmt: skip
    quiet = dict.fromkeys(
        ("distance", "distance_beyond", "reputation", "vulnerable", "emulation", "theme", "zone"), 0.0
    )
    state, rules = town(
        families, choice=quiet | {"peers": {"majority": 4.0, "minority": 0.0}, "taste": "none"},
        transfers={"reconsider": 1.0, "cost": 0.3},
    )  # fmt: skip
    met = state._replace(households=meet(families, rules.add("orders.contact", {0: 0.3})))
    assert (transfer(state, rules).households.school[:6] == 1).all()
    assert (transfer(met, rules).households.school[:6] == 0).all()


def test_mixing_is_whom_the_average_pupil_meets():
    """School 0 has 3 majority and 1 minority pupils, school 1 only 1 majority pupil: the majority meets (3 x .25 + 0)/4."""
    state, _ = town(table([0] * 5, [0, 0, 0, 1, 0], school=[0, 0, 0, 0, 1]))
    (remembered,) = remember_mixing(state).ledger["mixing"].items()
    assert remembered[0] == 0
    assert mixing(remembered[1]) == pytest.approx((3 / 16, 0.75))


def test_new_parents_follow_what_they_met_as_pupils():
    """Lag 3, span 2, contact .5. In year 5 they were pupils in years 2 and 1: the majority met .3 and .2, .1 at the
    start: .15 more, so f falls by .075; the minority met .15 less, so its f rises by .075."""
    past = {year: np.array([heads]) for year, heads in enumerate([(9, 1), (8, 2), (7, 3), (1, 9), (1, 9)])}
    settings = {"contact": 0.5, "contact_lag": 3, "contact_span": 2}
    state, rules = town(table([0, 0], [0, 1], tolerance=[0.9, 0.5]), households=settings)
    state = state._replace(year=5, ledger={"mixing": past})
    assert experienced(state, rules) == pytest.approx([0.15, -0.15])
    assert inherit(state.households, state, rules).tolerance == pytest.approx([0.825, 0.575])
    assert experienced(state._replace(year=3), rules).tolist() == [0, 0]
    assert experienced(state._replace(year=4), rules) == pytest.approx([0.05, -0.05])
    off = rules.edit("households.contact", 0.0)
    assert differences(inherit(state.households, state, off), state.households) == []


LONG = ("run.years=24", "city.start=random", "choice.peers={majority=8.0, minority=1.0}", "response.close_below=0")


@pytest.fixture(scope="module")
def long_runs():
    """Schools that begin mixed and part: by sign of the long loop, over 24 years; the policy opens it in year 2."""
    base = to_tree(scenario("classroom", *LONG))
    policy = {"kind": "contact", "start": 2, "step": 0.0, "floor": 0.05}
    trees = {c: base | {"policies": [policy | {"generational": c}]} for c in (-2.0, 0.0, 2.0)}
    return {c: History(configure(tree)) for c, tree in trees.items()}


@pytest.mark.parametrize("sign", [-2.0, 2.0])
def test_the_long_loop_waits_fifteen_years(long_runs, sign):
    """To the bit nothing before the children of year 1 are parents, in year 16; from then on something."""
    for year, (was, now) in enumerate(zip(long_runs[0.0].worlds, long_runs[sign].worlds, strict=True)):
        same = differences(was.households, now.households) == []
        assert same == (year < 16), year


def test_both_signs_of_the_long_loop(long_runs):
    """The majority met fewer others in years 1 to 9 than in year 0. Positive: new parents want more of their own side than
    without the loop; negative: less."""
    run = long_runs[0.0]
    assert experienced(run.worlds[24], run.rules[24])[0] < -0.02

    def preferred(history):
        who = history.worlds[24].households
        return who.tolerance[(who.group == 0) & (who.grade < 4)].mean()

    with_it, without, against = (preferred(long_runs[c]) for c in (2.0, 0.0, -2.0))
    assert with_it - without > 0.01
    assert without - against > 0.01
