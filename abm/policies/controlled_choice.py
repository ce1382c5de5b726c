"""Admission: controlled choice, every school's intake close to the city's mix."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules, between
from abm.schools import outside_match
from abm.world import World


@section
class ControlledChoice(Policy):
    """Families choose, but every school's share of detected pupils must lie near that of all applicants of the year.

    Mechanism: at each school in the match, places are kept for both types and both have a hard maximum, such that a
    full school's share of detected pupils lies within ``band`` of that of the year's applicants (the whole numbers of
    pupils next to it always do). Who would tip the balance goes to a school further down the list, or gets none and is
    placed ex officio. Strength narrows the band from 1 (anything) towards ``band``; it bites only once the band is
    narrower than the schools' distance from the mix, so half the strength does far less than half. Evidence: Cambridge,
    Massachusetts, since 2001 by socio-economic status, each school within 10 points (earlier by race; Alves & Willie's
    controlled choice); hard maxima can harm the very pupils they are for, soft reserves do less (Hafalir, Yenmez &
    Yildirim 2013); with hard bounds fair and full assignments may not exist (Ehlers, Hafalir, Yenmez & Yildirim 2014).
    Expected sign: lowers true-type segregation, the more so the higher detection; of groups only as far as they are the
    detected. What can go wrong: where few are detected (p below the band) it hardly binds; fewer first choices and more ex officio, longer ways, families leave for private
    schools outside the match; a school that does not fill can miss the band; places kept empty are filled ex officio
    and during the year without the rule; low detection balances the wrong thing.
    """

    band: Number = param(0.1, unit="share", low=0, high=1, doc="Widest distance, up and down, from the applicants' share of detected.", source="Cambridge, Massachusetts")  # fmt: skip
    kind: Text = param("controlled_choice", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(100_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity.", source="assumption: two posts that register and inform families")  # fmt: skip

    area: ClassVar = "admission"
    levers: ClassVar[tuple[str, ...]] = ("admission.band", "orders.band")
    by_schools: ClassVar = True

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """Schools in the match."""
        return super().candidates(rules, world) & ~outside_match(world.schools, rules)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """Last year's entrants at its schools."""
        return super().treated(rules, world, at) & (world.households.grade == 0)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Narrow the band, at all schools or at the named ones."""
        if self.intensity == 0:
            return rules
        if not self.schools and not self.districts:
            return rules.blend("admission.band", self.band, self.intensity)
        band = between(rules.admission.band, self.band, self.intensity)
        return rules.add("orders.band", dict.fromkeys(at.schools, band))
