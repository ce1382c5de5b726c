"""The command ``trial``. Heavy imports wait until it runs."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.sweeping import Data, Jobs


def trial(
    file: Annotated[Path, typer.Argument(metavar="TRIAL.toml", help="A trial, such as configs/trials/barcelona_shock_plan.toml.", show_default=False)],
    data: Data = None,
    posterior: Annotated[Path | None, typer.Option(help="Draw parameters from this file of sets, such as a calibration writes.", show_default="the scenario's own")] = None,
    seeds: Annotated[int | None, typer.Option(min=2, help="Draws, each with a seed of its own.", show_default="as in the file")] = None,
    out: Annotated[Path | None, typer.Option(help="Exactly this folder.", show_default="results/trials/<file>-<id>")] = None,
    jobs: Jobs = None,
) -> None:  # fmt: skip
    """Try the model on a published before-after figure that it was not fitted to, and tell its causes apart."""
    from experiments.processes import default_jobs
    from experiments.trials import conduct, spec
    from experiments.trials.analysis import found
    from experiments.trials.page import write_trial

    one = spec.load(file, data)
    wanted = conduct.drawn(one, posterior, seeds or one.seeds)
    folder = out or Path("results") / "trials" / f"{file.stem}-{one.identity()}"
    about = {
        "file": str(file), "base": one.scenario, "policies": one.policies, "posterior": str(posterior or ""),
        "command": shlex.join(["schoolflight", *sys.argv[1:]]),
    }  # fmt: skip
    try:
        results = conduct.conduct(one, wanted, folder, jobs or default_jobs(), about)
    except KeyboardInterrupt:
        told = f"stopped; finished draws are in {folder}, and the same command goes on from there"
        raise KeyboardInterrupt(told) from None
    print(write_trial(found(one, results), folder, about))
    print(f"\nPage: {folder / 'index.html'}")
