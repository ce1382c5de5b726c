"""Communication: an information campaign."""

from typing import ClassVar, Literal

from abm.config.declare import Number, Text, Whole, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class Campaign(Policy):
    """Tell families about more schools, and tell them more about each.

    Mechanism: the reached families consider further schools beyond those they would have known, and err less about
    reputation. Evidence: information on schools changes the lists of families of low status (Hastings & Weinstein
    2008). Expected sign: opens schools to those who know few; it may raise segregation where the informed use what they
    learn to leave. What can go wrong: mostly families that were informed already listen.
    """

    further: Whole = param(4, unit="schools", low=0, high=16, doc="Further schools that a reached family considers.")
    information: Number = param(0.5, unit="0 to 1", low=0, high=1, doc="Share of the missing information that is given.")  # fmt: skip
    side: Literal["all", "majority", "minority", "vulnerable"] = param("all", unit="choice", doc="Whom it reaches.")
    kind: Text = param("campaign", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "communication"
    levers: ClassVar[tuple[str, ...]] = (
        "perception.campaign", "perception.campaign_information", "perception.campaign_side",
    )  # fmt: skip

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Add schools and information for the side that is reached."""
        rules = rules.edit("perception.campaign", round(self.intensity * self.further))
        rules = rules.blend("perception.campaign_information", self.information, self.intensity)
        return rules.edit("perception.campaign_side", self.side) if self.intensity else rules
