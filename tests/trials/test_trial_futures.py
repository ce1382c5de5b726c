"""The futures of a trial: what detection by itself does and does not, and pupils who come as they are said to."""

import dataclasses

import numpy as np
import pytest

from experiments.trials.measures import COUNTS, TYPES, cells
from experiments.trials.simulation import FUTURES, Draw, ratio, run, scaled
from experiments.trials.spec import Cohort


def columns(trial, *kinds):
    return [i for i, cell in enumerate(cells(trial.grades)) if cell.type in kinds]


def counted(trial, result, future, name):
    """(year,) one of the COUNTS."""
    return np.array(result[future])[:, len(cells(trial.grades)) + list(COUNTS).index(name)]


def test_detection_alone_moves_nobody_but_the_figures(trial, one):
    """Same allocation: figures on the vulnerable and the minority are the same to the bit, those on the detected are not."""
    without, counting = np.array(one["neither"]), np.array(one["detection"])
    truth, known = columns(trial, "vulnerable", "minority"), columns(trial, "detected")
    assert (without[:, truth] == counting[:, truth]).all()
    assert (without[2:, known] != counting[2:, known]).any(axis=1).all()
    assert (counted(trial, one, "detection", "found")[2:] > counted(trial, one, "neither", "found")[2:] + 0.3).all()
    assert (counted(trial, one, "neither", "wrong") == 0).all()


def test_counting_as_before(trial, one):
    """Where detection stays, those who would be detected are those who are; where nobody is moved they stay the same."""
    old, known = columns(trial, "as_before"), columns(trial, "detected")
    without, counting = np.array(one["neither"]), np.array(one["detection"])
    assert (without[:, old] == without[:, known]).all()
    assert (counting[:, old] == without[:, known]).all()
    assert (np.array(one["undetected"])[:, old] == np.array(one["undetected"])[:, known]).all()
    assert (np.array(one["plan"])[3, old] != without[3, old]).any()


def test_before_the_plan_it_changes_nothing(one):
    """Futures of one demography are the same to the bit until the plan's first year; the plan moves pupils from then on."""
    for demography, same in ((False, ("detection", "undetected", "plan")), (True, ("both",))):
        base = np.array(one["demography" if demography else "neither"])
        for name in same:
            assert FUTURES[name].demography == demography
            assert (np.array(one[name])[:2] == base[:2]).all()
    assert np.array(one["plan"])[2:].tolist() != np.array(one["neither"])[2:].tolist()


def test_families_may_refuse(trial, one):
    """Proposals begin with the plan; some are accepted, some refused; without a rise of detection there are fewer."""
    proposed, accepted = (counted(trial, one, "plan", name) for name in ("proposed", "accepted"))
    assert (proposed[:2] == 0).all()
    assert (proposed[2:] > 0).all()
    assert 0 < accepted[2:].sum() < proposed[2:].sum()
    assert counted(trial, one, "undetected", "proposed").sum() < proposed.sum()


def test_the_same_draw_again(trial, one):
    assert run(Draw(1, {}), trial) == one
    assert run(Draw(1, {"choice.distance": -2.0}), trial) != one


def test_pupils_come_as_derived(trial):
    """Over seeds, entry cohorts and their minority share are those of the file; without demography they stay as in the first year."""
    results = [run(Draw(seed, {}), trial) for seed in range(1, 9)]
    base = 400 / 3
    for name, years in (("demography", trial.cohorts.values()), ("neither", [trial.cohorts[2016]] * 4)):
        heads = np.mean([counted(trial, result, name, "entrants") for result in results], axis=0)
        share = np.mean([counted(trial, result, name, "minority_share") for result in results], axis=0)
        assert heads == pytest.approx([base * cohort.entrants / 100 for cohort in years], rel=0.06)
        assert share == pytest.approx([cohort.minority_share for cohort in years], abs=0.025)


def test_first_children_make_up_for_siblings(trial):
    """With odds o and gaps 1 to 2 (three grades), new families n give cohorts (n + o mean of the last two n)/(1 + o) as wanted."""
    scales = scaled(trial, trial.config)
    share = trial.config.households.sibling_share
    odds = share / (1 - share)
    first = scales[2016]
    past = [first, first, *scales.values()]
    for k, cohort in enumerate(trial.cohorts.values()):
        came = (past[k + 2] + odds * np.mean(past[k : k + 2], axis=0)) / (1 + odds)
        assert came == pytest.approx(ratio(cohort, trial.reference, 2))
    alone = dataclasses.replace(
        trial.config, households=dataclasses.replace(trial.config.households, sibling_share=0.0)
    )
    assert scaled(trial, alone)[2019] == pytest.approx(ratio(trial.cohorts[2019], trial.reference, 2))


def test_cohorts_over_the_reference():
    """90 pupils of whom 40 % are minority, over 100 of whom 30 %: majority 54/70, each group of the minority 36/30."""
    assert ratio(Cohort(90, 0.4), Cohort(100, 0.3), 3) == pytest.approx([54 / 70, 1.2, 1.2])


def test_the_order_of_figures(trial, one):
    """For each grades and type: the indices, then D by chance; last the counts."""
    names = cells(trial.grades)
    assert list(trial.grades) == ["entry", "upper", "all grades"]
    assert len(names) == 3 * len(TYPES) * 6
    assert {len(row) for rows in one.values() for row in rows} == {len(names) + len(COUNTS)}
