"""What a comparison leaves behind: tidy tables, a text, figures and a page that needs nothing but itself."""

from pathlib import Path

from abm.results import write
from experiments.compare import effects, text
from experiments.compare.plan import Plan
from experiments.compare.store import Store


def write_comparison(plan: Plan, folder: Path, sequential: bool = False) -> str:
    """Write effects.csv, summary.csv, paths.csv, compare.txt, the figures and index.html; returns the text."""
    store = Store(folder)
    runs = effects.Runs(plan, store.runs())
    tables = {
        "effects": effects.effects(runs, sequential),
        "summary": effects.summary(runs, sequential),
        "paths": effects.paths(runs),
    }
    for name, table in tables.items():
        write(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.10g"))
    told = text.text(plan, **tables)
    write(folder / "compare.txt", told + "\n")
    return f"{told}\n\n{folder / 'compare.txt'}"
