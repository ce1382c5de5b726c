"""Priority: weighted pupil funding, which follows the pupil (people-based)."""

from typing import ClassVar, Literal

import numpy as np

from abm.city import PRIVATE
from abm.config.declare import Flag, Number, Text, param, section
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Targets, handed_out
from abm.rules import Rules
from abm.world import World

BUDGET = (
    "assumption; the same default for people and area funding. A million is 280 euro for each detected pupil of Milan's primary schools; "
    "Catalonia gave 384.66 euro a pupil in need at a public school in 2022 (ARA, 7 June 2022)"
)


@section
class PeopleFunding(Policy):
    """Split a yearly budget over schools by their pupils in need, wherever these sit.

    Mechanism: each school but the private ones gets the same sum for each of its detected (or truly vulnerable) pupils
    beyond a threshold; what that is per pupil of the school buys quality, with a lag, and quality builds reputation. It
    is counted anew each year, so money follows pupils who leave. Evidence: Dutch weights follow pupils on a large scale
    (Ladd & Fiske 2011); extra funds for schools with many disadvantaged pupils had no or negative effects on
    achievement there (Leuven, Lindahl, Oosterbeek & Webbink 2007). Oslo deals out about a fifth of its schools' money
    by living conditions (press, 2017). Expected sign on segregation: a little lower or none, as quality rises where
    others avoid; undetected pupils bring nothing. What can go wrong: schools gain by reporting need; low detection
    leaves out the schools that need it most. Decided by the state (Netherlands) or the municipality (Oslo).
    """

    budget: Number = param(1e6, unit="euro/year", low=0, high=1e12, doc="Euro split over the schools, at full intensity; set aside even if nobody qualifies.", source=BUDGET)  # fmt: skip
    by: Literal["detected", "vulnerable"] = param("detected", unit="choice", doc="Pupils who count: known to the authority, or truly vulnerable (as if it knew all).")  # fmt: skip
    threshold: Number = param(0.0, unit="share", low=0, high=1, doc="Only pupils in need beyond this share of a school's pupils count, as in the Dutch weights.")  # fmt: skip
    anew: Flag = param(True, unit="yes/no", doc="New schools take part from their first year; no: only those of the policy's first year.")  # fmt: skip
    kind: Text = param("people_funding", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "priority"
    by_groups: ClassVar = True
    levers: ClassVar[tuple[str, ...]] = ("orders.funding",)
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "state"
    assumed: ClassVar[tuple[str, ...]] = ("cost", "quality bought")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open schools of the state or subsidised."""
        return super().candidates(rules, world) & (world.schools.sector != PRIVATE)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: the pupils who count."""
        table = world.households
        return super().treated(rules, world, at) & (table.detected if self.by == "detected" else table.vulnerable)

    def grants(self, reach: Reach) -> float:
        """The budget."""
        return self.budget * self.intensity

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Fund the schools by their pupils in need."""
        if self.intensity == 0:
            return rules
        pupils = world.seen.heads.sum(axis=(1, 2))
        school = world.households.school[self.treated(rules, world, at)]
        need = np.bincount(school, minlength=pupils.size) - self.threshold * pupils
        weight = {s: float(need[s]) for s in at.schools}
        return rules.top_up("orders.funding", handed_out(world, self.intensity * self.budget, weight))
