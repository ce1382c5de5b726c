"""Detection and enrolment: a school with a low share is proposed to detected entrants before the match."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Flag, Number, Text, Whole, fault, param, section
from abm.households import PROPOSED
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Targets
from abm.proposals import proposable
from abm.rules import Rules
from abm.world import World


@section
class PreAssignment(Policy):
    """Propose to detected entrants a nearby school with a low share of detected pupils, and keep the place for them.

    Mechanism: before the match each detected entrant without an older sibling in the stage (a keyed share
    ``intensity`` of them) is proposed, of the ``radius`` nearest schools in the match, the one with the lowest share of
    detected pupils, below the city's; a school is proposed as often as it has reserved places, or up to a share of its
    places. The family considers it too, though it may never have heard of it; fees, meals and the certain place are
    worth something to it. If it then ranks the school first it holds the place before the match, otherwise it has
    refused. The place is one that others wanted: they are placed elsewhere. With ``schools`` or ``districts`` only those
    schools are proposed. Evidence: Barcelona's shock plan, from 2018/19 on (831 entrants of 2019/20 in extreme poverty
    were foreseen, 6.5 per cent: Nació Digital, February 2019; siblings and distance are looked at, the family decides);
    segregation at age three fell by 23 per cent in its years, before against after, not policy against no policy.
    Expected sign: lowers segregation of the truly vulnerable, the more the more are detected and accept. What can go
    wrong: most refuse; those who accept leave again; the undetected stay where they were; schools near the poor have
    no low share.
    """

    radius: Whole = param(6, unit="schools", low=1, high=64, doc="Nearest schools in the match among which the proposed one is chosen.")  # fmt: skip
    share: Number = param(0.2, unit="share", low=0, high=1, doc="Largest share of a school's places that is proposed; its reserved places if they are more.")  # fmt: skip
    benefit: Number = param(1.0, unit="utility", low=0, high=50, doc="Worth of the proposed school beyond its utility: meals, materials, a place for certain.")  # fmt: skip
    fees: Flag = param(True, unit="yes/no", doc="Schools with a fee are proposed too; the authority pays it.", source="Barcelona's shock plan (ARA, October 2020)")  # fmt: skip
    anew: Flag = param(True, unit="yes/no", doc="The schools that may be proposed are looked up each year; no: in the first year for good.")  # fmt: skip
    cost_pupil: Number = param(384.66, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each pupil to whom a school is proposed, and of each who accepted one before.", source="Catalonia's money for a pupil in a reserved place of a public school, 2022/23 (ARA, 7 June 2022)")  # fmt: skip
    kind: Text = param("pre_assignment", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "detection"
    by_groups: ClassVar = True
    levers: ClassVar[tuple[str, ...]] = (
        "admission.preassigned",
        "admission.preassign_radius",
        "admission.preassign_share",
        "admission.preassign_benefit",
        "admission.preassign_fees",
        "orders.proposed",
    )
    alone: ClassVar[tuple[str, ...]] = ("admission.preassigned",)
    assumed: ClassVar[tuple[str, ...]] = ("cost", "acceptance")

    def fits(self, rules: Rules, world: World) -> None:
        """Something can be proposed."""
        if self.groups and tuple(self.groups) != ("detected",):
            raise fault("groups: a school is proposed to detected entrants of all groups; leave groups out")
        if not self.candidates(rules, world).any():
            raise fault("no school can be proposed: none of those named is in the match (and free, or its fee paid)")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: schools in the match, as named, without a fee or with the fee paid."""
        paid = rules.edit("admission.preassign_fees", self.fees)
        return super().candidates(rules, world) & proposable(world, paid)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: the detected of last year's entrants stand for those to whom a school will be proposed."""
        return world.households.detected & (world.households.grade == 0)

    def reach(self, rules: Rules, world: World, at: Targets) -> Reach:
        """Schools that may be proposed; those who are asked this year, and those inside who accepted in earlier years."""
        new = self.intensity * float(self.treated(rules, world, at).sum())
        return Reach(self.intensity * len(at.schools), new + float(accepted_before(world).sum()))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Propose to a share of the detected, under these rules."""
        if self.intensity == 0 or not at.schools:
            return rules
        return (
            rules.edit("admission.preassigned", self.intensity)
            .edit("admission.preassign_radius", self.radius)
            .edit("admission.preassign_share", self.share)
            .edit("admission.preassign_benefit", self.benefit)
            .edit("admission.preassign_fees", self.fees)
            .edit("orders.proposed", at.schools)
        )


def accepted_before(world: World) -> np.ndarray:
    """(household,) bool: pupils at the school that was once proposed to them who stay another year."""
    table = world.households
    return (table.way == PROPOSED) & (table.grade < world.grades - 1)
