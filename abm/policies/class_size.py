"""School supply: other class sizes in some schools."""

from typing import ClassVar, Literal

import numpy as np

from abm.config.declare import Number, Text, Whole, fault, param, section
from abm.policies.policy import Policy
from abm.policies.sites import CLASS, state_or_named, urgency
from abm.policies.targets import Targets, most
from abm.rules import Rules
from abm.schools import offered
from abm.world import World


@section
class ClassSize(Policy):
    """Raise or lower the pupils of a full class in the treated schools; the number of classes stays.

    At full intensity a share of the state schools is treated, or all that are named. The cost counts all grades, though
    only new cohorts have other classes: in the first years it is too high.

    Mechanism: from the next entry cohort on each class of these schools takes so many pupils, so the school has more or
    fewer places; cohorts inside keep their classes. Smaller classes at schools that are avoided leave fewer
    places to fill ex officio and with late arrivals; larger ones at sought schools let more families in. What class
    size does to learning is not in the model. Evidence: Krueger (1999, QJE) and Angrist & Lavy (1999, QJE) on learning;
    no direct evidence known on segregation. Expected sign: open; smaller
    classes at sought schools push families out, at segregated schools spread the minority. What can go wrong: places
    that fall away are missing elsewhere; larger classes at sought schools feed flight. Who decides: the state.
    """

    share: Number = param(0.25, unit="share", low=0, high=1, doc="Share of the state schools treated at full intensity, where none are named.")  # fmt: skip
    pupils: Whole = param(20, unit="pupils", low=5, high=100, doc="Pupils of a full class in the treated schools.")
    first: Literal["minority", "sought", "smallest"] = param("minority", unit="choice", doc="Which come first where not all are treated: with the highest share of the minority, most first choices per place, fewest pupils.")  # fmt: skip
    kind: Text = param("class_size", unit="name", doc="Which policy of the shelf this is.")
    cost_pupil: Number = param(900.0, unit="euro/pupil/year", low=0, high=1e9, doc="Teachers of each pupil: a quarter more where classes fall from 25 to 20. Set it to 0 where classes grow: savings are not booked.", source=CLASS)  # fmt: skip

    area: ClassVar = "supply"
    levers: ClassVar[tuple[str, ...]] = ("orders.class_size",)
    dose: ClassVar[Literal["strength", "targets"]] = "targets"
    decided_by: ClassVar = "state"
    by_schools: ClassVar = True

    def candidates(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) bool: open state schools, or the named ones of any sector."""
        return state_or_named(self, world)

    def fits(self, rules: Rules, world: World) -> None:
        """Every treated school keeps some places."""
        schools, size = world.schools, world.city.notes.get("class_size", 25)
        after = offered(schools, self.edit(rules, world, self.pick(rules, world)), size)
        empty = np.flatnonzero((after == 0) & (schools.intake > 0))
        if empty.size:
            raise fault(
                f"pupils = {self.pupils} leaves {world.city.school_names[empty[0]]!r} without any places, since its "
                f"{schools.intake[empty[0]]} are a small part of a class of {size}; raise it, or name other schools"
            )

    def pick(self, rules: Rules, world: World) -> Targets:
        """The schools with other classes."""
        found = self.candidates(rules, world)
        count = found.sum() * self.intensity if self.schools else found.sum() * self.share * self.intensity
        return Targets(schools=most(self.need(rules, world), found, int(np.floor(count + 0.5))))

    def need(self, rules: Rules, world: World) -> np.ndarray:
        """(school,) float: who comes first."""
        return urgency(self.first, world)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the class size of the treated schools."""
        return rules.add("orders.class_size", dict.fromkeys(at.schools, self.pupils))
