"""School supply: cut the places that stand empty."""

from typing import ClassVar

import numpy as np

from abm.city import STATE
from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.schools import full_class, offered
from abm.world import World


@section
class CutPlaces(Policy):
    """Cut surplus places of state schools, so that families find no empty seats to flee to.

    The surplus of a school is its places for the next entry cohort minus last year's entrants and a margin. One class
    and last year's entrants always keep their places. The school's own intake is not touched: it offers all of it again
    once the policy ends, while cohorts that entered meanwhile keep the places they had.

    Mechanism: a full school can neither take families who flee from others at entry nor, later, from the same cohort in
    transfers or late arrivals. Evidence: Catalonia plans entry groups and ratios with an eye on segregation
    (Decree 11/2021); no direct evidence known on the effect of that alone. Expected sign: lowers flight; more unplaced
    families. What can go wrong: a cohort larger than last year's finds too few places; avoided schools shrink, while
    sought ones stay as they are; families go private. Who decides: the region.
    """

    share: Number = param(1.0, unit="share", low=0, high=1, doc="Share of the surplus that is cut.")
    margin: Number = param(0.05, unit="share", low=0, high=10, doc="Places kept beyond last year's entrants, as a share of these.")  # fmt: skip
    kind: Text = param("cut_places", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.intake",)
    decided_by: ClassVar = "region"
    by_schools: ClassVar = True

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open state schools that had places last year, as named."""
        schools = world.schools
        return super().candidates(rules, world) & (schools.sector == STATE) & (schools.places[:, 0] > 0)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the factor on the next cohort's places that leaves the entrants, the margin and what is not cut."""
        size = world.city.notes.get("class_size", 25)
        places, least = offered(world.schools, rules, size), full_class(world.schools, rules, size)
        wanted = np.ceil(world.schools.entrants * (1 + self.margin) - 1e-9)
        surplus = np.maximum(places - np.maximum(wanted, least), 0)
        cut = np.floor(self.share * self.intensity * surplus + 1e-9).astype(int)
        now = rules.orders.intake
        factors = {s: now.get(s, 1.0) * (1 - cut[s] / places[s]) for s in at.schools if cut[s] > 0}
        return rules.add("orders.intake", {s: float(factor) for s, factor in factors.items()})
