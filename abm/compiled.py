"""How kernels are compiled: one decorator. :mod:`abm.cache_folder` says where they are kept, :mod:`abm.disk_cache` how."""

import functools

import llvmlite.binding
import numba
import numpy as np
from numba.core.registry import CPUDispatcher
from numba.core.types import unliteral
from numba.extending import intrinsic, overload, register_jitable

from abm.cache_folder import CACHE_FOLDER
from abm.disk_cache import KernelCache
from abm.interrupts import postponed
from abm.shortcuts import unheard


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
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)


def kernel(function):
    """Compile ``function`` with numba: cached, without the GIL, numpy's division; no fastmath, so results repeat to the bit.

    With ``NUMBA_DISABLE_JIT=1`` it is the plain Python function, which must give the same bits; numpy then does not warn
    of products of whole numbers that wrap around, which are meant to, or of 0 / 0.
    """
    return _plain(function) if numba.config.DISABLE_JIT else Kernel(function)


def in_place(function):
    """As :func:`kernel`, for functions that make no arrays: numba then counts no references to those it is given.

    Counting costs two atomic operations for each array that a pasted-in function takes, several times a utility.
    """
    return _plain(function) if numba.config.DISABLE_JIT else Kernel(function, _nrt=False)


def apart(kernel):
    """Decorator of a kernel that is a kernel by itself for those that call it too: its loops are shaped before they take it in.

    Seldom worth the time it takes to compile: copying many short runs of rows is a fifth faster for it.
    """
    if not numba.config.DISABLE_JIT:
        kernel.apart = True
    return kernel


def inlined(function):
    """As :func:`in_place`, but always inlined into its callers, by LLVM: for the small functions inside the hot loops.

    Without it every call copies the descriptors of all the arrays in its named tuples, several times the work itself.
    Numba's own ``inline="always"`` would paste a function's source in before types are known, and find them anew for each
    caller: that took a third of the time in which all kernels are compiled.
    """
    return function if numba.config.DISABLE_JIT else Kernel(function, _nrt=False, forceinline=True)


def pasted(function):
    """As :func:`inlined`, but by numba, in its place from the start: for one long function whose loops LLVM then shapes better.

    Ranking is 6 % faster for it. Dear where there are many callers, or many functions one within the other.
    """
    return function if numba.config.DISABLE_JIT else Kernel(function, _nrt=False, inline="always")


_OPTIONS = {"nopython": True, "boundscheck": None, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}


class Part(CPUDispatcher):
    """A function compiled for the types it is called with."""

    def get_call_template(self, args, kws):
        """A constant is a number like others: called with 0 and with n, a function is compiled once."""
        args, kws = [unliteral(a) for a in args], {name: unliteral(a) for name, a in kws.items()}
        return super().get_call_template(args, kws)


class Kernel(Part):
    """One that Python calls, and that is kept on disk.

    Kernels that call it have it compiled as a part of themselves, unless Python has called it before: a part needs no way
    in from Python, no machine code of its own and no place in the cache.
    """

    def __init__(self, function, **options):
        super().__init__(function, targetoptions=_OPTIONS | options)
        self.pasted, self.apart = "inline" in options or "forceinline" in options, False

    def compile(self, sig):
        """Ctrl-C waits for the end: raised while LLVM calls back, it would be lost, and with it the machine code."""
        if CACHE_FOLDER is not None and not isinstance(self._cache, KernelCache):  # few are ever called from Python
            self._cache = KernelCache(self.py_func)
        with postponed(), unheard():
            return super().compile(sig)

    @functools.cached_property
    def _part(self):
        return Part(self.py_func, targetoptions=self.targetoptions | {"no_cpython_wrapper": True})

    @property
    def _numba_type_(self):
        by_itself = self.apart or (self.overloads and not self.pasted)
        return super()._numba_type_ if by_itself else self._part._numba_type_


def _plain(function):
    return np.errstate(over="ignore", divide="ignore", invalid="ignore")(function)


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
