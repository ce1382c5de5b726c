"""The command ``planted``. Heavy imports wait until it runs."""

from pathlib import Path
from typing import Annotated

import typer


def planted(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.toml", help="A calibration, such as configs/calibration/planted.toml.", show_default=False
        ),
    ],
    cities: Annotated[int, typer.Option(min=2, help="Number of synthetic cities.")] = 100,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of real tables that the base names.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Exactly this folder.", show_default="results/planted/<file>-<id>")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="processors")] = None,
) -> None:
    """Plant parameters in synthetic cities and see whether calibration finds them: ranks, coverage, contraction, a page."""
    from tqdm import tqdm

    from experiments.calibration import planted
    from experiments.calibration.checked import checked
    from experiments.calibration.planted_page import write_check
    from experiments.engine import alone
    from experiments.processes import default_jobs
    from experiments.stopping import undisturbed

    what = planted.plan(file, data)
    folder = out or Path("results") / "planted" / f"{file.stem}-{planted.identity(what)}"
    folder.mkdir(parents=True, exist_ok=True)
    bar = tqdm(total=cities, unit="city", desc="planted", smoothing=0.1)
    try:
        with alone(folder), bar:
            rows = planted.conduct(what, cities, folder, jobs or default_jobs(), bar.update)
            with undisturbed():
                print(write_check(what, checked(what.calibration, rows), folder, str(file)))
    except KeyboardInterrupt:
        told = f"stopped; finished cities are in {folder}, and the same command goes on from there"
        raise KeyboardInterrupt(told) from None
    print(f"\nPage: {folder / 'index.html'}")
