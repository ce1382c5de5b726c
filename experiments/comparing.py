"""The commands ``compare`` and ``league``. Heavy imports wait until a command runs."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

Seeds = Annotated[int, typer.Option(min=2, help="Number of seeds, each a pair of runs.")]
FirstSeed = Annotated[int, typer.Option("--seed", min=0, max=2**40, help="First seed.")]
Years = Annotated[int, typer.Option(min=1, help="Years in which policies are in force, if they do not end sooner.")]
After = Annotated[int, typer.Option(min=0, help="Years that are watched after the policies have ended.")]
BurnIn = Annotated[int, typer.Option(min=0, help="Years without the policies beforehand, shared by all futures.")]
Smallest = Annotated[float, typer.Option(min=0, max=1, help="Smallest change of D that matters.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Change a parameter of the baseline: dotted.key=value.")
]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of real tables that the scenario names.")]
Out = Annotated[Path | None, typer.Option(help="Exactly this folder.", show_default="results/compare/<id>")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="processors")]
Names = Annotated[bool, typer.Option("--names", help="Name schools on pages instead of giving pseudonyms.")]


def compare(
    base: Annotated[Path, typer.Argument(help="Baseline: a scenario file.", show_default=False)],
    policies: Annotated[list[Path], typer.Argument(help="Files with policies, one future each.", show_default=False)],
    seeds: Seeds = 20,
    seed: FirstSeed = 1,
    years: Years = 15,
    after: After = 5,
    burn_in: BurnIn = 10,
    parameters: Annotated[int, typer.Option(min=0, help="Further sets of parameters, drawn from their declared spreads.")] = 0,
    parameter_seeds: Annotated[int, typer.Option(min=1, help="Seeds of each of these sets.")] = 4,
    posterior: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the sets by weight from this csv file (columns: dotted keys, weight), 20 unless --parameters says.")] = None,
    until_precise: Annotated[float | None, typer.Option(metavar="W", min=1e-6, help="Add seeds until the interval of D is narrower than W.")] = None,
    most_seeds: Annotated[int, typer.Option(min=2, help="Most seeds with --until-precise.")] = 400,
    parts: Annotated[bool, typer.Option(help="Run each policy of a bundle alone too.")] = True,
    smallest: Smallest = 0.01,
    overrides: Overrides = None,
    data: Data = None,
    out: Out = None,
    jobs: Jobs = None,
    names: Names = False,
) -> None:  # fmt: skip
    """Compare policies with a baseline, seed by seed: effects, intervals, verdicts, costs, figures and a page."""
    from abm.config.declare import ScenarioError
    from abm.scenario import load
    from experiments.compare import page, sets
    from experiments.compare.plan import Plan, arms_of
    from experiments.statistics import FEWEST

    config = load(base, overrides or [], data)
    if until_precise is not None and most_seeds < max(seeds, FEWEST):
        raise ScenarioError(f"--most-seeds {most_seeds}: must be at least --seeds, and at least {FEWEST}")
    further = sets.further(config, parameters, posterior)
    plan = Plan(
        config, str(base), arms_of(policies, config, parts), burn_in, years, after, seeds, seed, ({}, *further),
        parameter_seeds, smallest, str(posterior or ""),
    )  # fmt: skip
    folder = out or Path("results") / "compare" / plan.identity()
    if until_precise is None:
        _conduct(plan, folder, jobs, lambda done: page.write_comparison(done, folder, names=names))
        return
    from experiments.compare.effects import how_precise, precise_enough
    from experiments.compare.store import Store

    def tell(done) -> str:
        return f"{page.write_comparison(done, folder, True, names)}\n{how_precise(done, Store(folder), until_precise)}"

    _conduct(plan, folder, jobs, tell, precise_enough(until_precise, most_seeds))


def league(
    scenario: Annotated[Path, typer.Argument(help="Baseline: a scenario file.", show_default=False)],
    quick: Annotated[bool, typer.Option("--quick", help="One intensity, 20 seeds, no round at an equal budget.")] = False,
    seeds: Annotated[int | None, typer.Option(min=2, help="Number of seeds.", show_default="50; 20 with --quick")] = None,
    seed: FirstSeed = 1,
    years: Years = 15,
    after: After = 5,
    burn_in: BurnIn = 10,
    only: Annotated[list[str] | None, typer.Option(help="Only this policy of the shelf. May be repeated.")] = None,
    decided_by: Annotated[str, typer.Option(help="Only what this level may decide: municipality, region, state or school.")] = "",
    budget: Annotated[float | None, typer.Option(min=0, help="Euro a year of the round at an equal budget.", show_default="median full cost")] = None,
    smallest: Smallest = 0.01,
    overrides: Overrides = None,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Exactly this folder.", show_default="results/league/<id>")] = None,
    jobs: Jobs = None,
    names: Names = False,
) -> None:  # fmt: skip
    """Run every policy of the shelf against the baseline, at three intensities and at an equal budget."""
    from dataclasses import replace

    from abm.config.declare import ScenarioError
    from abm.scenario import load
    from experiments.compare import league as rounds
    from experiments.compare import page
    from experiments.compare.plan import Plan
    from experiments.compare.store import Store

    _league_can_be_run(only or [], decided_by, budget)
    config = load(scenario, overrides or [], data)
    number = seeds or (20 if quick else 50)
    plan = Plan(config, str(scenario), (), burn_in, years, after, number, seed, smallest=smallest)
    entries = rounds.entries(plan, tuple(only or ()), decided_by)
    plan = replace(plan, arms=rounds.doses(entries, (1.0,) if quick else rounds.INTENSITIES))
    if not plan.arms:
        raise ScenarioError("no policy is left to run; loosen --only or --decided-by")
    folder = out or Path("results") / "league" / plan.identity()
    first = folder / "intensities"
    _conduct(plan, first, jobs, lambda done: page.write_comparison(done, first, names=names))
    equal = None
    if not quick:
        costs = rounds.full_costs(Store(first).runs(), plan)
        spend = rounds.level_budget(costs) if budget is None else budget
        equal = replace(plan, arms=rounds.at_budget(entries, costs, spend)) if spend > 0 else None
    if equal and equal.arms:
        second = folder / f"equal-budget-{equal.identity()}"  # other seeds, other costs, other intensities
        _conduct(equal, second, jobs, lambda done: page.write_comparison(done, second, names=names))
    print(page.write_league(plan, equal if equal and equal.arms else None, entries, folder, names))


def _league_can_be_run(only: list[str], decided_by: str, budget: float | None) -> None:
    """ScenarioError for an option of the league that names nothing there is."""
    from abm.config.declare import ScenarioError
    from abm.policies import SHELF

    levels = ("", "municipality", "region", "state", "school")
    if decided_by not in levels:
        raise ScenarioError(f"--decided-by {decided_by}: must be one of {', '.join(levels[1:])}")
    for kind in only:
        if kind not in SHELF:
            raise ScenarioError(f"--only {kind}: no such policy; one of {', '.join(SHELF)}")
    if budget is not None and not 0 < budget < 1e15:
        raise ScenarioError(f"--budget {budget:g}: give euro a year above 0, or leave it out")


def _conduct(plan, folder: Path, jobs: int | None, tell, more=None) -> None:
    """Run a plan and print what it says; after Ctrl-C what is finished is told, and how to go on."""
    from experiments.compare.conduct import conduct
    from experiments.compare.store import Store
    from experiments.processes import default_jobs
    from experiments.stopping import undisturbed

    command = shlex.join(["schoolflight", *sys.argv[1:]])
    try:
        done = conduct(plan, folder, jobs or default_jobs(), command, more)
    except KeyboardInterrupt:
        with undisturbed():
            trials = len(Store(folder).manifest().get("trials", ())) if (folder / "manifest.json").exists() else 0
        raise KeyboardInterrupt(f"stopped after {trials} whole trials; the same command goes on from there") from None
    with undisturbed():
        print(tell(done))
