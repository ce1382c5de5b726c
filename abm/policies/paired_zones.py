"""Admission: two neighbouring zones of different intake become one."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, param, section
from abm.policies.targets import Targets, share_of
from abm.policies.zoned import ZonePolicy, ground, zone_pupils, zoning
from abm.rezoning import pair, touching
from abm.rules import Rules
from abm.world import World


@section
class PairedZones(ZonePolicy):
    """Pair neighbouring zones of most different composition: families of both have the zone's priority at both schools.

    Mechanism: pairs are a matching of the zones that touch, with the greatest sum of pupils who would have to change
    within pairs for an even spread; ``intensity`` is the share of these pairs made, those with most to exchange first. The
    local school is the nearer of the two; under assignment by zone it stays guaranteed. Evidence: sectors of two
    lower secondary schools in Paris since 2017 (Grenet & Souidi 2021, Institut des politiques publiques): after three years two of three
    pairs had become mixed as intended and lost fewer pupils to private schools, the third began to; there places within the pair were
    given by a rule for mixing or in alternate years, not by free choice as here. Expected sign: open: lower where the
    lottery decides between the pair's applicants, higher where choice within the pair sorts. What can go wrong: the
    better known of the two fills with the families who choose.
    """

    cost_fixed: Number = param(30000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: planning and hearings.")  # fmt: skip
    cost_school: Number = param(1000.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each treated school: telling its families.")  # fmt: skip
    kind: Text = param("paired_zones", unit="name", doc="Which policy of the shelf this is.")

    assumed: ClassVar = ("cost",)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The share of the pairs with most to exchange, and their common zones."""
        eligible, land, now = ground(world)
        pupils = zone_pupils(land, now, eligible.size)
        found = self.candidates(rules, world) & eligible
        pairs = pair(pupils, touching(land.edges, now[land.place]), found)
        pairs = pairs[: share_of(len(pairs), self.intensity)]
        if not pairs:
            return Targets()
        first = np.full(eligible.size, -1)
        for a, b in pairs:
            first[[a, b]] = a
        return Targets(schools=tuple(s for p in pairs for s in p), plan=zoning(world, first[now], first))
