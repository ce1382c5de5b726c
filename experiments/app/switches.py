"""Switches and sliders of the policies, made from the shelf and the parameters' declarations: there is no second list."""

from typing import Any

from abm.config import Config, parameters
from abm.policies import SHELF

COMMON = ("kind", "when", "anew")  # of every policy; the page asks for dates, intensity and places in its own way


def shelf(config: Config) -> list[dict[str, Any]]:
    """Each policy: area, who decides, what it does (first sentence), evidence, parameters with bounds."""
    return [_entry(kind, cls, config) for kind, cls in SHELF.items()]


def _entry(kind: str, cls: type, config: Config) -> dict[str, Any]:
    paragraphs = [" ".join(part.split()) for part in (cls.__doc__ or "").split("\n\n")]
    told = {
        part.partition(":")[0].lower(): part.partition(":")[2].strip() for part in paragraphs[1:] if ":" in part[:40]
    }
    return {
        "kind": kind,
        "area": cls.area,
        "decided_by": config.authority.decides.get(kind, cls.decided_by),
        "what": paragraphs[0],
        "mechanism": told.get("mechanism", ""),
        "evidence": told.get("evidence", ""),
        "expected": told.get("expected sign", ""),
        "assumed": list(cls.assumed),
        "parameters": [_parameter(p) for p in parameters(cls) if p.key.split(".")[0] not in COMMON],
    }


def _parameter(p: Any) -> dict[str, Any]:
    return {
        "key": p.key, "default": p.default if not isinstance(p.default, tuple) else list(p.default), "unit": p.unit, "low": p.low, "high": p.high,
        "doc": p.doc, "source": p.source, "choices": list(p.choices),
    }  # fmt: skip
