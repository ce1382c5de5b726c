"""Conduct a calibration: say what it will take, fit, predict, score, write. The same command goes on after any interruption."""

import sys
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from tqdm import tqdm

from abm.config.declare import ScenarioError
from experiments import posterior
from experiments.calibration import manifest, predictive, scores, together
from experiments.calibration.inference import Posterior, infer, library
from experiments.calibration.predictive import Predicted
from experiments.calibration.simulation import simulate
from experiments.calibration.spec import Calibration
from experiments.engine import alone
from experiments.processes import announce_compiling, crew
from experiments.shelf import Shelf
from experiments.sweep.conduct import duration

SIMULATIONS = "simulations.jsonl"


class Findings(NamedTuple):
    """All that a calibration found."""

    calibration: Calibration
    about: dict  # the manifest
    fit: Posterior
    off: dict[str, float]  # median distance in tolerances of what the sets predict, adjusted and not
    posterior: pd.DataFrame  # as in posterior.csv, with ``weight``
    predicted: Predicted
    targets: pd.DataFrame
    starts: pd.DataFrame | None
    scores: pd.DataFrame  # held-out targets
    fitted_scores: pd.DataFrame
    by_school: pd.DataFrame | None
    tried: pd.DataFrame  # every simulation of the fit


def conduct(
    calibration: Calibration, path: Path, folder: Path, jobs: int, command: str = "", bar: bool = True
) -> Findings:
    """Run what is missing and write all results into ``folder``. KeyboardInterrupt leaves what is simulated in place."""
    from experiments.calibration.outputs import write_findings, write_posterior

    library()
    about = manifest.agreed(folder, calibration, path, command)
    began, seconds = time.perf_counter(), pilot(calibration, str(path))
    manifest.put(folder, about)
    with alone(folder):
        try:
            print(told(calibration, seconds, jobs, len(Shelf(folder / SIMULATIONS).results)), file=sys.stderr)
            fit = fitted(calibration, folder, jobs, bar)
            table, off = predictive.chosen(calibration, fit, folder, jobs, bar)
            write_posterior(calibration, fit, table, off, about, folder)
            found = findings(calibration, about, fit, off, folder, jobs, bar)
            write_findings(found, folder)
        except BaseException:
            manifest.put(folder, manifest.ended(about, "interrupted", time.perf_counter() - began))
            raise
        manifest.put(folder, manifest.ended(about, "finished", time.perf_counter() - began))
    return found


def pilot(calibration: Calibration, where: str) -> float:
    """Processor seconds of one simulation, in the middle of the priors. ScenarioError where it says nothing of a target."""
    middle = {factor.key: (factor.low + factor.high) / 2 for factor in calibration.free}
    announce_compiling()
    simulate(calibration, middle, calibration.seed)  # loads the kernels, which is not to be timed
    began = time.process_time()
    figures = simulate(calibration, middle, calibration.seed)
    for target in calibration.targets:
        if figures[target.name] != figures[target.name]:
            raise ScenarioError(
                f"{where}: targets.{target.name}.measure = {target.measure!r}: nobody is concerned in the simulated city; "
                "check the sector, the kind of school or the group, or leave the target out"
            )
    return time.process_time() - began


def told(calibration: Calibration, seconds: float, jobs: int, there: int) -> str:
    """What is asked for and about how long it takes."""
    both = predictive.has_observed(calibration.config)
    later = calibration.predictive * (4 if both else 2) + predictive.RIVALS
    left = max(calibration.simulations - there, 0) + later
    done = f", {there:,} of them done" if there else ""
    return (
        f"{calibration.title}: {len(calibration.free)} free parameters, {len(calibration.targets)} targets "
        f"({len(calibration.fitted)} fitted, {len(calibration.held_out)} held out); it ends with the generation that passes "
        f"{calibration.simulations:,} simulations{done}, or with generation {calibration.generations}; then {later:,} to see what "
        f"is predicted; about {duration(left * seconds / jobs)} on {jobs} {'process' if jobs == 1 else 'processes'}"
    )


def fitted(calibration: Calibration, folder: Path, jobs: int, bar: bool = True) -> Posterior:
    """The posterior given the published values; what is on disk is not simulated again."""
    published = {target.name: target.value for target in calibration.fitted}
    path = folder / SIMULATIONS
    with Progress(calibration.population, bar) as progress:
        if jobs == 1:
            return infer(calibration, published, path, None, progress.tell)
        with crew(jobs, folder) as pool:
            return infer(calibration, published, path, pool, progress.tell, progress.bar.refresh)


def findings(
    calibration: Calibration, about: dict, fit: Posterior, off: dict[str, float], folder: Path, jobs: int, bar: bool
) -> Findings:
    """What the posterior in the folder predicts, and how good that is."""
    table = posterior.read(folder / "posterior.csv", calibration.config)
    predicted = predictive.predict(calibration, predictive.arms(calibration, table), folder, jobs, bar)
    return Findings(
        calibration, about, fit, off, table, predicted,
        targets=predictive.against_targets(calibration, predicted.figures[predictive.FITTED]),
        starts=predictive.starts(calibration, predicted),
        scores=scores.scored(calibration, calibration.held_out, predicted),
        fitted_scores=scores.scored(calibration, calibration.fitted, predicted),
        by_school=scores.by_school(calibration, predicted),
        tried=together.kept(calibration, folder / SIMULATIONS),
    )  # fmt: skip


class Progress:
    """A bar of the particles accepted in this generation, with the simulations so far. The first draws are the priors'."""

    def __init__(self, population: int, shown: bool):
        self.population, self.simulations, self.found = population, 0, 0
        self.bar = tqdm(total=population, unit="set", desc="draws from the priors", disable=not shown)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()

    def tell(self, simulations: int) -> None:
        """One particle more, which took so many simulations."""
        if self.found and self.found % self.population == 0:
            self.bar.reset()
            self.bar.set_description(f"generation {self.found // self.population}")
        self.found, self.simulations = self.found + 1, self.simulations + simulations
        self.bar.update()
        self.bar.set_postfix_str(f"{self.simulations:,} simulations", refresh=False)
