"""The ledger: a line for every forecast as it is written, and for every score; nothing in it is changed or taken out.

Each line holds the hash of the line before and its own, so that a changed, lost or inserted line shows. Lines cut off at
the end do not show by themselves: whoever wants to prove more publishes the last hash, which every command prints.
"""

import datetime
import hashlib
import json
import os
from pathlib import Path

from abm.config.declare import ScenarioError
from experiments.engine import alone

START = "0" * 64
PATIENCE = 60.0  # seconds to wait for another command that writes


class Ledger:
    """The lines of one ledger file; reading them checks the chain."""

    def __init__(self, path: Path):
        self.path = path
        self.lines = _checked(path)

    @property
    def last(self) -> str:
        """Hash of the last line."""
        return self.lines[-1]["hash"] if self.lines else START

    def add(self, kind: str, **what) -> dict:
        """Append a line of what happened now; it is on disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self.path.parent, f".{self.path.name}.lock", PATIENCE):
            self.lines = _checked(self.path)
            entry = {"kind": kind, "time": now(), **what, "before": self.last}
            entry["hash"] = _hash(entry)
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(entry, sort_keys=True) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self.lines.append(entry)
        return entry

    def forecast(self, path: Path) -> dict:
        """The line of a forecast file. ScenarioError if its content is not what was written down."""
        digest = file_hash(path)
        for entry in self.lines:
            if entry["kind"] == "forecast" and entry["sha256"] == digest:
                return entry
        known = any(entry["kind"] == "forecast" and entry["file"] == path.name for entry in self.lines)
        fault = (
            "its content is not what the ledger has: it was changed after it was written"
            if known
            else "it is not in the ledger"
        )
        raise ScenarioError(f"{path}: {fault} ({self.path}); only a forecast that was written down before is scored")

    def scored(self, years) -> bool:
        """Whether some forecast has been scored on all these years."""
        return any(entry["kind"] == "score" and set(years) <= set(entry["years"]) for entry in self.lines)


def now() -> str:
    """The time, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def file_hash(path: Path) -> str:
    """SHA-256 of a file. ScenarioError if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error.strerror}); name the forecast.csv that was written"
        ) from None


def _hash(entry: dict) -> str:
    return hashlib.sha256(
        json.dumps({k: v for k, v in entry.items() if k != "hash"}, sort_keys=True).encode()
    ).hexdigest()


def _checked(path: Path) -> list[dict]:
    """All lines. ScenarioError names the first that does not fit."""
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    lines, before = [], START
    for number, text in enumerate(texts, 1):
        try:
            entry = json.loads(text)
            right = entry["before"] == before and entry["hash"] == _hash(entry)
        except (ValueError, KeyError, TypeError):
            right = False
        if not right:
            raise ScenarioError(
                f"{path}, line {number}: does not fit the line before or its own hash: the ledger was changed or torn; "
                "nothing is scored by it. Set it aside, and write forecasts anew"
            )
        before = entry["hash"]
        lines.append(entry)
    return lines
