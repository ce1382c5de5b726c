"""Admission: priority points added, removed or weighed anew."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.schools import outside_match
from abm.world import World

CLAIMS = ("sibling", "zone", "district", "near", "workplace", "low_income")
AS_IT_IS = "what is not given stays as it is"


@section
class Points(Policy):
    """Change what gives priority at a school: by default add points for pupils detected as vulnerable.

    Mechanism: points decide who gets in where more apply than there are places; only applicants are touched. Dropping
    proximity (zone, district, near and workplace at 0) takes from neighbours of a school that is sought after the place
    that their home gave them. At part of its strength points move part of the way, rounded; ``proximity`` is set at any
    strength above 0. Points are the same at all schools. Evidence: Barcelona gives low income 15 points instead of 10
    since Decree 11/2021, so far without a study of its effect; families there follow priorities when they list schools
    (Calsamiglia & Guell 2018); Boston's walk-zone priority hardly mattered, since it was processed first (Dur, Kominers,
    Pathak & Sonmez 2018). Expected sign: small and open; low-income points lower true-type segregation where detection
    is high and such families apply to sought-after schools, else they raise it; dropping proximity: open. What can go wrong: without points for
    proximity those who know most and travel farthest gain; points that nobody uses change nothing.
    """

    sibling: Whole | None = param(None, unit="points", low=0, high=10000, doc="For an older sibling at the school.", source=AS_IT_IS)  # fmt: skip
    zone: Whole | None = param(None, unit="points", low=0, high=10000, doc="For a home in the school's zone.", source=AS_IT_IS)  # fmt: skip
    district: Whole | None = param(None, unit="points", low=0, high=10000, doc="For a home in the school's district.", source=AS_IT_IS)  # fmt: skip
    near: Whole | None = param(None, unit="points", low=0, high=10000, doc="For the nearest schools.", source=AS_IT_IS)
    workplace: Whole | None = param(None, unit="points", low=0, high=10000, doc="For work in the school's district.", source=AS_IT_IS)  # fmt: skip
    low_income: Whole | None = param(15, unit="points", low=0, high=10000, doc="For pupils detected as vulnerable.", source="Barcelona from 2022 (Decree 11/2021)")  # fmt: skip
    proximity: Literal["as it is", "sum", "best"] = param("as it is", unit="choice", doc="Whether zone, district, near and workplace add up.")  # fmt: skip
    kind: Text = param("points", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(20_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity.", source="assumption: checks of claims")  # fmt: skip

    area: ClassVar = "admission"
    decided_by: ClassVar = "region"  # Barcelona: by decree; Milan: each school's council
    levers: ClassVar[tuple[str, ...]] = (
        *(f"admission.points.{claim}" for claim in CLAIMS), "admission.points.proximity",
    )  # fmt: skip

    def fits(self, rules: Rules, world: World) -> None:
        """Points hold for all schools."""
        if self.schools or self.districts:
            raise fault("points are the same at all schools; leave out schools and districts")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """Schools in the match."""
        return super().candidates(rules, world) & ~outside_match(world.schools, rules)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """Last year's entrants at its schools."""
        return super().treated(rules, world, at) & (world.households.grade == 0)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Move the points that are given towards their new values."""
        for claim in CLAIMS:
            new = getattr(self, claim)
            if new is not None:
                rules = rules.blend(f"admission.points.{claim}", new, self.intensity)
        if self.proximity != "as it is" and self.intensity:
            rules = rules.edit("admission.points.proximity", self.proximity)
        return rules
