"""Neighbourhood: revitalisation of deprived districts."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, param, section
from abm.policies.policy import Policy
from abm.policies.targets import Measure, Targets, deprived_districts, live_in, most
from abm.rules import Rules
from abm.world import World

PNRU = (
    "France's renewal programme: 48.4 thousand million euro in 2004-2021 in 546 quarters (ANRU 2023) of some 4.5 million residents (press), "
    "600 euro a resident and year; assumption: 15 residents a primary pupil"
)


@section
class Revitalisation(Policy):
    """Rebuild deprived districts, so that they attract the majority and families of higher status (Lille).

    Mechanism: each year in force more majority families come to the treated districts, fewer to the others; a part of
    them takes the homes of minority families, who come elsewhere instead. New families there are of higher status,
    homes dearer, new school buildings raise quality, and where families move home the areas' amenity draws them. All
    this stays. Evidence: in the quarters where France renewed most, the share of the poorest households fell by 5
    points, elsewhere hardly (France Strategie 2024); gentrification did not help public schools in Chicago
    (Keels, Burdick-Will & Keene 2013), and choice of school furthers it (Pearman & Swain 2017). Expected sign: open.
    If homes are added, residential segregation falls and that of schools less; if the minority is displaced, it gathers
    where it lives already, and either may rise (in this model's Milan, after ten years at the defaults, both do). What
    can go wrong: gentrification; neighbourhoods mix and schools do not, as the new families opt out; in the end the
    district turns over altogether.
    Decided by the municipality, with the state in France.
    """

    rate: Number = param(0.05, unit="share/year", low=0, high=1, doc="Yearly growth of the majority's entrants in the treated districts.")  # fmt: skip
    displacement: Number = param(0.5, unit="share", low=0, high=1, doc="Minority families who give way for each majority family that comes.")  # fmt: skip
    status: Number = param(1.0, unit="sd", low=0, high=10, doc="Rise of new families' status there, per unit of growth.")  # fmt: skip
    quality: Number = param(1.0, unit="sd", low=0, high=10, doc="Rise of school quality by new buildings, per unit of growth.")  # fmt: skip
    by: Measure = param("status", unit="choice", doc="Deprived are districts whose residents have the lowest status, or most of whom are minority, vulnerable or detected.")  # fmt: skip
    share: Number = param(0.25, unit="share", low=0, high=1, doc="Share of the districts treated, the most deprived first and at least one; districts that are named come instead.")  # fmt: skip
    cost_pupil: Number = param(9000.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost for each pupil who lives there.", source=PNRU)  # fmt: skip
    kind: Text = param("revitalisation", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "neighbourhood"
    alone: ClassVar[tuple[str, ...]] = ("moving.displacement",)
    levers: ClassVar[tuple[str, ...]] = (
        "moving.displacement", "moving.revival_quality", "moving.revival_status", "orders.revitalised",
    )  # fmt: skip
    assumed: ClassVar[tuple[str, ...]] = ("cost", "displacement", "quality of buildings")

    def pick(self, rules: Rules, world: World) -> Targets:
        """The districts, and the open schools in them, which are rebuilt."""
        districts = deprived_districts(self, world)
        found = self.candidates(rules, world) & np.isin(world.schools.district, districts)
        return Targets(most(self.need(rules, world), found, found.size), districts)

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: pupils who live there."""
        return live_in(world, at.districts)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the pull, and what comes with it."""
        if self.intensity == 0:
            return rules
        rules = rules.edit("moving.displacement", self.displacement)
        rules = rules.edit("moving.revival_status", self.status).edit("moving.revival_quality", self.quality)
        return rules.add("orders.revitalised", dict.fromkeys(at.districts, self.intensity * self.rate))
