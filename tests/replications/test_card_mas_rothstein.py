"""Card, Mas & Rothstein 2008: a planted threshold in a small city; the whole replication among the slow tests."""

from functools import cache

import numpy as np
import pytest

from abm.scenario import load
from experiments.replications.card_mas_rothstein import PLACEBOS, play
from experiments.replications.lab import configs
from experiments.statistics.tipping import structural_break

SMALL = ("city.pupils=8000", "city.schools=40", "city.side_km=8.0", "city.district_count=9")


@cache
def panel(override, seed=1):
    """(share, change) of the 24 state schools of a small city."""
    got = play(load(configs() / "card_mas_rothstein.toml", (*SMALL, override)), seed)
    return np.array(got["share"]), np.array(got["change"])


def test_a_panel_is_of_state_schools_and_of_shares():
    share, change = panel("choice.content.majority=0.2")
    assert share.size == 24
    assert (share >= 0).all() and (share <= 1).all()
    assert (change >= -1).all()


def test_past_the_threshold_the_majority_leaves_and_before_it_nobody():
    """Schools clearly past .2 lose a quarter of their pupils and more; those clearly below as much as where nobody leaves."""
    share, change = (np.concatenate(part) for part in zip(*(panel("choice.content.majority=0.2", s) for s in (1, 2, 3)), strict=True))  # fmt: skip
    still = np.concatenate([panel(PLACEBOS["nobody leaves"], s)[1] for s in (1, 2, 3)])
    past, below = (share > 0.25) & (share < 0.5), share < 0.15
    assert min(past.sum(), below.sum()) > 10
    assert change[past].max() < -0.2
    assert abs(change[below].mean() - still[below].mean()) < 0.04
    assert structural_break(share, change) == pytest.approx(0.2, abs=0.04)


def test_the_base_year_is_before_the_threshold_acts():
    """The same seed gives the same base-year shares, whatever is planted."""
    planted, placebo = panel("choice.content.majority=0.2")[0], panel('choice.first_look="none"')[0]
    assert (planted == placebo).all()
