"""Admission: subsidised and private schools brought under the common admission, with their fees paid or not."""

from typing import ClassVar, Literal

import numpy as np

from abm.city import PRIVATE, SUBSIDISED
from abm.config.declare import Number, Text, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.schools import fee_due, outside_match
from abm.world import World

SECTORS = {"subsidised": SUBSIDISED, "private": PRIVATE}


@section
class CommonAdmission(Policy):
    """Bring subsidised, or private, schools into the match, and pay their fees.

    Mechanism: a school in the match gives its places by the common lists, priorities, reserves and lottery, not by its
    own offers beforehand; without a fee, families of all means want it, and the unplaced can be placed there ex officio.
    Part of the intensity treats part of the schools, those with the smallest share of the minority first. Evidence: in
    Catalonia subsidised schools are under common admission, yet most charge fees, a barrier for poor families (Gortazar,
    Martinez & Bonal 2024); Chile's common admission did not lower segregation on the whole, and raised it where private
    schools are many: richer families left for schools outside it (Kutscher, Nath & Urzua 2023). Expected sign: lowers
    segregation where fees are paid and reserves hold; without that, small. What can go wrong: flight to the private
    schools that stay outside; poor families live far from these schools or do not list them; the school loses its fee
    and raises it where somebody else pays.
    """

    sectors: tuple[Literal["subsidised", "private"], ...] = param(("subsidised",), unit="sectors", doc="Which schools.")
    fee: Number = param(0.0, unit="share", low=0, high=1, doc="Share of the fee that families still pay; 1: all of it.")
    kind: Text = param("common_admission", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(50_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity, beside the fees that are paid.", source="assumption: one post in the admission office")  # fmt: skip

    area: ClassVar = "admission"
    dose: ClassVar = "targets"
    decided_by: ClassVar = "state"  # Barcelona: the region, by its contracts with the schools
    assumed: ClassVar[tuple[str, ...]] = ("cost",)  # that schools lose nothing but their fee
    levers: ClassVar[tuple[str, ...]] = ("orders.inside", "orders.fee")
    by_schools: ClassVar = True

    def check(self):
        """There is a sector to bring in."""
        Policy.check(self)
        if not self.sectors:
            raise fault('sectors is empty; name "subsidised", "private" or both')

    def fits(self, rules: Rules, world: World) -> None:
        """The city has such schools."""
        if not self.candidates(rules, world).any():
            raise fault(
                f"no {' or '.join(self.sectors)} school here, as far as named, is outside the match or asks a fee that is "
                "to be paid; name other sectors or schools, or lower fee"
            )

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """Schools of these sectors for which it changes something: outside the match, or with a fee to be paid."""
        ours = np.isin(world.schools.sector, [SECTORS[name] for name in self.sectors])
        costly = (fee_due(world.schools, rules) > 0) & (self.fee < 1)
        return super().candidates(rules, world) & ours & (outside_match(world.schools, rules) | costly)

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """The most selective first: those with the smallest share of the minority."""
        return world.seen.own_share[0].astype(float)

    def bill(self, rules: Rules, world: World, at: Targets) -> float:
        """Euro a year: the part of the fees that families no longer pay."""
        pupils = np.bincount(world.households.school[self.treated(rules, world, at)], minlength=world.schools.open.size)
        paid = (1 - self.fee) * 1000 * float(pupils @ fee_due(world.schools, rules).astype(float))
        return paid

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Take the schools into the match and their fees over."""
        if not at.schools:
            return rules
        rules = rules.add("orders.inside", at.schools)
        due = {s: self.fee * rules.orders.fee.get(s, 1.0) for s in at.schools}
        return rules.add("orders.fee", due) if self.fee < 1 else rules
