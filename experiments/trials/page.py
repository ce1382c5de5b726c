"""What a trial leaves behind: tables, figures, a text and a page that needs nothing but itself."""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.report import bullets, document, escape, figure, paragraphs, section, table
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
    paths,
    percent,
    told,
)
from experiments.trials.figures import draw
from experiments.trials.measures import COUNTS, INDICES, TYPES, Cell
from experiments.trials.simulation import FUTURES

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
    text = "\n\n".join(
        [f"{f.trial.title}\n{drawn(f, about)}", *told(f), *(in_text(t) for t in (futures(f), made_of(f)))]
    )
    write(folder / "trial.txt", text + "\n")
    write(folder / "index.html", page(f, pictures, tables["changes"], about))
    return text


def in_text(t: Table) -> str:
    """A table as text."""
    return f"{t.title}:\n" + pd.DataFrame(t.rows, columns=t.head).to_string(index=False)


def drawn(f: Found, about: dict) -> str:
    """What was run, in one sentence."""
    source = about.get("posterior")
    sets = (
        f"parameters drawn from {source} by their weights" if source else "the scenario's own parameters, no posterior"
    )
    return f"{len(f.values)} draws of {about['base']}, each with a seed of its own and six futures; {sets}."


def targets(f: Found) -> list:
    """Published figures that the model has."""
    return [target for target in f.trial.published if target.grades]


def futures(f: Found) -> Table:
    """Change of D by future, for the detected and the truly vulnerable."""
    head = (
        "future",
        "grades",
        "detected before",
        "after",
        "change",
        "90 % of draws",
        "truly vulnerable before",
        "after ",
        "change ",
    )
    rows = []
    for target in targets(f):
        for name, future in FUTURES.items():
            known, true = (change(f, name, Cell(target.grades, kind, MAIN)) for kind in ("detected", "vulnerable"))
            row = changes_row(known)
            rows.append((future.title, target.title, *row, *changes_row(true)[:3]))
        rows.append(("published", target.title, "", "", percent(target.value), "", "", "", ""))
    note = "Before: mean of the years before; after: likewise. Which index was published, and of which pupils, is not known."
    return Table("D before and after, by future", head, rows, note)


def changes_row(c: Change) -> tuple[str, str, str, str]:
    """Before, after, change and band as texts."""
    low, _, high = quantiles(c.share, BAND)
    return (
        f"{c.before.mean():.3f}",
        f"{c.after.mean():.3f}",
        percent(c.share.mean()),
        f"{percent(low)} to {percent(high)}",
    )


def with_band(share: np.ndarray) -> str:
    """Mean and band of a part (draw,), such as -5.0 % (-6.1 to -3.9)."""
    low, _, high = quantiles(share, BAND)
    return f"{percent(share.mean())} ({percent(low)[:-2]} to {percent(high)[:-2]})"


def made_of(f: Found) -> Table:
    """The causes of the change of D, in per cent of D before."""
    columns = [(target, kind) for target in targets(f) for kind in ("detected", "vulnerable")]
    made = [causes(f, Cell(target.grades, kind, MAIN)) for target, kind in columns]
    rows = [(words, *(with_band(parts[name]) for parts in made)) for name, words in CAUSES.items()]
    total = (with_band(change(f, OBSERVED, Cell(target.grades, kind, MAIN)).share) for target, kind in columns)
    rows.append(("all together", *total))
    head = ("part of the change of D", *(f"{target.title}, {'detected' if kind == 'detected' else 'truly vulnerable'}" for target, kind in columns))  # fmt: skip
    return Table(
        "What the change is made of", head, rows, "Mean, in per cent of D before, and 90 % of draws; the means add up."
    )


def every_index(rows: pd.DataFrame) -> Table:
    """All indices, types and grades in what happened."""
    some = rows[(rows.future == OBSERVED) & (rows["index"] != "chance")]
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
        "changes.csv has every future; the published figure is set beside the detected, of whichever index it is.",
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
    what = [f"{future.title}: pupils of those years {_yes(future.demography)}, rise of detection {_yes(future.detection)}, the rest of the plan {_yes(future.rest)}" for future in FUTURES.values()]  # fmt: skip
    kinds = [f"{name}: {words}" for name, words in TYPES.items()]
    return document(trial.title, [
        f"<h1>{escape(trial.title)}</h1>", paragraphs([trial.description, drawn(f, about)]),
        section("In short", f"<div class='answer'>{paragraphs(told(f))}</div>"),
        section("Figures", "".join(figure(drawn) for drawn in pictures)),
        section("Futures", table(futures(f)) + bullets(what)),
        section("Causes", table(made_of(f))),
        section("Every index", table(every_index(rows)) + bullets(kinds)),
        section("The pupils of those years, detection and proposals", table(pupils(f))),
        section("Levels", levels(f)) if trial.levels else "",
        section("What was published", bullets(sources)),
        section("How to read this", bullets(LIMITS)),
        section("Repeat", f"<pre>{escape(about.get('command', ''))}</pre>"),
    ])  # fmt: skip


def _yes(there: bool) -> str:
    return "yes" if there else "no"
