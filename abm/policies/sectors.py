"""Admission: sectors of several schools instead of zones of one."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, Whole, param, section
from abm.policies.targets import Targets, share_of
from abm.policies.zoned import ZonePolicy, ground, zone_pupils, zoning
from abm.rezoning import drawn_sectors, tilts, touching
from abm.rules import Rules
from abm.world import World


@section
class Sectors(ZonePolicy):
    """Join single-school zones to sectors of several schools, drawn so that each sector resembles the city.

    Mechanism: zones that touch are gathered to compact sectors of about ``size`` schools, then exchanged between sectors
    until the minority's dissimilarity over sectors is least. Families have the zone's priority at all schools of the
    sector; the nearest of them is the local school. ``intensity`` is the share of the sectors made, those first that even out
    most. Evidence: in Barcelona, where the reform of 2007 changed whose neighbourhood a school is in, many families list a school of
    their neighbourhood first and the well-off can afford not to (Calsamiglia & Guell 2018, Journal of Public Economics);
    on sectors drawn for their mix no direct evidence known. Expected sign: open. What can go wrong: a sector that
    resembles the city says nothing of its schools; choice inside it can sort as choice in the city does.
    """

    size: Whole = param(4, unit="schools", low=2, high=100, doc="Schools of a sector, or one more or less.")
    reach_km: Number = param(3.0, unit="km", low=0, high=100, doc="Farthest school from the sector's middle one.")
    cost_fixed: Number = param(50000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: planning and hearings.")  # fmt: skip
    cost_school: Number = param(1000.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each treated school: telling its families.")  # fmt: skip
    kind: Text = param("sectors", unit="name", doc="Which policy of the shelf this is.")

    assumed: ClassVar = ("cost",)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The share of the sectors that even out most, their schools and zones."""
        eligible, land, now = ground(world)
        rows, zone = np.unique(now[land.place], return_inverse=True)
        pupils = zone_pupils(land, now, eligible.size)[rows]
        joins = (self.candidates(rules, world) & eligible)[rows]
        if self.intensity == 0 or joins.sum() < 2:
            return Targets()
        at = np.stack([world.schools.x, world.schools.y], axis=1)[rows]
        gap = np.abs(at[:, None] - at[None, :])
        if world.city.torus_km > 0:
            gap = np.minimum(gap, world.city.torus_km - gap)
        metres = np.rint(1000 * np.hypot(gap[..., 0], gap[..., 1])).astype(np.int64)
        edges = touching(land.edges, zone)
        sector, uneven = drawn_sectors(pupils, metres, edges, joins, size=self.size, reach_km=self.reach_km)
        within = np.bincount(sector, np.abs(tilts(pupils)), uneven.size) - np.abs(uneven)
        made = np.flatnonzero(np.bincount(sector, minlength=within.size) > 1)
        made = made[np.argsort(-within[made], kind="stable")][: share_of(made.size, self.intensity)]
        at_school = np.full(eligible.size, -1)
        at_school[rows] = np.where(np.isin(sector, made), sector, -1)
        schools = tuple(int(s) for c in made for s in np.flatnonzero(at_school == c))
        return Targets(schools=schools, plan=zoning(world, at_school[now], at_school)) if schools else Targets()
