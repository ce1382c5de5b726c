"""Detection and enrolment: late arrivals are placed where the minority's share is low, not where places are left."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class BalancedLateArrivals(Policy):
    """Place late arrivals at the nearby school with the lowest share of the minority that has room in their grade.

    Mechanism: pupils who arrive during the year are placed one after another; a keyed share ``intensity`` of them goes
    to the lowest share among the ``radius`` nearest schools open to the authority, counting those just placed, instead
    of where most room is, which is where families do not want to go. Families who would rather change may do so when
    they look again. It goes by the whole city. Evidence: 6,101 children who arrived in 2019/20 were placed in segregated
    schools of Catalonia (Fundació Bofill, November 2021, as reported by RTVE); balanced placement is part of Barcelona's
    shock plan and of Decree 11/2021. Its own effect is not known. Expected sign: lowers segregation of the minority, little by
    little, with the number of late arrivals. What can go wrong: schools with a low share are full, so it can do little
    unless places are kept; late arrivals who belong to the majority go there as well; longer ways.
    """

    radius: Whole = param(12, unit="schools", low=1, high=64, doc="Nearest schools among which a late arrival is placed, by any rule.")  # fmt: skip
    cost_pupil: Number = param(200.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each late arrival placed.", source="assumption: a day of an enrolment office and a mediator")  # fmt: skip
    kind: Text = param("balanced_late_arrivals", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "detection"
    levers: ClassVar[tuple[str, ...]] = ("transfers.balanced", "transfers.late_radius")

    def fits(self, rules: Rules, world: World) -> None:
        """It is a rule for all late arrivals and schools."""
        if self.schools or self.districts or self.groups:
            raise fault(
                "late arrivals are placed by one rule in the whole city; leave schools, districts and groups out"
            )

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: last year's late arrivals stand for this year's."""
        table = world.households
        return (sibling_gap(table.id) == LATE_MARK) & (entry_year(table.id) == world.year)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Place this share of late arrivals by balance."""
        if self.intensity == 0:
            return rules
        rules = rules.blend("transfers.balanced", 1.0, self.intensity)
        return rules.edit("transfers.late_radius", self.radius)
