"""Priority: funding of the schools in deprived districts (area-based)."""

from typing import ClassVar, Literal

import numpy as np

from abm.city import PRIVATE
from abm.config.declare import Number, Text, param, section
from abm.policies.people_funding import BUDGET
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Measure, Targets, deprived_districts, handed_out, most
from abm.rules import Rules
from abm.world import World


@section
class AreaFunding(Policy):
    """Split a yearly budget over the schools that lie in the most deprived districts, by all their pupils.

    Mechanism: as people funding, with the same default budget, but what counts is where the school lies: every pupil
    there is worth the same, and a pupil in need elsewhere nothing. Evidence: French priority zones (ZEP) had no effect
    on achievement (Benabou, Kramarz & Prost 2009). Expected sign on segregation: small and open; quality rises where
    few choose. What can go wrong: most pupils in need do not live in the chosen districts, many in them are not in
    need; known areas carry a name (see `label`). Decided by the state (France), elsewhere by the municipality.
    """

    budget: Number = param(1e6, unit="euro/year", low=0, high=1e12, doc="Euro split over the schools, at full intensity.", source=BUDGET)  # fmt: skip
    by: Measure = param("status", unit="choice", doc="Deprived are districts whose residents have the lowest status, or most of whom are minority, vulnerable or detected.")  # fmt: skip
    share: Number = param(0.25, unit="share", low=0, high=1, doc="Share of the districts funded, the most deprived first and at least one; districts that are named come instead.")  # fmt: skip
    kind: Text = param("area_funding", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "priority"
    levers: ClassVar[tuple[str, ...]] = ("orders.funding",)
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "state"
    assumed: ClassVar[tuple[str, ...]] = ("cost", "quality bought")

    def pick(self, rules: Rules, world: World) -> Targets:
        """The districts, and the schools in them that are not private."""
        districts = deprived_districts(self, world)
        found = self.candidates(rules, world) & np.isin(world.schools.district, districts)
        found &= world.schools.sector != PRIVATE
        return Targets(most(self.need(rules, world), found, found.size), districts)

    def grants(self, reach: Reach) -> float:
        """The budget."""
        return self.budget * self.intensity

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """The same sum for each pupil of these schools."""
        if self.intensity == 0:
            return rules
        pupils = world.seen.heads.sum(axis=(1, 2))
        weight = {s: float(pupils[s]) for s in at.schools}
        return rules.top_up("orders.funding", handed_out(world, self.intensity * self.budget, weight))
