"""Priority: further teachers in the schools in greatest need."""

from typing import ClassVar, Literal

import numpy as np

from abm.city import PRIVATE
from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Measure, Targets, most, school_need, share_of
from abm.rules import Rules
from abm.world import World


@section
class ExtraTeachers(Policy):
    """Send further teachers to the schools in greatest need.

    Mechanism: each treated school gets the same number of teachers, so a small school gains more per pupil; they buy
    quality with the lag of schools' spending. Evidence: mixed. Small groups in mathematics raised results in Norway
    (Bonesronning et al. 2022); smaller classes did not there (Leuven, Oosterbeek & Ronning 2008), nor did money for
    personnel at Dutch schools with many disadvantaged minority pupils (Leuven, Lindahl, Oosterbeek & Webbink 2007).
    Expected sign on segregation: none or a little lower. What can go wrong: too few teachers are found, or they come from
    the neighbouring schools. Decided by the municipality in Norway, by the state or region in Italy, Spain and France.
    """

    teachers: Number = param(2.0, unit="teachers/school", low=0, high=200, doc="Further teachers at each treated school.")  # fmt: skip
    cost_teacher: Number = param(60000.0, unit="euro/teacher/year", low=0, high=1e6, doc="What a teacher costs the employer.", source="assumption; rounded employer's cost in western Europe")  # fmt: skip
    share: Number = param(0.25, unit="share", low=0, high=1, doc="Share of the schools that could be treated, those in greatest need first; intensity treats a share of them.")  # fmt: skip
    by: Measure = param("detected", unit="choice", doc="Need: share of detected, vulnerable or minority pupils, or low mean status.")  # fmt: skip
    kind: Text = param("extra_teachers", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "priority"
    dose: ClassVar[Literal["strength", "targets"]] = "targets"
    levers: ClassVar[tuple[str, ...]] = ("orders.teachers",)
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "region"
    assumed: ClassVar[tuple[str, ...]] = ("cost", "quality bought")

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

    def grants(self, reach: Reach) -> float:
        """The teachers' salaries."""
        return self.cost_teacher * self.teachers * reach.schools

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Send the teachers."""
        return rules.top_up("orders.teachers", dict.fromkeys(at.schools, self.teachers))
