"""Communication: growth published instead of raw results."""

from typing import ClassVar

from abm.config.declare import Number, Text, param, section
from abm.policies.targets import Targets
from abm.policies.telling import Publication
from abm.rules import Rules
from abm.world import World


@section
class GrowthSignal(Publication):
    """Publish what schools add (growth) instead of what their pupils bring and what they add (raw results).

    Mechanism: what the city says of a school follows its growth: the weight of intake in the signal of reputation moves to
    true quality. And families read part of what they believe off the page: that part is true quality, without error.
    Where `reputation.intake` is 0, as by default, raw results play no part and only the second mechanism is left.
    Evidence: in a survey experiment with parents in the United States, growth alone, and not beside raw results, led to
    choices that desegregate, while raw results led away from schools with many Black, Hispanic and poor pupils (Houston
    & Henig 2023). Expected sign: lowers segregation if intake counted before and quality does not go with composition.
    What can go wrong: raw results stay known; growth is measured with error; families who read use it first.
    """

    precision: Number = param(0.3, unit="share", low=0, high=1, doc="Share of belief that families read off published growth, at full intensity.")  # fmt: skip
    kind: Text = param("growth_signal", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(50_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: analysis and a page, where tests exist.")  # fmt: skip

    levers: ClassVar[tuple[str, ...]] = ("reputation.intake", "reputation.results", "perception.growth")
    assumed: ClassVar[tuple[str, ...]] = ("cost", "weight of intake", "share that is read")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Move the weight of intake to results; have families read growth."""
        if self.intensity == 0:
            return rules
        moved = self.intensity * max(rules.reputation.intake, 0.0)
        rules = rules.edit("reputation.results", rules.reputation.results + moved)
        rules = rules.edit("reputation.intake", rules.reputation.intake - moved)
        return rules.edit("perception.growth", max(rules.perception.growth, self.precision * self.intensity))
