"""School supply: magnet themes by alliance in schools that families avoid."""

from typing import ClassVar, Literal

import numpy as np

from abm.city import STATE
from abm.config.declare import ByGroup, Number, Text, Whole, by_group, fault, param, section
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Targets, in_groups, most, named_schools, share_of
from abm.rules import Rules
from abm.world import World


@section
class Magnet(Policy):
    """Give schools that families avoid a theme (arts, music, sciences, languages) by alliance with an institution.

    Mechanism: the authority offers themes to state schools, those in greatest need first, ``themes`` a year; families see
    a theme ``lag`` years later and for ``life`` years, if the policy lasts so long; while it is seen it adds quality, and
    families with a taste for it value it. At its end the theme goes; a school is offered one once. Need: the minority's
    share (``stigmatised``: only schools above the city's), few first choices per place (``least_demanded``: only schools
    below the state schools' mean), or the order in which schools are named. Intensity is the share of these schools.

    Evidence: Catalonia's alliances of 3-4 years ("Magnet. Aliances per a l'exit educatiu", Fundacio Bofill, from
    2012/13): more applications and more mixed classes reported at the five pilot schools (press; no comparison group).
    21 US elementary schools with federal magnet grants (Betts, Kitmitto, Levin, Bos & Eaton 2015, AIR): the minority's
    concentration fell in the 17 that had been avoided, no other effect on diversity or achievement could be ascribed to
    the magnet. Paolo Sarpi in Milan: 44 % to 25 % foreign in eight years, an illustration selected on its outcome.
    Turin's Bay nursery and Brno's music schools are examples without a figure. Decided by the municipality here; in
    Catalonia with the region.

    Expected sign: turns flight at the school; city-wide zero or worse is possible (table in abm/ODD.md). What can go
    wrong: the school draws the majority from its mixed neighbours; it fills up and pushes out those who live near; the
    alliance ends before the school's name has changed.
    """

    rule: Literal["stigmatised", "least_demanded", "named"] = param("stigmatised", unit="choice", doc="Which schools are offered a theme: above the city's minority share; less demanded than the mean state school; those named in `schools`.")  # fmt: skip
    themes: Whole = param(2, unit="schools/year", low=0, high=10000, doc="Themes begun in a year at most.")
    theme: Literal["", "arts", "music", "sciences", "languages"] = param("", unit="choice", doc="Which theme; empty: drawn for each school.")  # fmt: skip
    lag: Whole = param(2, unit="years", low=0, high=50, doc="Years until families see the theme.")
    life: Whole = param(4, unit="years", low=0, high=100, doc="Years that families see it; 0: as long as the policy lasts.", source="Catalan alliances last four years (press)")  # fmt: skip
    quality: Number = param(0.3, unit="sd", low=-5, high=5, doc="Quality that a theme adds while it is seen.")
    taste: ByGroup | None = param(None, unit="utility", low=-50, high=50, doc="Weight of a theme by group while the policy lasts; none: the scenario's `choice.theme`.")  # fmt: skip
    cost_school: Number = param(60000.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each school in alliance: a coordinating teacher, training, materials.")  # fmt: skip
    kind: Text = param("magnet", unit="name", doc="Which policy of the shelf this is.")

    area: ClassVar = "supply"
    dose: ClassVar = "targets"
    assumed: ClassVar[tuple[str, ...]] = ("cost", "achievement gap", "quality of a theme", "taste for themes")
    levers: ClassVar[tuple[str, ...]] = (
        "orders.themes", "response.theme_lag", "response.theme_life", "response.theme_quality", "choice.theme",
    )  # fmt: skip
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """Schools are named where they must be; the taste is for groups that are there; schools may take themes."""
        if self.rule == "named" and not self.schools:
            raise fault('rule = "named" needs the schools; name them in schools, or take another rule')
        if not rules.response.themes:
            raise fault("response.themes is off, so that no school takes a theme; switch it on")
        if self.taste is not None:
            try:
                by_group(self.taste, rules.groups, rules.minority, "taste")
            except ValueError as error:
                raise fault(str(error)) from None

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open state schools without a theme that the rule means."""
        schools = world.schools
        found = schools.open & (schools.sector == STATE) & (schools.theme < 0) & named_schools(self, world)
        if self.rule == "stigmatised":
            heads = world.seen.heads.sum(axis=(0, 1))
            return found & (world.seen.own_share[1] > heads[1:].sum() / max(heads.sum(), 1))
        if self.rule == "least_demanded":
            state = schools.open & (schools.sector == STATE)
            asked = self._asked(world)
            return found & (asked < asked[state].mean()) if state.any() else found
        return found

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) float: the minority's share, the lack of first choices, or the order of the names."""
        if self.rule == "least_demanded":
            return -self._asked(world)
        if self.rule == "named":
            names = {name: -k for k, name in enumerate(self.schools)}
            return np.array([names.get(name, -len(names)) for name in world.city.school_names], float)
        return world.seen.own_share[1].astype(float)

    @staticmethod
    def _asked(world: World) -> np.ndarray:
        """(school,) float pupils who entered per place; first choices are not known before the first year of choice."""
        schools = world.schools
        wanted = schools.demand if world.round is not None else world.seen.heads[:, 0].sum(axis=1)
        return wanted / np.maximum(schools.places[:, 0], 1)

    def pick(self, rules: Rules, world: World) -> Targets:
        """Of the schools that the rule means, the share ``intensity`` in greatest need."""
        found = self.candidates(rules, world)
        return Targets(schools=most(self.need(rules, world), found, share_of(int(found.sum()), self.intensity)))

    def allied(self, world: World, at: Targets) -> tuple[int, ...]:
        """Schools in alliance this year: those with a theme, and the next ones that are offered one."""
        there = [s for s in at.schools if world.schools.theme[s] >= 0]
        fresh = [s for s in at.schools if world.schools.theme[s] < 0 and world.schools.theme_year[s] == 0]
        return tuple(there + fresh[: self.themes])

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: pupils of the schools in alliance."""
        inside = np.zeros(world.schools.open.size + 1, bool)
        inside[list(self.allied(world, at))] = True
        return inside[world.households.school] & in_groups(self.groups, rules, world.households)

    def reach(self, rules: Rules, world: World, at: Targets) -> Reach:
        """Schools in alliance and their pupils."""
        return Reach(float(len(self.allied(world, at))), float(self.treated(rules, world, at).sum()))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the themes of this year's alliances, and say on what terms."""
        allied = self.allied(world, at)
        if not allied:
            return rules
        rules = rules.add("orders.themes", dict.fromkeys(allied, self.theme))
        rules = rules.edit("response.theme_lag", self.lag).edit("response.theme_life", self.life)
        rules = rules.edit("response.theme_quality", self.quality)
        return rules if self.taste is None else rules.edit("choice.theme", self.taste)
