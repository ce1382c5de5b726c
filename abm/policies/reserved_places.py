"""Admission: reserved places and a maximum share for detected pupils."""

from typing import ClassVar, Literal

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class ReservedPlaces(Policy):
    """Reserve a share of every school's places for pupils detected as vulnerable, and cap their share.

    Mechanism: detected pupils compete for their own places first. Evidence: Catalonia's Decree 11/2021 and Barcelona's
    shock plan, in whose years segregation at age-3 entry fell by 23 % (before-after, not policy against no policy).
    Expected sign: lowers true-type segregation if detection is high. What can go wrong: families do not apply to the
    schools that hold places for them; figures on detected pupils mislead when detection changes.
    """

    share: Number = param(0.2, unit="share", low=0, high=1, doc="Share of places reserved.")
    maximum: Number = param(1.0, unit="share", low=0, high=1, doc="Largest share of a school's places; 1: none.")
    order: Literal["reserve_first", "open_first"] = param("reserve_first", unit="choice", doc="Which places come first.")  # fmt: skip
    kind: Text = param("reserved_places", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "admission"
    levers: ClassVar[tuple[str, ...]] = ("admission.reserved", "admission.maximum", "admission.order")
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "region"

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Set the reserve, the maximum and the order."""
        if self.intensity == 0:
            return rules
        rules = rules.blend("admission.maximum", self.maximum, self.intensity)
        rules = rules.blend("admission.reserved", self.share, self.intensity)
        return rules.edit("admission.order", self.order)
