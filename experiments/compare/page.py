"""What a comparison leaves behind: tidy tables, a text, figures and a page that needs nothing but itself."""

from pathlib import Path

import pandas as pd

from abm.results import write
from experiments.compare import effects, text
from experiments.compare.plan import Plan
from experiments.compare.result import Result, hiding
from experiments.compare.store import Store


def write_comparison(plan: Plan, folder: Path, sequential: bool = False, names: bool = False) -> str:
    """Write effects.csv, summary.csv, paths.csv, compare.txt, figures/*.svg and index.html; returns the text.

    names: schools keep their names on the page; otherwise they bear pseudonyms.
    """
    from experiments.compare import figures, sections  # here: matplotlib takes a while to load

    store = Store(folder)
    runs = effects.Runs(plan, store.runs())
    sequential = sequential or bool(store.manifest().get("seeds_added"))
    tables = {
        "effects": effects.effects(runs, sequential),
        "summary": effects.summary(runs, sequential),
        "paths": effects.paths(runs, sequential),
    }
    for name, table in tables.items():
        write(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.10g"))
    told = text.text(plan, **tables)
    write(folder / "compare.txt", told + "\n")
    result = Result(
        plan, **tables, runs=runs, districts=store.districts(), about=store.manifest(), hide=hiding(plan, names)
    )
    write(folder / "index.html", sections.page(result, figures.draw(result, folder)))
    return f"{told}\n\nPage: {folder / 'index.html'}"


def read(plan: Plan, folder: Path, names: bool = False) -> Result:
    """A comparison whose tables are written already."""
    store = Store(folder)
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in ("effects", "summary", "paths")}
    runs = effects.Runs(plan, store.runs())
    return Result(plan, **tables, runs=runs, districts=pd.DataFrame(), about=store.manifest(), hide=hiding(plan, names))


def write_league(plan: Plan, equal: Plan | None, entries, folder: Path, names: bool = False) -> str:
    """Write league.csv, league.txt, figures/*.svg and index.html from the rounds in ``folder``; returns the text."""
    from experiments.compare import ranking
    from experiments.compare.figures import save
    from experiments.compare.figures.league import draw
    from experiments.compare.league_page import page, told

    doses = read(plan, folder / "intensities", names)
    budget = read(equal, folder / f"equal-budget-{equal.identity()}", names) if equal else None
    rows = ranking.ranked(doses, budget, entries)
    write(folder / "league.csv", ranking.table(rows).to_csv(index=False, float_format="%.10g"))
    words = told(doses, budget, rows, entries)
    write(folder / "league.txt", words + "\n")
    pictures = draw(doses, budget, rows)
    save((picture for group in pictures.values() for picture in group), folder)
    write(folder / "index.html", page(doses, budget, rows, entries, pictures))
    return f"{words}\n\nPage: {folder / 'index.html'}"
