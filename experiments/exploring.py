"""The command ``explore``. Heavy imports wait until it runs."""

from typing import Annotated

import typer

from experiments.sweeping import File, Indicator, Jobs, Out, Year, conducted, home


def explore(
    file: File,
    out: Out = None,
    jobs: Jobs = None,
    indicator: Indicator = None,
    year: Year = None,
    smallest: Annotated[float, typer.Option(min=0.0, help="The policy fails where it lowers the indicator by less.")] = 0.0,
) -> None:  # fmt: skip
    """Run a sweep that asks for a policy's effect, and tell where the policy fails: boxes (PRIM), signs, regret, a page."""
    from experiments.exploration.analysis import explore, fit
    from experiments.exploration.page import write_exploration
    from experiments.exploration.workbench import workbench
    from experiments.processes import default_jobs
    from experiments.sweep import spec
    from experiments.sweep.conduct import WHOLE
    from experiments.sweep.dataset import Dataset

    plan = spec.load(file)
    fit(plan, str(file))
    workbench()
    folder = out or home(file, plan)
    conducted(plan, file, folder, jobs or default_jobs(), WHOLE)
    print(write_exploration(explore(Dataset(folder), indicator, year, smallest), folder))
    print(f"\nPage: {folder / 'explore.html'}")
