"""Neighbourhood: contact programmes, which raise tolerance, and the long loop of mixed schools."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class Contact(Policy):
    """Bring families at mixed schools together; optionally, let mixed schools shape those who are parents later.

    Mechanism: each year the families of a treated school prefer a share of their own side that is lower by `step`,
    down to a floor. It shows when they reconsider, choose for a younger child or move home, and goes when their
    children leave. Only schools where both sides meet can be treated. `generational` opens the long loop: what new
    parents prefer follows how mixed schools were 15 and more years before (`households.contact`), and whom they choose
    to live and learn with is what their children meet. Evidence: contact goes with less prejudice (Pettigrew & Tropp
    2006), but lasting effects on adults are hardly known (Paluck, Green & Green 2019); Delhi's rich pupils came to
    discriminate less (Rao 2019); white pupils assigned to schools with more minority pupils became less often
    Republicans as adults (Billings, Chyn & Haggag 2021). Expected sign: lowers segregation a little; that of the long
    loop is open. What can go wrong: it reaches those who stayed at mixed schools, the tolerant ones. Schools decide.
    """

    step: Number = param(0.02, unit="share/year", low=0, high=1, doc="Yearly fall of the preferred own share of the families reached.")  # fmt: skip
    floor: Number = param(0.5, unit="share", low=0.05, high=1, doc="Preferred own share below which the programme brings nobody.")  # fmt: skip
    least: Number = param(0.1, unit="share", low=0, high=0.5, doc="Least share of either side at a school that can be treated.")  # fmt: skip
    generational: Number = param(0.0, unit="share per share", low=-2, high=2, doc="Long loop while in force: value of households.contact; 0: as the scenario has it.")  # fmt: skip
    cost_school: Number = param(8000.0, unit="euro/school/year", low=0, high=1e9, doc="A coordinator for some hours a week.")  # fmt: skip
    kind: Text = param("contact", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "neighbourhood"
    dose: ClassVar[Literal["strength", "targets"]] = "targets"
    levers: ClassVar[tuple[str, ...]] = ("households.contact", "households.contact_floor", "orders.contact")
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "school"
    assumed: ClassVar[tuple[str, ...]] = ("cost", "tolerance")
    by_schools: ClassVar = True

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open schools where either side has its least share."""
        return super().candidates(rules, world) & (self.need(rules, world) >= self.least)

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) float: the smaller side's share; the most mixed school comes first, for there people can meet."""
        return world.seen.own_share.min(axis=0).astype(float)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the programmes, and open the long loop."""
        if self.intensity == 0:
            return rules
        if self.generational:
            rules = rules.blend("households.contact", self.generational, self.intensity)
        rules = rules.edit("households.contact_floor", self.floor)
        return rules.add("orders.contact", dict.fromkeys(at.schools, self.step))
