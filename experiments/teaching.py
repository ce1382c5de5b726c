"""The command ``lesson``: list the lessons, open one in Jupyter, or run one and write it as a page."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

LESSONS = Path(__file__).parent / "lessons"


def lesson(
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="Which lesson; none: list them.", show_default=False)
    ] = None,
    render: Annotated[
        bool, typer.Option("--render", help="Run it and write a page, even where Jupyter is installed.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for your copy, or the page.")] = Path("results/lessons"),
) -> None:
    """Open a lesson in Jupyter, or run it and write it as one page that needs no network. Without a number: list them."""
    if number is None:
        print(listing())
        return
    source = _notebook(number)
    if not render and (program := _jupyter()):
        copy = _copy(source, out)
        print(f"Your copy of the lesson is {copy}; {program} opens it (Ctrl-C ends it)", flush=True)
        subprocess.run([sys.executable, "-m", program, str(copy)], env=_environment(), check=False)
        return
    from experiments.lessons.rendering import render as run

    page = out / f"{source.stem}.html"
    print(f"Running lesson {number} from top to bottom; it takes up to a minute or two", flush=True)
    run(source, page)
    print(f"The page is {page}: one file, to be opened in any browser")


def titles() -> dict[int, str]:
    """Number and title of each lesson."""
    found = {int(path.stem.removeprefix("lesson_")): path for path in LESSONS.glob("lesson_*.ipynb")}
    return {number: _title(path) for number, path in sorted(found.items())}


def listing() -> str:
    """The lessons and what stands beside them, as text."""
    lines = [title for title in titles().values()]
    return "\n".join([
        *lines, "",
        "schoolflight lesson 3            opens lesson 3 in Jupyter; without Jupyter it is run and written as a page",
        "schoolflight lesson 3 --render   always writes the page",
        f"Lesson 3 as a page with sliders, nothing to install: {LESSONS / 'tipping.html'}",
        f"A teacher's sheet for 90 minutes: {LESSONS / 'teacher_sheet.md'}",
    ])  # fmt: skip


def _title(path: Path) -> str:
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    return first.splitlines()[0].removeprefix("# ")


def _notebook(number: int) -> Path:
    from abm.config.declare import ScenarioError

    known = titles()
    if number not in known:
        raise ScenarioError(
            f"lesson {number}: there are lessons {min(known)} to {max(known)}; `schoolflight lesson` lists them"
        )
    return LESSONS / f"lesson_{number}.ipynb"


def _jupyter() -> str:
    """The module that opens notebooks here; empty if there is none."""
    return next((name for name in ("jupyterlab", "notebook") if importlib.util.find_spec(name)), "")


def _copy(source: Path, folder: Path) -> Path:
    """The reader's own copy, kept as it is if there is one: whoever tries things out should not change the original."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    if not target.exists():
        shutil.copyfile(source, target)
    return target


def _environment() -> dict[str, str]:
    """The environment in which a lesson's kernel finds the project wherever its copy lies."""
    there = filter(None, (str(LESSONS.parents[1]), os.environ.get("PYTHONPATH")))
    return os.environ | {"PYTHONPATH": os.pathsep.join(there)}
