"""The command ``forecast``. Heavy imports wait until it runs."""

from pathlib import Path
from typing import Annotated

import typer

LEDGER = Path("results") / "forecast" / "ledger.jsonl"


def forecast(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="What to fit and to forecast.")] = Path("configs/forecast/barcelona.toml"),
    data: Annotated[Path | None, typer.Option("--data", help="Folder of real tables.", show_default=False)] = None,
    posterior: Annotated[Path | None, typer.Option(help="File of parameter sets, such as of a calibration.", show_default="drawn within the declared spreads")] = None,
    out: Annotated[Path | None, typer.Option(help="Exactly this folder.", show_default="results/forecast/<file>-<id>")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="processors")] = None,
    score: Annotated[Path | None, typer.Option(metavar="FILE", help="Score this forecast.csv instead of making one.", show_default=False)] = None,
    actual: Annotated[Path | None, typer.Option(metavar="FILE", help="Score by these figures: csv with code, year, assigned_first_choice.", show_default="the table of assignments in --data")] = None,
    ledger: Annotated[Path, typer.Option(help="Where forecasts and scores are written down.")] = LEDGER,
) -> None:  # fmt: skip
    """Forecast first choices by centre and year, written down with a hash before they are scored; or score a forecast."""
    from abm.config.declare import ScenarioError
    from experiments.forecast.ledger import Ledger
    from experiments.forecast.page import write_page

    book = Ledger(ledger)
    if score is not None:
        from experiments.forecast.judge import score as judge

        judge(score, data, book, actual)
        print(write_page(score.parent, book))
        return
    if actual is not None:
        raise ScenarioError("--actual: figures to score by; name the forecast with --score FILE")
    if data is None:
        raise ScenarioError("--data: give the folder of real tables; a forecast needs the table of assignments")
    print(write_page(_made(config, data, posterior, out, jobs, book), book))


def _made(config: Path, data: Path, posterior: Path | None, out: Path | None, jobs: int | None, book) -> Path:
    """Make a forecast and write it down; its folder. After Ctrl-C it is told how to go on."""
    from abm.config.declare import ScenarioError
    from experiments.forecast import spec
    from experiments.forecast.conduct import make
    from experiments.forecast.store import put_down
    from experiments.processes import default_jobs

    plan = spec.load(config, data)
    if plan.after and not book.scored(plan.after):
        raise ScenarioError(
            f"{config}: after: its fit looks at {', '.join(map(str, plan.after))}, and no forecast of these years has been scored in "
            f"{book.path}; make and score one first"
        )
    if posterior is not None and not posterior.is_file():
        raise ScenarioError(f"{posterior}: no such file; name a file of parameter sets")
    text = posterior.read_text(encoding="utf-8") if posterior else ""
    folder = out or Path("results") / "forecast" / f"{config.stem}-{plan.identity(text)}"
    try:
        made = make(plan, data, folder, jobs or default_jobs(), posterior)
    except KeyboardInterrupt:
        told = f"stopped; finished runs are in {folder}, and the same command goes on from there"
        raise KeyboardInterrupt(told) from None
    put_down(made, folder, book, data, posterior)
    return folder
