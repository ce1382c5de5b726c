"""The commands ``sweep``, ``results`` and ``repeat``. Heavy imports wait until a command runs."""

import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

File = Annotated[
    Path,
    typer.Argument(
        metavar="SWEEP.toml", help="What to vary, such as configs/sweeps/classroom.toml.", show_default=False
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="SWEEP", help="Folder of a sweep.", show_default=False)]
Out = Annotated[Path | None, typer.Option(help="Exactly this folder.", show_default="results/sweeps/<file>-<id>")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="processors")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of real tables that the base names.")]
Indicator = Annotated[str | None, typer.Option(help="Which indicator to show.", show_default="the first")]
Year = Annotated[int | None, typer.Option(help="Which kept year.", show_default="the last")]


def sweep(
    file: File,
    data: Data = None,
    out: Out = None,
    jobs: Jobs = None,
    shard: Annotated[str, typer.Option(metavar="K/N", help="Only part K of N, for job arrays; all parts share one folder.")] = "",
    cluster: Annotated[str, typer.Option(metavar="ADDRESS", help="Run on a Dask scheduler, such as tcp://node:8786.")] = "",
    slurm: Annotated[Path | None, typer.Option(help="Start Dask workers through SLURM with these settings (TOML).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many runs, how long and how much disk, and end.")] = False,
) -> None:  # fmt: skip
    """Run all points of a design over their seeds into a Parquet dataset; the same command goes on after any interruption."""
    from abm.config.declare import ScenarioError
    from experiments.processes import default_jobs
    from experiments.sweep import conduct, spec

    if cluster and slurm:
        raise ScenarioError("--cluster and --slurm: give one of them")
    if slurm and not slurm.is_file():
        raise ScenarioError(f"--slurm {slurm}: no such file; give a TOML file with the keywords of SLURMCluster")
    plan = spec.load(file, data)
    workers = jobs or default_jobs()
    if dry_run:
        print(conduct.told(plan, conduct.pilot(plan, str(file)), workers))
        return
    folder = out or home(file, plan)
    there, whole = conducted(plan, file, folder, workers, _shard(shard), cluster, slurm)
    print(f"{there:,} of {whole:,} runs are in {folder}\nLook at them: schoolflight results {folder}")


def sensitivity(
    file: File,
    data: Data = None,
    out: Out = None,
    jobs: Jobs = None,
    indicator: Indicator = None,
    year: Year = None,
) -> None:
    """Run a sweep by design morris, sobol, latin_hypercube or posterior, and tell what a result depends on: indices, figures, a page."""
    from abm.config.declare import ScenarioError
    from experiments.processes import default_jobs
    from experiments.sensitivity.analysis import analyse
    from experiments.sensitivity.page import write_analysis
    from experiments.sweep import spec
    from experiments.sweep.conduct import WHOLE
    from experiments.sweep.dataset import Dataset
    from experiments.sweep.factors import ANALYSED

    plan = spec.load(file, data)
    if plan.design not in ANALYSED:
        raise ScenarioError(
            f'{file}: design = "{plan.design}" has no sensitivity indices; set it to one of {", ".join(ANALYSED)}'
        )
    folder = out or home(file, plan)
    conducted(plan, file, folder, jobs or default_jobs(), WHOLE)
    print(write_analysis(analyse(Dataset(folder), indicator, year), folder))
    print(f"\nPage: {folder / 'index.html'}")


def home(file: Path, plan) -> Path:
    """Where a sweep is kept by default."""
    return Path("results") / "sweeps" / f"{file.stem}-{plan.identity()}"


def conducted(
    plan, file: Path, folder: Path, workers: int, shard, cluster: str = "", slurm: Path | None = None
) -> tuple[int, int]:
    """Run what is missing; after Ctrl-C it is told how to go on."""
    from experiments.sweep.conduct import conduct

    command = shlex.join(["schoolflight", *sys.argv[1:]])
    try:
        return conduct(plan, str(file), folder, workers, command, shard, cluster, slurm)
    except KeyboardInterrupt:
        told = f"stopped; finished blocks are in {folder}, and the same command goes on from there"
        raise KeyboardInterrupt(told) from None


def _shard(text: str):
    """``k/n`` as a shard; the whole if there is none."""
    from abm.config.declare import ScenarioError
    from experiments.sweep.conduct import Shard

    if not text:
        return Shard()
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ScenarioError(f"--shard {text}: write K/N with K from 1 to N, such as 3/10")
    return Shard(int(found[1]), int(found[2]))


def results(
    folder: Folder,
    indicator: Indicator = None,
    year: Year = None,
) -> None:
    """Show a sweep's progress, failures, a quick table and a heat map."""
    from experiments.sweep import look
    from experiments.sweep.dataset import Dataset

    print(look.told(Dataset(folder), indicator, year))


def repeat(
    run: Annotated[str, typer.Argument(metavar="RUN_ID", help="A run's id, from the column run.", show_default=False)],
    folder: Annotated[Path | None, typer.Option("--sweep", help="Folder of its sweep.", show_default="searched in results/sweeps")] = None,
) -> None:  # fmt: skip
    """Run one run of a sweep again and compare it with what is stored."""
    from abm.config.declare import ScenarioError
    from experiments.sweep import look
    from experiments.sweep.dataset import Dataset

    folders = [folder] if folder else sorted(p.parent for p in Path("results/sweeps").glob("*/manifest.json"))
    for one in folders:
        try:
            text, same = look.repeat(Dataset(one), run)
        except ScenarioError:
            if folder:
                raise
            continue
        print(text)
        if not same:
            raise typer.Exit(1)
        return
    raise ScenarioError(f"no run {run} under results/sweeps; name its folder with --sweep")
