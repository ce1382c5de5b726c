"""Communication: results of schools are no longer published."""

from typing import ClassVar

from abm.config.declare import Number, Text, param, section
from abm.policies.targets import Targets
from abm.policies.telling import Publication
from abm.rules import Rules
from abm.world import World


@section
class PublicationBan(Publication):
    """Stop publishing results of single schools, in whatever form.

    Mechanism: results and intake fall out of the signal of reputation, which then runs on demand, and on composition and
    label where these carry stigma: where families go is what others hear. Figures of growth and colours are no longer
    read, and families err more. It acts where `reputation.results` stands for what is published; what reputation holds
    already fades with its memory. A ban beside a policy that publishes holds if it comes later in the file. Evidence: Wales
    stopped its tables of secondary schools in 2001; results fell against England, most in poor schools (Burgess,
    Wilson & Worth 2013), an effect on teaching that this model does not have. Expected sign: on segregation open: raw
    results no longer scare, but with less to go by, composition and neighbours, which all can see, weigh more. What can
    go wrong: the informed know anyway, so that the gap in information grows.
    """

    noise: Number = param(0.3, unit="sd", low=0, high=20, doc="Rise of the error of belief of a family without information, at full intensity.")  # fmt: skip
    kind: Text = param("publication_ban", unit="name", doc="Which policy of the shelf this is.")

    levers: ClassVar[tuple[str, ...]] = (
        "reputation.results", "reputation.intake", "perception.noise", "perception.growth", "perception.lights",
    )  # fmt: skip
    assumed: ClassVar[tuple[str, ...]] = ("cost", "rise of the error")

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Take results out of what is said and read."""
        for lever in ("reputation.results", "reputation.intake", "perception.growth", "perception.lights"):
            rules = rules.blend(lever, 0.0, self.intensity)
        return rules.edit("perception.noise", rules.perception.noise + self.intensity * self.noise)
