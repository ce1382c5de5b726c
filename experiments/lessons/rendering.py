"""A lesson run from top to bottom and written as one page in the look of the reports, which asks nothing of the network."""

import asyncio
import os
import re
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from abm.config.declare import ScenarioError
from abm.page import FORECAST, MORE, Foot, bullets, declared, document, section
from abm.results import write
from experiments.lessons.classroom import ROOT, SVG
from experiments.stopping import at_once

LONGEST = 600  # seconds for one cell, the first compilation included
STYLE = """
.code { overflow-x: auto; background: var(--soft); border: 1px solid var(--grid); border-radius: 4px; padding: .6em .8em; }
.code pre, .out { margin: 0; font-size: .86em; line-height: 1.4; }
.out { padding: .5em .8em; border-left: 3px solid var(--mark); overflow-x: auto; margin: .4em 0 1em; }
td:first-child { text-align: left; }
blockquote { margin: 1em 0; padding: .3em 1em; border-left: 4px solid var(--minority); background: var(--soft); }
.code .k, .code .kn, .code .ow { color: var(--mark); font-weight: 600; } .code .c1 { color: var(--muted); font-style: italic; }
.code .s1, .code .s2, .code .sa, .code .si { color: var(--homes); } .code .mi, .code .mf { color: var(--minority); }
"""
MISSING = "rendering a lesson needs nbclient and ipykernel: pip install 'schoolflight[lessons]', or pip install jupyterlab to work in it"


def render(lesson: Path, page: Path) -> None:
    """Run the notebook ``lesson`` and write ``page``. ScenarioError if what it takes is not installed, or a cell fails."""
    try:
        import ipykernel  # noqa: F401
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
        from traitlets.config import Config
    except ImportError:
        raise ScenarioError(MISSING) from None
    book = nbformat.read(lesson, as_version=4)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), before)))
    try:
        with tempfile.TemporaryDirectory() as room:
            options = Config()
            if os.name != "nt":  # talk to the kernel through files that only this user can read, not over an open port
                options.KernelManager.transport, options.KernelManager.ip = "ipc", str(Path(room) / "kernel")
            where = {"metadata": {"path": str(ROOT)}}
            client = NotebookClient(book, config=options, kernel_name="python3", timeout=LONGEST, resources=where)
            with at_once():
                asyncio.run(_executed(client))
    except CellExecutionError as error:
        raise ScenarioError(f"{lesson}: a cell fails: {str(error).strip().splitlines()[-1]}") from None
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)
    write(page, html(book, lesson.name))


async def _executed(client) -> None:
    """Run a notebook. Ctrl-C stays ours: nbclient's own handler would end its kernel and complain that it is dead."""

    def refuse(*_):
        raise RuntimeError  # as outside of the main thread, where nbclient does without

    asyncio.get_running_loop().add_signal_handler = refuse
    await client.async_execute()


def html(book, name: str) -> str:
    """The page of a notebook that was run."""
    parts = [part for cell in book.cells for part in _cell(cell)]
    title = re.sub(r"^#\s*", "", book.cells[0].source.splitlines()[0])
    parts.append(section("What this rests on", bullets(_limits(name)), MORE))
    foot = Foot("seeds as in the cells", "made-up cities", "all weights", FORECAST)  # fmt: skip
    return document(title, parts, foot, STYLE)


def _limits(name: str) -> list[str]:
    assumed, all_ = declared()
    return [
        f"The cells of {name} as they were run here, with the seeds that they name; with another seed figures differ a little.",
        "The cities are made up, or matched to published totals only: no row of any real table is in a lesson.",
        f"Of the model's {all_} parameters, the defaults of {assumed} are assumptions; the command schoolflight parameters lists each with its source.",
        "What carries over to a real town is how things hang together and which questions to ask, not a number.",
    ]


def _cell(cell) -> Iterator[str]:
    if cell.cell_type == "markdown":
        from markdown_it import MarkdownIt

        text = cell.source.replace(" %", "\u00a0%")
        yield MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
        return
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    code = highlight(cell.source, PythonLexer(), HtmlFormatter(cssclass="code"))
    yield (
        f"<details><summary>How this figure is drawn</summary>{code}</details>"
        if "with panel(" in cell.source
        else code
    )
    for kind, outputs in groupby(cell.outputs, key=lambda output: output.output_type):
        if kind == "stream":
            yield f"<pre class='out'>{escape(''.join(output.text for output in outputs))}</pre>"
        else:
            yield from map(_output, outputs)


def _output(output) -> str:
    data = output.get("data", {})
    words = data.get("text/plain", "")
    label = escape(words.removeprefix("[figure: ").removesuffix("]"))
    if SVG in data:
        drawing = data[SVG].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
        return f"<figure>{drawing}</figure>"
    if "image/png" in data:
        return f"<figure><img alt='{label}' src='data:image/png;base64,{data['image/png'].strip()}'></figure>"
    if "text/html" in data:
        table = re.sub(r"<style.*?</style>| border=\"1\"", "", data["text/html"], flags=re.S)
        return f"<div class='scroll'>{table}</div>"
    return f"<pre class='out'>{escape(words)}</pre>"
