"""What a sweep's folder says of itself: its manifest, and the sample of its design."""

import dataclasses
import hashlib
import io
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

from abm.cache_folder import DIGEST
from abm.config.declare import ScenarioError
from abm.results import provenance
from experiments.sweep.design import Design
from experiments.sweep.factors import Factor
from experiments.sweep.spec import Sweep

NAME = "manifest.json"
SAMPLE = "design.npy"  # (point, factor) shares from 0 to 1


def mark(sweep: Sweep, size: int) -> str:
    """What every block's file says: of which sweep and version it is, and how many runs a block has."""
    return json.dumps({"id": sweep.identity(), "code": DIGEST, "block": size})


def found(folder: Path) -> dict | None:
    """The manifest; None where there is none or it is damaged. ScenarioError where it is not that of a sweep."""
    path = folder / NAME
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read ({error.strerror})") from None
    if not isinstance(about, dict) or not {"sweep", "id", "block", "runs", "points", "code"} <= set(about):
        raise ScenarioError(f"{path}: is not the manifest of a sweep; name another folder")
    return about


def check(folder: Path, sweep: Sweep, about: dict) -> None:
    """ScenarioError if the folder holds another sweep, or one of another version of the model."""
    if about["id"] != sweep.identity():
        raise ScenarioError(f"{folder}: holds another sweep; give another --out")
    if about["code"] != DIGEST:
        raise ScenarioError(
            f"{folder}: was run with another version of the model (code {about['code']}, now {DIGEST}); results of "
            "two versions are not mixed: give another --out, or go back to that version"
        )


def made(design: Design, path: str, size: int, command: str, sample: str) -> dict:
    """The manifest of a sweep of ``size`` runs a block; ``sample`` is the digest of a sampled design."""
    sweep, about = design.sweep, provenance()
    about["libraries"] |= {name: version(name) for name in ("SALib", "pyarrow")}
    return {
        "sweep": dataclasses.asdict(sweep), "id": sweep.identity(), "file": path, "command": command,
        "points": design.points, "runs": design.runs, "block": size, "sample": sample, **about,
    }  # fmt: skip


def sweep_of(about: dict) -> Sweep:
    """The sweep as the manifest has it."""
    tree = dict(about["sweep"])
    tree["factors"] = tuple(Factor(**(entry | {"levels": tuple(entry["levels"])})) for entry in tree["factors"])
    for key in ("keep", "indicators", "weights"):
        tree[key] = tuple(tree[key])
    tree["sets"] = tuple(tuple(values) for values in tree["sets"])
    return Sweep(**tree)


def packed(shares: np.ndarray) -> bytes:
    """A sample as a file."""
    sink = io.BytesIO()
    np.save(sink, shares)
    return sink.getvalue()


def digest(shares: np.ndarray) -> str:
    """Sixteen digits of a sample."""
    return hashlib.blake2b(np.ascontiguousarray(shares).data, digest_size=8).hexdigest()
