"""Detection and enrolment: find more of the vulnerable pupils."""

from typing import ClassVar

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class Detection(Policy):
    """Raise the share of vulnerable pupils that the authority knows of.

    Mechanism: detection follows its new rate with the usual lag; nobody's choice changes by it. Evidence: Barcelona
    tripled detection in 2018-2021. Expected sign: none by itself; it is what reserves and funding work with. What can
    go wrong: dissimilarity of the detected moves with the same allocation of pupils, either way: read the true type.
    """

    rate: Number = param(0.9, unit="share", low=0, high=1, doc="Share of vulnerable pupils detected in the end.")
    kind: Text = param("detection", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "detection"
    levers: ClassVar[tuple[str, ...]] = ("households.detection",)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Move the detection rate towards its new value."""
        return rules.blend("households.detection", self.rate, self.intensity)
