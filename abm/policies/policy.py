"""What every policy is: dated, aimed, priced, and an edit of the rules of the year.

To add one, see CONTRIBUTING.md: a file here, a line on the shelf, an example for the contract test, a case worked by hand.
"""

from typing import ClassVar, Literal, NamedTuple

import numpy as np

from abm.config.declare import Flag, Number, Text, Whole, fault, param, section
from abm.policies.targets import Targets, in_groups, most, named_schools, share_of
from abm.rules import Rules
from abm.world import World

NAMES = "the scenario's own names"


@section
class When:
    """A rule of the authority: act in the year after an indicator passes a threshold."""

    indicator: Text = param("", unit="indicator", doc="Indicator to watch; empty: the policy goes by its dates alone.")
    group: Text = param("", unit="group", doc="Group of the indicator; empty: its headline.", source=NAMES)
    scope: Text = param("city", unit="scope", doc="Scope of the indicator.", source=NAMES)
    above: Number | None = param(None, unit="indicator", low=-1e12, high=1e12, doc="Act once it is higher than this.")
    below: Number | None = param(None, unit="indicator", low=-1e12, high=1e12, doc="Act once it is lower than this.")
    stays: Flag = param(True, unit="yes/no", doc="Once begun it goes on to its end; no: only while the threshold is passed.")  # fmt: skip

    def check(self):
        """A watched indicator has a threshold."""
        if self.indicator and self.above is None and self.below is None:
            raise fault(f"{self.indicator} is watched without a threshold; give above or below")
        if not self.indicator and (self.above is not None or self.below is not None):
            raise fault("a threshold is given without what to watch; give indicator too, or leave it out")


class Reach(NamedTuple):
    """Whom a policy treats in a year, at full strength (half the strength counts half)."""

    schools: float
    pupils: float


@section
class Policy:
    """A policy edits levers of the rules in the years from ``start`` to ``end``; before and after it changes nothing.

    ``intensity`` is its strength (``dose`` "strength"), or the share of its possible targets that are treated (``dose``
    "targets"); at 0 it changes nothing. The cost of a year is intensity times the fixed cost, plus the cost of each
    school and each pupil whom it treats.
    """

    kind: Text = param("", unit="name", doc="Which policy of the shelf this is.")
    start: Whole = param(1, unit="year", low=1, high=1000, doc="First year in force.")
    end: Whole = param(0, unit="year", low=0, high=1000, doc="Last year in force; 0: it stays.")
    when: When = When()
    intensity: Number = param(1.0, unit="share", low=0, high=1, doc="Strength, or share of the targets treated.")
    schools: tuple[Text, ...] = param((), unit="names", doc="Only these schools; empty: any.", source=NAMES)
    districts: tuple[Text, ...] = param((), unit="names", doc="Only in these districts; empty: any.", source=NAMES)
    groups: tuple[Text, ...] = param((), unit="names", doc="Only families of these groups; majority, the minority's name and detected are groups too; empty: all.", source=NAMES)  # fmt: skip
    anew: Flag = param(False, unit="yes/no", doc="The targets are chosen anew each year; no: in the first year for good.")  # fmt: skip
    cost_fixed: Number = param(0.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity.")
    cost_school: Number = param(0.0, unit="euro/school/year", low=0, high=1e9, doc="Cost of each treated school.")
    cost_pupil: Number = param(0.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each treated pupil.")

    area: ClassVar[Literal["admission", "supply", "detection", "communication", "priority", "neighbourhood"]]
    levers: ClassVar[tuple[str, ...]] = ()
    alone: ClassVar[tuple[str, ...]] = ()  # levers that no second policy may edit in the same year
    dose: ClassVar[Literal["strength", "targets"]] = "strength"
    by_groups: ClassVar[bool] = False  # whether it can be aimed at the families of some groups
    by_schools: ClassVar[bool] = False  # whether it acts on schools one by one, so that naming some of them makes sense
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "municipality"
    assumed: ClassVar[tuple[str, ...]] = ("cost",)  # what of its effects rests on assumptions alone

    def check(self):
        """A policy ends after it starts."""
        if self.end and self.end < self.start:
            raise fault(
                f"the policy ends in year {self.end}, before it starts in year {self.start}; set end >= start, or 0"
            )

    def active(self, year: int) -> bool:
        """Whether ``year`` lies between its dates."""
        return self.start <= year and (self.end == 0 or year <= self.end)

    def fits(self, rules: Rules, world: World) -> None:
        """Hook for what only the city can tell; raise ``fault`` with the remedy where the policy cannot be done here."""

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: schools that it could treat: open, and as named."""
        return world.schools.open & named_schools(self, world)

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) float: who comes first where not all candidates are treated; the minority's share unless said otherwise."""
        return world.seen.own_share[1].astype(float)

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools it treats: all candidates, or with ``dose`` "targets" the share ``intensity`` in greatest need."""
        found = self.candidates(rules, world)
        count = int(found.sum())
        if self.dose == "targets":
            count = share_of(count, self.intensity)
        return Targets(schools=most(self.need(rules, world), found, count))

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: the pupils whom it reaches: those of its groups at its schools."""
        at_school = np.zeros(world.schools.open.size + 1, bool)
        at_school[list(at.schools)] = True
        return at_school[world.households.school] & in_groups(self.groups, rules, world.households)

    def reach(self, rules: Rules, world: World, at: Targets) -> Reach:
        """Schools and pupils whom it treats, as counted when the year begins."""
        strength = self.intensity if self.dose == "strength" else 1.0
        return Reach(strength * len(at.schools), strength * float(self.treated(rules, world, at).sum()))

    def grants(self, reach: Reach) -> float:
        """Euro a year that it hands on (funds, salaries) to those whom it reaches, beyond the three costs."""
        return 0.0

    def price(self, reach: Reach) -> float:
        """Euro a year for this reach."""
        costs = self.cost_fixed * self.intensity + self.cost_school * reach.schools + self.cost_pupil * reach.pupils
        return costs + self.grants(reach)

    def bill(self, rules: Rules, world: World, at: Targets) -> float:
        """Euro a year beyond :meth:`price` that follow from the city itself, such as fees paid for families."""
        return 0.0

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """The rules with this policy in force. ``world`` is the state at the end of last year."""
        raise NotImplementedError
