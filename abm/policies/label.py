"""Priority: a public label for schools in need, with funds and, perhaps, stigma."""

from typing import ClassVar, Literal

from abm.config.declare import Number, Text, param, section
from abm.policies.neediest import Neediest
from abm.policies.policy import Reach
from abm.policies.targets import Measure, Targets, handed_out
from abm.rules import Rules
from abm.world import World


@section
class Label(Neediest):
    """Label the schools with most vulnerable pupils as priority schools, in public, and fund them.

    Mechanism: funds buy quality, with a lag, and quality builds reputation; the label itself shifts the signal of
    reputation by minus `stigma` while it is in force. What families believe decides who comes, and who comes is what
    the next families see. Evidence: a French label (RAR, 2006-2011) made families of high status avoid the school, often
    for a private one, and raised segregation (Davezies & Garrouste 2020); ZEP had no effect on achievement (Benabou,
    Kramarz & Prost 2009). Expected sign on segregation: raises it unless the funds outweigh the stigma. What can go
    wrong: quality rises and segregation too. Decided by the state in France.
    """

    share: Number = param(0.2, unit="share", low=0, high=1, doc="Share of the schools that could be labelled, those in greatest need first; intensity treats a share of them.", source="assumption; a fifth of pupils in France are at labelled schools (Senate, report 575, 2025)")  # fmt: skip
    by: Measure = param("vulnerable", unit="choice", doc="Need: share of vulnerable, detected or minority pupils, or low mean status.")  # fmt: skip
    stigma: Number = param(0.5, unit="sd", low=-10, high=10, doc="Loss of reputation's signal by the label; negative: the label attracts.", source="assumption; direction: Davezies & Garrouste 2020")  # fmt: skip
    funds: Number = param(640.0, unit="euro/pupil/year", low=0, high=1e6, doc="Funds for each pupil of a labelled school.", source="France 2014: about 640 euro a pupil beyond other schools (CNESCO)")  # fmt: skip
    kind: Text = param("label", unit="name", doc="Which policy of the shelf this is.")

    alone: ClassVar[tuple[str, ...]] = ("reputation.label",)
    levers: ClassVar[tuple[str, ...]] = ("orders.funding", "orders.labelled", "reputation.label")
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "state"
    assumed: ClassVar[tuple[str, ...]] = ("quality bought", "stigma")
    by_schools: ClassVar = True

    def grants(self, reach: Reach) -> float:
        """The funds of all pupils of the labelled schools."""
        return self.funds * reach.pupils

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Label and fund."""
        if not at.schools:
            return rules
        pupils = world.seen.heads.sum(axis=(1, 2))
        weight = {s: float(pupils[s]) for s in at.schools}
        rules = rules.top_up("orders.funding", handed_out(world, self.funds * sum(weight.values()), weight))
        return rules.add("orders.labelled", at.schools).edit("reputation.label", -self.stigma)
