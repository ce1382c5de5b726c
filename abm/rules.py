"""The rules of one year: every lever that a policy may pull.

Each year starts from the scenario's own parameters; the policies in force edit them in the order of the file; the
processes of the year read them and know of no policy. A lever is named by the dotted key of its parameter, or by
``orders.`` and the name of an order.
"""

import dataclasses
import functools
from typing import Any

import numpy as np

from abm.config import (
    AdmissionConfig,
    ChoiceConfig,
    ClassesConfig,
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
from abm.orders import Orders

NO_ORDERS = Orders()
_latest: tuple = (None, None)  # configuration, and its rules


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
    classes: ClassesConfig
    outcomes: OutcomesConfig
    orders: Orders = NO_ORDERS

    @classmethod
    def of(cls, config: Config) -> "Rules":
        """The rules of a year without policies. Of the configuration asked for last they are the same object: many seeds share it."""
        global _latest
        known, rules = _latest
        if known is not config:
            sections = {f.name: getattr(config, f.name) for f in dataclasses.fields(cls)[2:-1]}
            rules = cls(config.city.groups, config.city.minority, **sections)
            _latest = config, rules
        return rules

    def edit(self, lever: str, value: Any) -> "Rules":
        """These rules with one lever, such as ``perception.noise``, set to ``value`` (checked against its bounds)."""
        return _replace(self, lever.split("."), value)

    def add(self, lever: str, more: Any) -> "Rules":
        """These rules with entries added to a lever that is a table (later entries hold) or a list."""
        there = self.read(lever)
        return self.edit(lever, there | more if isinstance(there, dict) else there + tuple(more))

    def top_up(self, lever: str, more: dict) -> "Rules":
        """These rules with ``more`` summed onto a lever that is a table of numbers: funds of several policies add up."""
        there = self.read(lever)
        return self.edit(lever, there | {row: there.get(row, 0.0) + value for row, value in more.items()})

    def blend(self, lever: str, value: float, intensity: float) -> "Rules":
        """These rules with a lever moved towards ``value`` by the share ``intensity``; whole numbers are rounded.

        At intensity 0 it keeps its value to the bit. A table by group is moved group by group.
        """
        there = self.read(lever)
        if isinstance(there, dict):
            return self.edit(lever, {name: between(old, value, intensity) for name, old in there.items()})
        return self.edit(lever, between(there, value, intensity))

    def read(self, lever: str) -> Any:
        """The value of a lever."""
        value = self
        for name in lever.split("."):
            value = getattr(value, name)
        return value

    def by_group(self, lever: str):
        """(group,) float32 of a by-group lever; made once, so not to be written into."""
        known = self.kept
        if lever not in known:
            known[lever] = by_group(self.read(lever), self.groups, self.minority, lever)
        return known[lever]

    def weights(self, levers: tuple[str, ...]):
        """(group, lever) float32 of several by-group levers; made once, so not to be written into."""
        known = self.kept
        if levers not in known:
            known[levers] = np.stack([self.by_group(lever) for lever in levers], axis=1)
        return known[levers]

    @functools.cached_property
    def kept(self) -> dict:
        """What follows from these rules alone and is asked for again and again: made once, not to be written into."""
        return {}


def between(old: float, new: float, intensity: float) -> float:
    """A value moved from ``old`` towards ``new`` by the share ``intensity``; a whole number stays one."""
    if isinstance(old, int):
        return old + round(intensity * (new - old))
    return float(new) if intensity == 1 else old + intensity * (new - old)


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
        keys += _levers(value, f"{key}.") if dataclasses.is_dataclass(value) and field.name != "zoning" else [key]
    return keys
