"""School supply: the authority pays the fees of subsidised schools."""

from typing import ClassVar

import numpy as np

from abm.city import PRIVATE, SUBSIDISED
from abm.config.declare import Flag, Number, Text, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class NoFees(Policy):
    """Abolish or cut what families pay at subsidised private schools (on demand also at private ones).

    The authority pays the schools what families paid, by last year's pupils and today's fees, beside the costs given.
    It is for all families of a school, so it cannot be aimed at groups.

    Mechanism: the fee due enters families' utility, more the lower their status; and where it is nothing, the school, if
    in the match, takes pupils whom the authority places ex officio. Local schools stay those of the state. Evidence:
    Catalan subsidised schools ask families for 1,696 euro a year on average (EsadeEcPol 2024); Sweden's free choice
    without fees raised segregation (Bohlmark, Holmlund & Lindahl 2016, Journal of Population Economics). Expected sign:
    open; opens schools to families of low status, but to all others as well. What can go wrong: those who gain most are
    of middle status; private schools raise the fees that are paid for them; the bill. Who decides: the region.
    """

    cut: Number = param(1.0, unit="share", low=0, high=1, doc="Share of the fee that families no longer pay.")
    private: Flag = param(False, unit="yes/no", doc="At private schools too, not only at subsidised ones.")
    kind: Text = param("no_fees", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.fee",)
    decided_by: ClassVar = "region"
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """There is a fee to pay, and nobody is left out."""
        if self.groups:
            raise fault("groups: fees are paid for all families of a school; leave groups empty")
        if not self.candidates(rules, world).any():
            kinds = "subsidised or private" if self.private else "subsidised"
            raise fault(f"no {kinds} school here asks a fee" + ("" if self.private else "; set private = true"))

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open subsidised, or also private, schools with a fee."""
        schools = world.schools
        kind = (schools.sector == SUBSIDISED) | (self.private & (schools.sector == PRIVATE))
        return super().candidates(rules, world) & kind & (schools.fee > 0)

    def bill(self, rules: Rules, world: World, at: Targets) -> float:
        """Euro a year: what families of the treated schools would still pay under ``rules``, times the share taken over."""
        pupils = world.seen.heads.sum(axis=(1, 2))
        fees = sum(
            1000.0 * float(world.schools.fee[s]) * rules.orders.fee.get(s, 1.0) * int(pupils[s]) for s in at.schools
        )
        return self.cut * self.intensity * fees

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the share of the fee that is still to be paid by families."""
        if self.cut * self.intensity == 0:
            return rules
        now, left = rules.orders.fee, 1 - self.cut * self.intensity
        return rules.add("orders.fee", {s: now.get(s, 1.0) * left for s in at.schools})
