"""School supply: close schools and disperse their pupils."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.policies.policy import Policy
from abm.policies.sites import state_or_named, urgency
from abm.policies.targets import Targets, most, share_of
from abm.rules import Rules
from abm.world import World


@section
class CloseSchools(Policy):
    """Close the named schools, or as many state schools as wanted, the most segregated or the smallest first.

    Mechanism: before the school year the pupils of a closed school go to the nearest schools with room in their grade
    that take pupils ex officio; later families can no longer choose it, and ways, zones and local schools are made anew.
    A closed school stays closed when the policy ends. With ``anew`` as many are closed every year. Evidence: most
    pupils of closed schools in Chicago went on to other weak ones (de la Torre & Gwynne 2009, When Schools Close); no
    direct evidence known on segregation in European cities. Expected sign: lowers segregation where segregated schools close and their neighbours differ from them. What can go
    wrong: pupils go to the next segregated school; longer ways; the majority leaves the schools that take them in; too
    few places. Who decides: the municipality with the region (in Italy the region's plan of the school network).
    """

    number: Whole = param(1, unit="schools", low=0, high=1000, doc="Schools to close, where none are named.")
    first: Literal["minority", "smallest"] = param("minority", unit="choice", doc="Which close first: those with the highest share of the minority, or with fewest pupils.")  # fmt: skip
    kind: Text = param("close_schools", unit="name", doc="Which policy of the shelf this is.")
    cost_pupil: Number = param(1000.0, unit="euro/pupil/year", low=0, high=1e9, doc="Removal and guidance of each pupil who must change, once. Savings are not booked.")  # fmt: skip

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.closed",)
    dose: ClassVar[Literal["strength", "targets"]] = "targets"
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """Some school stays open."""
        left = int(world.schools.open.sum())
        closing = int(self.candidates(rules, world).sum()) if self.schools else self.number
        if closing >= left:
            raise fault(f"it would close all {left} schools of the city; name fewer, or lower number")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open state schools, or the named ones of any sector."""
        return state_or_named(self, world)

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) float: who closes first."""
        return urgency(self.first, world)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools to close; one school of the city stays open."""
        found = self.candidates(rules, world)
        count = int(found.sum()) if self.schools else min(self.number, int(found.sum()))
        count = min(share_of(count, self.intensity), int(world.schools.open.sum()) - 1)
        return Targets(schools=most(self.need(rules, world), found, count))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order them closed."""
        return rules.add("orders.closed", at.schools)
