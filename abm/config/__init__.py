"""Floor 0: every parameter of the model, declared once with default, unit, bounds, meaning and source."""

from typing import Any

from abm.config.city import CityConfig, Columns, District, Link, Stop, Tables
from abm.config.declare import Parameter, Text, by_group, param, parameters, section
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

    def by_group(self, key: str):
        """(group,) float32 of the by-group parameter with the dotted ``key``, such as ``choice.distance``."""
        name, _, field = key.partition(".")
        return by_group(getattr(getattr(self, name), field), self.city.groups, self.city.minority, key)


__all__ = [
    "VERBS", "AdmissionConfig", "AuthorityConfig", "ChoiceConfig", "CityConfig", "ClassesConfig", "Columns", "Config", "DemographyConfig", "District",
    "HouseholdsConfig", "Link", "MovingConfig", "OutcomesConfig", "Parameter", "PerceptionConfig", "PointsConfig",
    "ReputationConfig", "ResponseConfig", "RunConfig", "Stop", "Tables", "TransfersConfig", "by_group", "parameters",
]  # fmt: skip
