"""The command ``replicate``. Heavy imports wait until it runs."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def replicate(
    paper: Annotated[str, typer.Argument(help="A paper of the shelf, or all.")] = "all",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer cases and seeds: all papers in a few minutes.")] = False,
    out: Annotated[Path, typer.Option(help="Folder above those of the papers.")] = Path("results/replications"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="processors")] = None,
    readme: Annotated[Path | None, typer.Option(help="Put the table of all papers into this Markdown file (with all).")] = None,
) -> None:  # fmt: skip
    """Repeat a published model's experiment with this one: table, figure and page, published beside ours."""
    from abm.config.declare import ScenarioError
    from experiments.engine import alone
    from experiments.processes import default_jobs
    from experiments.replications import page
    from experiments.replications.lab import Lab
    from experiments.replications.paper import SHELF
    from experiments.replications.paper import paper as named
    from experiments.stopping import undisturbed

    if readme is not None and paper != "all":
        raise ScenarioError("--readme: the table holds all papers; write schoolflight replicate all --readme README.md")
    if readme is not None:
        page.around_table(readme)  # a file without a place for the table is told before the long run, not after it
    papers = [named(key) for key in (SHELF if paper == "all" else (paper,))]
    command, outcomes = shlex.join(["schoolflight", *sys.argv[1:]]), []
    try:
        for i, one in enumerate(papers, 1):
            place = f"paper {i} of {len(papers)}, " if len(papers) > 1 else ""
            folder = out / one.key
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder):
                outcome = one.replicate(Lab(folder, quick, jobs or default_jobs(), place=place))
                with undisturbed():
                    print(page.write_outcome(one, outcome, folder, quick, command), end="\n\n")
            print(f"Page: {folder / 'index.html'}\n", flush=True)
            outcomes.append((one, outcome))
    except KeyboardInterrupt:
        done = f"{len(outcomes)} of {len(papers)} papers"
        raise KeyboardInterrupt(f"stopped after {done}; the same command goes on from there") from None
    if len(papers) > 1:
        _conclude(outcomes, out)
    if readme is not None:
        page.update_readme(readme, page.readme_table(outcomes, quick))


def _conclude(outcomes: list, out: Path) -> None:
    """Write the table of all papers; name what does not agree, and count what does."""
    from abm.results import write
    from experiments.replications import page

    write(out / "table.csv", page.summary(outcomes).to_csv(index=False, float_format="%.6g"))
    checks = [(one.key, check) for one, outcome in outcomes for check in outcome.checks]
    for key, check in checks:
        if not check.agrees:
            print(f"does not agree: {key}, {check.quantity} (what is known of it: {out / key / 'index.html'})")
    agree = sum(check.agrees for _, check in checks)
    print(f"{agree} of {len(checks)} quantities of {len(outcomes)} papers agree: {out / 'table.csv'}")
