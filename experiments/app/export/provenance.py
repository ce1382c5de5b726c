"""Where a page's numbers come from: model version, sources, assumptions, limits. One line of the page leads to it."""

from pathlib import Path
from typing import Any

from abm import __version__
from abm.config import Config
from abm.page import declared
from abm.scenario import sources


def provenance(config: Config, scenario: Path) -> dict[str, Any]:
    """Version, the scenario's file and what its head says of sources, and how many parameters rest on assumption."""
    assumed, all_ = declared()
    return {
        "version": __version__,
        "file": scenario.name,
        "sources": sources(scenario),
        "parameters": all_,
        "assumed": assumed,
        "kind": config.city.kind,
    }
