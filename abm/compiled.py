"""How kernels are compiled: one decorator, and a disk cache that no edit can make stale.

Numba stores compiled code beside a stamp of the *one* file that defines a function; an edit in another file that the
function calls is not seen (numba issue 1833). Here the cache folder's name carries a digest of every source file that
holds a kernel, and of those from which such a file takes a constant, so an edit of any of them starts a fresh folder.
Where no folder can be written, kernels compile anew in each process.
"""

import contextlib
import functools
import gc
import hashlib
import os
import re
import stat
import sys
import tempfile
from pathlib import Path

import llvmlite.binding
import numba
import numpy as np
from numba.core import event
from numba.extending import intrinsic, overload, register_jitable

from abm.disk_cache import KernelCache

PACKAGE = Path(__file__).resolve().parent


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
    wanted = {name for name, text in files.items() if holds.search(text)} | {"compiled.py", "disk_cache.py"}
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


def _widest_vectors() -> str | None:
    """The processor's features for LLVM, vectors of 512 bits preferred where it has them; None: numba's own choice.

    LLVM avoids them on processors whose clock once fell for them; the kernels here run up to twice as fast with them.
    """
    try:
        features = llvmlite.binding.get_host_cpu_features()
    except RuntimeError:
        return None
    if not features.get("avx512f") or not numba.config.ENABLE_AVX:
        return None
    return features.flatten() + ",-prefer-256-bit"


if numba.config.CPU_FEATURES is None:
    numba.config.CPU_FEATURES = _widest_vectors()
_SOURCES = sources()
DIGEST = source_digest(_SOURCES)
CACHE_FOLDER = _cache_folder(source_digest(kernel_sources(_SOURCES)))
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)


class _Undisturbed(event.Listener):
    """No search for garbage while a kernel is compiled: going through numba's millions of objects takes an eighth of the time."""

    def __init__(self):
        self.depth, self.searches = 0, False

    def on_start(self, event) -> None:
        """A kernel begins to be compiled, perhaps one that another calls."""
        if self.depth == 0:
            self.searches = gc.isenabled()
            gc.disable()
        self.depth += 1

    def on_end(self, event) -> None:
        """It is compiled, or has failed to."""
        self.depth -= 1
        if self.depth == 0 and self.searches:
            gc.enable()


event.register("numba:compile", _Undisturbed())


def is_warm() -> bool:
    """Whether kernels of just these sources were compiled before, so that another process need not compile them."""
    return CACHE_FOLDER is not None and any(CACHE_FOLDER.rglob("*.nbi"))


def kernel(function):
    """Compile ``function`` with numba: cached, without the GIL, numpy's division; no fastmath, so results repeat to the bit.

    With ``NUMBA_DISABLE_JIT=1`` it is the plain Python function, which must give the same bits; numpy then does not warn
    of products of whole numbers that wrap around, which are meant to, or of 0 / 0.
    """
    return _plain(function) if numba.config.DISABLE_JIT else _compiled(function)


def in_place(function):
    """As :func:`kernel`, for functions that make no arrays: numba then counts no references to those it is given.

    Counting costs two atomic operations for each array that a pasted-in function takes, several times a utility.
    """
    return _plain(function) if numba.config.DISABLE_JIT else _compiled(function, _nrt=False)


def inlined(function):
    """As :func:`in_place`, but always inlined into its callers, by LLVM: for the small functions inside the hot loops.

    Without it every call copies the descriptors of all the arrays in its named tuples, several times the work itself.
    Numba's own ``inline="always"`` would paste a function's source in before types are known, and find them anew for each
    caller: that took a third of the time in which all kernels are compiled.
    """
    return _inside(function, forceinline=True)


def pasted(function):
    """As :func:`inlined`, but by numba, in its place from the start: for one long function whose loops LLVM then shapes better.

    Ranking is 6 % faster for it. Dear where there are many callers, or many functions one within the other.
    """
    return _inside(function, inline="always")


def _inside(function, **options):
    if numba.config.DISABLE_JIT:
        return function
    return Inside(function, _njit(function, _nrt=False, no_cpython_wrapper=True, **options))


class Inside:
    """A function for kernels to call, without a way in from Python, which is the dearest part of a small one, and uncached.

    Python can call it all the same: it is then compiled once more, as a kernel.
    """

    def __init__(self, function, compiled):
        self.py_func, self._compiled = function, compiled
        self.targetoptions, self._numba_type_ = compiled.targetoptions, compiled._numba_type_  # for numba to know it by
        functools.update_wrapper(self, function)

    def __call__(self, *arguments):
        return self._kernel(*arguments)

    @functools.cached_property
    def _kernel(self):
        return kernel(self.py_func)


def _njit(function, **options):
    return numba.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)(function)


def _plain(function):
    return np.errstate(over="ignore", divide="ignore", invalid="ignore")(function)


def _compiled(function, **options):
    made = _njit(function, **options)
    if CACHE_FOLDER is not None:
        made._cache = KernelCache(function)
    return made


def shared(function):
    """As it stands, and for kernels to call: a small function of numbers that serves whole arrays outside of them."""
    return register_jitable(function)


def in_lanes(build):
    """Decorator: where compiled, the function is the LLVM instructions that ``build(builder, *arguments)`` writes.

    All arguments are uint32. Numba computes with unsigned 32-bit numbers in 64 bits, which halves the lanes of a vector
    loop and makes a product several times as slow; these instructions stay in 32 bits. Plain Python, and whoever calls it
    from there, has the function as it stands, which must give the same bits.
    """

    def replace(function):
        if not numba.config.DISABLE_JIT:
            _lower(function, build)
        return function

    return replace


def _lower(function, build):
    result = numba.from_dtype(np.dtype(function.__annotations__["return"]))

    @intrinsic
    def one(typing, a):
        return result(numba.types.uint32), lambda context, builder, signature, given: build(builder, *given)

    @intrinsic
    def two(typing, a, b):
        both = result(numba.types.uint32, numba.types.uint32)
        return both, lambda context, builder, signature, given: build(builder, *given)

    if function.__code__.co_argcount == 1:
        overload(function, inline="always")(lambda bits: lambda bits: one(np.uint32(bits)))
    else:
        overload(function, inline="always")(lambda a, b: lambda a, b: two(np.uint32(a), np.uint32(b)))
