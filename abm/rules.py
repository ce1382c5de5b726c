"""The rules of one year: every lever that a policy may pull.

Each year starts from the scenario's own parameters; the policies in force edit them in the order of the file; the
processes of the year read them and know of no policy. A lever is named by the dotted key of its parameter.
"""

import dataclasses
from typing import Any

from abm.config import (
    AdmissionConfig,
    ChoiceConfig,
    Config,
    DemographyConfig,
    HouseholdsConfig,
    MovingConfig,
    OutcomesConfig,
    PerceptionConfig,
    ReputationConfig,
    ResponseConfig,
    TransfersConfig,
    by_group,
)


@dataclasses.dataclass(frozen=True)
class Rules:
    """What holds in one school year. Sections are those of the configuration; ``groups`` and ``minority`` name groups."""

    groups: tuple[str, ...]
    minority: str
    households: HouseholdsConfig
    demography: DemographyConfig
    perception: PerceptionConfig
    choice: ChoiceConfig
    admission: AdmissionConfig
    transfers: TransfersConfig
    reputation: ReputationConfig
    response: ResponseConfig
    moving: MovingConfig
    outcomes: OutcomesConfig

    @classmethod
    def of(cls, config: Config) -> "Rules":
        """The rules of a year without policies."""
        sections = {f.name: getattr(config, f.name) for f in dataclasses.fields(cls)[2:]}
        return cls(config.city.groups, config.city.minority, **sections)

    def edit(self, lever: str, value: Any) -> "Rules":
        """These rules with one lever, such as ``perception.campaign``, set to ``value`` (checked against its bounds)."""
        return _replace(self, lever.split("."), value)

    def read(self, lever: str) -> Any:
        """The value of a lever."""
        value = self
        for name in lever.split("."):
            value = getattr(value, name)
        return value

    def by_group(self, lever: str):
        """(group,) float32 of a by-group lever."""
        return by_group(self.read(lever), self.groups, self.minority, lever)


def _replace(part: Any, path: list[str], value: Any) -> Any:
    if len(path) > 1:
        value = _replace(getattr(part, path[0]), path[1:], value)
    return dataclasses.replace(part, **{path[0]: value})


def changed(before: Rules, after: Rules) -> set[str]:
    """Dotted keys of the levers in which two sets of rules differ."""
    return {key for key in _levers(before) if before.read(key) != after.read(key)}


def _levers(part: Any, prefix: str = "") -> list[str]:
    keys: list[str] = []
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        key = f"{prefix}{field.name}"
        keys += _levers(value, f"{key}.") if dataclasses.is_dataclass(value) else [key]
    return keys
