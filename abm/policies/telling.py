"""What the policies that talk to families have in common: a message, whom it reaches, what that counts for."""

from typing import ClassVar

import numpy as np

from abm.config.declare import Number, Text, fault, param, section
from abm.orders import Message
from abm.policies.policy import Policy, Reach
from abm.policies.targets import Targets, group_rows, in_groups, named_districts
from abm.rules import Rules
from abm.world import World


@section
class Telling(Policy):
    """A policy that sends one message a year to families of some groups and districts; intensity times ``share`` hear it.

    A family that is reached stays so; more intensity reaches the same families and more. Messages of several policies
    add up; those of one ``name`` reach the same families, others reach independently.
    """

    share: Number = param(0.6, unit="share", low=0, high=1, doc="Share of the families of its groups whom it reaches, at full intensity.")  # fmt: skip
    name: Text = param("", unit="name", doc="Keys who is reached; empty: the policy's kind. Messages of one name reach the same families.")  # fmt: skip

    area: ClassVar = "communication"
    by_groups: ClassVar = True
    levers: ClassVar[tuple[str, ...]] = ("orders.messages",)

    def fits(self, rules: Rules, world: World) -> None:
        """A message is aimed at families, not at schools."""
        if self.schools:
            raise fault(
                f"{self.kind} reaches families, not schools; leave schools empty and aim it by groups or districts"
            )

    def pick(self, rules: Rules, world: World) -> Targets:
        """No schools; the districts whose families it is for, if any are named."""
        return Targets(
            districts=tuple(map(int, np.flatnonzero(named_districts(self, world)))) if self.districts else ()
        )

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: last year's entrants of its groups and districts; as many are expected to choose this year."""
        table, city = world.households, world.city
        home = city.area_district[city.place_area[table.place]]
        entry = (table.grade == 0) & in_groups(self.groups, rules, table)
        return entry & np.isin(home, at.districts) if self.districts else entry

    def reach(self, rules: Rules, world: World, at: Targets) -> Reach:
        """The schools it shows, and the share of entrants whom it reaches."""
        share = self.intensity * self.share
        return Reach(self.intensity * len(at.schools), share * float(self.treated(rules, world, at).sum()))

    def message(self, rules: Rules, at: Targets, **content) -> Message:
        """The message of the year to its groups, with this content."""
        return Message(
            name=self.name or self.kind, groups=group_rows(self.groups, rules), detected="detected" in self.groups,
            reach=self.intensity * self.share, districts=at.districts, **content,
        )  # fmt: skip

    def send(self, rules: Rules, message: Message) -> Rules:
        """The rules with the message; none is sent that reaches nobody."""
        return rules.add("orders.messages", (message,)) if message.reach > 0 else rules


@section
class Publication(Policy):
    """A policy on what is published of all schools to everybody: it can be aimed at nobody in particular."""

    area: ClassVar = "communication"
    decided_by: ClassVar = "state"

    def fits(self, rules: Rules, world: World) -> None:
        """What is published, all can read, of all schools."""
        if self.schools or self.districts or self.groups:
            raise fault(f"{self.kind} is for the whole city; leave schools, districts and groups empty")
