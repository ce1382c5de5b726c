"""What a trial leaves behind: tables, figures, a text and a page that needs nothing but itself."""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.page import MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import write
from abm.summary import Table
from experiments.compare.figures import save
from experiments.statistics import quantiles
from experiments.trials.analysis import (
    BAND,
    CAUSES,
    MAIN,
    OBSERVED,
    Change,
    Found,
    causes,
    change,
    changes,
    decomposition,
    doubts,
    paths,
    percent,
    told,
)
from experiments.trials.figures import draw
from experiments.trials.measures import COUNTS, INDICES, SHOWN, TYPES, Cell
from experiments.trials.simulation import FUTURES
from experiments.trials.spec import WHOLE, Figure

LIMITS = (
    "A published before-after figure says what changed, not what the plan did; nor does a model that agrees with it show that its reasons are the real ones.",
    "Detection before the plan and its errors, the reach and worth of a proposal and who is truly vulnerable are assumptions of the plan's file and of the base.",
    "Homes stay where they are in the base; only the number and the mix of the entrants change. Places stay as they are too.",
    "The minority is told by citizenship, not by origin.",
    "Counting the detected makes D fall or rise by itself: few pupils of a kind are uneven by chance, the more so in small grades, and those not detected count among the others.",
)


def write_trial(f: Found, folder: Path, about: dict) -> str:
    """Write changes.csv, causes.csv, paths.csv, trial.txt, figures and index.html; returns the text to print."""
    tables = {"changes": changes(f), "causes": decomposition(f), "paths": paths(f)}
    for name, rows in tables.items():
        write(folder / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g"))
    pictures = draw(f)
    save(pictures, folder, png=True)
    grids = [in_text(make(f, target)) for make in (futures, parted) for target in targets(f)]
    text = "\n\n".join([f"{f.trial.title}\n{drawn(f, about)}", *map(sentence, [*told(f), *doubts(f)]), *grids])
    write(folder / "trial.txt", text + "\n")
    write(folder / "index.html", page(f, pictures, tables["changes"], about))
    return text


def in_text(t: Table) -> str:
    """A table as text."""
    return f"{t.title}:\n" + pd.DataFrame(t.rows, columns=t.head).to_string(index=False)


def drawn(f: Found, about: dict) -> str:
    """What was run, in one sentence."""
    sets = "the scenario's own parameters, no posterior: bands show chance alone, not how uncertain parameters are"
    if about.get("posterior"):
        sets = (
            f"parameters drawn from {about['posterior']} by their weights: bands show both chance and their uncertainty"
        )
    return f"{len(f.values)} draws of {about['base']}, each with a seed of its own and six futures; {sets}."


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def targets(f: Found) -> list:
    """Published figures that the model has."""
    return [target for target in f.trial.published if target.grades]


def futures(f: Found, target: Figure) -> Table:
    """Change of D by future, for the detected and the truly vulnerable."""
    head = ("future", "D of detected pupils", "change", "90 % of draws", "D of the truly vulnerable", "change ")
    rows = []
    for name, future in FUTURES.items():
        known, true = (row(change(f, name, Cell(target.grades, kind, MAIN))) for kind in ("detected", "vulnerable"))
        rows.append((future.title, *known, *true[:2]))
    rows.append(("published", "", percent(target.value), "", "", ""))
    return Table(
        f"{target.title}: D before and after, by future",
        head,
        rows,
        "Which index was published, and of which pupils, is not known.",
    )


def row(c: Change) -> tuple[str, str, str]:
    """Before and after, change and band as texts."""
    low, _, high = quantiles(c.share, BAND)
    return (
        f"{c.before.mean():.3f} \N{RIGHTWARDS ARROW} {c.after.mean():.3f}",
        percent(c.share.mean()),
        f"{percent(low)} to {percent(high)}",
    )


def with_band(share: np.ndarray) -> tuple[str, str]:
    """Mean and band of a part (draw,)."""
    low, _, high = quantiles(share, BAND)
    return percent(share.mean()), f"{percent(low)} to {percent(high)}"


def parted(f: Found, target: Figure) -> Table:
    """The causes of the change of D, in per cent of D before."""
    kinds = [Cell(target.grades, kind, MAIN) for kind in ("detected", "vulnerable")]
    made = [causes(f, cell) | {"all": change(f, OBSERVED, cell).share} for cell in kinds]
    words = CAUSES | {"all": "All together: what happened"}
    rows = [(words[name], *(text for parts in made for text in with_band(parts[name]))) for name in words]
    head = ("part of the change of D", "detected", "90 % of draws", "truly vulnerable", "90 % of draws ")
    return Table(
        f"{target.title}: what the change is made of", head, rows, "In per cent of D before; the means add up."
    )


def every_index(rows: pd.DataFrame) -> Table:
    """All indices, types and grades in what happened."""
    some = rows[
        (rows.future == OBSERVED) & rows["index"].isin(INDICES) & rows.type.isin(SHOWN) & (rows.grades != WHOLE)
    ]
    cells = [
        (INDICES[r["index"]], r["type"], r["grades"], f"{r.before:.3f}", f"{r.after:.3f}", percent(r.change),
         f"{percent(r.q05)} to {percent(r.q95)}", "" if pd.isna(r.published) else percent(r.published))
        for _, r in some.iterrows()
    ]  # fmt: skip
    head = ("index", "pupils", "grades", "before", "after", "change", "90 % of draws", "published")
    return Table(
        "",
        head,
        cells,
        "changes.csv has every future and all grades together; the published figure is set beside the detected, of whichever index it is.",
    )


def pupils(f: Found) -> Table:
    """Who entered in each year, and what became of proposals, in what happened."""
    rows = []
    for k, year in enumerate(f.trial.years):
        mean = {name: f.count(OBSERVED, name)[:, k].mean() for name in COUNTS}
        cohort = f.trial.cohorts[year]
        wanted = (
            f"{mean['entrants']:,.0f} ({cohort.entrants:,.0f})",
            f"{mean['minority_share']:.3f} ({cohort.minority_share:.3f})",
        )
        shares = (f"{mean[name]:.3f}" for name in ("detected_share", "found", "wrong"))
        taken = f"{mean['accepted'] / mean['proposed']:.0%}" if mean["proposed"] else "-"
        rows.append((str(year), *wanted, *shares, f"{mean['proposed']:,.0f}", taken))
    head = ("year", "entrants", "share of the minority", "share detected", "of the vulnerable detected", "of others detected", "schools proposed", "accepted")  # fmt: skip
    note = "Means over draws; in brackets what the file derives from statistics (the number of entrants is that of the tables, scaled). Accepted: the proposed school was listed first; otherwise the family refused."
    return Table("", head, rows, note)


def levels(f: Found) -> str:
    """Published levels beside the model's before the plan."""
    lines = []
    for level in f.trial.levels:
        ours = change(f, OBSERVED, Cell(level.grades, "detected", level.index or MAIN)).before.mean()
        lines.append(f"{level.title}: {INDICES[level.index or MAIN]} {level.value:g} published; the model's detected pupils before the plan, {level.grades}: {ours:.3f}. {level.note} ({level.source})")  # fmt: skip
    return bullets(lines) if lines else ""


def page(f: Found, pictures: list, rows: pd.DataFrame, about: dict) -> str:
    """The whole page."""
    trial = f.trial
    sources = [f"{p.title}, {percent(p.value)}: {p.source}. {p.note}" for p in trial.published]
    kinds = [f"{name}: {words}" for name, words in TYPES.items() if name in SHOWN]
    return document(trial.title, [
        f"<h1>{escape(trial.title)}</h1>", paragraphs([trial.description, drawn(f, about)]),
        section("In short", f"<div class='answer'>{paragraphs(map(sentence, told(f)))}</div>"),
        section("Doubts", paragraphs(map(sentence, doubts(f)))),
        section("Figures", "".join(figure(drawn) for drawn in pictures)),
        section("Futures", "".join(table(futures(f, target)) for target in targets(f))),
        section("Causes", "".join(table(parted(f, target)) for target in targets(f))),
        section("Every index", table(every_index(rows)) + bullets(kinds)),
        section("The pupils of those years, detection and proposals", table(pupils(f))),
        section("Levels", levels(f)) if trial.levels else "",
        section("What was published", bullets(sources)),
        section("How to read this", bullets(LIMITS), MORE),
        section("Repeat", f"<pre>{escape(about.get('command', ''))}</pre>"),
    ], Foot(f"{len(f.values)} draws, a seed each", f"{len(trial.published)} figures, above", "detection, proposals", "shows no cause"))  # fmt: skip
