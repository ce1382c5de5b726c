"""Where compiled kernels are kept, and which sources they are made of: a folder that no edit can make stale.

Numba stores compiled code beside a stamp of the *one* file that defines a function; an edit in another file that the
function calls is not seen (numba issue 1833). Here the cache folder's name carries a digest of every source file that
holds a kernel, and of those from which such a file takes a constant, so an edit of any of them starts a fresh folder.
Where no folder can be written, kernels compile anew in each process.
"""

import contextlib
import hashlib
import os
import re
import stat
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# How kernels are compiled and stored.
_COMPILERS = {"asked_once.py", "compiled.py", "disk_cache.py", "cache_folder.py", "shortcuts.py"}
_IMPORT = re.compile(r"^from abm((?:\.\w+)*) import (?:\(([^)]*)\)|(.+))$", re.MULTILINE)


def sources() -> dict[str, bytes]:
    """Every Python source of the model by its path within the package."""
    return {p.relative_to(PACKAGE).as_posix(): p.read_bytes() for p in sorted(PACKAGE.rglob("*.py"))}


def source_digest(files: dict[str, bytes]) -> str:
    """Digest of sources, 16 hexadecimal digits; that of all sources is the model's version to the byte."""
    digest = hashlib.blake2b(digest_size=8)
    for name, text in files.items():
        digest.update(name.encode())
        digest.update(text)
    return digest.hexdigest()


def kernel_sources(files: dict[str, bytes]) -> dict[str, bytes]:
    """The sources on which compiled code, or how it is stored, depends: files with kernels, and whose constants they import."""
    holds = re.compile(rb"^from abm\.compiled import .*\b(?:kernel|in_place|inlined|pasted|shared)\b", re.MULTILINE)
    wanted = {name for name, text in files.items() if holds.search(text) or name in _COMPILERS}
    for name in tuple(wanted):
        for module, many, few in _IMPORT.findall(files[name].decode("utf-8")):
            if re.search(r"\b_?[A-Z][A-Z0-9_]+\b", many or few):
                stem = module.lstrip(".").replace(".", "/")
                wanted |= {path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in files}
    return {name: text for name, text in files.items() if name in wanted}


def _candidates():
    """Folders that may hold the cache, best first."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(os.environ["NUMBA_CACHE_DIR"])
        return
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        yield Path(os.environ["LOCALAPPDATA"]) / "schoolflight" / "kernels"
    elif os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"]) / "schoolflight" / "kernels"
    else:
        with contextlib.suppress(RuntimeError):  # a user without a home
            yield Path("~/.cache/schoolflight/kernels").expanduser()
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    with contextlib.suppress(OSError):  # no folder for temporary files, or somebody else's of this name
        yield _private(Path(tempfile.gettempdir()) / f"schoolflight-kernels-{owner}")


def _private(folder: Path) -> Path:
    """The folder, made if need be. OSError if others could have put files there: cached code is run as it is found."""
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if hasattr(os, "getuid") and (
        about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode) or about.st_mode & 0o022
    ):
        raise PermissionError(f"{folder} is open to others")
    return folder


def _cache_folder(digest: str) -> Path | None:
    """The first folder that can be written to, made if need be; None if there is none."""
    for base in _candidates():
        folder = base / digest
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


_SOURCES = sources()
DIGEST = source_digest(_SOURCES)
CACHE_FOLDER = _cache_folder(source_digest(kernel_sources(_SOURCES)))
_WARM = CACHE_FOLDER is not None and any(CACHE_FOLDER.rglob("*.nbi"))


def is_warm() -> bool:
    """Whether kernels of just these sources lay on disk when this process began; to try a scenario out compiles a few."""
    return _WARM
