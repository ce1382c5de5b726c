"""Schools of year 0, themes in sight, true quality, who may be placed where."""

import numpy as np
import pytest
from scipy.stats import kstest

from abm import schools
from abm.city import PRIVATE, SUBSIDISED
from abm.rules import Rules
from tests.builders import STATE, blueprint, hand_config, table, world


def stock(n=2000, **city):
    config = hand_config(city={"grades": 3, "class_size": 20} | city)
    plan = blueprint(config, [(float(s), s % 3, 30) for s in range(n)], [0.0])
    return config, schools.build(plan, config.city, 1)


def test_quality_is_normal_and_reputation_a_noisy_image_of_it():
    """Reputation = .8 quality + .6 error: variance 1, correlation .8."""
    _, made = stock()
    assert kstest(made.quality, "norm").pvalue > 0.001
    assert kstest(made.reputation, "norm").pvalue > 0.001
    assert np.corrcoef(made.quality, made.reputation)[0, 1] == pytest.approx(0.8, abs=0.04)


def test_fees_by_sector():
    """None at state schools; within 40 % of the sector's mean elsewhere."""
    _, made = stock(subsidised_fee=1.0, private_fee=4.0)
    assert (made.fee[made.sector == STATE] == 0).all()
    for sector, mean in ((SUBSIDISED, 1.0), (PRIVATE, 4.0)):
        fee = made.fee[made.sector == sector]
        assert fee.mean() == pytest.approx(mean, rel=0.03)
        assert 0.6 * mean <= fee.min() and fee.max() <= 1.4 * mean


def test_every_grade_starts_with_the_entry_places():
    _, made = stock(5)
    assert made.places.tolist() == [[30, 30, 30]] * 5
    assert made.intake.tolist() == [30] * 5


@pytest.mark.parametrize(("year", "seen"), [(2, False), (3, True), (5, True), (6, False)])
def test_a_theme_is_seen_from_its_first_year_to_the_end_of_its_life(year, seen):
    """Seen from year 3 until year 6, in which it is no longer; without an end it stays."""
    _, made = stock(2)
    made = made._replace(
        theme=np.array([1, -1], np.int8), theme_year=np.array([3, 0], np.int32), theme_until=np.array([6, 0], np.int32)
    )
    assert schools.theme_visible(made, year).tolist() == [seen, False]
    for_good = made._replace(theme_until=np.zeros(2, np.int32))
    assert schools.theme_visible(for_good, 99).tolist() == [True, False]


def test_who_stands_outside_and_where_the_unplaced_go():
    config = hand_config()
    rules = Rules.of(config)
    plan = blueprint(config, [(1.0, STATE, 9), (2.0, SUBSIDISED, 9), (3.0, PRIVATE, 9), (4.0, STATE, 9)], [0.0])
    state = world(config, plan, table([0]), fee=[0, 1, 4, 0], open=[True, True, True, False]).schools
    assert schools.outside_match(state, rules).tolist() == [False, False, True, False]
    assert schools.official(state, rules).tolist() == [True, False, False, False]
    both = rules.edit("admission.subsidised", "outside").edit("admission.private", "inside")
    assert schools.outside_match(state, both).tolist() == [False, True, False, False]
    loose = rules.edit("admission.ex_officio_state", False)
    assert schools.official(state, loose).tolist() == [True, True, False, False]
    assert schools.public(state).tolist() == [True, False, False, True]
