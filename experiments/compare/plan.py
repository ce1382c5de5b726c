"""A comparison, resolved: the baseline, the arms, how long, which seeds, which sets of parameters."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from abm.cache_folder import DIGEST, source_digest
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.policies import Policy
from abm.scenario import configure, parse, to_tree

OWN_KEYS = ("title", "description", "base", "policies")
SET_STEP = 1_000_000  # between the first seeds of two sets of parameters


@dataclasses.dataclass(frozen=True)
class Arm:
    """One future: the baseline with some policies. ``bundle`` names the arm of which this one is a part."""

    name: str  # unique, file-name safe
    title: str
    policies: tuple[Policy, ...]
    bundle: str = ""
    description: str = ""
    source: str = ""  # path of its file


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is run. Years count from the end of the burn-in; a policy without an end is stopped after ``years``."""

    base: Config
    scenario: str  # path of the baseline, as given
    arms: tuple[Arm, ...]
    burn_in: int = 10
    years: int = 15
    after: int = 5
    seeds: int = 20
    seed: int = 1
    sets: tuple[dict[str, float], ...] = ({},)  # factors or values of parameters; the first is the scenario as it is
    set_seeds: int = 4  # seeds of each further set
    smallest: float = 0.01  # smallest effect of interest, D
    sets_from: str = ""  # file of the further sets; empty: drawn from the declared spreads

    @property
    def milestones(self) -> tuple[int, ...]:
        """Years at which effects are told: 1, 5, the last in force, the last of all."""
        last = self.years + self.after
        return tuple(sorted({y for y in (1, 5, self.years, last) if 0 < y <= last}))

    def units(self) -> list[tuple[int, int]]:
        """(set, seed) of every pair of runs. Each set has seeds of its own, or all would share one luck."""
        own = [(0, self.seed + i) for i in range(self.seeds)]
        return own + [
            (k, self.seed + SET_STEP * k + i) for k in range(1, len(self.sets)) for i in range(self.set_seeds)
        ]

    def policies(self, arm: Arm) -> tuple[Policy, ...]:
        """The policies of an arm with their years counted from the start of the model, none beyond ``years``."""
        return self.base.policies + tuple(
            dataclasses.replace(
                policy, start=policy.start + self.burn_in, end=self.burn_in + min(policy.end or self.years, self.years)
            )
            for policy in arm.policies
            if policy.start <= self.years
        )

    @property
    def drawn_from(self) -> str:
        """Where the further sets of parameters come from, in words."""
        return f"drawn by weight from {self.sets_from}" if self.sets_from else "drawn within their declared spreads"

    def identity(self) -> str:
        """Twelve hexadecimal digits of all that decides the numbers; the number of seeds does not."""
        about = to_plain(self) | {
            "seeds": 0,
            "set_seeds": 0,
            "smallest": 0,
            "scenario": "",
            "sets_from": "",
            "code": _code(),
            "data": _data(self.base),
        }
        about["arms"] = [arm | {"source": ""} for arm in about["arms"]]
        return hashlib.blake2b(json.dumps(about, sort_keys=True).encode(), digest_size=6).hexdigest()


def _code() -> str:
    """Digest of the model and of what a comparison keeps of it."""
    here = {path.name: path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))}
    return DIGEST + source_digest({name: here[name] for name in ("measures.py", "trial.py", "store.py")})


def _data(base: Config) -> str:
    """Digest of the real tables that a city is made of; empty where there are none."""
    tables = base.city.tables
    names = {c.file for c in (tables.areas, tables.schools, tables.zones, tables.origins)} | {tables.areas.polygons}
    paths = [Path(tables.folder) / name for name in sorted(names) if name]
    files = {path.name: path.read_bytes() for path in paths if path.is_file()}
    return source_digest(files) if files else ""


def to_plain(plan: Plan) -> dict[str, Any]:
    """The plan as plain dictionaries and lists, such that ``from_plain(to_plain(p)) == p``."""
    return dataclasses.asdict(plan) | {"base": to_tree(plan.base)}


def from_plain(tree: dict[str, Any]) -> Plan:
    """The plan of a tree, as read from JSON."""
    arms = [
        Arm(**arm | {"policies": configure({"city": tree["base"]["city"], "policies": arm["policies"]}).policies})
        for arm in tree["arms"]
    ]
    return Plan(**tree | {"base": configure(tree["base"]), "arms": tuple(arms), "sets": tuple(tree["sets"])})


def arms_of(paths: Sequence[Path], base: Config, split: bool = True) -> tuple[Arm, ...]:
    """An arm for each policy file and, where it bundles several policies, one for each of these alone.

    A policy file has a title, a description, policies, and perhaps a base, which only counts where it is run by itself.
    Raises ScenarioError for a file with anything else or without policies, and for names that cannot be told apart.
    """
    arms: list[Arm] = []
    for path in paths:
        tree = parse(path)
        name = _name(path, arms)
        about = {
            key: _text(tree.get(key, default), f"{path}: {key}")
            for key, default in (("title", name), ("description", ""))
        }
        for key in tree:
            if key not in OWN_KEYS:
                raise ScenarioError(
                    f"{path}: {key}: only {', '.join(OWN_KEYS)} count in a file of policies; set it in the baseline "
                    "(or by --set), or leave it out"
                )
        entries = {"city": to_tree(base)["city"], "policies": tree.get("policies", [])}
        policies = configure(entries, str(path)).policies
        if not policies:
            raise ScenarioError(f"{path}: has no policies; write [[policies]] with a kind, or leave the file out")
        arms.append(Arm(name, about["title"], policies, "", about["description"], str(path)))
        if split and len(policies) > 1:
            arms += [
                Arm(f"{name}--{i + 1}-{p.kind}", _alone(p, policies), (p,), name, source=str(path))
                for i, p in enumerate(policies)
            ]
    return tuple(arms)


def _name(path: Path, arms: Sequence[Arm]) -> str:
    """The name of a file's arm. ScenarioError if tables or folders could not hold it, or another arm bears it."""
    name = path.stem
    if not re.fullmatch(r"[\w][\w .+-]*", name) or name == "baseline":
        raise ScenarioError(
            f"{path}: its name stands in tables; rename it: letters, digits, spaces, . + - _, not baseline"
        )
    if any(arm.name == name for arm in arms):
        raise ScenarioError(f"{path}: another policy file is called {name!r} too; rename one")
    return name


def _text(value: Any, where: str) -> str:
    """A text in one piece, without control characters."""
    if not isinstance(value, str):
        raise ScenarioError(f"{where}: must be a text in quotes (it is {value!r:.60})")
    return "".join(c for c in value.strip() if c.isprintable() or c == "\n")


def _alone(policy: Policy, bundle: Sequence[Policy]) -> str:
    """Title of a part of a bundle; its years tell it from others of its kind."""
    words = policy.kind.replace("_", " ")
    if sum(other.kind == policy.kind for other in bundle) == 1:
        return f"{words} alone"
    return f"{words} alone, {years(policy)}"


def years(policy: Policy) -> str:
    """The years in which a policy is in force, in a few words."""
    if not policy.end:
        return f"from year {policy.start}"
    return f"year {policy.start}" if policy.end == policy.start else f"years {policy.start}-{policy.end}"
