"""The page's modules as one script: each becomes a function, in the order in which they need each other.

The modules keep to a simple style, which is checked here: imports and exports stand at the start of a line, and nothing
that is exported changes what it is bound to. What is not understood is an error, never a silent gap.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.-]+)";[^\S\n]*(?://[^\n]*)?$', re.M)
EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class) (\w+)|const ([^\n]+)|let ([\w$]+))", re.M)
LEFT = re.compile(r"^(?:import|export)\b.*$", re.M)
DECLARED = re.compile(r"(?:^|,\s*)([\w$]+) = ")


class BundleError(Exception):
    """A module of the page is written in a way that this bundler does not know."""


def bundle(folder: Path, entry: str) -> str:
    """One script that runs ``entry`` and all that it imports."""
    texts: dict[str, str] = {}
    _collect(folder, entry, texts, ())
    fixed = {name: _exported(name, text)[0] for name, text in texts.items()}
    parts = [_wrapped(name, text, fixed) for name, text in texts.items()]
    return '(() => {\n"use strict";\nconst modules = {};\n' + "".join(parts) + "})();\n"


def _collect(folder: Path, name: str, texts: dict[str, str], above: tuple[str, ...]) -> None:
    """Read a module after those that it imports."""
    if name in above:
        raise BundleError(f"modules import each other in a circle: {' -> '.join([*above, name])}")
    if name in texts:
        return
    text = (folder / name).read_text(encoding="utf-8")
    for match in IMPORT.finditer(text):
        _collect(folder, match[2], texts, (*above, name))
    texts[name] = text


def _exported(name: str, text: str) -> tuple[list[str], list[str]]:
    """Names that a module exports: those bound for good, and those that may be bound anew."""
    fixed, loose = [], []
    for match in EXPORT.finditer(text):
        if match[2]:
            fixed.append(match[2])
        elif match[3]:
            found = DECLARED.findall(_outer(match[3]))
            if not found:
                raise BundleError(f"{name}: no name is found in: {match[0]}")
            fixed.extend(found)
        else:
            loose.append(match[4])
    return fixed, loose


def _outer(text: str) -> str:
    """A declaration without what stands in brackets or quotes."""
    out, depth = [], 0
    for char in re.sub(r'"[^"]*"|`[^`]*`|\'[^\']*\'', '""', text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and char not in ")]}":
            out.append(char)
    return "".join(out)


def _wrapped(name: str, text: str, fixed: dict[str, list[str]]) -> str:
    """A module as a function that returns what it exports."""

    def brought(match: re.Match) -> str:
        names = [part.strip() for part in match[1].split(",") if part.strip()]
        for one in names:
            if one.split(" as ")[0].strip() not in fixed[match[2]]:
                raise BundleError(f"{name} imports {one} of {match[2]}, which exports no such name bound for good")
        return f'const {{ {", ".join(re.sub(r" as ", ": ", one) for one in names)} }} = modules["{match[2]}"];'

    body = EXPORT.sub(lambda match: match[0].removeprefix("export "), IMPORT.sub(brought, text))
    if left := LEFT.search(body):
        raise BundleError(f"{name}: not understood: {left[0]}")
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {", ".join(fixed[name])} }};\n}})();\n'
