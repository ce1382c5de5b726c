"""Values of dotted keys set in a scenario: for sets of parameters, and for the points of a sweep."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure, to_tree

SIDES = ("majority", "minority")


class Groups(NamedTuple):
    """What a table by group may name: a name that stands for others hides theirs once it is set."""

    others: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> "Groups":
        """Those of a scenario's tree in full."""
        first, *rest = tree["city"]["groups"]
        common = tree["city"]["minority"]
        names: dict[str, tuple[str, ...]] = {name: () for name in (first, *rest)}
        names.setdefault(common, tuple(rest))
        return cls(names | {"majority": (first,), "minority": (common, *rest)})


def with_values(base: Config, values: Mapping[str, Any], where: str = "parameters") -> Config:
    """The configuration with the values of dotted keys replaced.

    A key may name a group of a by-group value, such as ``choice.peers.majority``; one number for all groups becomes one
    for each; whole parameters take the nearest whole number. ScenarioError where a key is not there or out of bounds.
    """
    tree = to_tree(base)
    groups = Groups.of(tree)
    for key in sorted(values, key=lambda key: not groups.others.get(key.rpartition(".")[2])):  # wider names first
        if not known(tree, key, groups):
            raise ScenarioError(f"{where}: no parameter {key!r}; see `schoolflight parameters`")
        tree = put(tree, key, rounded(tree, key, values[key]), f"{where}: {key}", groups)
    return configure(tree, where)


def known(tree: Mapping[str, Any], key: str, groups: Groups) -> bool:
    """Whether a full tree has something under a dotted key, or a number by group whose group it names."""
    above, _, last = key.rpartition(".")
    there = look(tree, above) if above else tree
    if isinstance(there, Mapping) and last in there:
        return True
    by_group = _number(there) or (isinstance(there, Mapping) and bool(there) and set(there) <= set(groups.others))
    return by_group and last in groups.others


def look(tree: Any, key: str) -> Any:
    """What a tree has under a dotted key; None if nothing."""
    for name in key.split("."):
        tree = _entry(tree, name)
        if tree is None:
            return None
    return tree


def rounded(tree: Mapping[str, Any], key: str, value: Any) -> Any:
    """The nearest whole number where the tree has a whole number under the key."""
    own = look(tree, key)
    return round(value) if isinstance(own, int) and not isinstance(own, bool) and isinstance(value, float) else value


def put(tree: Any, key: str, value: Any, where: str, groups: Groups | None = None) -> Any:
    """A copy of ``tree``, a scenario in full, with the value of a dotted key set, sharing all else. ``where`` is named in errors."""
    return _put(tree, key.split("."), value, where, groups or Groups.of(tree))


def _put(tree: Any, path: list[str], value: Any, where: str, groups: Groups) -> Any:
    name, *rest = path
    if not rest:
        if isinstance(tree, list | tuple):
            raise ScenarioError(f"{where}: {name!r} is an entry of a list; name one of its keys")
        hidden = groups.others.get(name, ()) if set(tree) <= set(groups.others) else ()
        return {other: level for other, level in tree.items() if other not in hidden} | {name: value}
    there = _entry(tree, name)
    if there is None:
        raise ScenarioError(f"{where}: there is no {name!r} in the scenario; see `schoolflight parameters`")
    if _number(there) and len(rest) == 1 and rest[0] in groups.others:
        there = dict.fromkeys(SIDES, there)
    if not isinstance(there, dict | list | tuple):
        raise ScenarioError(f"{where}: {name!r} is one value in the base, and has no {rest[0]!r}; leave that out")
    changed = _put(there, rest, value, where, groups)
    if isinstance(tree, list | tuple):
        return [*tree[: int(name)], changed, *tree[int(name) + 1 :]]
    return tree | {name: changed}


def _entry(tree: Any, name: str) -> Any:
    """What a table or list has under a name; None if nothing."""
    if isinstance(tree, Mapping):
        return tree.get(name)
    if not isinstance(tree, list | tuple):
        return None
    return tree[int(name)] if name.isdecimal() and int(name) < len(tree) else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
