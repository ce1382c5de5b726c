"""Kessel & Olme: what each rule changes and what it leaves alone, the order on small cities, the whole replication (slow)."""

import dataclasses

import numpy as np

from abm.model import SchoolChoiceModel
from experiments.replications.kessel_olme import RULES, idle, play, under
from experiments.replications.lab import Lab

SMALL = (
    "city.pupils=9000",
    "city.grades=3",
    "city.schools=48",
    "city.area_pupils=375",
    "city.side_km=8.0",
    "run.years=3",
)


def test_what_the_rules_say(tmp_path):
    """Only proximity counts the way; only reserves keep places, half for each type or, if so set, for low status alone."""
    config = Lab(tmp_path).scenario("kessel_olme")
    said = [under(config, rule).admission for rule in RULES]
    assert [a.points.relative for a in said] == [200, 0, 0]
    assert [a.points.sibling for a in said] == [10000] * 3
    assert [(a.reserved, a.reserved_others) for a in said] == [(0, 0), (0, 0), (0.5, 0.5)]
    alone = under(Lab(tmp_path).scenario("kessel_olme", "admission.reserved=0.5"), "reserves").admission
    assert (alone.reserved, alone.reserved_others) == (0.5, 0)
    assert dataclasses.replace(under(config, "lottery"), admission=config.admission) == config


def test_the_same_families_hand_in_the_same_lists_under_each_rule(tmp_path):
    """The three rules start from one moment: lists agree to the last place, offers do not."""
    config = Lab(tmp_path).scenario("kessel_olme", *SMALL)
    before = SchoolChoiceModel(under(config, "proximity"), 1, collect=False, measure=idle)
    before.step()
    turns = []
    for rule in RULES:
        model = SchoolChoiceModel(under(config, rule), 1, collect=False, measure=idle, state=before.state)
        model.step()
        turns.append(model.world.round)
    for turn in turns[1:]:
        assert np.array_equal(turn.lists, turns[0].lists)
        assert (turn.offer != turns[0].offer).mean() > 0.02


def test_the_order_on_small_cities(tmp_path):
    """Proximity, lottery, reserves: the variance between schools falls, on the mean of four small cities; access is alike."""
    config = Lab(tmp_path).scenario("kessel_olme", *SMALL)
    runs = [play(config, seed) for seed in (1, 2, 3, 4)]
    proximity, lottery, reserves = (np.array([run[rule] for run in runs]) for rule in RULES)
    assert proximity.mean() > lottery.mean() > reserves.mean() > runs[0]["chance"]
    assert all(abs(run["lottery_three"] - run["proximity_three"]) < 5 for run in runs)
