"""Schelling 1971: what counts as a neighbour, Mesa's example from the same board, and the ends of both over 20 seeds."""

import numpy as np
import pytest

from experiments.replications.boards import alike, board, content, mesa_board, play, play_mesa, reference
from experiments.replications.lab import Case, Lab

CORNER = np.array([[0, 0, -1, 1], [1, -1, -1, -1], [-1, -1, -1, -1], [-1, -1, -1, 0]])


def test_neighbours_on_a_board_with_edges_and_on_a_torus():
    """Families line by line: at (0,0) one of two alike; (0,1) the same; (0,3) alone; (1,0) none of two; (3,3) alone.

    On a torus (0,0) has (0,3), (3,3) besides: 2 of 4; (0,1): 1 of 2; (0,3): of (0,0), (1,0), (3,3) one; (1,0): of (0,0),
    (0,1), (0,3) one; (3,3): of (0,0), (0,3) one.
    """
    assert alike(CORNER, torus=False) == pytest.approx([1 / 2, 1 / 2, np.nan, 0, np.nan], nan_ok=True)
    assert alike(CORNER, torus=True) == pytest.approx([2 / 4, 1 / 2, 1 / 3, 1 / 3, 1 / 2])
    assert content(alike(CORNER, torus=False), 0.5) == pytest.approx(2 / 5)


@pytest.mark.parametrize("wanted", [0.05, 0.3, 0.5, 0.8])
def test_both_programs_find_the_same_families_content(wanted, tmp_path):
    """Our board in Mesa's model: the same cells, and as many families content, to the digit."""
    from abm.model import SchoolChoiceModel

    config = Lab(tmp_path).scenario("schelling", f"households.tolerance={wanted}")
    for seed in (1, 2, 3):
        start = board(SchoolChoiceModel(config, seed, collect=False).world)
        model = reference(start, wanted, 1, seed)
        assert (mesa_board(model, start.shape) == start).all()
        assert len(model.agents) == (start >= 0).sum() == 320
        assert model.happy == round(320 * content(alike(start, torus=False), wanted))


def test_both_programs_end_alike_over_twenty_boards(tmp_path):
    """Wanted half: all content at the end; shares of like neighbours far above it, equal within three standard errors."""
    lab = Lab(tmp_path, bar=False)
    config = lab.scenario("schelling", "households.tolerance=0.5", "run.years=60")
    cases = [Case({}, config, seed) for seed in range(1, 21)]
    ours, mesas = (lab.play(function, cases) for function in (play, play_mesa))
    ends = []
    for frame in (ours, mesas):
        assert all(series[-1] == 1 for series in frame.content)
        assert all(0.4 < series[0] < 0.6 for series in frame.like)
        ends.append(np.array([series[-1] for series in frame.like]))
    assert [series[0] for series in ours.like] == [series[0] for series in mesas.like]
    error = np.sqrt((ends[0].var(ddof=1) + ends[1].var(ddof=1)) / 20)
    assert abs(ends[0].mean() - ends[1].mean()) < 3 * error + 0.005
    assert ends[0].min() > 0.75
