"""Neighbourhood: free or faster transport."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.city import Link, check_links
from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.orders import Ticket
from abm.policies.policy import Policy
from abm.policies.targets import Targets, group_rows, in_groups, named_districts, rows_of, share_of
from abm.rules import Rules
from abm.world import World

FARES = "about what French families pay a pupil and year for school transport (government, 15th National Assembly); Barcelona's T-12 card cost 35 euro in 2009 (EMTA)"  # fmt: skip


@section
class Transport(Policy):
    """New lines on the network of stops, and free or cheaper rides for some families or districts.

    Mechanism: a new line brings schools at its stops nearer to homes at its stops, in minutes; so other schools are
    among the nearest that a family considers, ways weigh less in its choice, and nearness counts anew where it gives
    points. A ticket takes its discount off each km beyond walking distance (``choice.knee_km``), and its holders look
    at further schools: those now felt no farther than the last they knew. Zones and local schools stay as drawn. At
    half the intensity, the first half of the lines and half the discount. Evidence: eligibility for a school bus made
    families in New York 1.4 to 4 percentage points (12 to 30 per cent) likelier to choose a school and took off 27 per
    cent of the effect of distance at half a mile to a mile (Trajkovski, Zabel & Schwartz 2021); on segregation no
    direct evidence known. Expected sign: unknown. It lowers segregation where the minority is kept from other schools
    by the way, and raises it where the majority is. What can go wrong: cheaper ways let the majority flee farther; the
    ticket also pays for those who would have gone anyway. Who decides: the municipality, in Barcelona with its
    metropolitan transport authority.
    """

    links: tuple[Link, ...] = param((), unit="links", doc="New rides between stops of the city, built in this order.", source="the scenario's own plan")  # fmt: skip
    discount: Number = param(0.3, unit="share", low=0, high=1, doc="Share of each km beyond walking distance that no longer counts.", source="27 % of the effect of distance: Trajkovski, Zabel & Schwartz 2021")  # fmt: skip
    further: Whole = param(4, unit="schools", low=0, high=16, doc="Most further schools that a family with a ticket considers.")  # fmt: skip
    kind: Text = param("transport", unit="name", doc="Which policy of the shelf this is.")
    cost_pupil: Number = param(100.0, unit="euro/pupil/year", low=0, high=1e9, doc="A year's ticket at full intensity.", source=FARES)  # fmt: skip
    cost_link: Number = param(480000.0, unit="euro/link/year", low=0, high=1e9, doc="Running a new ride between two stops, for all its passengers.", source="assumption: four buses, 1,500 hours a year each, 80 euro an hour")  # fmt: skip

    area: ClassVar = "neighbourhood"
    by_groups: ClassVar = True
    levers: ClassVar[tuple[str, ...]] = ("orders.links", "orders.tickets")
    assumed: ClassVar[tuple[str, ...]] = ("cost", "discount")
    dose: ClassVar[Literal["strength", "targets"]] = "strength"

    def fits(self, rules: Rules, world: World) -> None:
        """Links join stops of the city; tickets go by home, not by school."""
        if self.schools:
            raise fault("transport goes by homes and stops; leave schools out, or name districts of the homes")
        check_links(self.links, world.city.network.names if world.city.network else ())

    def pick(self, rules: Rules, world: World) -> Targets:
        """The districts whose families get tickets; no schools."""
        return Targets(districts=rows_of(self.districts, world.city.district_names))

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: pupils who get a ticket, whether they use it or not."""
        table, city = world.households, world.city
        home = named_districts(self, world)[city.area_district[city.place_area[table.place]]]
        return home & (table.school >= 0) & in_groups(self.groups, rules, table) & (self.discount > 0)

    def built(self) -> tuple[Link, ...]:
        """The links that its intensity builds."""
        return self.links[: share_of(len(self.links), self.intensity)]

    def bill(self, rules: Rules, world: World, at: Targets) -> float:
        """Euro a year for the rides."""
        return self.cost_link * len(self.built())

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the links and the tickets."""
        rules = rules.add("orders.links", tuple((*link.between, float(link.minutes)) for link in self.built()))
        discount = self.intensity * self.discount
        if not discount:
            return rules
        groups = group_rows(self.groups, rules)
        ticket = Ticket(groups, "detected" in self.groups, at.districts, discount, self.further)
        return rules.add("orders.tickets", (ticket,))
