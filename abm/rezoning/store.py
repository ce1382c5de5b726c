"""Drawings remembered: in the process and in the user's cache folder, under a digest of the problem and of the code.

A plan depends on the city alone, so that all seeds and a second run solve it once. Two processes may solve the same problem at
once: each writes a file of its own and renames it, and both files are the same. What is read is controlled like what is
solved; a file that does not fit is solved anew.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np

from abm.cache_folder import CACHE_FOLDER, PACKAGE
from abm.rezoning.checks import faults
from abm.rezoning.problem import Problem
from abm.rezoning.solver import draw

FOLDER = None if CACHE_FOLDER is None else CACHE_FOLDER.parent / "zones"
KEPT = 64  # drawings kept in the process
_KNOWN: dict[str, np.ndarray] = {}


def key(problem: Problem) -> str:
    """Digest of every number of the problem, of the code that solves it, and of the solver's version."""
    from importlib.metadata import version  # here: it is slow, and only these policies need it

    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"ortools {version('ortools')}".encode())
    for path in sorted((PACKAGE / "rezoning").glob("*.py")):
        digest.update(path.read_bytes())
    for name, column in zip(problem._fields, problem, strict=True):
        column = np.ascontiguousarray(column)
        digest.update(f"{name} {column.dtype} {column.shape}".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()


def solved(problem: Problem, folder: Path | None = FOLDER) -> np.ndarray:
    """(unit,) int centre of each unit in the best drawing found; not to be written into."""
    name = key(problem)
    if name not in _KNOWN:
        centre = _read(problem, folder, name)
        if centre is None:
            centre = draw(problem)
            wrong = faults(problem, centre)
            if wrong:
                raise RuntimeError(f"the drawing of zones is not valid: {'; '.join(wrong)}")
            _write(centre, folder, name)
        while len(_KNOWN) >= KEPT:
            _KNOWN.pop(next(iter(_KNOWN)))
        centre.flags.writeable = False
        _KNOWN[name] = centre
    return _KNOWN[name]


def _read(problem: Problem, folder: Path | None, name: str) -> np.ndarray | None:
    """The stored drawing, if there is one and it is valid."""
    if folder is None:
        return None
    try:
        centre = np.load(folder / f"{name}.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = centre.shape == problem.present.shape and centre.dtype == np.int64
    return centre if fits and not faults(problem, centre) else None


def _write(centre: np.ndarray, folder: Path | None, name: str) -> None:
    """Store a drawing whole or not at all; where nothing can be written, nothing is stored."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(suffix=".part", dir=folder)
        with os.fdopen(handle, "wb") as file:
            np.save(file, centre)
        os.replace(draft, folder / f"{name}.npy")
    except OSError:
        return
