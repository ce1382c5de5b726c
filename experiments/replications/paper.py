"""What a replication is: a paper, the function that runs its experiment, and what comes out."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from abm.config.declare import ScenarioError
from abm.figures.style import Picture
from experiments.replications.checks import Check
from experiments.replications.lab import Lab

# The shelf: one module a paper. The order is that of the table in the README.
SHELF = (
    "schelling",
    "stoica_flache",
    "sage_flache",
    "dignum",
    "michailidis",
    "ukanwa",
    "larsen",
    "kessel_olme",
    "maroulis",
    "diaz",
    "reardon",
    "card_mas_rothstein",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a replication found: checks against the paper, its figures, further tables (by file name), and words."""

    checks: list[Check]
    pictures: list[Picture] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # findings, disagreements and what explains them


class Paper(NamedTuple):
    """A paper on the shelf. Its module's docstring is its page: what is the same, what differs, why."""

    key: str  # name of the module, of its scenario files and of its folder of results
    cite: str  # such as "Sage & Flache 2021, JASSS 24(2) 2"
    claim: str  # the headline that is checked, in one sentence
    page: str
    replicate: Callable[[Lab], Outcome]


def paper(key: str) -> Paper:
    """The paper ``key`` of the shelf. ScenarioError, with the names there are, if there is none."""
    if key not in SHELF:
        raise ScenarioError(f"no paper {key!r}; one of {', '.join(SHELF)}, or all")
    module = importlib.import_module(f"experiments.replications.{key}")
    return Paper(key, module.CITE, module.CLAIM, (module.__doc__ or "").strip(), module.replicate)
