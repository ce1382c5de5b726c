"""How a parameter is declared: default, unit, bounds, meaning and source in one place, checked when a value is set.

A section is a frozen dataclass (pydantic checks the types); every field is made by :func:`param`. The parameter table of
the documentation, the sliders of the app and the bounds of the sensitivity analysis are read from these declarations.
"""

import contextlib
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Strict
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import PydanticCustomError

Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Strict()]
ByGroup = Number | dict[Text, Number]
"""One number for all groups, or a table {group = number}; the minority's common name stands for all its groups."""

ASSUMPTION = "assumption"


class ScenarioError(ValueError):
    """A scenario or an input that cannot be used; the text names the file, the key and the remedy."""


@contextlib.contextmanager
def named(where: object) -> Iterator[None]:
    """Within, a ScenarioError begins with ``where``: the file that it is about."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(f"{where}: {error}") from None


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One declared parameter as the table of parameters shows it."""

    key: str
    default: Any
    unit: str
    low: float | None
    high: float | None
    doc: str
    source: str
    choices: tuple[str, ...] = ()
    spread: tuple[float, float] | None = None  # factors between which the value is uncertain


def param(
    default: Any, *, unit: str, doc: str, source: str = ASSUMPTION, low=None, high=None, each=False, spread=None
) -> Any:
    """A field of a section. ``low`` and ``high`` are inclusive bounds of every number in the value; ``each`` makes a table.

    spread: two factors, around the scenario's value, between which it is uncertain (assumption; see ``compare --parameters``).
    """
    metadata = {"unit": unit, "doc": doc, "source": source, "low": low, "high": high, "spread": spread}
    if each or isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def section(cls):
    """Make ``cls`` a frozen section: unknown keys, wrong types, non-finite and out-of-bounds values are refused."""
    cls.__post_init__ = _check_bounds
    return pydantic_dataclass(
        frozen=True,
        kw_only=True,
        config=ConfigDict(extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True, defer_build=True),
    )(cls)


def _check_bounds(self) -> None:
    for field in dataclasses.fields(self):
        low, high = field.metadata.get("low"), field.metadata.get("high")
        for value in _numbers(getattr(self, field.name)):
            if (low is not None and value < low) or (high is not None and value > high):
                raise PydanticCustomError(
                    "bounds",
                    "{key} = {value} is out of bounds: it must be {range}",
                    {"key": field.name, "value": value, "range": describe_bounds(low, high)},
                )
    check = getattr(self, "check", None)
    if check is not None:
        check()


def _numbers(value: Any) -> Iterator[float]:
    """All numbers in a value: itself, or those of a tuple or a table."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _numbers(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _numbers(part)


def describe_bounds(low: float | None, high: float | None) -> str:
    """Bounds in words, such as ``0 to 1`` or ``at least 0``."""
    if low is None and high is None:
        return "any"
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"{low:g} to {high:g}"


def fault(message: str) -> PydanticCustomError:
    """An error that a section's own ``check`` raises: what is wrong and the remedy, in one or two lines."""
    return PydanticCustomError("check", "{message}", {"message": message})


def parameters(cls: type, prefix: str = "") -> Iterator[Parameter]:
    """Every parameter declared in a section and its sub-sections, depth first, with dotted keys."""
    for field in dataclasses.fields(cls):
        key = f"{prefix}{field.name}"
        kind = field.type
        if dataclasses.is_dataclass(kind):
            yield from parameters(kind, f"{key}.")
        elif "doc" in field.metadata:
            default = field.default if field.default is not dataclasses.MISSING else field.default_factory()
            choices = kind.__args__ if getattr(kind, "__origin__", None) is Literal else ()
            about = field.metadata
            yield Parameter(
                key,
                default,
                about["unit"],
                about["low"],
                about["high"],
                about["doc"],
                about["source"],
                choices,
                about.get("spread"),
            )


def by_group(value: ByGroup, groups: tuple[str, ...], minority: str, key: str) -> np.ndarray:
    """(group,) float32 of a by-group value.

    A table may name a group, ``majority`` (the first group), or ``minority`` or the minority's common name (each other
    group). ValueError if it names a group that is not there, or leaves one out.
    """
    if not isinstance(value, Mapping):
        return np.full(len(groups), value, np.float32)
    known = (*groups, minority, "majority", "minority")
    for name in value:
        if name not in known:
            raise ValueError(f"{key}: no group {name!r}; this city has {', '.join(dict.fromkeys(known))}")
    out = np.full(len(groups), math.nan, np.float32)
    for g, name in enumerate(groups):
        for alias in (name, *(("majority",) if g == 0 else (minority, "minority"))):
            if alias in value:
                out[g] = value[alias]
                break
        else:
            raise ValueError(f"{key}: no value for group {name!r}; add it, or give one number for all groups")
    return out
