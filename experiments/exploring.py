"""The command ``explore``. Heavy imports wait until it runs."""

from typing import Annotated

import typer

from experiments.sweeping import Data, File, Indicator, Jobs, Out, Year, conducted, home


def explore(
    file: File,
    data: Data = None,
    out: Out = None,
    jobs: Jobs = None,
    indicator: Indicator = None,
    year: Year = None,
    smallest: Annotated[float, typer.Option(min=0.0, help="The policy fails where it lowers the indicator by less.")] = 0.0,
) -> None:  # fmt: skip
    """Run a sweep that asks for a policy's effect, and tell where the policy fails: boxes (PRIM), signs, regret, a page.

    By design "posterior", of one policy or of several: how likely each lowers the indicator among the sets of parameters,
    and where its sign flips.
    """
    from experiments.exploration import flip_page, flips
    from experiments.exploration.analysis import explore, fit
    from experiments.exploration.page import write_exploration
    from experiments.exploration.workbench import workbench
    from experiments.processes import default_jobs
    from experiments.sweep import spec
    from experiments.sweep.conduct import WHOLE
    from experiments.sweep.dataset import Dataset
    from experiments.sweep.factors import POSTERIOR

    plan = spec.load(file, data)
    among_sets = plan.design == POSTERIOR
    (flips.fit if among_sets else fit)(plan, str(file))
    workbench()
    folder = out or home(file, plan)
    conducted(plan, file, folder, jobs or default_jobs(), WHOLE)
    if among_sets:
        print(flip_page.write_flips(flips.flips(Dataset(folder), indicator, year, smallest), folder))
    else:
        print(write_exploration(explore(Dataset(folder), indicator, year, smallest), folder))
    print(f"\nPage: {folder / 'explore.html'}")
