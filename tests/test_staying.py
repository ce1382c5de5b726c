"""Families who do not choose: their share, who they are, their lists, and that they stay where they are."""

import numpy as np
import pytest

from abm.choice import perceive, rank
from abm.rules import Rules
from abm.staying import inert
from abm.transfers import reconsider
from tests.builders import STATE, blueprint, hand_config, table, world

QUIET = dict.fromkeys(
    ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
)


def street(families, **choice):
    """Schools at 1, 2 and 3 km from home, everybody's local school the first; the farther the better, no taste."""
    config = hand_config(
        choice=QUIET | {"distance": 1.0, "taste": "none"} | choice, transfers={"reconsider": 1.0, "cost": 0.0}
    )
    stock = [(x, STATE, 10_000) for x in (1.0, 2.0, 3.0)]
    return world(config, blueprint(config, stock, [0.0]), families), Rules.of(config)


def test_who_does_not_choose_lists_the_local_school_alone():
    """The others list all three, the farthest first; the true favourite is the farthest school for all."""
    state, rules = street(table([0] * 40), choosers=0.5, length=4)
    still = inert(state, rules, state.households)
    assert 0 < still.sum() < 40
    turn = rank(perceive(state, rules), rules).round
    assert turn.lists.tolist() == [[0, -1, -1, -1] if s else [2, 1, 0, -1] for s in still]
    assert turn.favourite.tolist() == [2] * 40


def test_shares_by_group_hold_and_are_nested():
    """Of 20,000 families of each group the shares choose, within four standard errors; more only adds choosers."""
    families = table(np.zeros(40_000, int), np.repeat([0, 1], 20_000))
    before = np.ones(40_000, bool)
    for share in (0.0, 0.3, 0.7, 1.0):
        state, rules = street(families, choosers={"majority": share, "minority": share / 2})
        still = inert(state, rules, families)
        for group, wanted in ((0, share), (1, share / 2)):
            got = 1 - still[families.group == group].mean()
            assert got == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / 20_000) + 1e-12)
        assert not (still & ~before).any()
        before = still


def test_siblings_do_alike_and_a_year_changes_nothing():
    families = table([0] * 200, family=np.repeat(np.arange(100), 2))
    state, rules = street(families, choosers=0.5)
    still = inert(state, rules, families)
    assert (still[::2] == still[1::2]).all()
    assert (inert(state._replace(year=7), rules, families) == still).all()


def test_who_does_not_choose_does_not_look_again():
    """All sit at the local school and gain by leaving: those who choose go, the others stay."""
    state, rules = street(table([0] * 60, school=0), choosers=0.5)
    after = reconsider(state, rules)
    still = inert(state, rules, state.households)
    assert after.households.school.tolist() == [0 if s else 2 for s in still]
    assert inert(state, rules.edit("choice.choosers", 1.0), state.households).sum() == 0
