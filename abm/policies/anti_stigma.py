"""Communication: undeserved bad names put right."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.schools import true_quality
from abm.world import World


@section
class AntiStigma(Policy):
    """Speak for schools that are better than their name.

    Mechanism: of the schools with a reputation below the city's mean and below their own quality, the share ``intensity``
    with the greatest undeserved loss. Each year a part of what their reputation lies below their quality is put right;
    by the same intensity composition (`reputation.stigma`) and a stigmatising label (`reputation.label`) weigh less in
    what the whole city says of its schools. A school that is truly weak is not helped. Evidence: no direct evidence known;
    that reputations of schools stray from their quality and follow composition is the field's common finding. Expected
    sign: lowers segregation if the schools have many minority pupils and families weigh reputation; nothing moves what
    families feel about peers. What can go wrong: praise that families do not believe; the good but small
    school of the majority is also better than its name.
    """

    share: Number = param(0.5, unit="share/year", low=0, high=1, doc="Share of the undeserved loss that is put right each year.")  # fmt: skip
    gap: Number = param(0.2, unit="sd", low=0, high=20, doc="Smallest loss that counts as undeserved.")
    damping: Number = param(0.5, unit="share", low=0, high=1, doc="Share of the weight of stigma and of a stigmatising label that is taken away, at full intensity.")  # fmt: skip
    kind: Text = param("anti_stigma", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(20_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: a campaign in town.")  # fmt: skip
    cost_school: Number = param(5_000.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each treated school: events, a page, hours of staff.")  # fmt: skip

    area: ClassVar = "communication"
    dose: ClassVar = "targets"
    levers: ClassVar[tuple[str, ...]] = ("orders.corrected", "reputation.stigma", "reputation.label")
    assumed: ClassVar[tuple[str, ...]] = ("cost", "stigma")
    by_schools: ClassVar = True

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) sd: what reputation lies below true quality."""
        return (true_quality(world.schools, world.year) - world.schools.reputation).astype(float)

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: as named, with a bad name that is undeserved."""
        name = world.schools.reputation.astype(float)
        bad = name < name[world.schools.open].mean()
        return super().candidates(rules, world) & bad & (self.need(rules, world) > self.gap)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the names put right, and dampen what makes them bad."""
        if self.intensity == 0:
            return rules
        rules = rules.add("orders.corrected", dict.fromkeys(at.schools, self.share))
        rules = rules.blend("reputation.stigma", 0.0, self.intensity * self.damping)
        if rules.reputation.label < 0:
            rules = rules.blend("reputation.label", 0.0, self.intensity * self.damping)
        return rules
