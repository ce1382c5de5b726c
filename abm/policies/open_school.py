"""School supply: open new schools at given places, or where they are needed most."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.orders import Opening
from abm.policies.policy import NAMES, Policy, Reach
from abm.policies.sites import BUILDING, by_district, check_sites, residents
from abm.policies.targets import Targets, most, named_districts, share_of
from abm.rules import Rules
from abm.schools import THEMES
from abm.siting import site
from abm.world import World


@section
class OpenSchool(Policy):
    """Open new state schools: at given coordinates, or in the neighbourhoods that a rule finds.

    By rule, districts come in order of need (share of the minority, or of pupils detected as vulnerable, who live there;
    or pupils who live there beyond the places there), and the school stands in the middle of the district's small area
    where most of those pupils live. A school that is open stays when the policy ends; its cost is then no longer booked.

    Mechanism: the school takes entry cohorts from its first year on and fills grade by grade; ways, nearest schools and
    zones are made anew, so families near it consider it, and its places relieve, or empty, the schools around. Evidence:
    Lyon sites new schools in or beside vulnerable neighbourhoods; no direct evidence known on their effect on
    segregation. Expected sign: open; shorter ways for those who live there, which in a segregated neighbourhood raises
    segregation, unless quality or a theme draws others. What can go wrong: places in excess make flight easier and close
    other schools; a school in the middle of a segregated neighbourhood is a segregated school. Who decides: the
    municipality builds; in Catalonia the region plans places, in Oslo the municipality does both.
    """

    name: Text = param("New school", unit="name", doc="Name of the school; several are numbered.", source=NAMES)
    x: tuple[Number, ...] = param((), unit="km east", low=-10000, high=10000, doc="Where they stand; empty: by the rule `where`.", source=NAMES)  # fmt: skip
    y: tuple[Number, ...] = param((), unit="km north", low=-10000, high=10000, doc="Where they stand.", source=NAMES)
    sites: Whole = param(1, unit="schools", low=0, high=1000, doc="How many schools are sited by rule.")
    where: Literal["minority", "detected", "crowded"] = param("minority", unit="choice", doc="Which neighbourhoods come first: of the minority, of pupils detected as vulnerable, short of places.")  # fmt: skip
    places: Whole = param(50, unit="pupils", low=1, high=10000, doc="Places in the entry grade of each.")
    quality: Number = param(0.0, unit="sd", low=-5, high=5, doc="True quality of each.")
    theme: Text = param("", unit="name", doc="Theme of each, seen from the first day; empty: none.")
    kind: Text = param("open_school", unit="name", doc="Which policy of the shelf this is.")
    cost_school: Number = param(280000.0, unit="euro/school/year", low=0, high=1e9, doc="Building of each school.", source=BUILDING)  # fmt: skip

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.opened",)
    dose: ClassVar[Literal["strength", "targets"]] = "targets"

    def fits(self, rules: Rules, world: World) -> None:
        """Sites lie in or near the city, names are new, the theme is known."""
        check_sites(world.city, self.x, self.y)
        if self.x and self.districts:
            raise fault("sites are given by coordinates and by districts; give one of them")
        if self.theme and self.theme not in THEMES:
            raise fault(f"theme = {self.theme!r} is not known; themes are {', '.join(THEMES)}")
        taken = set(self._names()) & set(world.city.school_names)
        if taken:
            raise fault(f"name: the city has a school {min(taken)!r} already; give another name")

    def _names(self) -> list[str]:
        count = len(self.x) or self.sites
        return [self.name] if count == 1 else [f"{self.name} {k + 1}" for k in range(count)]

    def pick(self, rules: Rules, world: World) -> Targets:
        """A district for each school, in the order of the sites; a district comes again when all have one."""
        count = share_of(len(self._names()), self.intensity)
        if self.x:
            sited = [site(world.city, x, y)[1] for x, y in zip(self.x, self.y, strict=True)]
        else:
            homes = by_district(world.city, residents(world, "all"))
            found = named_districts(self, world) & (homes > 0)
            sited = most(self._need(world, homes), found, int(found.sum()))
        return Targets(districts=tuple(sited[k % len(sited)] for k in range(count)) if sited else ())

    def _need(self, world: World, homes: np.ndarray) -> np.ndarray:
        """(district,) need of a school."""
        if self.where == "crowded":
            schools = world.schools
            places = np.where(schools.open, schools.intake, 0) * world.grades
            return homes - np.bincount(schools.district, places, minlength=homes.size)
        return by_district(world.city, residents(world, self.where)) / np.maximum(homes, 1)

    def _spot(self, world: World, district: int, turn: int) -> tuple[float, float]:
        """km east, north: middle of the small area, of rank ``turn``, of a district where most of the pupils in need live."""
        city, which = world.city, "all" if self.where == "crowded" else self.where
        inside = city.area_district == district
        order = most(residents(world, which), inside, int(inside.sum()))
        area = order[turn % len(order)]
        return float(city.area_x[area]), float(city.area_y[area])

    def reach(self, rules: Rules, world: World, at: Targets) -> Reach:
        """Schools that it builds or has built and that are still open, and their pupils."""
        built = world.ledger.get("built", {})
        rows = [built.get(name, -1) for name in self._names()[: len(at.districts)]]
        standing = [row for row in rows if row < 0 or world.schools.open[row]]
        there = [row for row in standing if row >= 0]
        return Reach(float(len(standing)), float(np.isin(world.households.school, there).sum()))

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the schools to be opened; one that stands already is not built twice."""
        openings, names = [], self._names()
        for k, district in enumerate(at.districts):
            turn = at.districts[:k].count(district)
            x, y = (self.x[k], self.y[k]) if self.x else self._spot(world, district, turn)
            openings.append(Opening(names[k], x, y, self.places, self.quality, self.theme))
        twice = {o.name for o in openings} & {o.name for o in rules.orders.opened}
        if twice:
            raise fault(f"another policy opens a school {min(twice)!r} too; give another name")
        return rules.add("orders.opened", openings)
