"""Communication: an information campaign."""

from typing import ClassVar

from abm.config.declare import Number, Text, Whole, param, section
from abm.policies.targets import Targets
from abm.policies.telling import Telling
from abm.rules import Rules
from abm.world import World


@section
class Campaign(Telling):
    """Tell families about more schools, and tell them more about each.

    Mechanism: a share of the families of its groups considers further nearest schools beyond those it would have known,
    and errs less about what all schools are worth. Nothing is taken away: a school is listed higher, lower or newly.
    Evidence: in Charlotte, figures of test scores sent to families of low income made more of them choose
    higher-scoring schools (Hastings & Weinstein 2008); that information rises with means is in Reardon et al. 2016.
    Expected sign: on segregation open. More schools to the minority mixes where these are schools of others, and only if
    there is room; more schools to a majority that weighs peers is more ways to leave. What can go wrong: mostly families
    that were informed already listen; everybody learns of the same few schools.
    """

    further: Whole = param(4, unit="schools", low=0, high=16, doc="Further nearest schools that a reached family considers.")  # fmt: skip
    information: Number = param(0.5, unit="0 to 1", low=0, high=1, doc="Share of the missing information that is given.")  # fmt: skip
    kind: Text = param("campaign", unit="name", doc="Which policy of the shelf this is.")
    cost_fixed: Number = param(30_000.0, unit="euro/year", low=0, high=1e12, doc="Fixed cost at full intensity: a booklet, a page, a fair.")  # fmt: skip
    cost_pupil: Number = param(5.0, unit="euro/pupil/year", low=0, high=1e9, doc="Cost of each family that is reached: print and post.")  # fmt: skip

    assumed: ClassVar[tuple[str, ...]] = ("cost", "reach", "size of the information")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Send the message of the year."""
        return self.send(rules, self.message(rules, at, nearest=self.further, information=self.information))
