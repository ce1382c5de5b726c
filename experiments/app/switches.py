"""Switches and sliders of the policies, made from the shelf and the parameters' declarations: there is no second list."""

import dataclasses
import re
from typing import Any, Literal, get_args, get_origin

from abm.config import Config, Parameter, parameters
from abm.config.declare import ByGroup
from abm.policies import SHELF, Policy
from abm.scenario import configure
from experiments.compare import league
from experiments.compare.about import told
from experiments.compare.plan import Plan

ASKED = ("kind", "when", "anew", "schools", "districts")  # of every policy; left to the scenario file
OWN_WAY = ("start", "end", "intensity", "groups")  # asked of every policy, on the page in a way of their own
SLIDER = 100  # widest range of whole numbers that a slider can set
REACH = 5  # how far a slider goes where bounds are wider than anybody would set
NAMED = "named"  # a choice that needs names of schools, which a scenario file may hold
NOTHING = "nothing"  # an idle policy that changes nothing here; other reasons come as English sentences


def shelf(config: Config) -> list[dict[str, Any]]:
    """Each policy: area, who decides, what it does (first sentence), evidence, what may go wrong, parameters as inputs."""
    return [_entry(kind, cls, config) for kind, cls in SHELF.items()]


def idle(tree: dict[str, Any], seed: int, kind: str) -> str:
    """Why a policy can do nothing in this city: ``NOTHING``, or a sentence; empty if it can."""
    config = configure(tree)
    plan = Plan(config, "", (), 0, config.run.years, 0, seed=seed)
    reason = league.entries(plan, (kind,))[0].idle
    plain = re.sub(r"^policies\[\d+\] \(\w+\)[.\w]*: ", "", reason)
    plain = plain.partition(";")[0]  # after it stands what to change in a scenario file
    return NOTHING if plain.startswith("finds nothing to treat") else plain


def _entry(kind: str, cls: type[Policy], config: Config) -> dict[str, Any]:
    parts = told(cls(kind=kind))
    kinds = {field.name: field.type for field in dataclasses.fields(cls)}
    listed = [p for p in parameters(cls) if p.key.split(".")[0] not in (*ASKED, *OWN_WAY)]
    listed.sort(key=lambda p: p.key.startswith("cost_"))  # what a policy does first, what it costs last
    return {
        "kind": kind,
        "area": cls.area,
        "decided_by": config.authority.decides.get(kind, cls.decided_by),
        "what": re.split(r"(?<=\.)\s", parts[""], maxsplit=1)[0],
        "evidence": parts.get("Evidence", ""),
        "wrong": parts.get("What can go wrong", ""),
        "dose": cls.dose,
        "alone": list(cls.alone),
        "by_groups": cls.by_groups,
        "by_schools": cls.by_schools,
        "naming": {p.key: NAMED for p in listed if NAMED in (p.choices or ())},  # set where schools are named
        "parameters": [made for p in listed if (made := _input(p, kinds[p.key]))],
    }


def _input(p: Parameter, kind: Any) -> dict[str, Any] | None:
    """One parameter as an input of the page; None for a free text or a list of numbers, which the scenario file may hold."""
    optional = p.default is None
    made = {"key": p.key, "default": p.default, "unit": p.unit, "low": p.low, "high": p.high, "doc": p.doc, "source": p.source, "optional": optional}  # fmt: skip
    if p.choices:
        return made | {"control": "choice", "choices": [c for c in p.choices if c != NAMED]}
    if kind in (ByGroup, ByGroup | None):
        return made | {"control": "sides", "low": max(p.low, -REACH), "high": min(p.high, REACH), "step": 0.1}
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        chosen = list(get_args(inner)) if get_origin(inner) is Literal else []
        return made | {"control": "several", "choices": chosen, "default": list(p.default)} if chosen else None
    if isinstance(p.default, bool):
        return made | {"control": "flag"}
    if p.low is None or p.high is None:
        return None
    whole = _whole(kind)
    wide = p.high - p.low > (SLIDER if whole else 2)
    return made | {"control": "number" if wide or optional else "slider", "step": 1 if whole else 0.01 if not wide else _step(p)}  # fmt: skip


def _whole(kind: Any) -> bool:
    """Whether a parameter takes whole numbers only."""
    return int in (kind, *get_args(kind), *(inner for part in get_args(kind) for inner in get_args(part)))


def _step(p: Parameter) -> float:
    """Step of a number box: what a table would change at a time."""
    size = abs(p.default or 0)
    if 0 < size < 0.1:
        return 0.01
    return 0.1 if size < 20 and "euro" not in p.unit else 1000 if size >= 5000 or p.key == "cost_fixed" else 10
