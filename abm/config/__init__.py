"""Floor 0: every parameter of the model, declared once with default, unit, bounds, meaning and source."""

from typing import Any

from abm.config.city import CityConfig, Columns, District, Link, Stop, Tables
from abm.config.declare import Parameter, Text, by_group, fault, param, parameters, section
from abm.config.families import ChoiceConfig, DemographyConfig, HouseholdsConfig, PerceptionConfig
from abm.config.system import (
    VERBS,
    AdmissionConfig,
    AuthorityConfig,
    ClassesConfig,
    MovingConfig,
    OutcomesConfig,
    PointsConfig,
    ReputationConfig,
    ResponseConfig,
    RunConfig,
    TransfersConfig,
)


@section
class Config:
    """A scenario, resolved: sections in the order of the model, then the policies in the order of the file."""

    title: Text = param("School choice", unit="text", doc="Title shown in pages.")
    description: Text = param("", unit="text", doc="What is real and what is assumed, in a few sentences.")
    run: RunConfig = RunConfig()
    city: CityConfig = CityConfig()
    households: HouseholdsConfig = HouseholdsConfig()
    demography: DemographyConfig = DemographyConfig()
    perception: PerceptionConfig = PerceptionConfig()
    choice: ChoiceConfig = ChoiceConfig()
    admission: AdmissionConfig = AdmissionConfig()
    transfers: TransfersConfig = TransfersConfig()
    reputation: ReputationConfig = ReputationConfig()
    response: ResponseConfig = ResponseConfig()
    moving: MovingConfig = MovingConfig()
    classes: ClassesConfig = ClassesConfig()
    outcomes: OutcomesConfig = OutcomesConfig()
    authority: AuthorityConfig = AuthorityConfig()
    policies: tuple[Any, ...] = ()

    def check(self):
        """Homes as they are moved fit the city."""
        moving, city = self.moving, self.city
        if moving.neighbours == "radius" and city.kind != "grid":
            raise fault(
                'moving.neighbours = "radius" counts the cells of a grid; set it to "area", or city.kind to "grid"'
            )
        if moving.neighbours == "radius" and 2 * moving.radius >= city.cells:
            raise fault(f"moving.radius = {moving.radius} reaches round a grid of {city.cells} cells; lower it")
        if moving.settle and not moving.rate:
            raise fault("moving.settle: nobody would look for a home; set moving.rate above 0 (and leave move out of run.calendar if homes shall rest later)")  # fmt: skip
        if self.perception.first_impression == "residents" and "perceive" not in self.run.calendar:
            raise fault('perception.first_impression = "residents" is what the first intake sees, and run.calendar has none; set it to "pupils", or add perceive, rank, admit and enrol')  # fmt: skip
        if moving.settle and city.start == "observed":
            raise fault('moving.settle moves homes before anybody has a school; with city.start = "observed" set it to 0')  # fmt: skip

    def by_group(self, key: str):
        """(group,) float32 of the by-group parameter with the dotted ``key``, such as ``choice.distance``."""
        name, _, field = key.partition(".")
        return by_group(getattr(getattr(self, name), field), self.city.groups, self.city.minority, key)


__all__ = [
    "VERBS", "AdmissionConfig", "AuthorityConfig", "ChoiceConfig", "CityConfig", "ClassesConfig", "Columns", "Config", "DemographyConfig", "District",
    "HouseholdsConfig", "Link", "MovingConfig", "OutcomesConfig", "Parameter", "PerceptionConfig", "PointsConfig",
    "ReputationConfig", "ResponseConfig", "RunConfig", "Stop", "Tables", "TransfersConfig", "by_group", "parameters",
]  # fmt: skip
