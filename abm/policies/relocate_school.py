"""School supply: move a school to another site."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.policies.policy import NAMES, Policy
from abm.policies.sites import BUILDING, border, check_sites, state_or_named
from abm.policies.targets import Targets, most, rows_of, share_of
from abm.rules import Rules
from abm.world import World


@section
class RelocateSchool(Policy):
    """Move schools to given sites, or to the border of their district with the most different one beside it.

    By rule, the state schools with the highest share of the minority come first; a school is moved once.

    Mechanism: ways to the school are measured anew from its new site, and its zone and district are those of the site, so
    other families have it near, know it, and may claim points there; pupils and staff come along. Evidence: Lyon draws
    boundaries and sites so that different neighbourhoods meet at school; no direct evidence known on its effect. Expected
    sign: lowers segregation where ways weigh more than composition. What can go wrong: the majority beside the new site
    avoids the school, and the minority has lost its near school. Who decides: the municipality.
    """

    x: tuple[Number, ...] = param((), unit="km east", low=-10000, high=10000, doc="For each of `schools` its new site; empty: the border.", source=NAMES)  # fmt: skip
    y: tuple[Number, ...] = param((), unit="km north", low=-10000, high=10000, doc="For each of `schools` its new site.", source=NAMES)  # fmt: skip
    number: Whole = param(1, unit="schools", low=0, high=1000, doc="Schools to move, where none are named.")
    within_km: Number = param(2.0, unit="km", low=0, high=100, doc="Districts whose nearest small areas are closer than this lie side by side.")  # fmt: skip
    kind: Text = param("relocate_school", unit="name", doc="Which policy of the shelf this is.")
    cost_school: Number = param(280000.0, unit="euro/school/year", low=0, high=1e9, doc="New building of each school.", source=BUILDING)  # fmt: skip

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.relocated",)
    dose: ClassVar[Literal["strength", "targets"]] = "targets"
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """Sites lie in or near the city, one for each school; there is a border where none is given."""
        check_sites(world.city, self.x, self.y)
        if self.x and len(self.x) != len(self.schools):
            raise fault(f"schools names {len(self.schools)} and x {len(self.x)} sites; name one site for each school")
        if not self.x and np.unique(world.city.area_district).size < 2:
            raise fault("the city has one district only, so no border between districts; give x and y")

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open state schools, or the named ones of any sector."""
        return state_or_named(self, world)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools to move."""
        found = self.candidates(rules, world)
        count = int(found.sum()) if self.schools else min(self.number, int(found.sum()))
        return Targets(schools=most(self.need(rules, world), found, share_of(count, self.intensity)))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order them to their new sites; by the rule, those that have not been moved."""
        if self.x:
            rows = rows_of(self.schools, world.city.school_names)
            sites = dict(zip(rows, zip(self.x, self.y, strict=True), strict=True))
            return rules.add("orders.relocated", {s: sites[s] for s in at.schools})
        moved = world.ledger.get("moved", {})
        sites = {s: border(world, s, self.within_km) for s in at.schools if s not in moved}
        return rules.add("orders.relocated", sites)
