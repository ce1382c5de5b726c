"""Detection and enrolment: schools with a high share take no further late arrivals."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Flag, Number, Text, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.proposals import detected_share
from abm.rules import Rules
from abm.schools import official
from abm.world import World


@section
class ProtectedSchools(Policy):
    """Schools with a high share of the minority, or of detected pupils, take no further late arrivals.

    Mechanism: when late arrivals are placed, protected schools count as full; the pupils go to the schools that
    the rule of placement names among the others, near or, if none near has room, far. Only if no other school of the
    authority has room in their grade does a protected one take them (``late_at_protected`` counts them). Entrants,
    younger siblings (who are entrants) and families who look again are as free as before; a late arrival has no sibling
    in the model. Protected are the share ``intensity``, highest first, of the schools at least ``above`` over the city's
    share, or those named. Evidence: Decree 11/2021 of Catalonia lets the administration keep late arrivals away from
    schools of high complexity; 6,101 of 2019/20 went to segregated schools (Fundació Bofill, November 2021, as reported by RTVE). Its own
    effect is not known. Expected sign: lowers segregation of the minority a little. What can go wrong: protected
    schools, which had room because families avoid them, lose pupils, classes and money; schools just below the mark take
    the pupils and pass it next; longer ways.
    """

    above: Number = param(0.1, unit="share", low=-1, high=1, doc="How far a school's share must lie above the city's; not asked of schools that are named.")  # fmt: skip
    measure: Literal["minority", "detected"] = param("minority", unit="choice", doc="Share of which pupils.")
    anew: Flag = param(True, unit="yes/no", doc="The list of schools is made anew each year; no: in the first year for good.")  # fmt: skip
    cost_school: Number = param(0.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each protected school.", source="assumption: a rule of the enrolment office; lost pupils do not lower a school's means here")  # fmt: skip
    cost_pupil: Number = param(0.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each pupil at a protected school.", source="assumption: none")  # fmt: skip
    kind: Text = param("protected_schools", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "detection"
    levers: ClassVar[tuple[str, ...]] = ("orders.protected",)
    dose: ClassVar[Literal["strength", "targets"]] = "targets"
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """The rule is about schools, and not about all of them."""
        if self.groups:
            raise fault("a protected school takes no late arrivals of any group; leave groups out")
        if self.schools and not (official(world.schools, rules) & ~super().candidates(rules, world)).any():
            raise fault("every school open to late arrivals would be protected; name fewer")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: schools where the authority places pupils, as named, or with a share above the mark."""
        able = super().candidates(rules, world) & official(world.schools, rules)
        if self.schools:
            return able
        return able & (self.need(rules, world) > self._city(world) + self.above)

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) share of the minority, or of detected pupils."""
        return detected_share(world)[0] if self.measure == "detected" else super().need(rules, world)

    def _city(self, world: World) -> float:
        if self.measure == "detected":
            return detected_share(world)[1]
        inside = world.households.school >= 0
        return float((world.households.group[inside] > 0).mean()) if inside.any() else 0.0

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order these schools to be passed over."""
        return rules.add("orders.protected", at.schools)
