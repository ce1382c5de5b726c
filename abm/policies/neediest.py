"""What policies share that treat a share of the schools, those in greatest need first."""

from typing import ClassVar, Literal

import numpy as np

from abm.city import PRIVATE
from abm.config.declare import Number, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Measure, Targets, most, school_need, share_of
from abm.rules import Rules
from abm.world import World


@section
class Neediest(Policy):
    """A policy for the schools of the state, or subsidised, in greatest need."""

    share: Number = param(0.25, unit="share", low=0, high=1, doc="Share of the schools that could be treated, those in greatest need first; intensity is a share of these, and schools that are named are all treated.")  # fmt: skip
    by: Measure = param("detected", unit="choice", doc="Need: share of detected, vulnerable or minority pupils, or low mean status.")  # fmt: skip

    area: ClassVar = "priority"
    dose: ClassVar[Literal["strength", "targets"]] = "targets"

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open schools of the state or subsidised."""
        return super().candidates(rules, world) & (world.schools.sector != PRIVATE)

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) float: the chosen measure."""
        return school_need(world, self.by)

    def pick(self, rules: Rules, world: World) -> Targets:
        """Of the ``share`` in greatest need (all, if schools are named) the share ``intensity``."""
        found = self.candidates(rules, world)
        possible = int(found.sum()) if self.schools else share_of(int(found.sum()), self.share)
        return Targets(most(self.need(rules, world), found, share_of(possible, self.intensity)))
