"""Drawings are solved once: in the process, on disk, whatever a file holds."""

import numpy as np
import pytest

from abm.rezoning import store
from abm.rezoning.solver import draw
from tests.rezoning.test_drawing import line


@pytest.fixture
def solver(monkeypatch):
    """How often the solver was called; the process remembers nothing."""
    calls = []

    def counted(problem):
        calls.append(problem)
        return draw(problem)

    monkeypatch.setattr(store, "draw", counted)
    monkeypatch.setattr(store, "_KNOWN", {})
    return calls


def test_a_drawing_is_solved_once(solver, tmp_path, monkeypatch):
    first = store.solved(line(), tmp_path)
    assert store.solved(line(), tmp_path) is first
    monkeypatch.setattr(store, "_KNOWN", {})
    assert store.solved(line(), tmp_path).tolist() == first.tolist()
    assert len(solver) == 1
    store.solved(line(walk_km=3.0), tmp_path)
    assert len(solver) == 2
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("held", [b"", b"not numpy", None])
def test_a_file_that_does_not_fit_is_solved_anew(held, solver, tmp_path):
    """Empty, broken, or a drawing that is not allowed (all at school 0)."""
    problem = line()
    file = tmp_path / f"{store.key(problem)}.npy"
    file.write_bytes(held) if held is not None else np.save(file, np.zeros(6, np.int64))
    assert store.solved(problem, tmp_path).tolist() == [0, 0, 0, 0, 0, 1]
    assert len(solver) == 1
    assert np.load(file).tolist() == [0, 0, 0, 0, 0, 1]


def test_without_a_folder_nothing_is_stored(solver, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    for folder in (None, blocked):
        assert store.solved(line(), folder).tolist() == [0, 0, 0, 0, 0, 1]
    assert blocked.read_text() == "in the way"


def test_every_number_is_in_the_key():
    problem = line()
    keys = {store.key(problem)}
    for name, value in problem._asdict().items():
        other = value + 1 if isinstance(value, int) else np.roll(value, 1, axis=0)
        if isinstance(value, np.ndarray) and (other == value).all():
            other = ~value if value.dtype == bool else value + 1
        keys.add(store.key(problem._replace(**{name: other})))
    assert len(keys) == 1 + len(problem)
