"""Neighbourhood: mixed housing."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Targets, live_in, named_districts
from abm.rules import Rules
from abm.world import World


@section
class MixedHousing(Policy):
    """Deal a share of the new families of the covered districts out mixed over their areas (Bergamo).

    Mechanism: each year in force the entry rates of all covered areas move by `share` towards the composition that
    they have together; how many families come to each area, and how many of each group to all, stay. Families who live
    there stay too, so the city turns over with its cohorts; homes that were built remain after the end. Schools change
    only as far as families go to schools nearby. Evidence: pupils whom inclusionary zoning brought to low-poverty schools
    in Montgomery County, Maryland, did better (Schwartz 2010, "Housing Policy Is School Policy"); no direct evidence
    known on school segregation in Bergamo. Expected sign: lowers residential and, less and later, school segregation.
    What can go wrong: families live together and send their children apart, for opting out grows with the mixing.
    """

    share: Number = param(0.1, unit="share/year", low=0, high=1, doc="Share of the new families dealt mixed: each year the areas come nearer to each other by it.")  # fmt: skip
    cost_pupil: Number = param(20000.0, unit="euro/pupil/year", low=0, high=1e9, doc="Public part of a home, for each new family that is dealt mixed.")  # fmt: skip
    kind: Text = param("mixed_housing", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "neighbourhood"
    levers: ClassVar[tuple[str, ...]] = ("orders.housing",)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The districts named, or all."""
        return Targets(districts=tuple(int(d) for d in np.flatnonzero(named_districts(self, world))))

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: the families who came last and live in the covered districts."""
        return live_in(world, at.districts) & (world.households.grade == 0)

    def reach(self, rules: Rules, world: World, at: Targets) -> Reach:
        """The share of these families that is dealt mixed; no schools."""
        return Reach(0.0, self.intensity * self.share * float(self.treated(rules, world, at).sum()))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the homes."""
        if self.intensity == 0:
            return rules
        return rules.add("orders.housing", dict.fromkeys(at.districts, self.intensity * self.share))
