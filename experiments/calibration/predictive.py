"""What the posterior predicts: sets drawn from it, simulated anew with seeds of their own, from one start and the other."""

import functools
import hashlib
import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from abm.city import place_beside
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.start import start as first_world
from abm.values import with_values
from abm.world import World
from experiments.calibration.cohorts import at_nearest
from experiments.calibration.inference import Posterior
from experiments.calibration.simulation import CODE, SEEDS, figures, seen, view
from experiments.calibration.spec import Calibration
from experiments.posterior import WEIGHT, draws, middle, rounded
from experiments.processes import spread
from experiments.shelf import Shelf
from experiments.statistics.pairs import Estimate, paired
from experiments.statistics.verdicts import SMALL, UNKNOWN, verdict

FITTED, NEAREST, OBSERVED, RIVAL = "as fitted", "nearest", "observed", "everybody at the nearest school"
PARTICLES = "before adjustment"
RIVALS = 20  # cities in which everybody is put into the nearest school
AGREE, APART = "the starts agree", "hysteresis"
MET = 2.0  # tolerances within which a target counts as met


class Item(NamedTuple):
    """One city to simulate."""

    values: dict[str, float]
    seed: int
    start: str  # a start of the scenario, or RIVAL
    settle: int  # years before cohorts are pooled


class Predicted(NamedTuple):
    """What was simulated, by arm: FITTED, NEAREST and OBSERVED where the city has both starts, RIVAL."""

    figures: dict[str, pd.DataFrame]  # (set, target)
    schools: dict[str, list[dict]]  # a set each: what by_school wants, {} where it could not be simulated


def has_observed(config: Config) -> bool:
    """Whether the city's tables hold schools' pupils by group, from which a start can be observed."""
    return config.city.kind == "tables" and bool(config.city.tables.schools.groups)


def arms(calibration: Calibration, posterior: pd.DataFrame) -> dict[str, list[Item]]:
    """The cities to simulate. Both starts are left after at least one full turnover of pupils."""
    own, turned = calibration.config.city.start, max(calibration.settle, calibration.config.city.grades)
    plan = {FITTED: (own, calibration.settle)}
    if has_observed(calibration.config):
        plan |= {NEAREST: (NEAREST, turned), OBSERVED: (OBSERVED, turned)}
    out = {arm: drawn(calibration, posterior, *how) for arm, how in plan.items()}
    centre = middle(posterior)
    return out | {RIVAL: [Item(centre, seed, RIVAL, 0) for seed in range(SEEDS, SEEDS + RIVALS)]}


def drawn(calibration: Calibration, table: pd.DataFrame, start: str, settle: int) -> list[Item]:
    """Cities of sets drawn by weight, each with a seed of its own, apart from those of the fit, which are below SEEDS."""
    sets = draws(table, calibration.predictive)
    return [Item(values, SEEDS + number, start, settle) for number, values in enumerate(sets)]


def predict(
    calibration: Calibration, wanted: dict[str, list[Item]], folder: Path, jobs: int, bar: bool = True
) -> Predicted:
    """Simulate what is missing of all arms; every city is kept in predictive.jsonl."""
    shelf = Shelf(folder / "predictive.jsonl")
    names = {arm: [name_of(item) for item in items] for arm, items in wanted.items()}
    every = {name_of(item): item for items in wanted.values() for item in items}
    missing = [(name, item) for name, item in every.items() if name not in shelf.results]
    task = functools.partial(play, calibration)
    with tqdm(
        total=len(every), initial=len(every) - len(missing), unit="city", desc="predicting", disable=not bar
    ) as progress:
        for name, result in spread(task, missing, jobs, folder, progress.refresh):
            shelf.keep(name, result)
            progress.update()
    columns = [target.name for target in calibration.targets]
    found = {arm: [shelf.results[name] for name in row] for arm, row in names.items()}
    tables = {
        arm: pd.DataFrame([r["figures"] for r in row], columns=columns, dtype=float) for arm, row in found.items()
    }
    return Predicted(tables, {arm: [r["schools"] for r in row] for arm, row in found.items()})


def chosen(
    calibration: Calibration, fit: Posterior, folder: Path, jobs: int, bar: bool = True
) -> tuple[pd.DataFrame, dict[str, float]]:
    """The adjusted sets, or those before adjustment where these predict the fitted targets better; median distance of both.

    Regression adjustment is an extrapolation where no accepted simulation comes near the published figures, as when targets
    cannot hold together, and may then lead away from them (Frazier, Robert & Rousseau 2020). So both are tried.
    """
    keys = [factor.key for factor in calibration.free]
    tables = {FITTED: rounded(fit.table), PARTICLES: rounded(fit.raw[[*keys, WEIGHT]])}
    how = calibration.config.city.start, calibration.settle
    wanted = {arm: drawn(calibration, table, *how) for arm, table in tables.items()}
    figures_by = predict(calibration, wanted, folder, jobs, bar).figures
    off = {arm: float(np.median(distance(calibration, table))) for arm, table in figures_by.items()}
    return tables[PARTICLES if off[PARTICLES] < off[FITTED] else FITTED], off


