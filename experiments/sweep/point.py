"""A point of a sweep: its values set in the base scenario, and the ids of its runs."""

import functools
import hashlib
import json
from typing import Any

from abm.cache_folder import DIGEST
from abm.config import Config
from abm.scenario import configure
from abm.values import Groups, put

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
    groups = Groups.of(tree)
    if arm is not None:
        tree = tree | {"policies": parts["arms"][arm]}
    for key, level in values.items():
        if key != "policies" and not (arm == NONE and key.startswith("policies.")):
            tree = put(tree, key, level, f"vary.{key}", groups)
    return configure(tree, where)


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
