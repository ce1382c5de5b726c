"""Communication: families visit schools that they would not have looked at."""

from typing import ClassVar

import numpy as np

from abm.city import STATE
from abm.config.declare import Number, Text, Whole, param, section
from abm.policies.targets import Targets, most
from abm.policies.telling import Telling
from abm.rules import Rules
from abm.world import World


@section
class SchoolVisits(Telling):
    """Bring families into nearby schools that they avoid: open days, visits by bus, a morning in class.

    Mechanism: the schools are those named, or the state schools of highest minority share. A reached family considers
    those of them within the radius, whatever its K, and errs no more about them: belief is free of its own error there
    and nowhere else. What the whole city holds of a school, its reputation, stays. Evidence: in Germany parents with less
    schooling who were helped with applications also visited more child care centres, and enrolled more (Hermes,
    Lergetporer, Peter & Wiederhold 2025); on segregation no direct evidence known. Expected sign: lowers it if majority
    families come, raises it if the visits only show the minority its own schools. An error of belief is as often too
    good as too bad: what a visit wins is the look, not a better opinion. What can go wrong: those who come would have
    come; a full or truly weak school is shown.
    """

    share: Number = param(0.3, unit="share", low=0, high=1, doc="Share of the families of its groups who go, at full intensity.")  # fmt: skip
    count: Whole = param(5, unit="schools", low=0, high=10000, doc="Schools shown if none is named.")
    radius_km: Number = param(2.0, unit="km", low=0, high=1000, doc="How far a family goes to visit a school.")
    information: Number = param(1.0, unit="0 to 1", low=0, high=1, doc="Share of the missing information on a visited school that a visit gives.")  # fmt: skip
    kind: Text = param("school_visits", unit="name", doc="Which policy of the shelf this is.")
    cost_school: Number = param(3_000.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each school that is shown: hours of staff.")  # fmt: skip
    cost_pupil: Number = param(10.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each family that goes.")

    assumed: ClassVar[tuple[str, ...]] = ("cost", "reach")
    by_schools: ClassVar = True

    def fits(self, rules: Rules, world: World) -> None:
        """Any school can be shown."""

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open schools as named; without names those of the state, of higher minority share than the city."""
        schools, found = world.schools, super().candidates(rules, world)
        if self.schools:
            return found
        heads = world.seen.heads.sum(axis=(0, 1))
        return found & (schools.sector == STATE) & (world.seen.own_share[1] > heads[1:].sum() / max(heads.sum(), 1))

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools that are shown; in districts that are named, to families from anywhere."""
        count = len(self.schools) or self.count
        return Targets(schools=most(self.need(rules, world), self.candidates(rules, world), count))

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: last year's entrants of its groups with one of the schools within the radius."""
        city = world.city
        shown = city.km(np.arange(city.place_area.size)[:, None], list(at.schools)) <= np.float32(self.radius_km)
        anywhere = Telling.treated(self, rules, world, Targets(districts=tuple(range(len(world.city.district_names)))))
        return anywhere & shown.any(axis=1)[world.households.place]

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Send the message of the year."""
        if not at.schools:
            return rules
        content = dict(schools=at.schools, radius_km=self.radius_km, information=self.information)
        return self.send(rules, self.message(rules, Targets(), **content))
