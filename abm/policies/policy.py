"""What every policy is: dated, priced, and an edit of the rules of the year."""

from typing import ClassVar, Literal

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.rules import Rules
from abm.world import World


@section
class Policy:
    """A policy edits levers of the rules in the years from ``start`` to ``end``; before and after it changes nothing."""

    kind: Text = param("", unit="name", doc="Which policy of the shelf this is.")
    start: Whole = param(1, unit="year", low=1, high=1000, doc="First year in force.")
    end: Whole = param(0, unit="year", low=0, high=1000, doc="Last year in force; 0: it stays.")
    cost: Number = param(0.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost a year.")

    levers: ClassVar[tuple[str, ...]] = ()
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "municipality"

    def check(self):
        """A policy ends after it starts."""
        if self.end and self.end < self.start:
            raise fault(
                f"the policy ends in year {self.end}, before it starts in year {self.start}; set end >= start, or 0"
            )

    def active(self, year: int) -> bool:
        """Whether the policy is in force in ``year``."""
        return self.start <= year and (self.end == 0 or year <= self.end)

    def edit(self, rules: Rules, world: World) -> Rules:
        """The rules with this policy in force. ``world`` is the state at the end of last year."""
        raise NotImplementedError
