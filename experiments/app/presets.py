"""Presets: the policy files shipped beside a scenario, each a button that fills the panel; and a scenario's title."""

from pathlib import Path
from typing import Any

from abm.config.declare import ScenarioError
from abm.scenario import parse


def presets(scenario: Path) -> list[dict[str, Any]]:
    """The files of ``policies/`` beside the scenario that name it as their base: title, description, policies."""
    found = []
    for path in sorted((scenario.parent / "policies").glob("*.toml")):
        tree = parse(path)
        base = tree.get("base")
        if isinstance(base, str) and (path.parent / base).resolve() == scenario.resolve() and tree.get("policies"):
            about = {key: " ".join(str(tree.get(key, "")).split()) for key in ("title", "description")}
            found.append({"name": path.stem, **about, "policies": tree["policies"]})
    return found


def title(scenario: Path) -> str:
    """What a scenario file calls itself; its name where it says nothing, or cannot be read."""
    try:
        return str(parse(scenario).get("title") or scenario.stem)
    except ScenarioError:
        return scenario.stem
