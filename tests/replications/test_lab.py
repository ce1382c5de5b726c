"""Runs of replications are kept, taken up again, and played anew when anything they depend on has changed."""

import json

import pytest

from abm.config import Config
from experiments.replications.lab import Case, Lab

PLAYED = []


def play(config, seed):
    """What a paper's function gives: numbers and lists of them."""
    PLAYED.append(seed)
    return {"years": config.run.years, "twice": 2 * seed, "path": [0.5, seed]}


@pytest.fixture
def lab(tmp_path):
    PLAYED.clear()
    return Lab(tmp_path / "paper", jobs=1, bar=False)


def cases(*seeds):
    return [Case({"arm": f"a{seed}"}, Config(), seed) for seed in seeds]


def test_a_row_a_case_in_order(lab):
    table = lab.play(play, cases(3, 1, 2))
    assert table.to_dict("list") == {
        "arm": ["a3", "a1", "a2"], "seed": [3, 1, 2], "years": [15] * 3, "twice": [6, 2, 4],
        "path": [[0.5, 3], [0.5, 1], [0.5, 2]],
    }  # fmt: skip


def test_what_is_there_is_not_played_again(lab):
    first = lab.play(play, cases(1, 2))
    again = lab.play(play, cases(1, 2, 3))
    assert PLAYED == [1, 2, 3]
    assert again.iloc[:2].equals(first)


def test_the_same_case_twice_is_played_once(lab):
    assert lab.play(play, cases(4, 4)).twice.tolist() == [8, 8]
    assert PLAYED == [4]


def test_a_torn_line_is_played_again(lab):
    lab.play(play, cases(1, 2))
    path = lab.folder / "runs.jsonl"
    path.write_text(path.read_text()[:-9])
    assert lab.play(play, cases(1, 2)).twice.tolist() == [2, 4]
    assert PLAYED == [1, 2, 2]
    assert lab.play(play, cases(1, 2)).twice.tolist() == [2, 4]  # what came after the torn line is whole
    assert PLAYED == [1, 2, 2]


def test_a_garbled_line_is_played_again(lab):
    """Bytes that are no text, as a full or failing disk leaves them."""
    lab.play(play, cases(1, 2))
    path = lab.folder / "runs.jsonl"
    path.write_bytes(path.read_bytes().replace(b"years", b"\xff\xfe\x00", 1).replace(b"[", b"\xff", 1))
    assert lab.play(play, cases(1, 2)).twice.tolist() == [2, 4]
    assert PLAYED == [1, 2, 1]


def test_a_changed_helper_of_a_paper_is_another_run(lab, tmp_path, monkeypatch):
    """What the function's file imports from the package counts, also through others; how results are shown does not."""
    from experiments.replications import lab as frame
    from experiments.replications.dignum_stages import at_schools

    shelf = tmp_path / "experiments" / "replications"
    shelf.mkdir(parents=True)
    (shelf / "toy.py").write_text(
        "from experiments.replications import helper\nfrom experiments.replications.page import x\n"
    )
    (shelf / "helper.py").write_text("def f():\n    from experiments.replications.deep import y\n")
    (shelf / "deep.py").write_text("y = 1\n")
    (shelf / "page.py").write_text("x = 1\n")
    monkeypatch.setattr(frame, "ROOT", tmp_path)
    monkeypatch.setattr(frame, "APART", {shelf / "page.py"})
    monkeypatch.setattr(frame.inspect, "getsourcefile", lambda function: str(shelf / "toy.py"))
    before = frame._code(play)
    (shelf / "page.py").write_text("x = 2\n")
    assert frame._code(play) == before
    (shelf / "deep.py").write_text("y = 2\n")
    assert frame._code(play) != before
    monkeypatch.undo()
    assert any("class Convergence" in text for text in frame._code(at_schools))
    assert all(path.is_file() for path in frame.APART)


def test_another_function_seed_or_scenario_is_another_run(lab):
    import dataclasses

    lab.play(play, cases(1))
    longer = dataclasses.replace(Config(), run=dataclasses.replace(Config().run, years=3))
    assert lab.play(play, [Case({}, longer, 1)]).years.tolist() == [3]
    assert PLAYED == [1, 1]
    lines = (lab.folder / "runs.jsonl").read_text().splitlines()
    names = [json.loads(line)[0] for line in lines if line]
    assert len(set(names)) == 2


def test_an_interrupted_lab_keeps_what_is_finished(lab):
    def interrupted(config, seed):
        if seed == 3:
            raise KeyboardInterrupt
        return play(config, seed)

    with pytest.raises(KeyboardInterrupt):
        lab.play(interrupted, cases(1, 2, 3))
    assert len((lab.folder / "runs.jsonl").read_text().split("\n\n")) == 2


def test_scenarios_lie_in_the_papers_folder(lab):
    config = lab.scenario("sage_flache", "choice.alpha=0.7")
    assert config.choice.alpha == 0.7
    assert config.city.cells == 80
