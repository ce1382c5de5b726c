"""The worth of present schools and homes by hand, and against what a family does when it looks again."""

import numpy as np
import pytest

from abm.model import SchoolChoiceModel
from abm.rules import Rules
from abm.scenario import configure
from abm.transfers import reconsider
from abm.worth import home_worth, school_worth
from tests.builders import STATE, blueprint, hand_config, table, world

FORM = {"form": "additive", "distance_form": "min_max", "alpha": 0.25, "peers_full": 0.6, "taste": "none"}
STOCK = [(1.0, STATE, 9), (3.0, STATE, 9), (2.0, STATE, 9)]


def town(families, choice=None, stock=STOCK, **sections):
    config = hand_config(choice=FORM | (choice or {}), perception={"noise": 0.0, "uninformed": 1.0} | sections.pop("perception", {}), **sections)  # fmt: skip
    return world(config, blueprint(config, stock, [0.0]), families), Rules.of(config)


def test_the_worth_of_a_school_by_hand():
    """f = .5, M = .6: at 3 km with 2 of 3 of its side V = .867 and D = 0; with 1 of 3 V = .667; alone at 1 km V = .6, D = 1."""
    state, rules = town(table([0] * 5, [0, 0, 1, 1, 0], school=[1, 1, 1, 0, -1]))
    worth = school_worth(state, rules)
    assert worth[:4] == pytest.approx([0.25 * (0.6 + 0.4 * 2 / 3)] * 2 + [0.25 * 2 / 3, 0.25 * 0.6 + 0.75], abs=1e-6)
    assert np.isnan(worth[4])
    assert worth.dtype == np.float32


def test_the_worth_is_before_beta_and_taste():
    families = table([0] * 4, [0, 0, 1, 1], school=[1, 1, 1, 0])
    plain = school_worth(*town(families))
    assert (school_worth(*town(families, {"beta": 50.0, "taste": "redrawn"})) == plain).all()


def test_distances_are_normalised_over_the_schools_that_the_choice_considers():
    """A school at 2 km: with all three considered D = .5; of the two nearest it is the farther one, D = 0."""
    families = table([0] * 2, school=[2, 2])
    for nearest, nearness in ((3, 0.5), (2, 0.0)):
        state, rules = town(families, perception={"nearest": nearest, "network": 0, "flagship": 0})
        assert school_worth(state, rules) == pytest.approx([0.25 * 0.6 + 0.75 * nearness] * 2, abs=1e-6)


def test_whoever_moves_alone_gains():
    """One family a time looks again: it moves if and only if its worth rises by that, compositions as they were."""
    state, rules = town(
        table([0] * 6, [0, 0, 0, 1, 1, 1], school=[1, 2, 1, 1, 2, 0], tolerance=1.0), {"alpha": 0.1},
        transfers={"reconsider": 1.0, "cost": 0.0},
    )  # fmt: skip
    before, after = school_worth(state, rules), reconsider(state, rules)
    moved = after.households.school != state.households.school
    # compositions stand still for this: only schools change, not what is seen of them
    seen = school_worth(after._replace(seen=state.seen), rules)
    assert moved.any()
    assert (seen[moved] > before[moved]).all()
    assert (seen[~moved] == before[~moved]).all()


def test_the_worth_of_a_home_by_hand():
    """f = 1: 1 of 3 neighbours of the own side at the first place, 1 of 1 at the second, oneself not counted."""
    config = hand_config(moving={"rate": 1.0, "composition": 2.0, "access": 0.5, "price": 0.0, "cost": 9.0})
    plan = blueprint(config, [(0.0, STATE, 20), (5.0, STATE, 20)], [0.0, 5.0])
    families = table([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 0, 0], school=0, tolerance=1.0)
    state = world(config, plan, families, reputation=[0, 2])
    assert home_worth(state, Rules.of(config)) == pytest.approx([2 / 3] * 4 + [2 + 1] * 2)


@pytest.mark.parametrize("own_cell", ["same", "area"])
def test_homes_on_a_torus_by_the_cells_around_or_by_the_block(own_cell):
    """Each family's neighbours counted one by one."""
    config = configure({
        "city": {"kind": "grid", "cells": 6, "block": 3, "side_km": 6.0, "torus": True, "density": 0.7, "shares": [0.5, 0.5], "grades": 1, "zones": "none"},
        "households": {"tolerance": 0.5, "tolerance_spread": 0.0, "sibling_share": 0.0}, "choice": {"peers_full": 0.6},
        "moving": {"rate": 0.5, "neighbours": "radius", "radius": 1, "own_cell": own_cell, "composition": 1.0, "access": 0.0, "price": 0.0},
    })  # fmt: skip
    model = SchoolChoiceModel(config, 3, collect=False)
    city, families = model.world.city, model.world.households
    x, y = (np.rint(axis[families.place] + 2.5).astype(int) for axis in (city.place_x, city.place_y))
    for h, worth in enumerate(home_worth(model.world, model.rules)):
        across = np.minimum(abs(x - x[h]), 6 - abs(x - x[h])), np.minimum(abs(y - y[h]), 6 - abs(y - y[h]))
        there = np.maximum(*across) <= 1
        if own_cell == "area":
            there = (x // 3 == x[h] // 3) & (y // 3 == y[h] // 3)
        there[h] = False
        share = (families.group[there] == families.group[h]).mean() if there.any() else 1.0
        assert worth == pytest.approx(share / 0.5 if share <= 0.5 else 0.6 + (1 - share) * 0.4 / 0.5, abs=1e-6)