def distance(calibration: Calibration, table: pd.DataFrame) -> np.ndarray:
    """(city,) root of the sum of squared gaps of the fitted targets in tolerances; infinite without a figure."""
    gaps = [(table[t.name].to_numpy(float) - t.value) / t.tolerance for t in calibration.fitted]
    return np.nan_to_num(np.sqrt(np.sum(np.square(gaps), axis=0)), nan=np.inf)


def name_of(item: Item) -> str:
    """The name under which a city's results are kept."""
    return hashlib.blake2b(json.dumps([CODE, *item]).encode(), digest_size=12).hexdigest()


def play(calibration: Calibration, named: tuple[str, Item]) -> tuple[str, dict]:
    """One city: its figures and its schools' heads. Values that cannot be run have no figures."""
    name, item = named
    by_school = has_observed(calibration.config) and item.start in (NEAREST, RIVAL)
    try:
        if item.start == RIVAL:
            config = with_values(calibration.config, item.values | {"city.start": NEAREST})
            world = first_world(config, item.seed)
            cohort, homes = view(world, config, at_nearest(world)), shares_at_home(world)
        else:
            cohort, homes = seen(calibration, item.values, item.seed, item.start, item.settle), {}
    except ScenarioError:
        return name, {"figures": {target.name: math.nan for target in calibration.targets}, "schools": {}}
    heads = cohort.cohort.heads
    schools = {"minority": heads[:, 1:].sum(axis=1).tolist(), "pupils": heads.sum(axis=1).tolist()} | homes
    return name, {"figures": figures(calibration, cohort), "schools": schools if by_school else {}}


def shares_at_home(world: World) -> dict[str, list[float]]:
    """Per school, the minority's share among pupils who live in its small area, and in its district."""
    table, city = world.households, world.city
    home = city.place_area[table.place]
    nearest = city.place_area[place_beside(city)]  # (school,) area of the address nearest to it
    district = city.area_district[home]
    out = {}
    for key, at, where in (("area", home, nearest), ("district", district, world.schools.district)):
        size = int(max(at.max(), where.max())) + 1
        everybody, few = np.bincount(at, minlength=size), np.bincount(at, table.group > 0, size)
        share = np.where(everybody > 0, few / np.maximum(everybody, 1), (table.group > 0).mean())
        out[key] = share[where].tolist()
    return out


def against_targets(calibration: Calibration, predicted: pd.DataFrame) -> pd.DataFrame:
    """A row a target: what was published and what the fitted model predicts; gap and z in tolerances and deviations.

    The prediction is of cities, without the tolerance; z sets the gap against the tolerance and the prediction's spread.
    """
    rows = []
    for target in calibration.targets:
        values = predicted[target.name].dropna()
        low, median, high = np.quantile(values, [0.05, 0.5, 0.95]) if len(values) else (math.nan,) * 3
        mean, sd = values.mean(), values.std(ddof=1)
        gap = (mean - target.value) / target.tolerance
        met = "" if gap != gap else "met" if abs(gap) <= MET else "not met"
        z = (target.value - mean) / math.hypot(sd, target.tolerance)
        rows.append({
            "target": target.name, "measure": target.measure, "value": target.value, "tolerance": target.tolerance,
            "use": "held out" if target.held_out else "fitted", "mean": mean, "sd": sd, "q05": low, "q50": median, "q95": high,
            "gap": gap, "met": met, "z": z, "sets": len(values), "source": target.source,
        })  # fmt: skip
    return pd.DataFrame(rows)


def starts(calibration: Calibration, predicted: Predicted) -> pd.DataFrame | None:
    """A row a target: do both starts come to the same after a full turnover? None where the city has no observed start.

    Pairs share parameters and seed. The starts agree where the 95 % interval of their difference lies within the tolerance;
    hysteresis is claimed where it leaves out 0 and the mean is beyond the tolerance (:mod:`experiments.statistics.verdicts`).
    """
    if OBSERVED not in predicted.figures:
        return None
    rows = []
    for target in calibration.targets:
        one, other = (predicted.figures[arm][target.name].to_numpy() for arm in (NEAREST, OBSERVED))
        e = paired(other - one)
        rows.append({
            "target": target.name, "nearest": np.nanmean(one), "observed": np.nanmean(other), "difference": e.mean,
            "low": e.low, "high": e.high, "tolerance": target.tolerance, "pairs": e.n, "verdict": _verdict(e, target.tolerance),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _verdict(e: Estimate, tolerance: float) -> str:
    """In words, whether the starts come to the same within a target's tolerance."""
    mean, low, high = float(e.mean), float(e.low), float(e.high)
    said = verdict(mean, low, high, tolerance)
    if said == SMALL:
        return AGREE
    if said != UNKNOWN:
        return f"{APART}: they differ by {mean:.3g}"
    apart = f": they differ by {mean:.3g}, whether by more than the tolerance is open" if low > 0 or high < 0 else ""
    return f"not known{apart}"
