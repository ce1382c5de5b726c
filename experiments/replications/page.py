"""What a replication leaves behind: a table, its figures, a page with the paper's description beside them; and the README's table."""

import math
import re
from pathlib import Path

import pandas as pd

from abm.config.declare import ScenarioError
from abm.page import FORECAST, MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import provenance, write
from abm.summary import Table
from experiments.compare.figures import save
from experiments.replications.checks import Check, frame
from experiments.replications.paper import Outcome, Paper

HEAD = ("quantity", "reference", "ours, mean", "sd", "tolerance", "agrees")
NOTE = (
    "sd: standard deviation over seeds. > and <: only a direction is known; the whole 95 % interval of our mean must lie on "
    "that side, and the tolerance is half its width."
)
BEGIN, END = (
    "<!-- replications: made by `schoolflight replicate all --readme README.md` -->",
    "<!-- end of replications -->",
)


def write_outcome(paper: Paper, outcome: Outcome, folder: Path, quick: bool, command: str) -> str:
    """Write table.csv, further tables, figures/*.svg, *.png and index.html into ``folder``; returns the text to print."""
    write(folder / "table.csv", frame(outcome.checks).to_csv(index=False, float_format="%.6g"))
    for name, rows in outcome.tables.items():
        write(folder / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g"))
    save(outcome.pictures, folder, png=True)
    write(folder / "index.html", page(paper, outcome, quick, command))
    return told(paper, outcome, quick)


def told(paper: Paper, outcome: Outcome, quick: bool) -> str:
    """The outcome as text for the terminal: the table, then why the tolerances, then the notes."""
    rows = [HEAD, *(cells(check) for check in outcome.checks)]
    wide = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(n) if i == 0 else cell.rjust(n) for i, (cell, n) in enumerate(zip(row, wide, strict=True)))
        for row in rows
    ]
    size = " (quick: fewer cases and seeds)" if quick else ""
    why = reasons(outcome.checks)
    parts = [
        f"{paper.cite}{size}\n{paper.claim}",
        "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]]),
        "Why these tolerances:\n" + "\n".join(f"- {w}" for w in why),
    ]
    if outcome.notes:
        parts.append("Notes:\n" + "\n".join(f"- {note}" for note in outcome.notes))
    return "\n\n".join(parts)


def reasons(checks: list[Check]) -> list[str]:
    """Why these tolerances: each reason once, with the first quantity it is for and how many more."""
    by_reason: dict[str, list[str]] = {}
    for check in checks:
        by_reason.setdefault(check.why, []).append(check.quantity)
    return [
        f"{names[0]}{f', and {len(names) - 1} more' if len(names) > 1 else ''}: {why}"
        for why, names in by_reason.items()
    ]


def cells(check: Check) -> tuple[str, ...]:
    """A check as the cells of a printed row."""
    sd = "" if check.sd != check.sd else f"{check.sd:.3g}"
    return (
        check.quantity,
        check.wanted,
        figures(check.mean, check.sd),
        sd,
        f"{check.tolerance:.3g}",
        "yes" if check.agrees else "NO",
    )


def figures(mean: float, sd: float) -> str:
    """A mean to the last digit of its standard deviation, which is printed with three; four digits at most."""
    if not (math.isfinite(mean) and math.isfinite(sd) and sd > 0 and mean):
        return f"{mean:.4g}"
    last = math.floor(math.log10(sd)) - 2  # the power of ten of the last digit
    digits = math.floor(math.log10(abs(mean))) - last + 1
    return f"{mean:.{min(digits, 4)}g}" if digits > 0 else "0"


