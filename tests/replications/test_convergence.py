"""When a process counts as settled."""

import numpy as np

from experiments.replications.convergence import Convergence, settle


def test_every_figure_stays_within_the_band_of_its_mean():
    """Window 3, band .1: departures from the mean are .05 in the one window, .15 in the other."""
    rule = Convergence(3, 0.1)
    assert [rule.add(value) for value in (0.0, 0.05, 0.1)] == [False, False, True]
    rule = Convergence(3, 0.1)
    assert not any(rule.add(value) for value in (0.0, 0.15, 0.3))
    rule = Convergence(3, 0.1)
    assert [rule.add(1.0, value) for value in (9.0, 0.0, 0.0, 0.0)] == [False, False, False, True]


def test_the_defaults_are_those_of_the_paper():
    rule = Convergence()
    assert [rule.add(0.5) for _ in range(30)].index(True) == 29
    drift = Convergence()
    assert not any(drift.add(0.001 * step) for step in range(100))


def walk(moves):
    """A process of one family with a utility of .1 a move; (step, utility, index, record of steps done)."""
    done = []

    def step():
        done.append(moves[len(done)] if len(done) < len(moves) else False)
        return done[-1]

    return step, lambda: np.array([0.1 * sum(done)]), lambda: 0.0, done


def test_a_stage_ends_when_it_has_settled_or_after_the_most_steps():
    """Two moves at steps 1 and 2, then none: the window of 30 begins with step 2 and is full after step 31."""
    *process, done = walk([True, True])
    end = settle(*process, 100)
    assert (end.steps, end.converged, len(done)) == (31, True, 31)
    assert (end.low, round(end.high, 9)) == (0.0, 0.2)
    *process, done = walk([True] * 50)
    assert settle(*process, 40)[:2] == (40, False)


def test_steps_after_a_cycle_without_a_move_are_counted_and_not_done():
    """Any fifteen steps in a row hold a whole cycle of eight."""
    *process, done = walk([True, True])
    end = settle(*process, 100, cycle=8)
    assert (end.steps, end.converged, len(done)) == (31, True, 17)


def test_whoever_comes_late_in_the_next_cycle_still_has_its_turn():
    """Cycles of 8 steps, each in its own order: a move at step 4, and the next by a family whose turns are steps 1 and 16."""
    moves = [step in (4, 16) for step in range(1, 17)]
    *process, done = walk(moves)
    settle(*process, 100, cycle=8)
    assert sum(done) == 2
