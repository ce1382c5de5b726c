"""Simulation-based calibration: parameters are planted in synthetic cities, and the inference has to find them.

For each city (a layout, size and residential segregation of its own) the parameters are drawn from their priors, figures
simulated from them with the targets' noise, and the posterior found by the very code of
:func:`experiments.calibration.inference.infer`. Over many cities the rank of the planted value among draws of its posterior
is then uniform if the posterior is right: on average over the prior, which is what can be checked (Cook, Gelman & Rubin
2006; Talts et al. 2018).
"""

import ast
import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm import cities
from abm.cache_folder import DIGEST
from abm.city import Blueprint
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import parse, to_tree
from experiments.calibration import inference
from experiments.calibration.diagnostics import effective
from experiments.calibration.ranks import rank
from experiments.calibration.simulation import SEEDS
from experiments.calibration.spec import Calibration, load
from experiments.posterior import WEIGHT, quantile, with_values
from experiments.processes import spread
from experiments.shelf import Shelf
from experiments.sweep.factors import Factor, factor_of, flat

LEVELS = (0.5, 0.9)  # central intervals whose coverage is told
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
CODE = ("cohorts.py", "inference.py", "measures.py", "planted.py", "ranks.py", "simulation.py")  # results depend on it
ATTEMPTS = 50  # draws of a city and its parameters until all figures are numbers


class Plan(NamedTuple):
    """What is checked."""

    calibration: Calibration
    cities: tuple[Factor, ...]  # what differs between cities, beside the layout


class Planted(NamedTuple):
    """A city with parameters planted in it."""

    calibration: Calibration  # of this city
    city: dict[str, float]  # its values of the varied keys
    truth: dict[str, float]
    observed: dict[str, float]  # figures with noise, by target


def plan(path: Path, data: Path | None = None) -> Plan:
    """The calibration in a file, and the ranges of its table [cities]. ScenarioError names the file, key and remedy."""
    calibration = load(path, data)
    entries = parse(path).get("cities", {})
    if not isinstance(entries, Mapping):
        raise ScenarioError(f'{path}: cities: give a table with ranges, such as "city.pupils" = {{ low = , high = }}')
    free = {factor.key for factor in calibration.free}
    for key, entry in flat(entries).items():
        if key in free or key == "city.layout":
            why = "is drawn for each city anyway" if key == "city.layout" else "is a free parameter"
            raise ScenarioError(f"{path}: cities.{key}: {why}; take it out of [cities]")
        if not isinstance(entry, Mapping):
            raise ScenarioError(f"{path}: cities.{key}: give a range: {{ low = , high = }}")
    config = calibration.config
    return Plan(
        calibration,
        tuple(factor_of(k, v, config, "latin_hypercube", str(path), "cities") for k, v in flat(entries).items()),
    )


def sow(what: Plan, number: int) -> Planted:
    """City ``number`` (from 1) and what is planted there; drawn again where figures lack, as the inference leaves such out."""
    names = tuple(target.name for target in what.calibration.fitted)
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([what.calibration.seed, number, attempt])
        layout, seed, own = (int(rng.integers(1, SEEDS)) for _ in range(3))
        city = {f.key: f.at(float(rng.random())) for f in what.cities}
        truth = {f.key: float(f.low + (f.high - f.low) * rng.random()) for f in what.calibration.free}
        noise = rng.standard_normal(len(names))
        here = dataclasses.replace(
            what.calibration, seed=own,
            base=to_tree(with_values(what.calibration.config, {"city.layout": layout, **city})),
        )  # fmt: skip
        simulator = inference.Simulator(here, names)
        figures = simulator.figures(truth, seed)
        if all(math.isfinite(figures[name]) for name in names):
            observed = {n: figures[n] + simulator.tolerance[n] * e for n, e in zip(names, noise, strict=True)}
            return Planted(here, city, truth, observed)
    raise ScenarioError(f"{what.calibration.scenario}: {ATTEMPTS} draws of a city and parameters gave no figures; check [cities] and [free]")  # fmt: skip


def harvest(what: Plan, number: int) -> tuple[int, dict[str, Any]]:
    """What the inference finds in city ``number``."""
    sown = sow(what, number)
    with same_site():
        found = inference.infer(sown.calibration, sown.observed)
    luck = np.random.default_rng([what.calibration.seed, number, ATTEMPTS]).random(len(sown.truth))
    result = {"city": sown.city, "observed": sown.observed, "simulations": found.simulations}
    result |= {"effective": effective(found.table[WEIGHT]), "epsilon": float(found.generations["epsilon"].iloc[-1])}
    rows = {
        key: summary(found.table[key], found.table[WEIGHT], value, u)
        for (key, value), u in zip(sown.truth.items(), luck, strict=True)
    }
    return number, result | {"parameters": rows}


@contextmanager
def same_site() -> Iterator[None]:
    """Within, the blueprint of a city with a fixed layout is made once: for a small city that is half of a simulation."""
    make = cities.make
    made: dict[str, Blueprint] = {}

    def once(config: Config, seed: int) -> Blueprint:
        if not config.city.layout:
            return make(config, seed)
        key = repr((config.city, config.moving, config.households))
        if key not in made:
            made.clear()
            made[key] = make(config, seed)
        return made[key]

    cities.make = once
    try:
        yield
    finally:
        cities.make = make


def summary(values, weights, truth: float, luck: float) -> dict[str, float]:
    """A posterior beside the planted value."""
    mean = float(np.average(values, weights=weights))
    sd = float(np.sqrt(np.average((np.asarray(values, float) - mean) ** 2, weights=weights)))
    out = {"truth": truth, "rank": rank(values, weights, truth, luck), "mean": mean, "sd": sd}
    return out | {f"q{round(100 * q):02d}": quantile(values, weights, q) for q in QUANTILES}


def conduct(
    what: Plan, count: int, folder: Path, jobs: int, tick: Callable[[int], None] = lambda _: None
) -> pd.DataFrame:
    """All ``count`` cities, a row each city and parameter; those of an earlier call with the same plan and code are taken.

    tick: is called with the number of cities that are there.
    """
    shelf = Shelf(folder / "cities.jsonl")
    names = {number: f"{identity(what)}-{number}" for number in range(1, count + 1)}
    missing = [number for number in names if names[number] not in shelf.results]
    tick(count - len(missing))
    for number, result in spread(functools.partial(harvest, what), missing, jobs, folder, long=True):
        shelf.keep(names[number], result)
        tick(1)
    return table({number: shelf.results[name] for number, name in names.items()})


def identity(what: Plan) -> str:
    """Twelve digits of everything a result depends on but library versions."""
    varied = json.dumps([dataclasses.asdict(f) for f in what.cities], sort_keys=True)
    text = "\n".join([what.calibration.identity(), varied, DIGEST, *map(_code, CODE)])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _code(name: str) -> str:
    """What a file of this folder does, whatever its comments and docstrings say."""
    tree = ast.parse((Path(__file__).parent / name).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        first = node.body[0] if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            first.value.value = ""
    return ast.dump(tree)


def table(results: Mapping[int, dict]) -> pd.DataFrame:
    """A row each city and parameter."""
    rows = []
    for number, result in results.items():
        common = {"number": number, **result["city"]}
        rest = {key: result[key] for key in ("effective", "simulations", "epsilon")}
        rows += [common | {"parameter": key} | row | rest for key, row in result["parameters"].items()]
    return pd.DataFrame(rows)
