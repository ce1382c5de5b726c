"""The page of a run and the summary in words."""

from abm.figures import draw
from abm.results import Run, write


def write_report(run: Run, config) -> str:
    """Draw the figures, write report.html, return the summary."""
    paths = draw(run, config)
    write(
        run.folder / "report.html", f"<!doctype html><title>{config.title}</title><img src='figures/{paths[0].name}'>"
    )
    table = run.table("indicators")
    last = table[(table.scope == "city") & (table.year == table.year.max()) & (table.group == config.city.minority)]
    mean = last.groupby("indicator").value.mean()
    return f"D {mean['dissimilarity']:.3f}  nearest {mean['dissimilarity_nearest']:.3f}\n{run.folder}"
