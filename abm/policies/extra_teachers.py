"""Priority: further teachers in the schools in greatest need."""

from typing import ClassVar, Literal

from abm.config.declare import Number, Text, param, section
from abm.policies.neediest import Neediest
from abm.policies.policy import Reach
from abm.policies.targets import Targets
from abm.rules import Rules
from abm.world import World


@section
class ExtraTeachers(Neediest):
    """Send further teachers to the schools in greatest need.

    Mechanism: each treated school gets the same number of teachers, so a small school gains more per pupil; they buy
    quality with the lag of schools' spending. Evidence: mixed. Small groups in mathematics raised results in Norway
    (Bonesronning et al. 2022); smaller classes did not there (Leuven, Oosterbeek & Ronning 2008), nor did money for
    personnel at Dutch schools with many disadvantaged minority pupils (Leuven, Lindahl, Oosterbeek & Webbink 2007).
    Expected sign on segregation: none or a little lower. What can go wrong: too few teachers are found, or they come from
    the neighbouring schools. Decided by the municipality in Norway, by the state or region in Italy, Spain and France.
    """

    teachers: Number = param(2.0, unit="teachers/school", low=0, high=200, doc="Further teachers at each treated school.")  # fmt: skip
    cost_teacher: Number = param(60000.0, unit="euro/teacher/year", low=0, high=1e6, doc="What a teacher costs the employer.", source="assumption; rounded employer's cost in western Europe")  # fmt: skip
    kind: Text = param("extra_teachers", unit="name", doc="Which policy of the shelf this is.")

    levers: ClassVar[tuple[str, ...]] = ("orders.teachers",)
    decided_by: ClassVar[Literal["municipality", "region", "state", "school"]] = "region"
    assumed: ClassVar[tuple[str, ...]] = ("cost", "quality bought")
    by_schools: ClassVar = True

    def grants(self, reach: Reach) -> float:
        """The teachers' salaries."""
        return self.cost_teacher * self.teachers * reach.schools

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Send the teachers."""
        return rules.top_up("orders.teachers", dict.fromkeys(at.schools, self.teachers))
