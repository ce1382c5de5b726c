"""Reading a scenario: a TOML file with only what differs from the defaults, checked key by key.

Every fault is a ``ScenarioError`` whose text names the file, the key and the remedy.
"""

import dataclasses
import difflib
import itertools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.policies import SHELF, Policy
from abm.rules import Rules


def load(path: str | Path, overrides: Sequence[str] = (), data: str | Path | None = None) -> Config:
    """The configuration in the TOML file ``path``, with ``dotted.key=value`` overrides and the folder of real tables.

    Raises ScenarioError for a missing or unreadable file, bad TOML, an unknown key, a wrong type or bound.
    """
    path = Path(path)
    tree = read(path)
    for override in overrides:
        _override(tree, override)
    if data is not None:
        tree.setdefault("city", {}).setdefault("tables", {})["folder"] = str(data)
    return configure(tree, str(path))


def parse(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tree of one TOML file. ScenarioError where it cannot be read; ``above`` are the files that led to it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        named = f"; {above[-1]} names it as base" if above else ""
        raise ScenarioError(f"{path}: no such scenario file{named}; name an existing .toml file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read ({error}); a scenario is a UTF-8 text file") from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: not valid TOML: {error}") from None
    except RecursionError:
        raise ScenarioError(
            f"{path}: not valid TOML: lists or tables too deep within each other; flatten them"
        ) from None


def read(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tree of a scenario file, laid over that of the file it names as ``base`` (relative to it), if any."""
    tree = parse(path, above)
    base = tree.pop("base", None)
    if base is None:
        return tree
    if not isinstance(base, str):
        raise ScenarioError(f'{path}: base must be the path of a scenario, such as base = "../milan.toml"')
    if path.resolve() in (p.resolve() for p in above):
        raise ScenarioError(f"{path}: base leads back to this file; name another one")
    return over(read(path.parent / base, (*above, path)), tree)


def sources(path: Path) -> str:
    """What a scenario's file says of its sources: the comment at its head, or else at that of its base. Empty without one."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        base = "" if lines[:1] and lines[0].startswith("#") else parse(path).get("base", "")
    except (OSError, ScenarioError):
        return ""
    if base and (path.parent / base).resolve() != path.resolve():
        return sources(path.parent / base)
    return " ".join(line.lstrip("# ").strip() for line in itertools.takewhile(lambda line: line.startswith("#"), lines))


def over(under: dict[str, Any], tree: dict[str, Any]) -> dict[str, Any]:
    """``tree`` laid over ``under``: tables are joined key by key, all else is replaced."""
    both = dict(under)
    for key, value in tree.items():
        there = under.get(key)
        both[key] = over(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return both


def configure(tree: Mapping[str, Any], where: str = "scenario") -> Config:
    """The configuration of a nested mapping, as read from TOML or JSON. ``where`` names it in errors."""
    tree = dict(tree)
    entries = tree.pop("policies", [])
    if not isinstance(entries, list | tuple):
        raise ScenarioError(f"{where}: policies must be a list of tables; write [[policies]]")
    policies = tuple(_policy(entry, f"{where}: policies[{i}]") for i, entry in enumerate(entries))
    try:
        config = Config(**tree, policies=policies)
    except ValidationError as error:
        raise ScenarioError(_explain(error, Config, where)) from None
    _check_groups(config, where)
    _check_alone(policies, where)
    return config


def to_tree(config: Config) -> dict[str, Any]:
    """The configuration in full as plain dictionaries and lists, such that ``configure(to_tree(c)) == c``."""
    return dataclasses.asdict(config)


def _policy(entry: Any, where: str) -> Policy:
    if isinstance(entry, Policy):
        return entry
    if not isinstance(entry, Mapping) or not isinstance(entry.get("kind"), str):
        raise ScenarioError(f'{where}: a policy is a table with kind = "..."; one of {", ".join(SHELF)}')
    if entry["kind"] not in SHELF:
        raise ScenarioError(
            f"{where}.kind: no policy {entry['kind']!r}{_mean(entry['kind'], SHELF)}; one of {', '.join(SHELF)}"
        )
    cls = SHELF[entry["kind"]]
    try:
        return cls(**entry)
    except (ValidationError, TypeError) as error:
        raise ScenarioError(_explain(error, cls, where)) from None


def _override(tree: dict[str, Any], text: str) -> None:
    """Set one ``dotted.key=value``; the value is read as TOML, or as text where it is not."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise ScenarioError(f"--set {text}: write dotted.key=value, such as choice.alpha=0.3")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        parsed = value.strip()
    *path, last = key.strip().split(".")
    if path and path[0] != "title" and not isinstance(tree.get(path[0], {}), dict | list):
        raise ScenarioError(
            f"{path[0]}: must be a section with keys of its own (it is {tree[path[0]]!r}), to set {text}"
        )
    for name in path:
        tree = _child(tree, name, text)
    if isinstance(tree, list):
        tree = _child(tree, last, text, parsed)
    else:
        tree[last] = parsed


def _child(tree: Any, name: str, text: str, value: Any = None) -> Any:
    """The part ``name`` of a table or list (by number), made if a table lacks it; set to ``value`` if one is given."""
    if isinstance(tree, list):
        if not name.isdigit() or int(name) >= len(tree):
            raise ScenarioError(f"--set {text}: no entry {name!r}; the list has entries 0 to {len(tree) - 1}")
        if value is not None:
            tree[int(name)] = value
        return tree[int(name)]
    if not isinstance(tree, dict):
        raise ScenarioError(f"--set {text}: {name!r} is not inside a table; see `schoolflight parameters`")
    if not isinstance(tree.get(name), dict | list):
        tree[name] = {}
    return tree[name]


def _explain(error: ValidationError | TypeError, cls: type, where: str) -> str:
    """The first faults in plain words: file, key, what is wrong, what would be right."""
    if isinstance(error, TypeError):
        return f"{where}: {error}"
    lines = []
    for fault in error.errors()[:3]:
        location = [str(part) for part in fault["loc"] if not str(part).startswith(("float", "dict", "tuple"))]
        key = ".".join(location)
        if fault["type"] == "unexpected_keyword_argument":
            owner = _owner(cls, location[:-1])
            names = [f.name for f in dataclasses.fields(owner)] if owner else []
            lines.append(f"{where}: {key}: unknown key{_mean(location[-1], names)}")
        elif fault["type"] in ("bounds", "check"):
            inner = fault["ctx"].get("key")
            key = ".".join([*location, inner] if inner else location)
            lines.append(
                f"{where}: {key + ': ' if key else ''}{fault['msg'].removeprefix(f'{inner} = ') if inner else fault['msg']}"
            )
        else:
            message = fault["msg"].replace("Input should be", "must be")
            lines.append(f"{where}: {key}: {message} (it is {fault['input']!r:.60})")
    return "\n".join(dict.fromkeys(lines))


def _owner(cls: Any, path: Sequence[str]) -> Any:
    """The section that holds a dotted key; None where the path leads through a list or a free table."""
    for name in path:
        kinds = {f.name: f.type for f in dataclasses.fields(cls)}
        if name.isdigit():
            continue
        kind = kinds.get(name)
        args = getattr(kind, "__args__", ())
        kind = args[0] if args and dataclasses.is_dataclass(args[0]) else kind
        if not dataclasses.is_dataclass(kind):
            return None
        cls = kind
    return cls


def _mean(word: str, names) -> str:
    close = difflib.get_close_matches(word, list(names), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _check_groups(config: Config, where: str) -> None:
    """Every by-group value names groups of this city."""
    rules = Rules.of(config)
    for field in dataclasses.fields(rules):
        part = getattr(rules, field.name)
        if not dataclasses.is_dataclass(part) or field.name == "orders":
            continue
        for inner in dataclasses.fields(part):
            if isinstance(getattr(part, inner.name), dict):
                try:
                    rules.by_group(f"{field.name}.{inner.name}")
                except ValueError as error:
                    raise ScenarioError(f"{where}: {error}") from None


def _check_alone(policies: Sequence[Policy], where: str) -> None:
    """No two policies of the same years set what only one can set, such as the mechanism."""
    for i, one in enumerate(policies):
        for j, other in enumerate(policies[:i]):
            shared = sorted(set(one.alone) & set(other.alone))
            last = min(one.end or 1000, other.end or 1000)
            if shared and max(one.start, other.start) <= last and one.intensity and other.intensity:
                raise ScenarioError(
                    f"{where}: policies[{j}] ({other.kind}) and policies[{i}] ({one.kind}) both set {shared[0]} in year "
                    f"{max(one.start, other.start)}; leave one out, or give them years that do not overlap"
                )
