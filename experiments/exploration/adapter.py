"""The model as an EMA Workbench model: uncertainties, levers and outcomes, so that its samplers and searches can drive it.

    from ema_workbench import SequentialEvaluator
    from experiments.exploration.adapter import model
    from experiments.sweep.spec import load

    magnet = model(load(Path("configs/sweeps/magnet.toml")), levers={"policies.0.quality": {"low": 0.0, "high": 1.0}})
    with SequentialEvaluator(magnet) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=50, policies=4)

What is what:

- uncertainties are the keys of the sweep's [vary]: a range of real numbers is a RealParameter, one of whole numbers an
  IntegerParameter, a list a CategoricalParameter. ``{from = "spread"}`` takes the range that the parameter declares, and
  ``spreads`` is a [vary] of all parameters that declare one.
- levers: "policies" chooses among the sweep's files with policies, where it names several; further keys, such as
  policies.0.intensity, are given by ``levers`` as in [vary].
- outcomes are the sweep's indicators in the last year it keeps, each the mean over its seeds. ``effect_<indicator>`` is the
  mean over seeds of the difference to the run without policies with the same seed and the same uncertainties.

The library wants identifiers as names: choice.peers.majority is choice__peers__majority, private:majority is
private_majority. The object that runs a point can be pickled, for evaluators with several processes.
"""

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.config import Config, parameters
from abm.config.declare import ScenarioError
from abm.scenario import configure, to_tree
from experiments.exploration.workbench import workbench
from experiments.sweep.factors import POSTERIOR, Factor, factor_of
from experiments.sweep.look import again
from experiments.sweep.spec import Sweep

KEPT = 10_000  # baselines that are remembered


class Trial:
    """What the library calls: values by identifier in, outcomes by identifier out."""

    def __init__(self, sweep: Sweep, keys: Mapping[str, str], arm: str, paired: bool):
        self.sweep = dataclasses.replace(sweep, arms={"none": [], **sweep.arms}, keep=sweep.keep[-1:])
        self.keys = dict(keys)  # identifier -> dotted key
        self.arm = arm  # policies where the lever is not given; "": the base's own
        self.paired = paired
        self.without: dict[str, np.ndarray] = {}

    def __call__(self, **given: Any) -> dict[str, float]:
        values = {self.keys[name]: _plain(value) for name, value in given.items() if name in self.keys}
        arm = values.pop("policies", self.arm)
        plain = {key: value for key, value in values.items() if not key.startswith("policies.")}
        with_it = self._runs(plain if arm == "none" else values, arm)
        names = [identifier(name) for name in self.sweep.indicators]
        out = dict(zip(names, with_it.mean(axis=0).tolist(), strict=True))
        if self.paired:
            gap = (with_it - self._baseline(plain)).mean(axis=0)
            out |= {f"effect_{name}": value for name, value in zip(names, gap.tolist(), strict=True)}
        return out

    def _runs(self, values: dict[str, Any], arm: str) -> np.ndarray:
        """(seed, indicator) of one point."""
        values = values | ({"policies": arm} if arm else {})
        seeds = range(self.sweep.seed, self.sweep.seed + self.sweep.seeds)
        return np.array([[figure for _, _, figure in again(self.sweep, values, seed)] for seed in seeds])

    def _baseline(self, plain: dict[str, Any]) -> np.ndarray:
        """(seed, indicator) without policies, run once for all policies that are tried at a point."""
        text = json.dumps(plain, sort_keys=True)
        if text not in self.without:
            if len(self.without) >= KEPT:
                self.without.clear()
            self.without[text] = self._runs(plain, "none")
        return self.without[text]


def model(
    sweep: Sweep, levers: Mapping[str, Any] | None = None, paired: bool | None = None, name: str = "schoolflight"
) -> Any:
    """An ``ema_workbench.Model`` of a sweep file; only the sweep's design and samples are not used, which the library chooses.

    ``levers``: entries as in [vary], of policies' fields too. ``paired``: give the effects too; by default where the sweep
    names an effect, or has "none" among the policies it varies.
    """
    if sweep.design == POSTERIOR:
        raise ScenarioError(
            f'design = "posterior": the library draws its own points, so ranges are needed, and {sweep.posterior} gives sets; '
            "take another design"
        )
    ema = workbench()
    arm = sweep.effect or next((arm for arm in sweep.arms if arm != "none"), "")
    base = _treated(sweep, arm)
    wanted = [factor_of(key, entry, base, "latin_hypercube", "levers") for key, entry in (levers or {}).items()]
    policies = [f for f in sweep.factors if f.key == "policies"] + wanted
    taken = {f.key for f in policies}
    uncertain = [f for f in sweep.factors if f.key not in taken]
    paired = "none" in sweep.arms if paired is None else paired
    keys = {identifier(f.key): f.key for f in (*uncertain, *policies)}
    if len(keys) < len(uncertain) + len(policies):
        raise ScenarioError("two varied keys have the same identifier; the library cannot tell them apart")
    made = ema.Model(name, function=Trial(sweep, keys, sweep.effect, paired))
    made.uncertainties = [_parameter(ema, f) for f in uncertain]
    made.levers = [_parameter(ema, f) for f in policies]
    names = [identifier(indicator) for indicator in sweep.indicators]
    made.outcomes = [ema.ScalarOutcome(n) for n in (*names, *(f"effect_{n}" for n in names if paired))]
    return made


def spreads(config: Config) -> dict[str, dict[str, str]]:
    """A [vary] of every parameter that declares how uncertain it is; a value by group is varied group by group."""
    tree, out = to_tree(config), {}
    for declared in parameters(Config):
        if declared.spread:
            value: Any = tree
            for part in declared.key.split("."):
                value = value[part]
            keys = [f"{declared.key}.{group}" for group in value] if isinstance(value, Mapping) else [declared.key]
            out |= {key: {"from": "spread"} for key in keys}
    return out


def identifier(key: str) -> str:
    """A dotted key or an indicator's name as the library takes it."""
    return re.sub(r"\W", "_", key.replace(".", "__"))


def _treated(sweep: Sweep, arm: str) -> Config:
    """The base with the policies of ``arm``, from which a policy's field tells whether it is a whole number."""
    return configure(sweep.base | ({"policies": sweep.arms[arm]} if arm else {}), "levers")


def _parameter(ema: Any, f: Factor) -> Any:
    if f.levels:
        return ema.CategoricalParameter(identifier(f.key), list(f.levels))
    if f.whole:
        return ema.IntegerParameter(identifier(f.key), math.ceil(f.low), math.floor(f.high))
    return ema.RealParameter(identifier(f.key), float(f.low), float(f.high))


def _plain(value: Any) -> Any:
    """A sampled value as a scenario file has it: a category's value, numpy's numbers as Python's."""
    value = getattr(value, "value", value)
    return value.item() if isinstance(value, np.generic) else value
