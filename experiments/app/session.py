"""A session as the page saves it: what was shown and chosen. Read back, it loads what it can and tells what it cannot.

What is told is a code with values; the page puts it into a sentence of the reader's language (``session.<code>``).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from abm import __version__
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.policies import SHELF
from experiments.app.futures import with_policies

FORMAT = 1  # of the file; a later one may hold what this program does not know
LONGEST = 1000  # years
KEPT = ("budget", "guesses", "language")  # handed on as they are; the page knows their meaning


class Session(NamedTuple):
    """What a saved session says: enough to play both futures again, to the bit with the same version."""

    scenario: str
    seed: int
    years: int
    year: int  # shown
    policies: tuple[dict[str, Any], ...]
    more: dict[str, Any]

    def tree(self) -> dict[str, Any]:
        """As it is saved and as the page takes it."""
        own = {"scenario": self.scenario, "seed": self.seed, "years": self.years, "year": self.year}
        return {"format": FORMAT, "version": __version__} | own | {"policies": list(self.policies)} | self.more


def restore(saved: Any, scenarios: Any, config_of: Any, first: str) -> tuple[Session, list[dict[str, Any]]]:
    """The session in ``saved`` as far as it can be loaded here, and what had to be left out or mended, as codes.

    scenarios: names that are there; config_of: the configuration of a name; first: the scenario to take instead.
    """
    if not isinstance(saved, Mapping) or "scenario" not in saved:
        raise ScenarioError("this is no saved session of schoolflight; open a file that its button 'Save' made")
    notes: list[dict[str, Any]] = []
    if saved.get("format") != FORMAT or saved.get("version") != __version__:
        notes.append(_note("version", saved=str(saved.get("version", "?")), here=__version__))
    name = str(saved["scenario"])
    if name not in scenarios:
        notes.append(_note("scenario", scenario=name, instead=first))
        name = first
    config = config_of(name)
    seed = _whole(saved, "seed", 1, 0, 2**31 - 1, notes)
    years = _whole(saved, "years", config.run.years, 1, LONGEST, notes)
    year = _whole(saved, "year", 0, 0, years, notes)
    policies = _policies(saved.get("policies", []), config, notes)
    more = {key: saved[key] for key in KEPT if key in saved}
    return Session(name, seed, years, year, policies, more), notes


def _whole(saved: Mapping, key: str, default: int, low: int, high: int, notes: list) -> int:
    """A whole number within bounds; another is replaced and told."""
    value = saved.get(key, default)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    notes.append(_note("number", key=key, value=str(value), instead=default))
    return default


def _policies(entries: Any, config: Config, notes: list) -> tuple[dict[str, Any], ...]:
    """The policies that this program and this scenario still take, each tried with those before it."""
    if not isinstance(entries, list):
        notes.append(_note("policies"))
        return ()
    kept: list[dict[str, Any]] = []
    for entry in entries:
        kind = str(entry.get("kind", "?")) if isinstance(entry, Mapping) else "?"
        if kind not in SHELF:
            notes.append(_note("policy_gone", policy=kind))
            continue
        try:
            with_policies(config, [*kept, dict(entry)])
        except ScenarioError as error:
            notes.append(_note("policy_wrong", policy=kind, why=str(error)))
            continue
        kept.append(dict(entry))
    return tuple(kept)


def _note(code: str, **values: Any) -> dict[str, Any]:
    return {"code": code, "values": values}
