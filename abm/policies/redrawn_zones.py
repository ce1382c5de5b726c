"""Admission: zones of one school each, redrawn so that their intakes resemble each other."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Flag, Number, Text, param, section
from abm.policies.targets import Targets, most, share_of
from abm.policies.zoned import ZonePolicy, ground, zone_pupils, zoning
from abm.rezoning import solved, tilts, zone_problem
from abm.rules import Rules
from abm.world import World


@section
class RedrawnZones(ZonePolicy):
    """Redraw the zones of single schools for a mixed intake.

    Mechanism: address points are given to schools so that the minority's dissimilarity over zones, of the entrants expected
    from there, is least; each zone hangs together, its residents fit the places, nobody is given a school beyond walking
    distance or farther than the present one. A family's zone, its local school and the priority of zones follow; families may opt out as ever.
    Of the schools, the share ``intensity`` with the most uneven zones is treated; they exchange address points among
    each other. Where the city has no zones of one school, those it would have by distance and places are redrawn.
    Evidence: Gillani, Beeferman, Vega-Pourheydarian, Overney, Van Hentenryck & Roy 2023 (Educational Researcher): in 98 US
    districts a median of -14 % segregation for about 20 % of pupils changing school, if all comply; Lyon's boundaries.
    Expected sign: lower; the more so the fewer opt out. What can go wrong: families of the majority leave for private and
    other schools or move home, and take part of the gain back; longer ways; the plan is of the residents of its first year. Municipalities
    decide in Milan and Oslo; in Barcelona the education consortium of city and region.
    """

    walk_km: Number = param(1.5, unit="km", low=0, high=100, doc="Farthest school that an address point may be given to, unless the present one is farther.")  # fmt: skip
    crossing: Flag = param(True, unit="yes/no", doc="Zones may cross the borders of districts.")
    margin: Number = param(0.05, unit="share", low=0, high=1, doc="Share of places kept free of residents; where residents are more than that, what a zone may hold beyond its even share.")  # fmt: skip
    shrink: Number = param(0.3, unit="share", low=0, high=1, doc="Largest share of its residents that a zone may lose.")
    moved: Number = param(1.0, unit="share", low=0, high=1, doc="Largest share of the city's residents who change zone.")  # fmt: skip
    cost_fixed: Number = param(80000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: planning and hearings.")  # fmt: skip
    cost_school: Number = param(1000.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each treated school: telling its families.")  # fmt: skip
    kind: Text = param("redrawn_zones", unit="name", doc="Which policy of the shelf this is.")

    assumed: ClassVar = ("cost",)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools with the most uneven zones, and the zones redrawn among them."""
        eligible, land, now = ground(world)
        pupils = zone_pupils(land, now, eligible.size)
        found = self.candidates(rules, world) & eligible & (np.bincount(now, minlength=eligible.size) > 0)
        schools = most(np.abs(tilts(pupils)), found, share_of(int(found.sum()), self.intensity))
        if not schools:
            return Targets()
        treated = np.zeros(eligible.size, bool)
        treated[list(schools)] = True
        problem, rows = zone_problem(
            world.city, land, now, world.schools.district, world.schools.intake, treated, walk_km=self.walk_km,
            crossing=self.crossing, margin=self.margin, shrink=self.shrink, moved=self.moved,
        )  # fmt: skip
        place = rows[solved(problem)][land.of_place]
        own = np.where(treated, np.arange(eligible.size), -1)
        return Targets(schools=schools, plan=zoning(world, np.where(treated[place], place, -1), own))
