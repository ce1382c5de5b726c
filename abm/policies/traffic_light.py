"""Communication: schools published in three colours."""

from typing import ClassVar, Literal

from abm.config.declare import Number, Text, param, section
from abm.policies.targets import Targets
from abm.policies.telling import Publication
from abm.rules import Rules
from abm.world import World


@section
class TrafficLight(Publication):
    """Publish every school in one of three colours, a third of the schools each.

    Mechanism: a family takes the colour for what it does not know: in proportion to its missing information and to
    ``trust`` the mean of the school's colour takes the place of the school's own reputation and of the family's error. The
    fully informed do not look. So schools of one colour become alike to those who know little, and the borders between
    colours become steps. Evidence: Chile published such lights in 2010; Diaz, Jimenez & Larroulet 2019 simulate them for
    Santiago with families who differ in information by income. Expected sign: on segregation open. Colours by reputation
    tell the uninformed what the informed say, stigma included; colours by quality tell them better. What can go wrong: a
    step at a border of no meaning; red marks the schools of the poor.
    """

    trust: Number = param(0.7, unit="share", low=0, high=1, doc="Share of what a family does not know for which it trusts the colour, at full intensity.")  # fmt: skip
    of: Literal["reputation", "quality"] = param("reputation", unit="choice", doc="What is published in colours.")
    kind: Text = param("traffic_light", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(30_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: a letter and a page, where tests exist.")  # fmt: skip

    levers: ClassVar[tuple[str, ...]] = ("perception.lights", "perception.lights_of")
    alone: ClassVar[tuple[str, ...]] = ("perception.lights_of",)
    assumed: ClassVar[tuple[str, ...]] = ("cost", "trust")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Have families trust colours."""
        if self.intensity == 0:
            return rules
        trust = max(rules.perception.lights, self.trust * self.intensity)
        return rules.edit("perception.lights", trust).edit("perception.lights_of", self.of)
