"""Which points a sweep visits: all combinations, one change at a time, or samples (SALib, scipy)."""

from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from scipy.stats import qmc

from experiments.posterior import chosen
from experiments.sweep.factors import POSTERIOR, SAMPLED
from experiments.sweep.sets import ranks
from experiments.sweep.spec import Sweep


class Design:
    """The points of a sweep by number, made when asked for: a full grid of any size takes no memory."""

    def __init__(self, sweep: Sweep, shares: np.ndarray | None = None):
        self.sweep = sweep
        if shares is not None:
            self.shares = shares
        self.points = self._count() * (2 if sweep.effect else 1)

    @cached_property
    def shares(self) -> np.ndarray:
        """(point, factor) shares from 0 to 1 of a sampled design; drawn where none were given."""
        return sample(self.sweep)

    @cached_property
    def rows(self) -> np.ndarray:
        """(draw,) the set of a posterior's file that each draw takes."""
        return chosen(self.sweep.weights, self.sweep.samples)

    @property
    def arms(self) -> int:
        """Arms that each draw of a posterior is run in; pairs of an effect count as one."""
        return prod(len(factor.levels) for factor in self.sweep.factors if factor.levels)

    def _count(self) -> int:
        sweep, levels = self.sweep, [len(factor.levels) for factor in self.sweep.factors]
        if sweep.design in SAMPLED:
            return sweep.samples * {"sobol": len(levels) + 2, "morris": len(levels) + 1}.get(sweep.design, 1)
        if sweep.design == POSTERIOR:
            return sweep.samples * self.arms
        return prod(levels) if sweep.design == "grid" else 1 + sum(levels)

    @property
    def runs(self) -> int:
        """Points times seeds."""
        return self.points * self.sweep.seeds

    def seed(self, run: int) -> int:
        """The seed of a run. All points have the same seeds, but each draw of a posterior has seeds of its own.

        There shares of draws are probabilities, which one luck for all would shift together; arms of a draw still pair.
        """
        point, own = divmod(run, self.sweep.seeds)
        if self.sweep.design == POSTERIOR:
            own += point // (self.points // self.sweep.samples) * self.sweep.seeds
        return self.sweep.seed + own

    def point(self, number: int) -> dict[str, Any]:
        """The values of the varied keys at one point; a key that is left out keeps the base's value.

        Where an effect is asked for, points come in pairs: 2 k without the policies, 2 k + 1 with them.
        """
        if self.sweep.effect:
            arm = self.sweep.effect if number % 2 else "none"
            return self._point(number // 2) | {"policies": arm}
        return self._point(number)

    def _point(self, number: int) -> dict[str, Any]:
        factors = self.sweep.factors
        if self.sweep.design in SAMPLED:
            return {f.key: f.at(float(u)) for f, u in zip(factors, self.shares[number], strict=True)}
        if self.sweep.design == POSTERIOR:
            draw, arm = divmod(number, self.arms)
            values = dict(zip([f.key for f in factors], self.sweep.sets[self.rows[draw]], strict=False))
            return values | {f.key: f.levels[arm] for f in factors if f.levels}
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
    factors + 1 points over ``levels`` levels (Morris 1991); latin_hypercube: ``samples`` points (McKay et al. 1979);
    posterior: the ranks of what was drawn, arms in the order of their list.
    """
    if sweep.design == POSTERIOR:
        design = Design(sweep)
        drawn = np.array(sweep.sets, float)[np.repeat(design.rows, design.arms)]
        arm = np.tile(np.arange(design.arms), sweep.samples)[:, None][:, : len(sweep.factors) - drawn.shape[1]]
        return ranks(np.hstack([drawn, arm]))
    if sweep.design == "latin_hypercube":
        cube = qmc.LatinHypercube(len(sweep.factors), seed=np.random.default_rng(sweep.design_seed))
        return cube.random(sweep.samples)
    if sweep.design == "sobol":
        from SALib.sample import sobol

        return sobol.sample(problem(sweep), sweep.samples, calc_second_order=False, seed=sweep.design_seed)
    from SALib.sample import morris

    return morris.sample(problem(sweep), sweep.samples, num_levels=sweep.levels, seed=sweep.design_seed)
