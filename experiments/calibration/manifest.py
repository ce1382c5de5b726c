"""What a calibration's folder says of itself: which calibration, which code, which tables, which libraries, when."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.config import CityConfig
from abm.config.declare import ScenarioError
from abm.results import provenance, write
from experiments.calibration.simulation import CODE
from experiments.calibration.spec import Calibration, portable

NAME = "manifest.json"
LIBRARIES = ("pyabc", "scoringrules")
SAME = {
    "id": "another calibration (its file, or the scenario, is another)",
    "simulated_by": "a calibration by another version of the model, and results of two versions are not mixed",
    "tables": "a calibration to other tables (--data)",
}  # fields in which a folder must agree, and what it holds if it does not


def agreed(folder: Path, calibration: Calibration, path: Path, command: str) -> dict[str, Any]:
    """The folder's manifest, or a new one. ScenarioError if it holds another calibration or other files; nothing is written."""
    there, made = _there(folder), _made(calibration, path, command)
    if there is not None:
        for key, what in SAME.items():
            if there.get(key) != made[key]:
                raise ScenarioError(f"{folder}: holds {what}; give another --out")
        return there
    if folder.exists() and (not folder.is_dir() or any(p for p in folder.iterdir() if not p.name.startswith("."))):
        raise ScenarioError(f"{folder}: holds other files; give another --out")
    return made


def put(folder: Path, about: dict[str, Any]) -> None:
    """Write the manifest."""
    try:
        write(folder / NAME, json.dumps(about, indent=2) + "\n")
    except OSError as error:
        raise ScenarioError(f"{folder}: cannot be written ({error.strerror}); give another --out") from None


def ended(about: dict[str, Any], status: str, seconds: float) -> dict[str, Any]:
    """The manifest with how it ended and the time that it took so far."""
    return about | {"status": status, "ended": _now(), "seconds": round(about.get("seconds", 0.0) + seconds, 1)}


def tables_digest(city: CityConfig) -> str:
    """Twelve digits of the files that a city's tables are read from; empty for a city without tables."""
    if city.kind != "tables":
        return ""
    digest, tables = hashlib.blake2b(digest_size=6), city.tables
    names = [tables.origins.file]
    for part in (tables.areas, tables.schools, tables.zones):
        names += [part.file, part.polygons]
    for name in sorted({name for name in names if name}):
        file = Path(tables.folder) / name
        digest.update(name.encode())
        digest.update(file.read_bytes() if file.is_file() else b"")
    return digest.hexdigest()


def portable_about(about: dict[str, Any]) -> dict[str, Any]:
    """What may travel with the results: no times, no paths of this machine."""
    keys = ("id", "file", "scenario", "simulated_by", "tables", "schoolflight", "code", "python", "libraries")
    return {key: about[key] for key in (*keys, "calibration")}


def _there(folder: Path) -> dict[str, Any] | None:
    try:
        about = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{folder / NAME}: damaged ({error}); give another --out") from None
    if not isinstance(about, dict) or "calibration" not in about:
        raise ScenarioError(f"{folder}: holds something other than a calibration; give another --out")
    return about


def _made(calibration: Calibration, path: Path, command: str) -> dict[str, Any]:
    about, tree = provenance(), dataclasses.asdict(calibration)
    about["libraries"] |= {name: version(name) for name in LIBRARIES}
    tree |= {"base": portable(calibration.base), "scenario": Path(calibration.scenario).name}
    return {
        "id": calibration.identity(), "simulated_by": CODE, "tables": tables_digest(calibration.config.city),
        "file": path.name, "scenario": Path(calibration.scenario).name, "command": command, "status": "running",
        "begun": _now(), "seconds": 0.0, **about, "calibration": tree,
    }  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
