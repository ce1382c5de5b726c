"""Communication: mediators and translators who help families to choose and to apply."""

from typing import ClassVar

from abm.config.declare import Number, Text, Whole, param, section
from abm.policies.targets import Targets
from abm.policies.telling import Telling
from abm.rules import Rules
from abm.world import World


@section
class Mediators(Telling):
    """Mediators and translators who sit down with minority families, or others named, before they apply.

    Mechanism: three things that a family lacks who does not know the system. It comes to know what the informed know
    (its information gap closes: more of the nearest schools considered, less error of belief); it is told of further
    schools, so that its list, which can hold no more than it considers, grows longer; and where the mechanism rewards a
    clever list (immediate acceptance) it learns to weigh its chances. Applying too late is not in the model: late
    arrivals are newcomers to the city. Evidence: personal help with applications closed half of the gap by social status
    in enrolment in German child care (Hermes, Lergetporer, Peter & Wiederhold 2025); counselling changed the tracks that
    sons of immigrants chose in Italy (Carlana, La Ferrara & Pinotti 2022). Neither measured segregation. Expected sign:
    open, likely small; it opens schools to the minority, and their own network's schools pull on. What can go wrong: few
    mediators for many languages; what helps in the list helps little where the near schools are full by priority.
    """

    share: Number = param(0.5, unit="share", low=0, high=1, doc="Share of the families of its groups whom it reaches, at full intensity.")  # fmt: skip
    further: Whole = param(3, unit="schools", low=0, high=16, doc="Further nearest schools that a reached family considers.")  # fmt: skip
    information: Number = param(1.0, unit="0 to 1", low=0, high=1, doc="Share of the information gap that is closed.")  # fmt: skip
    strategy: Number = param(1.0, unit="share", low=0, high=1, doc="Share of the reached who learn to play a mechanism that rewards it.")  # fmt: skip
    groups: tuple[Text, ...] = param(("minority",), unit="names", doc="Only families of these groups; majority, the minority's name and detected are groups too; empty: all.", source="the scenario's own names")  # fmt: skip
    kind: Text = param("mediators", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(20_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: an office and training.")  # fmt: skip
    cost_pupil: Number = param(120.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each family that is reached.", source="assumption: four hours of a mediator at 30 euro")  # fmt: skip

    assumed: ClassVar[tuple[str, ...]] = ("cost", "reach", "size of the information")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Send the message of the year."""
        content = dict(nearest=self.further, information=self.information, strategy=self.strategy)
        return self.send(rules, self.message(rules, at, **content))
