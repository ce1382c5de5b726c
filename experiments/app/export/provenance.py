"""Where a page's numbers come from: model version, sources, assumptions, limits. One line of the page leads to it."""

from pathlib import Path
from typing import Any

from abm import __version__
from abm.config import Config, parameters

NO_CITY = ("title", "description", "run", "city")  # parameters that are not the model's


def provenance(config: Config, scenario: Path) -> dict[str, Any]:
    """Version, the scenario's file and what its head says of sources, and how many parameters rest on assumption."""
    declared = [p for p in parameters(Config) if p.key.partition(".")[0] not in NO_CITY]
    return {
        "version": __version__,
        "file": scenario.name,
        "sources": sources(scenario),
        "parameters": len(declared),
        "assumed": sum(p.source.startswith("assumption") for p in declared),
        "kind": config.city.kind,
    }


def sources(scenario: Path) -> str:
    """The comment at the head of a scenario's file: there it names its sources. Empty where there is none."""
    lines = []
    for line in scenario.read_text(encoding="utf-8-sig").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return " ".join(lines)
