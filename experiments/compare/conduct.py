"""Conduct a comparison: check it, run its trials with a progress bar, add seeds until it is precise, keep all that is done."""

import functools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from abm.authority import check, decide, watched
from abm.config import Config
from abm.config.declare import ScenarioError, named
from abm.indicators import observe
from abm.rules import Rules, changed
from abm.scenario import configure, to_tree
from abm.start import start
from abm.world import World, past
from experiments.compare.plan import Arm, Plan, to_plain
from experiments.compare.store import Store
from experiments.compare.trial import run_trial
from experiments.engine import alone
from experiments.processes import announce_compiling, spread
from experiments.stopping import undisturbed

PAUSE = 0.5  # seconds between two looks at how far a comparison is
LONG = 10  # futures from which a trial is worth a process of its own

Wanted = Callable[[Plan, Store], int]  # how many more seeds a comparison wants, given what is done


def conduct(plan: Plan, folder: Path, jobs: int, command: str, more: Wanted | None = None, bar: bool = True) -> Plan:
    """Run what is missing of the plan and write its tables; returns the plan with the seeds that were run in the end.

    more: asked after each round how many further seeds are wanted; 0 ends the comparison. KeyboardInterrupt leaves the
    finished trials as usable tables and is raised on.
    """
    store, began = Store(folder), time.perf_counter()
    fit(plan)
    store.open(plan, command)
    with alone(folder):
        begun = store.manifest().get("seeds", plan.seeds)  # whoever saw results and asks for more needs other intervals
        added = {"seeds_added": True} if plan.seeds > begun else {}
        if bar:
            announce_compiling()
        try:
            while True:
                _run(plan, store, jobs, bar)
                wanted = more(plan, store) if more else 0
                if not wanted:
                    return plan
                added = {"seeds_added": True}
                plan = replace(plan, seeds=plan.seeds + wanted)
        finally:
            with undisturbed():
                store.finish(plan, plan.units(), began, {"seeds": plan.seeds} | added)


def _run(plan: Plan, store: Store, jobs: int, bar: bool) -> None:
    """Run the missing trials of all units; the bar counts futures, a year span of one arm, one seed and one set."""
    units = plan.units()
    text = json.dumps(to_plain(plan))
    names = ["baseline", *(arm.name for arm in plan.arms)]
    years = plan.years + plan.after + 1
    todo = [unit for unit in units if not all(store.whole(unit, name, years) for name in names)]
    task = functools.partial(run_trial, plan=text, folder=str(store.folder))
    with tqdm(total=len(units) * len(names), unit="run", disable=not bar, desc=plan.base.city.name) as progress:

        def count() -> None:
            progress.n = min(store.done(), progress.total)
            progress.refresh()

        counted = time.monotonic()

        def tick() -> None:  # thousands of trials are thousands of folders to look into
            nonlocal counted
            if time.monotonic() > counted + PAUSE:
                count()
                counted = time.monotonic()

        count()
        for _ in spread(task, todo, jobs, store.folder, tick, long=len(todo) > 1 and len(names) > LONG):
            tick()
        count()


def fit(plan: Plan) -> None:
    """Every arm can be made and fits the city. Raises ScenarioError that names the arm."""
    with named(plan.scenario):
        world = start(plan.base, plan.seed)
    rules = Rules.of(plan.base)
    known = observe(world, rules, past(world), world.seen.heads.sum(axis=1))
    for arm in plan.arms:
        if all(policy.start > plan.years for policy in arm.policies):
            raise ScenarioError(
                f"{arm.source or arm.name}: starts after year {plan.years}, the last; give more --years"
            )
        with named(arm.source or arm.name):
            for k, policy in enumerate(arm.policies):
                watched(policy, k, known)
            check(configure(to_tree(_under(plan, arm)), arm.name), world)  # read anew: baseline and arm may contradict


def idle(plan: Plan, arm: Arm, world: World) -> str:
    """Why an arm can do nothing in the city of ``world``, the baseline's start, in words; empty if it can."""
    try:
        config = _under(plan, arm)
        check(config, world)
        own = plan.policies(arm)[len(plan.base.policies) :]
        world = world._replace(year=min((policy.start for policy in own), default=1) - 1)
        rules = Rules.of(config)
        known = observe(world, rules, past(world), world.seen.heads.sum(axis=1))
        before, _ = decide(plan.base, rules, world, known)
        after, _ = decide(config, rules, world, known)
    except ScenarioError as error:
        return str(error)
    return "" if changed(before, after) else "finds nothing to treat here, or changes what is so already"


def _under(plan: Plan, arm: Arm) -> Config:
    return replace(plan.base, policies=plan.policies(arm))
