"""School supply: merge schools of different composition."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.policies.policy import NAMES, Policy
from abm.policies.sites import apart, state_or_named
from abm.policies.targets import Targets, rows_of, share_of
from abm.rules import Rules
from abm.world import World


@section
class MergeSchools(Policy):
    """Merge named pairs of schools, or the most segregated state schools with a state school near them that differs most.

    By rule, the school with the highest share of the minority comes first; of the state schools within ``within_km`` it
    joins the one whose share differs most from its own (of equal ones the nearest). No school is in two pairs.

    Mechanism: before the school year all pupils of the one go to the other, which fills its free places and opens as many
    classes as the rest needs; the emptied school closes for good. Both intakes are mixed at once, and later families
    find one school where there were two. Evidence: nearest to it, Paris has joined the intakes of pairs of colleges since 2017
    (Grenet & Souidi 2021, Secteurs multi-colleges a Paris): less segregation in some pairs, none where families left for
    private schools; no direct evidence known on mergers. Expected sign: lowers segregation while families stay. What can go wrong: the majority leaves the merged school in its transfers or
    at entry; longer ways; the site given up was the only one near. Who decides: municipality and region.
    """

    into: tuple[Text, ...] = param((), unit="names", doc="For each of `schools` the school that takes its pupils; empty: by the rule.", source=NAMES)  # fmt: skip
    number: Whole = param(1, unit="pairs", low=0, high=1000, doc="Pairs to merge, where none are named.")
    within_km: Number = param(1.5, unit="km", low=0, high=100, doc="Longest way between two schools that are merged by rule.")  # fmt: skip
    kind: Text = param("merge_schools", unit="name", doc="Which policy of the shelf this is.")
    cost_pupil: Number = param(1000.0, unit="euro/pupil/year", low=0, high=1e9, doc="Removal and guidance of each pupil who must change, once. Savings are not booked.")  # fmt: skip

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.merged",)
    dose: ClassVar[Literal["strength", "targets"]] = "targets"

    def fits(self, rules: Rules, world: World) -> None:
        """Named pairs are pairs of two schools of this city and of one sector, no school in two of them."""
        names, sector = world.city.school_names, world.schools.sector
        if not self.into:
            return
        if len(self.into) != len(self.schools):
            raise fault(f"schools names {len(self.schools)} and into {len(self.into)}; name one of each for every pair")
        for school, taker in zip(self.schools, self.into, strict=True):
            if school == taker:
                raise fault(f"{school!r} is to be merged with itself; name another school in into")
            if taker not in names:
                raise fault(f"into: no school {taker!r} in this city; name one that schools.csv of a run has")
            if sector[names.index(school)] != sector[names.index(taker)]:
                raise fault(f"{school!r} and {taker!r} are of different sectors; merge schools of one sector")
        twice = [name for name in self.schools if (self.schools + self.into).count(name) > 1]
        if twice:
            raise fault(f"{twice[0]!r} is named twice; a school that closes is in one pair only")

    def pairs(self, world: World) -> list[tuple[int, int]]:
        """(school that closes, school that takes its pupils), the most segregated first."""
        share, is_open = world.seen.own_share[1].astype(float), world.schools.open
        if self.into:
            names = world.city.school_names
            both = zip(rows_of(self.schools, names), rows_of(self.into, names), strict=True)
            found = [pair for pair in both if is_open[list(pair)].all()]
            return sorted(found, key=lambda pair: -share[pair[0]])
        may, way = state_or_named(self, world), apart(world)
        free = is_open & (world.schools.sector == world.schools.sector[:, None])
        pairs, used = [], set()
        for school in sorted(np.flatnonzero(may), key=lambda s: (-share[s], s)):
            near = np.flatnonzero(free[school] & (way[school] <= self.within_km))
            near = [t for t in near if t != school and t not in used]
            if near and school not in used:
                taker = min(near, key=lambda t: (-abs(share[t] - share[school]), way[school, t], t))
                pairs.append((int(school), int(taker)))
                used |= {school, taker}
        return pairs

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools that close."""
        pairs = self.pairs(world)
        count = share_of(len(pairs) if self.into else min(self.number, len(pairs)), self.intensity)
        return Targets(schools=tuple(school for school, _ in pairs[:count]))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the mergers."""
        return rules.add("orders.merged", tuple(pair for pair in self.pairs(world) if pair[0] in at.schools))
