"""The table of parameters, made from their declarations."""

import dataclasses
import json

from abm.config import Config, District, Parameter, parameters
from abm.config.declare import ScenarioError, describe_bounds
from abm.policies import SHELF


def everything() -> list[Parameter]:
    """All parameters: the sections of a scenario, a district of a synthetic city, each policy of the shelf."""
    out = [*parameters(Config), *parameters(District, "city.districts[].")]
    for kind, cls in SHELF.items():
        out += parameters(cls, f"policies[{kind}].")
    return out


def render(form: str, contains: str = "") -> str:
    """The table as text, Markdown or JSON; only keys that contain ``contains``."""
    table = [p for p in everything() if contains in p.key]
    if not table:
        raise ScenarioError(f"no parameter's key contains {contains!r}; give a part of a key, such as choice.")
    if form == "json":
        return json.dumps([dataclasses.asdict(p) for p in table], indent=2)
    if form == "markdown":
        head = "| parameter | default | unit | bounds | meaning | source |\n|---|---|---|---|---|---|\n"
        return head + "\n".join(
            f"| `{p.key}` | {_value(p)} | {p.unit} | {_bounds(p)} | {p.doc} | {p.source} |".replace("|^", "^")
            for p in table
        )
    lines = []
    for p in table:
        lines.append(f"{p.key} = {_value(p)}  [{p.unit}; {_bounds(p)}]")
        lines.append(f"    {p.doc}  Source: {p.source}")
    return "\n".join(lines)


def _value(p: Parameter) -> str:
    if isinstance(p.default, dict):
        return "{" + ", ".join(f"{k} = {v}" for k, v in p.default.items()) + "}"
    if isinstance(p.default, tuple):
        return "[" + ", ".join(str(v) for v in p.default) + "]"
    return '""' if p.default == "" else str(p.default)


def _bounds(p: Parameter) -> str:
    return " / ".join(p.choices) if p.choices else describe_bounds(p.low, p.high)
