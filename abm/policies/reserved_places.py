"""Admission: reserved places and a maximum share for detected pupils."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules, between
from abm.schools import outside_match
from abm.world import World


@section
class ReservedPlaces(Policy):
    """Reserve places for pupils detected as vulnerable, and cap their share, at every school or at named ones.

    Mechanism: detected pupils compete for their own places first (or last, as ``order`` says); what they leave is free
    for others, while nobody above the maximum is let in even to empty places. A number of ``places`` or named schools
    and districts make a rule for each school. Schools outside the match are left out. Evidence: Catalonia's Decree
    11/2021 and Barcelona's shock plan, in whose years segregation at age-3 entry fell by 23 % (before-after, not policy
    against no policy); soft reserves harm the minority less than maxima for the majority (Hafalir, Yenmez & Yildirim
    2013); which places come first decides how much a reserve does (Dur, Kominers, Pathak & Sonmez 2018). Expected sign:
    open for the reserve alone: it lowers true-type segregation if detection is high and detected families list schools
    that others seek; where they list the schools of their own neighbours, it only makes sure that they get in there, and
    segregation rises. A maximum lowers it. What can go wrong: families do not apply to the schools that hold places for
    them; a maximum sends detected pupils away; figures on detected pupils mislead when detection changes; places left
    free are filled during the year without the rule.
    """

    share: Number = param(0.2, unit="share", low=0, high=1, doc="Share of places reserved.", source="Catalonia: 22 % (press, 2022)")  # fmt: skip
    places: Whole = param(0, unit="places/school", low=0, high=10000, doc="Places reserved at each school instead of the share; 0: by share.", source="Catalonia: two a class")  # fmt: skip
    maximum: Number = param(1.0, unit="share", low=0, high=1, doc="Largest share of a school's places; 1: none.")
    order: Literal["reserve_first", "open_first"] = param("reserve_first", unit="choice", doc="Which places come first.")  # fmt: skip
    kind: Text = param("reserved_places", unit="name", doc="Which policy of the shelf this is.")
    cost_pupil: Number = param(385.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each detected entrant.", source="Catalonia: 384.66 euro a vulnerable pupil at a public school (ARA, 7 June 2022)")  # fmt: skip

    area: ClassVar = "admission"
    levers: ClassVar[tuple[str, ...]] = (
        "admission.reserved", "admission.maximum", "admission.order", "orders.reserved", "orders.maximum",
    )  # fmt: skip
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "region"
    by_schools: ClassVar = True

    def check(self):
        """No more is reserved than may be taken."""
        Policy.check(self)
        if not self.places and self.share > self.maximum:
            raise fault(
                f"share = {self.share:g} is more than maximum = {self.maximum:g}; lower share, or raise maximum"
            )

    def fits(self, rules: Rules, world: World) -> None:
        """Every treated school has the places that are reserved, and may take so many detected pupils."""
        for s in self.pick(rules, world).schools if self.places else ():
            there = int(world.schools.intake[s])
            most = int(np.floor(self.maximum * there + 1e-9))
            if self.places > most:
                raise fault(
                    f"places = {self.places}: {world.city.school_names[s]} may take {most} detected pupils a year on "
                    f"its {there} places; lower places, raise maximum, or name other schools"
                )

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """Schools in the match."""
        return super().candidates(rules, world) & ~outside_match(world.schools, rules)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """Last year's detected entrants at its schools."""
        table = world.households
        return super().treated(rules, world, at) & (table.grade == 0) & table.detected

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Set the reserve, the maximum and the order."""
        if self.intensity == 0:
            return rules
        if self.places or self.schools or self.districts:
            rules = self._school_by_school(rules, world, at)
        elif self.share <= rules.admission.maximum:  # in an order in which the reserve never is above the maximum
            rules = rules.blend("admission.reserved", self.share, self.intensity)
            rules = rules.blend("admission.maximum", self.maximum, self.intensity)
        else:
            rules = rules.blend("admission.maximum", self.maximum, self.intensity)
            rules = rules.blend("admission.reserved", self.share, self.intensity)
        return rules.edit("admission.order", self.order)

    def _school_by_school(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Orders for each school; as its places change, a fixed number is never more than all of them."""
        now, k = rules.admission, self.intensity
        intake = np.maximum(world.schools.intake, 1)
        share = {s: min(1.0, self.places / int(intake[s])) if self.places else self.share for s in at.schools}
        rules = rules.add("orders.reserved", {s: between(now.reserved, v, k) for s, v in share.items()})
        return rules.add("orders.maximum", dict.fromkeys(at.schools, between(now.maximum, self.maximum, k)))
