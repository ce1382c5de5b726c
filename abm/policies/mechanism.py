"""Admission: another mechanism, for all schools or for pilot schools."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.schools import outside_match
from abm.world import World


@section
class MechanismSwitch(Policy):
    """Give places by another mechanism, at all schools or at pilot schools only.

    Mechanism: families' lists and priorities stay, the way in which they are turned into places changes; where immediate
    acceptance goes, the strategic no longer weigh their chances. Below full intensity, or with schools or districts
    named, the schools with the largest share of the minority are pilots: they give their places in a round of their own
    before the others, and what falls free is given once more. Assignment by zone then guarantees the local school to
    those whose local school is a pilot. Schools outside the match are left out. Evidence: Boston replaced immediate by
    deferred acceptance in 2005 (Abdulkadiroglu, Pathak, Roth & Sonmez 2005); Chile's switch to deferred acceptance from
    2016 did not lower segregation on the whole, and raised it where homes were segregated or private schools many
    (Kutscher, Nath & Urzua 2023). Expected sign on segregation: open; deferred acceptance frees families from gaming,
    which helps those with less information, but truthful lists may be more segregating. What can go wrong: fewer
    families get their first choice; two offices at once need a second round for the places given back.
    """

    mechanism: Literal[
        "immediate_acceptance", "deferred_acceptance", "top_trading_cycles", "serial_dictatorship", "zone_assignment"
    ] = param("deferred_acceptance", unit="choice", doc="The new mechanism.")
    kind: Text = param("mechanism", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(50_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity.", source="assumption: one post in the admission office")  # fmt: skip

    area: ClassVar = "admission"
    alone: ClassVar = ("admission.mechanism",)
    dose: ClassVar = "targets"
    levers: ClassVar[tuple[str, ...]] = ("admission.mechanism", "orders.mechanism")
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """Serial dictatorship goes by one lottery for all schools."""
        if self.mechanism == "serial_dictatorship" and rules.admission.tie_breaking == "multiple":
            raise fault('serial_dictatorship goes by one lottery; set admission.tie_breaking = "single"')

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """Schools in the match."""
        return super().candidates(rules, world) & ~outside_match(world.schools, rules)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """Last year's entrants at its schools."""
        return super().treated(rules, world, at) & (world.households.grade == 0)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Set the mechanism, for all or for the pilots."""
        if self.intensity == 1 and not self.schools and not self.districts:
            return rules.edit("admission.mechanism", self.mechanism)
        return rules.add("orders.mechanism", dict.fromkeys(at.schools, self.mechanism))
