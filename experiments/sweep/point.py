"""A point of a sweep: its values set in the base scenario, and the ids of its runs."""

import functools
import hashlib
import json
from typing import Any

from abm.compiled import DIGEST
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure

NONE = "none"  # the arm without policies


@functools.lru_cache(maxsize=4)
def _base(text: str) -> dict[str, Any]:
    return json.loads(text)


def resolve(base: str, values: dict[str, Any], where: str = "point") -> Config:
    """The configuration of a point. ScenarioError where a value is out of bounds or a key is not there.

    In the arm without policies, keys into policies are left out: there is nothing that they could change.
    """
    parts = _base(base)
    tree, arm = parts["scenario"], values.get("policies")
    if arm is not None:
        tree = tree | {"policies": parts["arms"][arm]}
    for key, level in values.items():
        if key != "policies" and not (arm == NONE and key.startswith("policies.")):
            tree = put(tree, key.split("."), level, key)
    return configure(tree, where)


def put(tree: Any, path: list[str], level: Any, key: str) -> Any:
    """A copy of ``tree`` with the entry at ``path`` set, sharing all else. ``key`` is named in errors."""
    name, *rest = path
    if not rest:
        if isinstance(tree, list):
            raise ScenarioError(f"vary.{key}: {name!r} is an entry of a list; name one of its keys")
        return tree | {name: level}
    there = _entry(tree, name)
    if there is None:
        raise ScenarioError(f"vary.{key}: there is no {name!r} in the scenario; see `schoolflight parameters`")
    if not isinstance(there, dict | list):
        raise ScenarioError(f"vary.{key}: {name!r} is one number for all groups in the base; give it there by group")
    changed = put(there, rest, level, key)
    if isinstance(tree, list):
        return [*tree[: int(name)], changed, *tree[int(name) + 1 :]]
    return tree | {name: changed}


def _entry(tree: dict | list, name: str) -> Any:
    """What a table or list has under a name; None if nothing."""
    if isinstance(tree, dict):
        return tree.get(name)
    return tree[int(name)] if name.isdecimal() and int(name) < len(tree) else None


def scenario_digest(config: Config) -> str:
    """Sixteen digits of a resolved configuration."""
    return _digits(json.dumps(config, sort_keys=True, default=vars))


def values_digest(values: dict[str, Any]) -> str:
    """Sixteen digits of a point that has no configuration."""
    return _digits(repr(values))


def run_name(digest: str, seed: int) -> str:
    """The run's id: sixteen digits of (resolved configuration, seed, version of the model)."""
    return _digits(f"{digest} {seed} {DIGEST}")


def _digits(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
