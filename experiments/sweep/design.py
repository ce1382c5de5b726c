"""Which points a sweep visits: all combinations, one change at a time, or samples (SALib, scipy)."""

from math import prod
from typing import Any

import numpy as np
from scipy.stats import qmc

from experiments.sweep.spec import Sweep


class Design:
    """The points of a sweep by number, made when asked for: a full grid of any size takes no memory."""

    def __init__(self, sweep: Sweep):
        self.sweep = sweep
        self.shares = sample(sweep) if sweep.design not in ("grid", "one_at_a_time") else None
        self.points = self._count() * (2 if sweep.effect else 1)

    def _count(self) -> int:
        levels = [len(factor.levels) for factor in self.sweep.factors]
        if self.shares is not None:
            return len(self.shares)
        return prod(levels) if self.sweep.design == "grid" else 1 + sum(levels)

    @property
    def runs(self) -> int:
        """Points times seeds."""
        return self.points * self.sweep.seeds

    def point(self, number: int) -> dict[str, Any]:
        """The values of the varied keys at one point; a key that is left out keeps the base's value.

        Where an effect is asked for, points come in pairs: 2 k without the policies, 2 k + 1 with them. A
        varied key of a policy, such as policies.0.intensity, is left out where there is none.
        """
        if self.sweep.effect:
            values = self._point(number // 2)
            if number % 2:
                return values | {"policies": self.sweep.effect}
            return {key: value for key, value in values.items() if not key.startswith("policies.")} | {
                "policies": "none"
            }
        return self._point(number)

    def _point(self, number: int) -> dict[str, Any]:
        factors = self.sweep.factors
        if self.shares is not None:
            return {f.key: f.at(float(u)) for f, u in zip(factors, self.shares[number], strict=True)}
        if self.sweep.design == "one_at_a_time":
            number -= 1
            for factor in factors:
                if 0 <= number < len(factor.levels):
                    return {factor.key: factor.levels[number]}
                number -= len(factor.levels)
            return {}
        values = {}
        for factor in reversed(factors):
            number, level = divmod(number, len(factor.levels))
            values[factor.key] = factor.levels[level]
        return {factor.key: values[factor.key] for factor in factors}


def problem(sweep: Sweep) -> dict[str, Any]:
    """The factors as SALib takes them, each from 0 to 1: lists and whole numbers are cut from that range."""
    return {
        "num_vars": len(sweep.factors),
        "names": [f.key for f in sweep.factors],
        "bounds": [[0.0, 1.0]] * len(sweep.factors),
    }


def sample(sweep: Sweep) -> np.ndarray:
    """(point, factor) shares from 0 to 1 of a sampled design; the same for the same sweep.

    sobol: Saltelli's scheme, ``samples`` (2 + factors) points (Saltelli et al. 2010); morris: ``samples`` trajectories of
    factors + 1 points over ``levels`` levels (Morris 1991); latin_hypercube: ``samples`` points (McKay et al. 1979).
    """
    if sweep.design == "latin_hypercube":
        cube = qmc.LatinHypercube(len(sweep.factors), seed=np.random.default_rng(sweep.design_seed))
        return cube.random(sweep.samples)
    if sweep.design == "sobol":
        from SALib.sample import sobol

        return sobol.sample(problem(sweep), sweep.samples, calc_second_order=False, seed=sweep.design_seed)
    from SALib.sample import morris

    return morris.sample(problem(sweep), sweep.samples, num_levels=sweep.levels, seed=sweep.design_seed)
