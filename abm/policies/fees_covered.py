"""Detection and enrolment: fees are paid for detected pupils, or for families of named groups."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, fault, param, section
from abm.orders import Cover
from abm.policies.policy import Policy
from abm.policies.targets import Targets, group_rows, in_groups
from abm.rules import Rules
from abm.schools import fee_due
from abm.world import World


@section
class FeesCovered(Policy):
    """Pay fees for detected pupils, so that schools with a fee come within their reach; meals are not in the model.

    Mechanism: a family that is reached weighs the rest of the fee only, at entry and when it looks again; schools with a
    fee move up its list, and where it gets a place another family does not. Who is reached: the detected, unless
    ``groups`` names others ("detected" with a group: the detected of that group). It goes by families, so schools and
    districts cannot be named; to lower a school's fee for all see the supply policies. Evidence: part of Barcelona's
    shock plan; Catalonia paid 988.10 euro for a pupil in a reserved place of a subsidised school, 384.66 in a public
    one (2022/23; ARA, 7 June 2022). Its own effect is not known. Expected sign: lowers segregation between sectors where
    fees keep the vulnerable out. What can go wrong: the fee is far above the cost set here (``cost_pupil`` should be what
    is paid: Milan's private schools ask about 4,500 euro); schools hold no places for them; it pays for those who would
    have come anyway; the best off of the poor go, and those left behind are more alike; only the detected gain.
    """

    covered: Number = param(1.0, unit="share", low=0, high=1, doc="Share of the fee that is paid.")
    groups: tuple[Text, ...] = param(("detected",), unit="names", doc="Whose fees are paid: the detected, or families of these groups.", source="Barcelona's shock plan")  # fmt: skip
    cost_pupil: Number = param(988.10, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each pupil reached at a school with a fee.", source="Catalonia's money for a pupil in a reserved place of a subsidised school, 2022/23 (ARA, 7 June 2022)")  # fmt: skip
    kind: Text = param("fees_covered", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "detection"
    by_groups: ClassVar = True
    levers: ClassVar[tuple[str, ...]] = ("orders.covered",)

    def fits(self, rules: Rules, world: World) -> None:
        """There is a fee to pay, and families are named, not schools."""
        if self.schools or self.districts:
            raise fault("fees are covered for families wherever they go; leave schools and districts out, name groups")
        if not self.candidates(rules, world).any():
            raise fault("no school has a fee here; there is nothing to cover")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: schools with a fee."""
        return super().candidates(rules, world) & (fee_due(world.schools, rules) > 0)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: pupils of these families at a school with a fee, as the year begins."""
        fee = np.append(fee_due(world.schools, rules) > 0, False)
        return fee[world.households.school] & in_groups(self.groups, rules, world.households)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order fees to be paid for these families."""
        share = self.covered * self.intensity
        if share == 0:
            return rules
        cover = Cover(group_rows(self.groups, rules), "detected" in self.groups, share)
        return rules.add("orders.covered", (cover,))
