"""The command line. Heavy imports wait until a command needs them, so that --help answers at once."""

import functools
import os
import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from experiments import (
    benchmarking,
    calibrating,
    checking,
    comparing,
    exploring,
    forecasting,
    replicating,
    showing,
    stopping,
    sweeping,
    teaching,
    trying,
)

app = typer.Typer(
    name="schoolflight", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Simulate school choice, flight and segregation in a city, and what policies do to them.",
)  # fmt: skip

Scenario = Annotated[Path, typer.Argument(help="Scenario file, such as configs/milan.toml.", show_default=False)]
Override = Annotated[
    list[str] | None, typer.Option("--set", help="Change a parameter: dotted.key=value. May be repeated.")
]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of real tables that the scenario names.")]


def _version(wanted: bool) -> None:
    if wanted:
        from abm import __version__

        print(f"schoolflight {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Simulate school choice, flight and segregation in a city, and what policies do to them."""


def main() -> None:
    """Read the command line and do what it says."""
    listen()
    try:
        app()
    except OSError as error:  # of the command line's own help
        print(f"schoolflight: writing: {error.strerror}", file=sys.stderr)
        sys.exit(2)


def listen() -> None:
    """Closed streams lead nowhere, and what a terminal cannot show is told by number: neither ends a run."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def plainly(command):
    """Turn an error that the user can mend into its text and exit code 2, and a stop into a word and its own."""

    @functools.wraps(command)
    def wrapped(*args, **kwargs):
        from abm.config.declare import ScenarioError

        try:
            with stopping.raised():
                return command(*args, **kwargs)
        except KeyboardInterrupt as stop:
            code = stopping.end()
            print(f"\n{str(stop) or 'stopped'}", file=sys.stderr)
            raise typer.Exit(code) from None
        except ScenarioError as error:
            print(f"schoolflight: {error}", file=sys.stderr)
            raise typer.Exit(2) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader, such as head, has enough
        except OSError as error:
            what = f"{error.filename2 or error.filename or 'writing'}: {error.strerror or error}"
            print(
                f"schoolflight: {what}; what is finished is kept: mend this and give the same command", file=sys.stderr
            )
            raise typer.Exit(2) from None

    return wrapped


@app.command()
@plainly
def run(
    scenario: Scenario,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Number of seeds.", show_default="as in the scenario")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="First seed.", show_default="as in the scenario")] = None,
    years: Annotated[int | None, typer.Option(min=0, help="School years.", show_default="as in the scenario")] = None,
    overrides: Override = None,
    data: Data = None,
    posterior: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Run each seed under its own set of parameters from this csv file, drawn by weight."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Exactly this folder.", show_default="results/<scenario>/<run id>")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="processors")] = None,
) -> None:
    """Run a scenario over its seeds: summary, tables, figures and a page.

    With --posterior, of n seeds the i-th runs under draw i of n, evenly spread over the file by weight; bands then hold
    the uncertainty of parameters and of chance together.
    """
    from abm.results import Run, run_id
    from abm.scenario import load
    from experiments import engine
    from experiments.posterior import by_seed
    from experiments.processes import default_jobs

    extra = [
        f"run.{key}={value}" for key, value in (("seeds", seeds), ("seed", seed), ("years", years)) if value is not None
    ]
    config = load(scenario, [*(overrides or []), *extra], data)
    numbers = list(range(config.run.seed, config.run.seed + config.run.seeds))
    sets = by_seed(posterior, config, numbers) if posterior else None
    folder = out or Path("results") / scenario.stem / run_id(config, numbers, sets)
    stop, command = None, shlex.join(["schoolflight", *sys.argv[1:]])
    try:
        _, done = engine.run(config, numbers, folder, str(scenario), jobs or default_jobs(), command=command, sets=sets)
    except KeyboardInterrupt:
        done = Run(folder).manifest()["seeds_finished"] if (folder / "manifest.json").exists() else []
        stop = f"stopped after {len(done)} of {len(numbers)} seeds; the same command goes on from there"
    if done:
        report(folder)
    if stop:
        raise KeyboardInterrupt(stop)


class Form(StrEnum):
    """How to print a table."""

    text = "text"
    markdown = "markdown"
    json = "json"


@app.command()
@plainly
def parameters(
    form: Annotated[Form, typer.Option("--format", help="text, markdown or json.")] = Form.text,
    contains: Annotated[str, typer.Argument(help="Only keys that contain this.")] = "",
) -> None:
    """Print every parameter with default, unit, bounds, meaning and source."""
    from experiments.parameters import render

    print(render(form.value, contains))


@app.command()
@plainly
def explain(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.", show_default=False)],
    household: Annotated[int, typer.Option(help="Row of the year's table of households, or a stable id.")],
    seed: Annotated[int | None, typer.Option(help="Seed of the run.", show_default="the run's first")] = None,
    year: Annotated[int | None, typer.Option(min=0, help="School year.", show_default="the run's last")] = None,
) -> None:
    """Say why a household is at its school: what it considered, each part of its utility, its list, its offer."""
    from experiments.explaining import explain_household

    print(explain_household(folder, household, seed, year))


@app.command()
@plainly
def report(folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.", show_default=False)]) -> None:
    """Draw a run's figures and page again and print its summary."""
    from abm.report import write_report
    from abm.results import Run

    result = Run(folder)
    print(write_report(result, result.config()))


app.command()(plainly(benchmarking.benchmark))
app.command()(plainly(comparing.compare))
app.command()(plainly(comparing.league))
app.command()(plainly(replicating.replicate))
for _command in (
    calibrating.calibrate, checking.planted, trying.trial, forecasting.forecast, sweeping.sweep, sweeping.results, sweeping.repeat,
    sweeping.sensitivity, exploring.explore, showing.app, teaching.lesson,
):  # fmt: skip
    app.command()(plainly(_command))
