"""The notebooks: valid, a question before the first answer, no outputs kept, and each runs from top to bottom."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments import teaching
from experiments.command_line import app
from tests.builders import ROOT
from tests.pages import sound

pytest.importorskip("IPython")
nbformat = pytest.importorskip("nbformat")
BOOKS = sorted(teaching.LESSONS.glob("lesson_*.ipynb"))
NUMBERS = [int(path.stem.removeprefix("lesson_")) for path in BOOKS]
QUESTION = re.compile(r"> \*\*What do you think:\*\*.*\?.*Write .*down", re.S)


@pytest.fixture(params=BOOKS, ids=lambda path: path.stem)
def book(request):
    return nbformat.read(request.param, as_version=4)


def test_there_are_nine():
    assert list(range(1, 10)) == NUMBERS
    assert sum(path.stat().st_size for path in BOOKS) < 150_000


def test_it_is_valid_and_holds_no_outputs(book):
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_a_question_comes_before_the_first_answer(book):
    """A guess is asked for before any code; the lesson says what was seen, and what to try, and is short."""
    kinds = [cell.cell_type for cell in book.cells]
    before = "\n".join(cell.source for cell in book.cells[: kinds.index("code")])
    assert QUESTION.search(before)
    assert 3 <= kinds.count("code") <= 6
    last = book.cells[-1].source
    assert "## What we saw" in last and "## Try it yourself" in last
    assert book.cells[0].source.startswith("# Lesson ")


def test_it_runs_from_top_to_bottom(book, monkeypatch, capsys):
    """The code cells, one after the other in this process; each figure comes out once and every cell says something."""
    pictures = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: pictures.append(data))
    space = {"__name__": "lesson"}
    for number, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            exec(compile(cell.source, f"cell {number}", "exec"), space)
    assert 0 < len(pictures) <= 4 and all("image/png" in data for data in pictures)
    assert len(pictures) == sum(cell.source.count("with panel(") for cell in book.cells)
    assert capsys.readouterr().out


def test_the_list_names_all_lessons_and_what_stands_beside_them():
    told = CliRunner().invoke(app, ["lesson"])
    assert told.exit_code == 0
    for number in NUMBERS:
        assert f"Lesson {number}. " in told.output
    assert "tipping.html" in told.output and "teacher_sheet.md" in told.output


@pytest.mark.parametrize("number", ["0", "10"])
def test_an_unknown_lesson_ends_with_the_remedy(number):
    told = CliRunner().invoke(app, ["lesson", number])
    assert told.exit_code == 2
    assert "there are lessons 1 to 9" in told.stderr


def test_without_its_packages_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "nbclient", None)
    told = CliRunner().invoke(app, ["lesson", "1", "--render", "--out", str(tmp_path)])
    assert told.exit_code == 2
    assert "schoolflight[lessons]" in told.stderr


def test_in_jupyter_it_opens_a_copy_that_is_kept(monkeypatch, tmp_path):
    """The reader's copy is opened, not the original, and what was written in it stays."""
    called = []
    monkeypatch.setattr(teaching, "_jupyter", lambda: "jupyterlab")
    monkeypatch.setattr(subprocess, "run", lambda command, **options: called.append((command, options)))
    copy = tmp_path / "lesson_2.ipynb"
    for written in ("", "mine"):
        if written:
            copy.write_text(written)
        assert CliRunner().invoke(app, ["lesson", "2", "--out", str(tmp_path)]).exit_code == 0
    command, options = called[0]
    assert command[1:] == ["-m", "jupyterlab", str(copy)]
    assert options["env"]["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)
    assert copy.read_text() == "mine"


def test_the_page_of_a_lesson_is_whole_and_offline():
    """Rendered from outputs made by hand: text is escaped, figures are vector, nothing is asked of another host."""
    from experiments.lessons.classroom import SVG
    from experiments.lessons.rendering import html

    v4 = nbformat.v4
    figure = v4.new_output("display_data", {SVG: "<svg viewBox='0 0 1 1'></svg>", "text/plain": "[figure: A line]"})
    printed = v4.new_output("stream", name="stdout", text="1 < 2")
    cells = [v4.new_markdown_cell("# Lesson 1. A title\n\n| a | b |\n|---|---|\n| 1 | 2 |"), v4.new_code_cell("print(1)", outputs=[printed, figure])]  # fmt: skip
    page = html(v4.new_notebook(cells=cells), "lesson_1.ipynb")
    sound(page)
    assert "<title>Lesson 1. A title - schoolflight</title>" in page
    assert "1 &lt; 2" in page and 'aria-label="A line"' in page and "<table>" in page
    assert not re.search(r"https?:", page)


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
def test_it_is_rendered_by_a_kernel_of_its_own(number, tmp_path):
    """`schoolflight lesson N --render` as a reader runs it: one page, without errors in it (warm: 6 to 36 seconds)."""
    pytest.importorskip("nbclient")
    command = [sys.executable, "-m", "experiments", "lesson", str(number), "--render", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    page = (Path(tmp_path) / f"lesson_{number}.html").read_text(encoding="utf-8")
    assert page.count("<figure>") >= 1 and "Traceback" not in page
    assert not re.search(r"\b(src|href)='?\"?https?:", page)


def test_titles_are_those_of_the_files():
    first = json.loads(BOOKS[0].read_text(encoding="utf-8"))["cells"][0]["source"]
    assert "".join(first).startswith(f"# {teaching.titles()[1]}")
