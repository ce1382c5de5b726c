"""Detection and enrolment: find more of the vulnerable pupils."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, fault, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class Detection(Policy):
    """Raise the share of vulnerable pupils that the authority knows of, at the price of some errors.

    Mechanism: the rate for newcomers, and the target of each pupil inside, move to the new rate with the lag of
    ``households.detection_lag``; with ``error`` some who are not vulnerable are taken for it. Nobody's choice changes
    by it; it is what reserves, points, proposals and covered fees work with. It goes by the whole city. Evidence:
    Barcelona tripled detection in 2018-2021; Catalonia's share of three-year-olds known to have special needs rose from
    10.1 to 21.3 per cent in the first year of Decree 11/2021 (ARA, 7 June 2022); before, 7 per cent were detected where
    30 were thought to be vulnerable (Fundació Bofill, November 2021). What detection did by itself is not known.
    Expected sign: none on the true type by itself. What can go wrong: dissimilarity of the detected moves with the same
    allocation of pupils, either way: read the true type; errors spend reserved places on those who do not need them.
    """

    rate: Number = param(0.9, unit="share", low=0, high=1, doc="Share of vulnerable pupils detected in the end.")
    error: Number | None = param(None, unit="share", low=0, high=1, doc="Share of not vulnerable pupils detected by error in the end; none: as it was.")  # fmt: skip
    cost_pupil: Number = param(25.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each entrant looked at.", source="assumption: half an hour of a social worker or adviser a form")  # fmt: skip
    kind: Text = param("detection", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "detection"
    levers: ClassVar[tuple[str, ...]] = ("households.detection", "households.false_detection")

    def fits(self, rules: Rules, world: World) -> None:
        """It is one rate for all."""
        if self.schools or self.districts or self.groups:
            raise fault("detection goes by the whole city; leave schools, districts and groups out")

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: last year's entrants stand for those who will be looked at."""
        return (world.households.grade == 0) & (world.households.school >= 0)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Move the detection rate, and that of errors, towards the new values."""
        rules = rules.blend("households.detection", self.rate, self.intensity)
        if self.error is None:
            return rules
        return rules.blend("households.false_detection", self.error, self.intensity)