def page(paper: Paper, outcome: Outcome, quick: bool, command: str) -> str:
    """The page of a replication: what is claimed, what came out, the figures beside the paper's page, how to repeat it."""
    agree, all_ = sum(check.agrees for check in outcome.checks), len(outcome.checks)
    size = " This was the quick version: fewer cases and seeds than the paper's experiment." if quick else ""
    about = provenance()
    rows = [_agreement_first(cells(check)) for check in outcome.checks]
    why = reasons(outcome.checks)
    return document(f"{paper.cite}, reproduced", [
        f"<h1>{escape(paper.cite)}, reproduced</h1>",
        section("In short", f"<div class='answer'>{paragraphs([paper.claim, f'{agree} of {all_} quantities agree.{size}'])}</div>"),
        section("Quantity by quantity", table(Table("", _agreement_first(HEAD), rows, NOTE)) + "<h3>Why these tolerances</h3>" + bullets(why)),
        section("Figures", "".join(figure(picture) for picture in outcome.pictures)),
        section("Findings", bullets(outcome.notes)) if outcome.notes else "",
        section("What is the same, what differs, and why", prose(paper.page), MORE),
        section("How to repeat this", f"<pre><code>{escape(command)}</code></pre>" + bullets([f"schoolflight {about['schoolflight']}, code {about['code']}, Python {about['python']}."])),
    ], Foot("seeds in the table", paper.cite, "above", f"theory, {FORECAST}"))  # fmt: skip


def _agreement_first(row: tuple[str, ...]) -> tuple[str, ...]:
    """A row with its last cell before the spread and the tolerance, so that a narrow window shows it."""
    return (*row[:3], row[-1], *row[3:-1])


def prose(text: str) -> str:
    """A module's docstring as paragraphs and lists."""
    out = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if re.match(r"\s*- ", block):
            out.append(bullets([" ".join(item.split()) for item in re.split(r"(?:^|\n)\s*- ", block) if item.strip()]))
        else:
            out.append(paragraphs([" ".join(block.replace("``", "").split())]))
    return "".join(out)


def readme_table(outcomes: list[tuple[Paper, Outcome]], quick: bool = False) -> str:
    """The README's tables in Markdown: a row a paper, and folded away a row a quantity; a word first if they are quick."""
    said = ["Quick version: fewer cases and seeds than the papers' experiments.", ""] if quick else []
    short = ["| paper | what is shown | quantities that agree |", "|---|---|---|"]
    long = ["| paper | quantity | published | ours (mean ± sd) | tolerance | agrees |", "|---|---|---|---|---|---|"]
    for paper, outcome in outcomes:
        agree = sum(check.agrees for check in outcome.checks)
        short.append(_markdown(paper.cite, paper.claim, f"{agree} of {len(outcome.checks)}"))
        for i, check in enumerate(outcome.checks):
            quantity, reference, mean, sd, tolerance, agrees = cells(check)
            ours = f"{mean} ± {sd}" if sd else mean
            name = paper.key if i == 0 else ""
            long.append(_markdown(name, quantity, reference, ours, tolerance, agrees if check.agrees else "**no**"))
    fold = ["", "<details><summary>Every quantity</summary>", "", *long, "", "</details>"]
    return "\n".join([*said, *short, *fold])


def _markdown(*row: str) -> str:
    """A row of a Markdown table; bars and angles in its cells are text."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in row) + " |"


def update_readme(path: Path, text: str) -> None:
    """Put the table between the two marks of a Markdown file. ScenarioError where they are missing."""
    head, tail = around_table(path)
    write(path, f"{head}{BEGIN}\n{text}\n{END}{tail}")


def around_table(path: Path) -> tuple[str, str]:
    """What stands before and after the two marks of a Markdown file. ScenarioError where they are missing."""
    try:
        whole = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read ({error}); name a Markdown file") from None
    if whole.count(BEGIN) != 1 or whole.count(END) != 1 or whole.index(BEGIN) > whole.index(END):
        raise ScenarioError(
            f"{path}: has no place for the table; put these two lines into it, each once:\n{BEGIN}\n{END}"
        )
    return whole.split(BEGIN)[0], whole.split(END)[1]


def summary(outcomes: list[tuple[Paper, Outcome]]) -> pd.DataFrame:
    """All checks of all papers in one table, with the paper's key in the first column."""
    parts = [frame(outcome.checks).assign(paper=paper.key) for paper, outcome in outcomes]
    joined = pd.concat(parts, ignore_index=True)
    return joined[["paper", *(name for name in joined.columns if name != "paper")]]
