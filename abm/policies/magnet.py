"""School supply: magnet themes in schools that families avoid."""

from typing import ClassVar

from abm.config.declare import Number, Text, Whole, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class Magnet(Policy):
    """Fund themes (arts, music, sciences, languages) in the most stigmatised or least demanded schools.

    Mechanism: a school that takes the offer shows its theme after a lag; families with a taste for it value it, and the
    means raise its quality. Evidence: Catalan magnet alliances of 3-4 years; Turin's Bay nursery. Expected sign: turns
    flight at the school; city-wide zero or worse is possible. What can go wrong: the school draws from its neighbours.
    """

    themes: Whole = param(2, unit="schools/year", low=0, high=10000, doc="Themes funded in a year.")
    quality: Number = param(0.3, unit="sd", low=-5, high=5, doc="Quality that a theme adds.")
    kind: Text = param("magnet", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("response.theme_funds", "response.theme_quality")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Offer funds for themes."""
        return rules.edit("response.theme_funds", round(self.intensity * self.themes)).blend(
            "response.theme_quality", self.quality, float(self.intensity > 0)
        )
