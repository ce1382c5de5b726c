"""Admission: another mechanism."""

from typing import ClassVar, Literal

from abm.config.declare import Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class MechanismSwitch(Policy):
    """Give places by another mechanism.

    Mechanism: families' lists and priorities stay, the way in which they are turned into places changes. Evidence:
    Boston replaced immediate by deferred acceptance in 2005 (Abdulkadiroglu, Pathak, Roth & Sonmez 2005). Expected
    sign on segregation: open; deferred acceptance frees families from gaming, which helps those with less
    information, but truthful lists may be more segregating. What can go wrong: fewer families get their first choice.
    """

    mechanism: Literal[
        "immediate_acceptance", "deferred_acceptance", "top_trading_cycles", "serial_dictatorship", "zone_assignment"
    ] = param("deferred_acceptance", unit="choice", doc="The new mechanism.")
    kind: Text = param("mechanism", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "admission"
    alone: ClassVar = ("admission.mechanism",)
    dose: ClassVar = "targets"
    levers: ClassVar[tuple[str, ...]] = ("admission.mechanism", "orders.mechanism")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Set the mechanism."""
        if self.intensity == 1 and not self.schools and not self.districts:
            return rules.edit("admission.mechanism", self.mechanism)
        return rules.add("orders.mechanism", dict.fromkeys(at.schools, self.mechanism))
