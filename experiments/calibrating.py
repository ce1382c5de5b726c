"""The command ``calibrate``. Heavy imports wait until it runs."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.sweeping import Data, Jobs

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.toml", help="Targets and free parameters, such as configs/calibration/milan.toml.", show_default=False
    ),
]  # fmt: skip
Out = Annotated[Path | None, typer.Option(help="Exactly this folder.", show_default="results/calibration/<file>-<id>")]


def calibrate(file: File, data: Data = None, out: Out = None, jobs: Jobs = None) -> None:
    """Fit free parameters to published figures: posterior, what it predicts, scores on figures held out, a page."""
    from experiments.calibration.conduct import conduct
    from experiments.calibration.page import told
    from experiments.calibration.spec import load
    from experiments.processes import default_jobs

    calibration = load(file, data)
    folder = out or Path("results") / "calibration" / f"{file.stem}-{calibration.identity()}"
    command = shlex.join(["schoolflight", *sys.argv[1:]])
    try:
        found = conduct(calibration, file, folder, jobs or default_jobs(), command)
    except KeyboardInterrupt:
        what = f"stopped; what is simulated is in {folder}, and the same command goes on from there"
        raise KeyboardInterrupt(what) from None
    print(f"{told(found)}\n\nPage: {folder / 'index.html'}")
