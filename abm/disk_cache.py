"""Numba's disk cache of compiled kernels, made to bear damaged files, full disks and several processes at once.

Numba numbers the entries of a function, so two processes that compile it for different types at once can both write
number 1, and the list of entries then names the other's code. Here an entry's file bears a digest of its key, and holds
a checksum. Whatever cannot be read is compiled anew; whatever cannot be written is kept for the process only.

Beside a function's machine code numba keeps LLVM's, for pasting it into others. To read that takes half of the time in
which a kernel is loaded, and few are ever pasted anywhere: here it is read when asked for.
"""

import contextlib
import functools
import hashlib
import itertools
import pickle
import zlib

import llvmlite.binding as llvm
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.runtime import rtsys

from abm.shortcuts import TRIED

_SUM = 4  # bytes of the checksum at the head of an entry


class Entries(IndexDataCacheFile):
    """The entries of one function."""

    def save(self, key, data) -> None:
        """Store the compiled code ``data`` under ``key`` (types, processor, bytecode)."""
        digest = hashlib.blake2b(repr(key).encode(), digest_size=6).hexdigest()
        name = f"{self._index_name.removesuffix('.nbi')}.{digest}.nbc"
        with contextlib.suppress(OSError):
            self._save_data(name, data)
            self._save_index({**self._load_index(), key: name})

    def _load_index(self) -> dict:
        try:
            return super()._load_index()
        except Exception:  # a damaged pickle may raise anything
            return {}

    def _load_data(self, name: str):
        """OSError, which the caller takes for a missing file, if the file is damaged."""
        with open(self._data_path(name), "rb") as file:
            found, data = file.read(_SUM), file.read()
        if found != _checksum(data):
            raise OSError(f"{name} is damaged")
        return pickle.loads(data)

    def _save_data(self, name: str, data) -> None:
        data = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(_checksum(data) + data)


class CompiledCode(CompileResultCacheImpl):
    """What an entry holds: numba's own, with the names alone in place of LLVM's code, and that code, which is read late."""

    def reduce(self, cres):
        """Both, as they are stored; without the second, where this numba keeps its entries in another form."""
        reduced = super().reduce(cres._replace(type_annotation=""))  # a listing of the source, which nobody reads
        try:
            (name, kind, (machine, code)), *others = reduced
            return code, ((name, kind, (machine, _names(code))), *others)
        except (TypeError, ValueError, RuntimeError):
            return None, reduced

    def rebuild(self, target_context, payload):
        """The function as it can be called."""
        code, reduced = payload
        made = super().rebuild(target_context, reduced)
        if code is not None:
            made.library._get_module_for_linking = functools.cache(functools.partial(llvm.parse_bitcode, code))
        return made


def _names(code: bytes) -> bytes:
    """LLVM's code of a module that defines the same names, each of them as next to nothing."""
    module = llvm.parse_bitcode(code)
    functions = (f'define void @"{f.name}"() {{ ret void }}' for f in module.functions if not f.is_declaration)
    values = (f'@"{v.name}" = global i8 0' for v in module.global_variables if not v.is_declaration)
    return llvm.parse_assembly("\n".join(itertools.chain(functions, values))).as_bitcode()


class KernelCache(FunctionCache):
    """The cache of one function, in :class:`Entries`."""

    _impl_class = CompiledCode

    def __init__(self, function):
        super().__init__(function)
        numbas = self._cache_file
        base = numbas._index_name.removesuffix(".nbi")
        self._cache_file = Entries(self._cache_path, base, numbas._source_stamp)

    def load_overload(self, sig, target_context):
        """The compiled function for the types ``sig``; None if there is none.

        Numba first tells its context all that can be compiled, which takes a fifth of a second; what is compiled needs none
        of it, but the memory of its arrays.
        """
        if TRIED:
            rtsys.initialize(target_context)
        else:
            target_context.refresh()
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

    def _save_overload(self, signature, data) -> None:
        with contextlib.suppress(OSError):
            super()._save_overload(signature, data)


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_SUM, "little")
